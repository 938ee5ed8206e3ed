// SPDX-License-Identifier: Apache-2.0
// What is made of one kind of table, as data: mappings/README.md says how such a file is written. Read by the
// import.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/cli/condition.h"
#include "tools/cli/template.h"
#include "tools/cli/value.h"

namespace lianqiao::cli {

// Rows that are left out: passed over, or refused for the value of a field.
struct SkipRule {
  Condition when;
  std::string refused_field;  // Empty: passed over.
  std::string reason_zh;
  std::string reason_en;
};

// One record for each row.
struct RecordSpec {
  std::string collection;  // Plural of the path: jurisdictions, school-year-facts.
  std::string system;      // Its external ids' source system,
  Template id;             // and the id there.
  Condition when;          // Which rows give one; empty: all.
  bool once = false;       // Several rows give the same record: the first is sent.
  std::vector<SkipRule> skips;
  std::vector<Value> more_ids;  // At most one: the list of further external ids.
  Value fields;
};

// Rows of another file whose `key` column equals `on`.
struct JoinSpec {
  std::string name;
  std::string file;
  std::string key;
  Template on;
};

// A column of another file by another of its columns. Keys that occur twice give nothing.
struct LookupSpec {
  std::string name;
  std::string file;
  std::string key;
  std::string value;
  Condition when;
};

struct Mapping {
  std::string name;
  std::string file;  // Pattern of file names.
  std::vector<JoinSpec> joins;
  std::vector<LookupSpec> lookups;
  std::map<std::string, Columns> tables;  // Lookups that stand in the mapping itself.
  std::vector<RecordSpec> records;
  std::set<std::string> columns;  // That a file must have.
};

// INVALID_ARGUMENT, naming the mapping, for JSON that is no mapping.
absl::StatusOr<Mapping> ParseMapping(const std::string& name, std::string_view json);

// What the program carries; or, for tests and for the tables of others, every *.json of a folder. By name.
absl::StatusOr<std::vector<Mapping>> BuiltInMappings();
absl::StatusOr<std::vector<Mapping>> ReadMappings(const std::string& folder);

// {"externalIds": […], …}. INVALID_ARGUMENT: a value that a map of the mapping does not know.
absl::StatusOr<std::string> MakeRecord(const RecordSpec& spec, const std::string& id, const RowView& view);

}  // namespace lianqiao::cli
