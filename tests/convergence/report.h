// SPDX-License-Identifier: Apache-2.0
// What a history found broken. The names are those of the promises: see README.md.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace lianqiao::convergence {

struct Violation {
  std::string name;  // "Atomic"
  std::string text;
  std::string kind;  // Of the record that it is about; may be empty.
  std::string id;
};

// The harness itself cannot go on: ends the program.
inline void Require(const absl::Status& status, const std::string& what) {
  if (status.ok()) return;
  std::fprintf(stderr, "convergence: %s: %s\n", what.c_str(), status.ToString().c_str());
  std::abort();
}

// Thread-safe. Beyond the first few only counts.
class Report {
 public:
  void Add(Violation violation) {
    const std::lock_guard lock(mutex_);
    ++count_;
    if (violations_.size() < kKept) violations_.push_back(std::move(violation));
  }
  int count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  std::vector<Violation> violations() const {
    const std::lock_guard lock(mutex_);
    return violations_;
  }

 private:
  static constexpr size_t kKept = 20;
  mutable std::mutex mutex_;
  int count_ = 0;
  std::vector<Violation> violations_;
};

}  // namespace lianqiao::convergence
