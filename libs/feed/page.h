// SPDX-License-Identifier: Apache-2.0
// What a page of the feed or of a snapshot does to a copy: of every record that it names, the last state.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "lianqiao/sync/v1/feed.pb.h"

namespace lianqiao::feed {

class Page {
 public:
  struct Item {
    std::string id;
    int64_t revision = 0;
    std::string service;
    int bucket = 0;
    bool gone = false;                            // Left the scope, or deleted.
    bool erased = false;                          // Its personal data was, whatever came after.
    std::string type_url;                         // Of the record, unless it is gone.
    std::string record;                           // Its wire bytes.
    std::vector<std::string> scope, write_scope;  // Told on request only.
  };
  struct Kind {
    std::vector<Item> items;  // One per id.
    std::unordered_map<std::string, size_t> by_id;
  };

  // In the order of the feed. DATA_LOSS: a record's revision decreases, or the change has no record.
  absl::Status Add(sync::v1::Change change);
  absl::Status Add(sync::v1::SnapshotRecord record);

  const std::map<std::string, Kind>& kinds() const { return kinds_; }
  int64_t count() const { return count_; }  // Records and changes added, control events not counted.
  size_t bytes() const { return bytes_; }   // About what they take in memory.

 private:
  absl::Status Add(const std::string& kind, Item item);

  std::map<std::string, Kind> kinds_;
  int64_t count_ = 0;
  size_t bytes_ = 0;
};

}  // namespace lianqiao::feed
