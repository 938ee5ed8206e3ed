// SPDX-License-Identifier: Apache-2.0
// Words of a filter and the values that they spell. For filter_parser only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "libs/contract/contract.h"
#include "libs/store/filter_tree.h"

namespace lianqiao::store {

struct FilterToken {
  enum class Kind { kEnd, kName, kOperator, kLeft, kRight, kComma, kMinus, kString, kWord, kStar, kBad };
  Kind kind = Kind::kEnd;
  size_t offset = 0;          // Of its first byte.
  std::string text;           // A string without its quotes and escapes.
  std::vector<size_t> stars;  // In a string: places of `text` that hold a wildcard, not an escaped star.
};

// Where a filter is wrong, why, and what to write instead.
struct FilterMistake {
  size_t offset = 0;
  std::string zh;
  std::string en;
};

// Reads valid UTF-8 without NUL.
class FilterLexer {
 public:
  explicit FilterLexer(const std::string& text) : text_(text) {}

  // kBad sets mistake().
  FilterToken Next();
  // After a comparison: dates, times, ids and numbers without quotes are one word.
  FilterToken NextValue();
  const std::optional<FilterMistake>& mistake() const { return mistake_; }

 private:
  FilterToken Start();
  FilterToken Text(FilterToken token);
  FilterToken Bad(FilterToken token, const std::string& zh, const std::string& en);
  FilterToken Unexpected(FilterToken token);

  const std::string& text_;
  size_t at_ = 0;
  std::optional<FilterMistake> mistake_;
};

// The token as a value of the field's type (of its elements); false if it is none.
bool ReadValue(const contract::Field& field, const FilterToken& token, FilterValue* value);

// What stands in a column, in words.
struct ExpectedValue {
  const char* zh;
  const char* en;
};
ExpectedValue ExpectedValueOf(contract::Column column);

}  // namespace lianqiao::store
