// SPDX-License-Identifier: Apache-2.0
// Services for the tests of the merged feed: real gRPC servers with a feed of changes that the test makes up,
// and the host in front of them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "lianqiao/sync/v1/feed.pb.h"
#include "libs/access/authenticator.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "services/gateway/sync/merged_cursor.h"
#include "services/gateway/sync/sync_host.h"

namespace lianqiao::gateway::sync {

// A feed of one bucket. Its cursor is base64url of "<name>:<position>".
class FakeService {
 public:
  FakeService(std::string name, std::string folder);
  ~FakeService();

  ServiceAddress address() const {
    return {name_, "unix:" + folder_ + "/" + name_ + ".sock", {name_ + "_kind"}};
  }
  // As a service that is restarted: with its changes.
  void StartServer();
  void StopServer();
  // Answers every call with this until it is OK again.
  void FailWith(absl::Status failure);
  // Calls wait and are not answered.
  void Hang(bool hang);
  // So many more changes.
  void Add(int count);
  std::string CursorAt(int position) const;
  // What it was asked, in order.
  std::vector<v1::ListChangesRequest> requests();
  std::vector<v1::WatchChangesRequest> watches();
  std::string last_authorization();
  // Every message of a stream is padded to this.
  void PadTo(size_t bytes);
  // Ends the streams that are open with this.
  void EndStreams(const absl::Status& status);
  int open_streams();
  int cancelled();  // Calls of ListChanges that their caller gave up.
  int batches_sent();

 private:
  struct Watcher;
  absl::StatusOr<int> PositionOf(const std::string& cursor) const;
  void BindAll();
  absl::StatusOr<rpc::Reply> List(const v1::ListChangesRequest& request, std::unique_lock<std::mutex>* lock);
  void Serve(const std::shared_ptr<Watcher>& watcher);
  v1::WatchChangesResponse BatchAt(int position, int page_size);
  absl::StatusOr<rpc::Reply> StartSnapshot(const std::string& bytes);
  void ReadSnapshot(const std::string& bytes, const std::shared_ptr<rpc::ServerStream>& stream);
  void Send(const std::shared_ptr<rpc::ServerStream>& stream, std::vector<std::string> messages, size_t next,
            absl::Status end);
  void Run(std::function<void()> work);
  void BindAnswers();
  void BindStreams();

  const std::string name_;
  const std::string folder_;
  std::unique_ptr<rpc::Server> server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool hanging_ = false;
  int cancelled_ = 0;
  int changes_ = 0;
  size_t padding_ = 0;
  absl::Status failure_;
  std::string authorization_;
  std::vector<v1::ListChangesRequest> requests_;
  std::vector<v1::WatchChangesRequest> watches_;
  std::vector<std::shared_ptr<Watcher>> watchers_;
  int batches_sent_ = 0;
  std::vector<std::thread> threads_;
};

// "Bearer good-<client>" is good.
class FakeAuthenticator : public access::Authenticator {
 public:
  void Authenticate(std::shared_ptr<const rpc::CallContext> context, Done done) override;
  // The gateway does no work of clients without their token.
  void Find(const std::string&, Done done) override { done(absl::UnimplementedError("no client is known")); }
  std::atomic<bool> refuse{false};
};

class SyncTest : public ::testing::Test {
 protected:
  SyncTest();
  ~SyncTest() override;
  // Starts the host in front of services with these names.
  void Start(const std::vector<std::string>& names, Timing timing = {});
  FakeService& service(size_t index) { return *services_[index]; }

  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(const std::string& path, const Request& request,
                                const std::string& token = "Bearer good-a",
                                absl::Duration limit = absl::Seconds(30)) {
    Response response;
    const absl::Status status = client_->CallAndWait(
        path, request, &response, {{"authorization", token}, {"accept-language", "en"}}, absl::Now() + limit);
    if (!status.ok()) return status;
    return response;
  }
  // A stream with its request sent.
  std::unique_ptr<rpc::ClientStream> Stream(const std::string& path, const google::protobuf::Message& request,
                                            const std::string& token = "Bearer good-a");
  std::string Cursor(const std::vector<int>& positions);

  std::string folder_;
  std::vector<std::unique_ptr<FakeService>> services_;
  FakeAuthenticator authenticator_;
  std::unique_ptr<SyncHost> host_;
  std::unique_ptr<rpc::Client> client_;
};

template <typename Message>
std::optional<Message> Next(rpc::ClientStream* stream) {
  const std::optional<std::string> bytes = stream->ReadAndWait();
  Message message;
  if (!bytes.has_value()) return std::nullopt;
  EXPECT_TRUE(message.ParseFromString(*bytes));
  return message;
}

// Until it holds, at most 10 s.
bool Eventually(const std::function<bool()>& holds);

}  // namespace lianqiao::gateway::sync
