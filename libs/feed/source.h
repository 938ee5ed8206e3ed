// SPDX-License-Identifier: Apache-2.0
// Where a consumer reads from: the FeedService of one service, or the gateway's merged one. An interface, so
// that tests make a feed go wrong in every way that a consumer must survive.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lianqiao/sync/v1/digest.pb.h"
#include "lianqiao/sync/v1/feed.pb.h"
#include "libs/contract/contract.h"

namespace lianqiao::feed {

namespace v1 = sync::v1;

// What is followed; the same for a cursor's whole life.
struct Filter {
  std::vector<std::string> kinds;             // Empty: all that the caller may read.
  std::vector<std::string> jurisdiction_ids;  // Empty: all places.
};

// Thread-safe; every call blocks until it has ended. Errors as in feed.proto. A status that `visit` returns
// ends its stream and is what the call answers.
class Source {
 public:
  using VisitSnapshot = std::function<absl::Status(v1::ReadSnapshotResponse)>;
  using VisitChanges = std::function<absl::Status(v1::WatchChangesResponse)>;
  using Records = std::vector<std::unique_ptr<contract::Message>>;

  virtual ~Source() = default;
  virtual absl::StatusOr<v1::Feed> GetFeed(const Filter& filter) = 0;
  virtual absl::StatusOr<v1::StartSnapshotResponse> StartSnapshot(const Filter& filter, int partitions,
                                                                  const std::string& diverged_cursor) = 0;
  // OK at the end of the part.
  virtual absl::Status ReadSnapshot(const std::string& token, const VisitSnapshot& visit) = 0;
  // OK if the server ended the stream without an error.
  virtual absl::Status Watch(const Filter& filter, const std::string& cursor, int page_size,
                             const VisitChanges& visit) = 0;
  virtual absl::StatusOr<v1::ListChangesResponse> List(const Filter& filter, const std::string& cursor,
                                                       int page_size, int wait_seconds) = 0;
  virtual absl::StatusOr<v1::Digest> GetDigest(const v1::GetDigestRequest& request) = 0;
  // The records of these ids (up to 1,000) that the caller may read, as they are now; others are left out.
  virtual absl::StatusOr<Records> Fetch(const contract::Resource& resource,
                                        const std::vector<std::string>& ids) = 0;
  // Ends what is under way and all that comes later with CANCELLED.
  virtual void Cancel() = 0;
};

}  // namespace lianqiao::feed
