// SPDX-License-Identifier: Apache-2.0
// gzip, piece by piece, with a limit on what it unpacks to.
#pragma once

#include <zlib.h>

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lianqiao::bulk {

class Inflater {
 public:
  using Sink = std::function<absl::Status(absl::string_view)>;
  explicit Inflater(Sink sink);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // IMPORT_COMPRESSION_INVALID if the data is broken or unpacks to too much; else what the sink answers.
  absl::Status Feed(absl::string_view bytes);
  // The same if the data is cut off.
  absl::Status Finish() const;

 private:
  const Sink sink_;
  z_stream stream_ = {};
  std::string out_;
  int64_t in_bytes_ = 0;
  int64_t out_bytes_ = 0;
  bool ready_ = false;
  bool within_ = false;  // In the middle of a member: a file may have several, one behind the other.
};

}  // namespace lianqiao::bulk
