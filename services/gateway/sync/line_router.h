// SPDX-License-Identifier: Apache-2.0
// A submission of NDJSON with kinds of several services, cut into one of each. Pure but for its input.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/bulk/source.h"
#include "services/gateway/sync/services.h"

namespace lianqiao::gateway::sync {

// Each service gets its own lines at their places in the file, with empty lines instead of those of the
// others, so that the lines that it reports are those of the file. A line that belongs to nobody goes to the
// first service, which refuses it in the words of a report.
class LineRouter {
 public:
  LineRouter(const Services* services, bool gzip);

  // What is wrong with the file as a whole (encoding, compression) is INVALID_ARGUMENT, before anything has
  // begun to run.
  absl::Status Feed(std::string_view bytes) { return source_.Feed({bytes.data(), bytes.size()}); }
  absl::Status Finish() { return source_.Finish(); }

  // What has come together for a service since the last time.
  std::map<size_t, std::string> Take();
  // Services that have had lines so far.
  size_t used() const { return next_line_.size(); }

 private:
  absl::Status Line(const bulk::SourceItem& item);
  size_t OwnerOf(const bulk::SourceItem& item) const;

  const Services* const services_;
  std::map<size_t, std::string> taken_;
  std::map<size_t, int64_t> next_line_;  // Of each service's part.
  bulk::Source source_;
};

}  // namespace lianqiao::gateway::sync
