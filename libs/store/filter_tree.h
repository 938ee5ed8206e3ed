// SPDX-License-Identifier: Apache-2.0
// What a filter parses into, and a record's values in the same terms. For the filter_* and order sources
// only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "libs/contract/contract.h"

namespace lianqiao::store {

// Text, date (YYYY-MM-DD), id (lower case) and enum value (full name) are strings.
using FilterValue = std::variant<std::string, int64_t, double, bool, absl::Time>;

enum class FilterOperator {
  kAnd,
  kOr,
  kNot,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIsNull,
  kNotEmpty,      // The array has an element.
  kHasElement,    // The array has this element.
  kHasText,       // Part of a text, ASCII case ignored.
  kHasAffix,      // The text begins, ends or both (open_*: any part) with the value, case-sensitive.
  kHasExternalId  // system, then value.
};

struct FilterNode {
  FilterOperator op = FilterOperator::kAnd;
  std::vector<std::shared_ptr<const FilterNode>> children;  // kAnd, kOr: two or more; kNot: one.
  const contract::Resource* resource = nullptr;
  const contract::Field* field = nullptr;
  FilterValue value;
  bool open_start = false;  // kHasAffix: a wildcard stands before, after the value.
  bool open_end = false;
  std::string external_system;
};

// Whether the record's column is NULL: the rule by which the codec writes it.
bool IsNull(const contract::Field& field, const contract::Message& record);

// A stored value; `index` counts an array's elements, -1 for a field that is no array.
FilterValue ValueOf(const contract::Field& field, const contract::Message& record, int index = -1);

// As PostgreSQL reads it in text format, under a cast to the column's type.
std::string ValueText(const FilterValue& value);

}  // namespace lianqiao::store
