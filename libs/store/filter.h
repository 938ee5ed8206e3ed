// SPDX-License-Identifier: Apache-2.0
// The `filter` of List: a subset of AIP-160, checked against the contract when it is parsed, then used as SQL
// or on a decoded message. For libs/resource and services' reports.
//
//   state = "ACTIVE" AND (name : "中学" OR name = "太白*") AND NOT left_on < 2024-01-01
//
// - AND, OR, NOT (or -), parentheses; OR binds tighter than AND, as AIP-160 has it. Two conditions side by
// side
//   are refused: AND must be written, so that nobody mistakes a phrase for a search.
// - Fields by proto or JSON name, with = != < <= > >=; never nested messages, maps or bytes.
// - `:` on text finds a part of it (ASCII case is ignored), on an array an element, `field:*` a set field.
// - Text stands in " or '; \" \' \\ \* are its escapes; a * at either end of it with = or != is a wildcard.
// Text
//   is compared byte by byte; filters are NFC-normalised like the stored text.
// - Dates, timestamps (RFC 3339), ids and enum values (full name or "ACTIVE") stand with or without quotes;
//   numbers, true, false and null (with = and != on fields that can be absent) stand without.
// - external_id("system", "value") holds for the record that carries this external id.
// - As in SQL, a comparison with an absent value is neither true nor false, so `NOT` does not select it
// either.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "libs/contract/contract.h"
#include "libs/postgres/database.h"

namespace lianqiao::store {

struct FilterNode;

struct FilterOptions {
  bool personal = false;  // The caller may read personal fields; otherwise a filter on one would disclose it.
};

// A parsed filter: immutable, cheap to copy, valid as long as the contract. The default one holds for all.
class Filter {
 public:
  Filter() = default;
  explicit Filter(std::shared_ptr<const FilterNode> root) : root_(std::move(root)) {}
  bool empty() const { return root_ == nullptr; }
  const FilterNode* root() const { return root_.get(); }

 private:
  std::shared_ptr<const FilterNode> root_;
};

// Empty text gives the empty filter. Else one FILTER_INVALID on "filter" that says where and what instead.
absl::StatusOr<Filter> ParseFilter(const contract::Resource& resource, const std::string& text,
                                   const FilterOptions& options = {});

// One parenthesised condition on the columns of `table_alias`; the filter's own text only ever becomes
// parameters, so nothing in it can end the condition. "TRUE" for the empty filter.
std::string FilterSql(const Filter& filter, const std::string& table_alias, postgres::Parameters* parameters);

// What FilterSql says of the row that holds this record.
bool Matches(const Filter& filter, const contract::Message& record);

}  // namespace lianqiao::store
