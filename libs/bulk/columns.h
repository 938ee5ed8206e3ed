// SPDX-License-Identifier: Apache-2.0
// The header of a CSV file, matched with the fields of a kind by the contract: by proto name, JSON name,
// Chinese or English label, nested ones by path ("externalIds[0].id"). Also
//   sourceId, externalId, 来源编号, 外部编号           the record's id in the submission's source system
//   externalId(register), 外部编号(register)           its id in another system
#pragma once

#include <string>
#include <vector>

#include "libs/contract/contract.h"

namespace lianqiao::bulk {

// One step down: a field and, of a repeated message, which element.
struct PathStep {
  const contract::FieldDescriptor* field = nullptr;
  int index = -1;
};

struct Column {
  enum class Kind { kField, kSourceId, kExternalId };
  Kind kind = Kind::kField;
  std::string header;  // As it was written.
  std::vector<PathStep> path;
  std::string system;  // Of kExternalId.
};

class Columns {
 public:
  // INVALID_ARGUMENT names every header that is unknown, ambiguous or there twice. The violations' fields are
  // the headers.
  static absl::StatusOr<Columns> Parse(const contract::Resource& resource,
                                       const std::vector<std::string>& headers);

  const std::vector<Column>& all() const { return columns_; }
  // The header of the column from which the value at a violation's path came; empty if there is none.
  std::string HeaderOf(const std::string& field) const;

 private:
  std::vector<Column> columns_;
};

}  // namespace lianqiao::bulk
