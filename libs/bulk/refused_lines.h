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

class RefusedLines {
 public:
  // The contract outlives it.
  RefusedLines(const contract::Contract* contract, ImportRow row);

  const char* content_type() const { return row_.form() == Form::kCsv ? "text/csv" : "application/x-ndjson"; }
  // Some more; empty with *ended: there is no more.
  absl::StatusOr<std::string> Next(postgres::Session& session, bool* ended);

 private:
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
  int next_chunk_ = 0;
  bool header_ = false;  // Has been passed on.
  std::string out_;
};

}  // namespace lianqiao::bulk
