// SPDX-License-Identifier: Apache-2.0
// What writers meant to do and what they were told came of it. What they were not told stays open.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/convergence/copy.h"

namespace lianqiao::convergence {

enum class Outcome { kOpen, kAcknowledged, kRefused };

struct Entry {
  std::string writer;
  std::string method;
  std::string key;  // Its request_id; empty: sent once, without one.
  // A text that only this write puts into one field of one record: counts how often it took effect.
  std::string mark;
  bool creates = false;
  std::string target;  // Id of the record that it was about, where known.
  bool erases = false;
  Outcome outcome = Outcome::kOpen;
  absl::Time acknowledged;
  // Of the answer: the record's kind and id, its revision, its bytes.
  Key record;
  int64_t revision = 0;
  std::string bytes;
  std::string status;  // Of the last answer, for people.
  int life = 0;
};

// Thread-safe; entries stay where they are.
class Ledger {
 public:
  Entry* Add(Entry entry) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(std::make_unique<Entry>(std::move(entry)));
    return entries_.back().get();
  }
  // When nobody writes any more.
  const std::vector<std::unique_ptr<Entry>>& entries() const { return entries_; }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace lianqiao::convergence
