// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/cli/text_table.h"

namespace lianqiao::cli {
namespace {

constexpr int kBarPlaces = 24;
constexpr char kClearLine[] = "\r\033[K";

}  // namespace

ProgressBar::ProgressBar(bool wanted) : drawn_(wanted && ::isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  Clear();
}

void ProgressBar::Set(const std::string& what, int64_t done, int64_t total) {
  if (!drawn_) return;
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (what != what_) {
    what_ = what;
    start_ = now;
    first_ = done;
  } else if (now < next_ && (total == 0 || done < total)) {
    return;
  }
  next_ = now + std::chrono::milliseconds(100);
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::string line = absl::StrCat(kClearLine, what, " ");
  if (total > 0) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    const int full = static_cast<int>(share * kBarPlaces);
    line += "[";
    for (int i = 0; i < kBarPlaces; ++i) line += i < full ? "#" : "·";
    absl::StrAppend(&line, "] ", absl::StrFormat("%3.0f%% ", share * 100));
  }
  line += Grouped(done);
  if (seconds > 0.5)
    absl::StrAppend(&line, "  ", Grouped(static_cast<int64_t>(static_cast<double>(done - first_) / seconds)),
                    "/s");
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
  shown_ = true;
}

void ProgressBar::Clear() {
  const std::lock_guard lock(mutex_);
  if (!shown_) return;
  std::fputs(kClearLine, stderr);
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace lianqiao::cli
