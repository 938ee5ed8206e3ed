// SPDX-License-Identifier: Apache-2.0
// What a history found broken. The names are those of the promises: see README.md.
#pragma once

#include <mutex>
#include <string>
#include <vector>

namespace lianqiao::convergence {

struct Violation {
  std::string name;  // "Atomic"
  std::string text;
  std::string kind;  // Of the record that it is about; may be empty.
  std::string id;
};

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
