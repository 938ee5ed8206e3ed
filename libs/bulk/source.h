// SPDX-License-Identifier: Apache-2.0
// A submission's bytes as they were sent, cut into lines of NDJSON, rows of CSV or typed records, piece by
// piece. Never holds more than one line of the longest kind.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/base/status.h"
#include "libs/bulk/inflater.h"

namespace lianqiao::bulk {

// kTyped: ImportRecord messages, each behind its size as a varint.
enum class Form { kNdjson, kCsv, kTyped };

// What stands on one line; valid during the sink's call.
struct SourceItem {
  int64_t line = 0;  // Of the file, from 1; of CSV where the row begins; of typed records the how-manieth.
  absl::string_view text;                           // Without its line end; of CSV the row as it was written.
  const std::vector<std::string>* cells = nullptr;  // Of CSV.
  bool ended = true;                                // A line end came behind it.
  std::optional<base::Violation> violation;         // Why it cannot be read.
};

// Cuts bytes that are no longer compressed.
class Splitter {
 public:
  using Sink = std::function<absl::Status(const SourceItem&)>;
  virtual ~Splitter() = default;
  virtual absl::Status Feed(absl::string_view bytes) = 0;
  virtual absl::Status Finish() = 0;
};
std::unique_ptr<Splitter> MakeLineSplitter(Splitter::Sink sink);
std::unique_ptr<Splitter> MakeCsvSplitter(Splitter::Sink sink);
std::unique_ptr<Splitter> MakeTypedSplitter(Splitter::Sink sink);

class Source {
 public:
  Source(Form form, bool gzip, Splitter::Sink sink);

  // INVALID_ARGUMENT if the file as a whole cannot be read (compression, encoding, too many lines); else what
  // the sink answers.
  absl::Status Feed(absl::string_view bytes);
  absl::Status Finish();

 private:
  absl::Status FeedText(absl::string_view text);
  absl::Status Open();

  const Form form_;
  std::unique_ptr<Splitter> splitter_;
  std::unique_ptr<Inflater> inflater_;  // Null if it is not compressed.
  std::string beginning_;               // Until its encoding has been looked at.
  bool opened_ = false;
};

}  // namespace lianqiao::bulk
