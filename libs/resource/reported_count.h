// SPDX-License-Identifier: Apache-2.0
// Figures that sources give with an operator (80余人), for the rules and sums of every service: a number and
// beside it a type.v1.Comparison. Pure.
#pragma once

#include <string>

#include "lianqiao/type/v1/reported_count.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::resource {

inline bool IsExact(type::v1::Comparison comparison) {
  return comparison == type::v1::COMPARISON_UNSPECIFIED || comparison == type::v1::COMPARISON_EQUAL;
}

// Whether the true figure may be larger, or smaller, than the number beside it.
inline bool MayBeMore(type::v1::Comparison comparison) {
  return comparison == type::v1::COMPARISON_MORE_THAN || comparison == type::v1::COMPARISON_AT_LEAST ||
         comparison == type::v1::COMPARISON_ABOUT;
}
inline bool MayBeLess(type::v1::Comparison comparison) {
  return comparison == type::v1::COMPARISON_LESS_THAN || comparison == type::v1::COMPARISON_AT_MOST ||
         comparison == type::v1::COMPARISON_ABOUT;
}

// Refuses an operator beside no number. `comparison_field` is its JSON name.
inline void RequireNumber(const std::string& comparison_field, bool has_number,
                          type::v1::Comparison comparison, Violations* violations) {
  if (has_number || comparison == type::v1::COMPARISON_UNSPECIFIED) return;
  violations->push_back(base::RefuseRule(comparison_field, "未填数值时不得填写比较方式",
                                         "says how a number is meant that is not given"));
}

// How a sum is known of which one part is known like this and the rest like `rest`.
inline type::v1::Comparison ComparisonOfSum(type::v1::Comparison rest, type::v1::Comparison part) {
  if (IsExact(part)) return IsExact(rest) ? type::v1::COMPARISON_EQUAL : rest;
  if (IsExact(rest) || rest == part) return part;
  const bool more = MayBeMore(rest) || MayBeMore(part);
  const bool less = MayBeLess(rest) || MayBeLess(part);
  if (more && less) return type::v1::COMPARISON_ABOUT;
  // One part lies strictly beyond its number, hence so does the sum.
  return more ? type::v1::COMPARISON_MORE_THAN : type::v1::COMPARISON_LESS_THAN;
}

// Adds to a total the sum of `record_count` records whose figures are all known like this.
inline void AddTo(type::v1::ReportedTotal* total, int64_t value, type::v1::Comparison comparison,
                  int64_t record_count) {
  if (record_count == 0) return;
  total->set_comparison(total->record_count() == 0
                            ? (IsExact(comparison) ? type::v1::COMPARISON_EQUAL : comparison)
                            : ComparisonOfSum(total->comparison(), comparison));
  total->set_value(total->value() + value);
  total->set_record_count(total->record_count() + record_count);
}

}  // namespace lianqiao::resource
