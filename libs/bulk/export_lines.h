// SPDX-License-Identifier: Apache-2.0
// Records as the lines of an export's file. For libs/bulk only.
//
// NDJSON: {"kind":…,"id":…,"revision":…,"record":{…}}, as proto3 JSON has them: the revision is a string.
//
// CSV (RFC 4180): a byte order mark, so that Excel shows Chinese; a header of JSON field names; CRLF. A cell
// holds what JSON holds without the quotes of strings, so lists and messages are JSON text; a field that is
// not set, or has its default value, is an empty cell. In fields of text a first = + - @ tab or carriage
// return gets an apostrophe before it: no spreadsheet then takes the cell for a formula.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "lianqiao/sync/v1/export.pb.h"
#include "lianqiao/sync/v1/feed.pb.h"
#include "libs/contract/contract.h"

namespace lianqiao::bulk {

namespace v1 = ::lianqiao::sync::v1;

class ExportLines {
 public:
  // Of one kind; the contract outlives it.
  ExportLines(v1::CreateExportRequest::Format format, const contract::Resource* resource);
  ~ExportLines();

  // What every file begins with.
  std::string Header() const;
  // Appends the record's line. INTERNAL if the record cannot be written as JSON.
  absl::Status Append(const v1::SnapshotRecord& record, std::string* out);

  static const char* Extension(v1::CreateExportRequest::Format format);  // "ndjson.gz"

 private:
  struct Parser;
  absl::Status AppendCells(std::string* out);

  const v1::CreateExportRequest::Format format_;
  const contract::Resource* const resource_;
  std::unordered_map<std::string, size_t> columns_;  // By JSON name.
  std::unique_ptr<Parser> parser_;
  std::string json_;
  std::vector<std::string> cells_;
};

// One cell as CSV has it; `text`: a value that a client may have written.
std::string CsvCell(std::string value, bool text);

}  // namespace lianqiao::bulk
