// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/csv_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace lianqiao::cli {

CsvReader::CsvReader(std::istream& input) : input_(input) {
  for (const char expected : {'\xEF', '\xBB', '\xBF'}) {
    if (input_.peek() != std::char_traits<char>::to_int_type(expected)) break;
    input_.get();
  }
}

bool CsvReader::Take(char* byte) {
  if (!input_.get(*byte)) return false;
  if (*byte == '\n') ++line_;
  return true;
}

// After the opening quote, up to and with the closing one.
absl::Status CsvReader::ReadQuoted(std::string* field) {
  const int opened = line_;
  char byte = 0;
  while (Take(&byte)) {
    if (byte != '"') {
      field->push_back(byte);
    } else if (input_.peek() == '"') {
      Take(&byte);
      field->push_back('"');
    } else {
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError(absl::StrCat("line ", opened, ": a quote is not closed"));
}

absl::StatusOr<bool> CsvReader::Next(CsvRow* row) {
  row->fields.clear();
  row->line = line_;
  std::string field;
  bool quoted = false;
  char byte = 0;
  while (Take(&byte)) {
    if (byte == '\r' && input_.peek() == '\n') continue;
    if (byte == '\n' && row->fields.empty() && field.empty() && !quoted) {
      row->line = line_;
    } else if (byte == ',' || byte == '\n') {
      row->fields.push_back(std::exchange(field, ""));
      quoted = false;
      if (byte == '\n') return true;
    } else if (quoted) {
      return absl::InvalidArgumentError(absl::StrCat("line ", line_, ": text after a closing quote"));
    } else if (byte == '"') {
      if (!field.empty())
        return absl::InvalidArgumentError(absl::StrCat("line ", line_, ": a quote inside an unquoted field"));
      if (const absl::Status status = ReadQuoted(&field); !status.ok()) return status;
      quoted = true;
    } else {
      field.push_back(byte);
    }
  }
  if (row->fields.empty() && field.empty() && !quoted) return false;
  row->fields.push_back(std::move(field));
  return true;
}

}  // namespace lianqiao::cli
