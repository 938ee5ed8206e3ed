// SPDX-License-Identifier: Apache-2.0
#include "libs/json/document.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "libs/json/number.h"

namespace lianqiao::json {
namespace {

constexpr size_t kKeptBytes = 256 * 1024;

constexpr std::array<bool, 256> kTokenEnds = [] {
  std::array<bool, 256> ends{};
  for (const unsigned char c : {' ', '\t', '\n', '\r', ',', ':', ']', '}', '[', '{'}) ends[c] = true;
  return ends;
}();

}  // namespace

bool Document::EndsToken(const char* at) const {
  return kTokenEnds[static_cast<unsigned char>(*at)];
}

bool Document::Open(const std::string& json) {
  size_ = json.size();
  if (text_.size() < size_ + simdjson::SIMDJSON_PADDING) text_.resize(size_ + simdjson::SIMDJSON_PADDING);
  std::memcpy(text_.data(), json.data(), size_);
  std::memset(text_.data() + size_, ' ', simdjson::SIMDJSON_PADDING);
  simdjson::error_code error = simdjson::SUCCESS;
  if (parser_ == nullptr) {
    error = simdjson::get_active_implementation()->create_dom_parser_implementation(size_ + 1, 1, parser_);
  } else if (parser_->capacity() <= size_) {
    error = parser_->set_capacity(std::max(size_ + 1, parser_->capacity() * 2));
  }
  if (error == simdjson::SUCCESS) {
    error = parser_->stage1(reinterpret_cast<const uint8_t*>(text_.data()), size_,
                            simdjson::stage1_mode::regular);
  }
  if (error != simdjson::SUCCESS) {
    problem_ = Diagnose(error);
    return false;
  }
  next_ = parser_->structural_indexes.get();
  end_ = next_ + parser_->n_structural_indexes;
  return true;
}

std::string_view Document::TakeString() {
  const char* begin = At() + 1;
  Take();
  // Only white space can stand between the closing quote and the next token.
  const char* end = At();
  while (*--end != '"') {
  }
  return std::string_view(begin, static_cast<size_t>(end - begin));
}

bool Document::TakeValue() {
  const char first = Peek();
  if (first == '{' || first == '[') {
    int64_t depth = 0;
    do {
      if (Ended()) return false;
      const char c = Peek();
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      Take();
    } while (depth > 0);
    return true;
  }
  if (first == '-' || (first >= '0' && first <= '9')) {
    const NumberToken number = ScanNumber(At());
    if (number.end == nullptr || !EndsToken(number.end)) return false;
  } else if (first != '"' && !IsLiteral("true") && !IsLiteral("false") && !IsLiteral("null")) {
    return false;
  }
  Take();
  return true;
}

std::string Document::PlaceOf(size_t offset) const {
  size_t line = 1;
  size_t column = 1;
  for (size_t i = 0; i < std::min(offset, size_); ++i) {
    const unsigned char c = static_cast<unsigned char>(text_[i]);
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((c & 0xc0) != 0x80) {
      ++column;
    }
  }
  return std::to_string(line) + ":" + std::to_string(column);
}

// simdjson says what is wrong but not where.
Document::Problem Document::Diagnose(simdjson::error_code error) const {
  if (error == simdjson::EMPTY) return {PlaceOf(0), "{ ["};
  if (error == simdjson::UTF8_ERROR) {
    size_t good = 0;  // The longest valid prefix, by bisection.
    for (size_t bad = size_; good + 1 < bad;) {
      const size_t middle = good + (bad - good) / 2;
      size_t cut = middle;  // Not inside a character.
      while (cut > good && (static_cast<unsigned char>(text_[cut]) & 0xc0) == 0x80) --cut;
      if (cut == good) cut = middle;
      (simdjson::validate_utf8(text_.data(), cut) ? good : bad) = cut;
    }
    return {PlaceOf(good), "UTF-8"};
  }
  bool inside = false;
  for (size_t i = 0; i < size_; ++i) {
    const unsigned char c = static_cast<unsigned char>(text_[i]);
    if (c == '"') inside = !inside;
    if (inside && c == '\\') ++i;
    if (inside && c < 0x20)
      return {PlaceOf(i), std::string("\\u00") + "0123456789abcdef"[c >> 4] + "0123456789abcdef"[c & 15]};
  }
  return {PlaceOf(size_), "\""};
}

void Document::Shrink() {
  if (text_.size() <= kKeptBytes) return;
  text_ = {};
  parser_ = nullptr;
}

}  // namespace lianqiao::json
