// SPDX-License-Identifier: Apache-2.0
// A FeedService over gRPC as a Source.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "libs/feed/source.h"
#include "libs/rpc/client.h"

namespace lianqiao::feed {

class RpcSource final : public Source {
 public:
  struct Options {
    rpc::Client* client = nullptr;  // Of the service or the gateway; outlives the source.
    std::shared_ptr<const contract::Contract> contract;  // For Fetch: which method gives which kind.
    // "Bearer …" for a call that begins now; may block until the deadline.
    std::function<absl::StatusOr<std::string>(absl::Time deadline)> authorize;
    // The callee did not take this token. May be null.
    std::function<void(const std::string&)> refused;
    absl::Duration call_limit = absl::Seconds(60);
    // A stream that says nothing for so long is taken for dead; batches come every 15 s.
    absl::Duration silence_max = absl::Seconds(45);
    rpc::Client::Metadata metadata;  // Sent along with every call, such as a language.
    // Who may read and write the records comes with them; takes `<permission>.scopes`.
    bool include_scopes = false;
  };
  explicit RpcSource(Options options) : options_(std::move(options)) {}
  ~RpcSource() override { Cancel(); }

  absl::StatusOr<v1::Feed> GetFeed(const Filter& filter) override;
  absl::StatusOr<v1::StartSnapshotResponse> StartSnapshot(const Filter& filter, int partitions,
                                                          const std::string& diverged_cursor) override;
  absl::Status ReadSnapshot(const std::string& token, const VisitSnapshot& visit) override;
  absl::Status Watch(const Filter& filter, const std::string& cursor, int page_size,
                     const VisitChanges& visit) override;
  absl::StatusOr<v1::ListChangesResponse> List(const Filter& filter, const std::string& cursor, int page_size,
                                               int wait_seconds) override;
  absl::StatusOr<v1::Digest> GetDigest(const v1::GetDigestRequest& request) override;
  absl::StatusOr<Records> Fetch(const contract::Resource& resource,
                                const std::vector<std::string>& ids) override;
  void Cancel() override;

 private:
  absl::Status Call(const std::string& path, const google::protobuf::Message& request,
                    google::protobuf::Message* response, absl::Duration limit);
  // Reads a stream to its end; a message is asked for while the one before it is visited.
  absl::Status Read(const std::string& path, const google::protobuf::Message& request,
                    const std::function<absl::Status(const std::string&)>& visit);
  absl::Status FetchSome(const contract::Resource& resource, const contract::Method& method,
                         const std::vector<std::string>& ids, Records* records);
  absl::StatusOr<rpc::Client::Metadata> Metadata(absl::Time deadline, std::string* token);
  // Of what is under way; false once cancelled.
  bool Register(const std::shared_ptr<const std::function<void()>>& cancel);
  void Forget(const std::shared_ptr<const std::function<void()>>& cancel);

  const Options options_;
  std::mutex mutex_;
  bool cancelled_ = false;                                            // Guarded by mutex_.
  std::set<std::shared_ptr<const std::function<void()>>> under_way_;  // Guarded by mutex_.
};

}  // namespace lianqiao::feed
