// SPDX-License-Identifier: Apache-2.0
// From what stands on a line to a record of its kind, with everything that is wrong with it. Pure: what needs
// the database (references, rights, rules) is checked later.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lianqiao/sync/v1/import.pb.h"
#include "libs/bulk/columns.h"
#include "libs/bulk/source.h"

namespace lianqiao::bulk {

namespace v1 = ::lianqiao::sync::v1;

struct Decoded {
  int64_t line = 0;
  const contract::Resource* resource = nullptr;  // Null if the line does not say which.
  std::unique_ptr<contract::Message> record;     // Null if it cannot be read.
  bool remove = false;
  // Its own external id; empty if it has none.
  std::string system;
  std::string source_id;
  // What the line calls its record: id, "system:id", or nothing.
  std::string name;
  std::vector<base::Violation> violations;  // Paths as in the record's JSON; of CSV also in `column` terms.
};

class Decoder {
 public:
  // The contract must outlive it.
  Decoder(const contract::Contract* contract, v1::ImportOptions options, Form form);

  // False if the item is no record (a header, a row of empty cells). INVALID_ARGUMENT if the file as a whole
  // cannot be read: its header.
  absl::StatusOr<bool> Decode(const SourceItem& item, Decoded* decoded);

  // Of CSV, once the header has been read.
  const std::optional<Columns>& columns() const { return columns_; }

 private:
  absl::StatusOr<bool> DecodeCsv(const SourceItem& item, Decoded* decoded);
  void DecodeJson(const SourceItem& item, Decoded* decoded);
  void DecodeTyped(const SourceItem& item, Decoded* decoded);
  bool SetKind(const std::string& kind, const char* field, Decoded* decoded);
  void ReadRecord(const std::string& json, bool ended, Decoded* decoded);
  void Identify(Decoded* decoded);
  void AddExternalId(const std::string& system, const std::string& id, Decoded* decoded);

  const contract::Contract* const contract_;
  const v1::ImportOptions options_;
  const Form form_;
  const contract::Resource* kind_ = nullptr;  // Of lines that name none.
  std::optional<Columns> columns_;
};

// How the content of a submission with these options is cut.
Form FormOf(const v1::ImportOptions& options, bool typed);

}  // namespace lianqiao::bulk
