// SPDX-License-Identifier: Apache-2.0
// Places between two steps of something that no single transaction holds together, at which a process of a
// test can be made to die as by kill -9. Only in builds for tests; in a release none of this is compiled.
//
//   base::PassFaultPoint("upload_committed");
//
// The environment variable LIANQIAO_FATAL_STEP names the one at which this process dies. A place that is not
// in the list does not compile, and tests/e2e/file_kills_test.cc dies at each of the list.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "absl/time/time.h"

namespace lianqiao::base {

inline constexpr std::string_view kFaultPoints[] = {
    // The folders of a content store, at every start.
    "store_folder_made", "store_objects_synced", "store_folder_synced", "store_parent_synced",
    // An upload, in order; the first three are those of one that was interrupted before.
    "upload_untrusted_removed", "upload_cut", "upload_mark_forgotten", "upload_written", "upload_synced",
    "upload_mark_written", "upload_mark_synced", "upload_entries_synced",
    // It becomes a content: a new one, one that was there already, one that was there and is damaged.
    "upload_linked", "upload_touched", "upload_damaged_removed", "upload_shard_synced",
    // The row names it, the upload's own bytes go, the client hears of it.
    "upload_row_written", "upload_committed", "upload_mark_removed", "upload_removed", "upload_answered",
    // The collector: no row needs the content any more.
    "content_unneeded", "content_removed", "content_removal_synced"};

// Never defined, nor called: that it cannot be at compile time is what refuses an unknown name.
void ListItInFaultPointsAndGiveItAScenario();

// The name of a place in the list.
class FaultPoint {
 public:
  consteval FaultPoint(const char* name) : name_(name) {  // NOLINT: a name is meant to be one.
    if (std::find(std::begin(kFaultPoints), std::end(kFaultPoints), name_) == std::end(kFaultPoints))
      ListItInFaultPointsAndGiveItAScenario();
  }
  constexpr std::string_view name() const { return name_; }

 private:
  std::string_view name_;
};

#ifdef NDEBUG
constexpr void PassFaultPoint(FaultPoint) {}
constexpr absl::Duration AheadForTest() {
  return absl::ZeroDuration();
}
#else
inline void PassFaultPoint(FaultPoint point) {
  static const std::string_view fatal = [] {
    const char* value = std::getenv("LIANQIAO_FATAL_STEP");
    return std::string_view(value == nullptr ? "" : value);
  }();
  if (point.name() == fatal) ::kill(::getpid(), SIGKILL);
}
// By so much LIANQIAO_AHEAD_HOURS lets a job believe that it is later: nobody can change a file's ctime.
inline absl::Duration AheadForTest() {
  const char* value = std::getenv("LIANQIAO_AHEAD_HOURS");
  return absl::Hours(value == nullptr ? 0 : std::atoi(value));
}
#endif

}  // namespace lianqiao::base
