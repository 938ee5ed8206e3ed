// SPDX-License-Identifier: Apache-2.0
// The refused lines of an import in the form in which they were sent, read from the stored submission a piece
// at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/bulk/decoder.h"
#include "libs/bulk/import_row.h"

namespace lianqiao::bulk {

inline constexpr size_t kRefusedPieceBytes = size_t{256} << 10;

class RefusedLines {
 public:
  // The contract outlives it.
  RefusedLines(const contract::Contract* contract, ImportRow row);

  const char* content_type() const { return row_.form() == Form::kCsv ? "text/csv" : "application/x-ndjson"; }
  // The next bytes, at most kRefusedPieceBytes; empty when nothing was refused in what was read for it.
  absl::StatusOr<std::string> Next(postgres::Session& session);
  // There are no more.
  bool ended() const { return read_ && out_.empty(); }

 private:
  absl::Status ReadChunk(postgres::Session& session);
  absl::Status FeedSome();
  absl::Status Take(const SourceItem& item);
  absl::StatusOr<bool> IsRefused(int64_t line);

  const ImportRow row_;
  Decoder decoder_;
  Source source_;
  postgres::Session* session_ = nullptr;  // During Next.
  std::vector<int64_t> page_;             // Refused lines ahead, in order.
  size_t at_ = 0;
  bool exhausted_ = false;
  int64_t last_ = 0;
  std::string chunk_;  // Of the submission, as it is stored.
  size_t fed_ = 0;     // Bytes of it.
  int next_chunk_ = 0;
  bool read_ = false;    // To the end, or to the last refused line.
  bool header_ = false;  // Has been passed on.
  std::string out_;      // Not yet given out.
};

}  // namespace lianqiao::bulk
