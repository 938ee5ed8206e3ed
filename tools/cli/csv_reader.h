// SPDX-License-Identifier: Apache-2.0
// Reads CSV after RFC 4180, one row at a time: quotes, doubled quotes, line breaks inside quotes, LF or CRLF,
// an optional byte order mark. For the import of tables.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace lianqiao::cli {

struct CsvRow {
  int line = 0;  // Where it begins, from 1.
  std::vector<std::string> fields;
};

class CsvReader {
 public:
  // `input` must outlive the reader.
  explicit CsvReader(std::istream& input);

  // False at the end. INVALID_ARGUMENT, naming the line, for text that is not CSV. Empty lines are passed
  // over.
  absl::StatusOr<bool> Next(CsvRow* row);

 private:
  bool Take(char* byte);
  absl::Status ReadQuoted(std::string* field);

  std::istream& input_;
  int line_ = 1;
};

}  // namespace lianqiao::cli
