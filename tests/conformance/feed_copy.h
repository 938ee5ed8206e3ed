// SPDX-License-Identifier: Apache-2.0
// A consumer as the feed's documents ask for: a copy in memory that follows ListChanges, and what it should
// hold by asking the tables. Tests only.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lianqiao/sync/v1/feed.pb.h"
#include "libs/testing/service.h"

namespace lianqiao::conformance {

// Of the first violation, or of the failure: "CURSOR_INVALID".
std::string ReasonOf(const absl::Status& status);

class FeedCopy {
 public:
  // `kinds` empty: all that the caller may read; the same of places.
  FeedCopy(testing::TestService* service, std::string token, std::vector<std::string> kinds = {},
           std::vector<std::string> jurisdiction_ids = {})
      : service_(service),
        token_(std::move(token)),
        kinds_(std::move(kinds)),
        jurisdiction_ids_(std::move(jurisdiction_ids)) {}

  // Reads until there is no more; the changes that came. A violated promise is a failure of the test.
  std::vector<sync::v1::Change> CatchUp(int page_size = 0);
  absl::StatusOr<sync::v1::ListChangesResponse> Page(int page_size = 0, int wait_seconds = 0);
  void Apply(const sync::v1::Change& change);

  bool Holds(const std::string& id) const { return held_.count(id) > 0; }
  // id -> revision.
  std::map<std::string, int64_t> Revisions() const;
  // Whose changes came.
  const std::set<std::string>& services() const { return services_; }
  const std::string& cursor() const { return cursor_; }
  void SetCursor(const std::string& cursor) { cursor_ = cursor; }
  // The record as it came.
  template <typename T>
  T Record(const std::string& id) const {
    T record;
    const auto found = held_.find(id);
    if (found != held_.end()) found->second.second.UnpackTo(&record);
    return record;
  }
  void Put(const std::string& id, int64_t revision, const google::protobuf::Any& record) {
    held_[id] = {revision, record};
  }

 private:
  testing::TestService* service_;
  const std::string token_;
  const std::vector<std::string> kinds_;
  const std::vector<std::string> jurisdiction_ids_;
  std::string cursor_;
  std::map<std::string, std::pair<int64_t, google::protobuf::Any>> held_;
  std::map<std::string, int64_t> gone_;  // What left or was deleted.
  std::map<int, int64_t> positions_;     // By bucket.
  std::set<std::string> services_;
};

}  // namespace lianqiao::conformance
