// SPDX-License-Identifier: Apache-2.0
// One line on a terminal that says how far long work has come. On anything else it says nothing.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

namespace lianqiao::cli {

// Thread-safe.
class ProgressBar {
 public:
  // Draws on standard error if it is a terminal and `wanted`.
  explicit ProgressBar(bool wanted);
  ~ProgressBar();
  // `total` 0: not known. Redrawn ten times a second at most.
  void Set(const std::string& what, int64_t done, int64_t total);
  void Clear();
  // Whether there is somebody who watches it.
  bool drawn() const { return drawn_; }

 private:
  const bool drawn_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point next_;
  std::string what_;
  int64_t first_ = 0;
  bool shown_ = false;
};

}  // namespace lianqiao::cli
