// SPDX-License-Identifier: Apache-2.0
// A whole service in the test's process: its own database, the engine, a gRPC server on loopback and a
// client. Callers are known by the text of their token. Tests only.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "libs/access/access_log.h"
#include "libs/access/testing/static_authenticator.h"
#include "libs/bulk/exports.h"
#include "libs/bulk/imports.h"
#include "libs/content/disk_store.h"
#include "libs/resource/engine.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "libs/runtime/following.h"
#include "libs/runtime/main.h"
#include "libs/sync/feed_service.h"
#include "libs/testing/postgres.h"

namespace lianqiao::testing {

// A clock that stands still until it is moved.
class TestClock final : public base::Clock {
 public:
  absl::Time Now() const override;
  void Advance(absl::Duration duration) { offset_ += duration; }

 private:
  absl::Duration offset_;
};

class TestService {
 public:
  // Token "operator" may do everything. Aborts with the reason if the service does not start. What it follows
  // must be among `followed`, which outlive it; there it is the operator.
  explicit TestService(const runtime::Definition& definition, const std::vector<TestService*>& followed = {});
  ~TestService();

  // Before the first call with it.
  void AddCaller(const std::string& token, access::Caller caller) {
    authenticator_.Add(token, std::move(caller));
  }

  // "OrganisationService/CreateOrganisation" of the service's first package, or a full path.
  template <typename Response>
  absl::StatusOr<Response> Call(const std::string& method, const google::protobuf::Message& request,
                                const std::string& token = "operator") {
    Response response;
    const absl::Status status = Invoke(method, request, &response, token);
    if (!status.ok()) return status;
    return response;
  }
  absl::Status Invoke(const std::string& method, const google::protobuf::Message& request,
                      google::protobuf::Message* response, const std::string& token);
  rpc::Answer Raw(const std::string& method, const std::string& request, const std::string& token,
                  rpc::Client::Metadata metadata = {});

  // One statement as the runtime role.
  absl::StatusOr<postgres::Result> Query(const std::string& sql);
  resource::Engine& engine() { return *engine_; }
  postgres::Database& reads() { return *reads_; }
  postgres::Database& writes() { return *writes_; }
  sync::FeedService& feed() { return *feed_; }
  bulk::Exports& exports() { return *exports_; }  // Without its thread: tests run it.
  // Of a service that keeps files; in a folder of the test's own.
  content::DiskStore& content() { return *content_; }
  // Sent to the database by writes since the service started, whatever the test itself asks for.
  int64_t write_statements() const { return *write_statements_; }
  // A step of removing what no row refers to; true: there may be more.
  bool CollectContent();
  access::AccessLog& access_log() { return *access_log_; }
  TestClock& clock() { return clock_; }
  const contract::Contract& contract() const { return *contract_; }
  // Waits until what the followed services have written until now is here.
  void CatchUp();
  std::string address() const;
  rpc::Client& client() { return *client_; }
  access::testing::StaticAuthenticator& authenticator() { return authenticator_; }

 private:
  void KeepContent(const runtime::Definition& definition);
  void Follow(const runtime::Definition& definition, const std::vector<TestService*>& followed);

  std::string package_;
  TestDatabase database_;
  TestClock clock_;
  std::shared_ptr<const contract::Contract> contract_;
  access::testing::StaticAuthenticator authenticator_;
  std::unique_ptr<std::atomic<int64_t>> write_statements_ = std::make_unique<std::atomic<int64_t>>(0);
  std::unique_ptr<postgres::Database> reads_;
  std::unique_ptr<postgres::Database> writes_;
  std::unique_ptr<postgres::Database> projections_;
  std::vector<std::unique_ptr<runtime::Following>> followings_;
  std::unique_ptr<access::AccessLog> access_log_;
  struct Folder {
    std::string path;
    ~Folder();
  };
  Folder folder_;  // Goes after all that uses it.
  std::unique_ptr<content::DiskStore> content_;
  decltype(runtime::KeepsContent::collect) collect_;
  std::unique_ptr<resource::Engine> engine_;
  std::unique_ptr<sync::FeedService> feed_;
  std::unique_ptr<bulk::Exports> exports_;
  std::unique_ptr<bulk::Imports> imports_;  // Their worker does not run.
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<rpc::Client> client_;
};

}  // namespace lianqiao::testing
