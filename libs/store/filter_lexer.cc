// SPDX-License-Identifier: Apache-2.0
#include "libs/store/filter_lexer.h"

#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "libs/base/clock.h"
#include "libs/base/ids.h"

namespace lianqiao::store {
namespace {

using contract::Column;
using contract::Field;
using Kind = FilterToken::Kind;

bool IsNameStart(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_';
}

bool IsNamePart(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
}

bool IsWordPart(char c) {
  return IsNamePart(c) || c == '-' || c == '+' || c == ':';
}

// The whole character that begins at `at`, however many bytes it has.
std::string CharacterAt(const std::string& text, size_t at) {
  size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return text.substr(at, end - at);
}

// RFC 3339 down to the microsecond that PostgreSQL keeps; finer digits could not be compared exactly.
bool ReadTimestamp(const std::string& text, absl::Time* time) {
  std::string shape = text;
  for (char& c : shape) c = absl::ascii_isdigit(static_cast<unsigned char>(c)) ? 'd' : c;
  static const std::string kSecond = "dddd-dd-ddTdd:dd:dd";
  if (shape.compare(0, kSecond.size(), kSecond) != 0) return false;
  shape.erase(0, kSecond.size());
  if (!shape.empty() && shape[0] == '.') {
    const size_t digits = shape.find_first_not_of('d', 1);
    if (digits == std::string::npos || digits < 2 || digits > 7) return false;
    shape.erase(0, digits);
  }
  if (shape != "Z" && shape != "+dd:dd" && shape != "-dd:dd") return false;
  if (!absl::ParseTime(absl::RFC3339_full, text, time, nullptr)) return false;
  return *time >= absl::FromCivil(absl::CivilYear(1), absl::UTCTimeZone()) &&
         *time < absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone());
}

bool ReadEnum(const google::protobuf::EnumDescriptor& type, const std::string& text, FilterValue* value) {
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->name() != text && contract::ShortName(*type.value(i)) != text) continue;
    *value = type.value(i)->name();
    return true;
  }
  return false;
}

bool ReadInteger(const Field& field, const std::string& text, FilterValue* value) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) return false;
  if (field.column == Column::kInteger && number != static_cast<int32_t>(number)) return false;
  *value = number;
  return true;
}

}  // namespace

FilterToken FilterLexer::Bad(FilterToken token, const std::string& zh, const std::string& en) {
  token.kind = Kind::kBad;
  if (!mistake_.has_value()) mistake_ = FilterMistake{token.offset, zh, en};
  return token;
}

FilterToken FilterLexer::Unexpected(FilterToken token) {
  const std::string character = CharacterAt(text_, token.offset);
  at_ = text_.size();
  return Bad(std::move(token), "此处不能出现“" + character + "”;文本须放在英文引号内",
             "\"" + character + "\" cannot stand here; put text in double or single quotes");
}

FilterToken FilterLexer::Start() {
  while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  FilterToken token;
  token.offset = at_;
  return token;
}

FilterToken FilterLexer::Text(FilterToken token) {
  const char quote = text_[at_++];
  token.kind = Kind::kString;
  for (; at_ < text_.size(); ++at_) {
    char c = text_[at_];
    if (c == quote) {
      ++at_;
      return token;
    }
    if (c == '*') token.stars.push_back(token.text.size());
    if (c == '\\') {
      const size_t backslash = at_;
      c = at_ + 1 < text_.size() ? text_[++at_] : '\0';
      if (c != '"' && c != '\'' && c != '\\' && c != '*') {
        token.offset = backslash;
        at_ = text_.size();
        return Bad(std::move(token), "反斜杠后只能是 \" ' \\ *",
                   "a backslash can only stand before \" ' \\ or *");
      }
    }
    token.text.push_back(c);
  }
  return Bad(std::move(token), "引号没有闭合", "the quote is never closed; close it");
}

FilterToken FilterLexer::Next() {
  FilterToken token = Start();
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  if (c == '"' || c == '\'') return Text(std::move(token));
  if (IsNameStart(c)) {
    token.kind = Kind::kName;
    while (at_ < text_.size() && IsNamePart(text_[at_])) token.text.push_back(text_[at_++]);
    return token;
  }
  token.text = c;
  switch (c) {
    case '(':
      token.kind = Kind::kLeft;
      break;
    case ')':
      token.kind = Kind::kRight;
      break;
    case ',':
      token.kind = Kind::kComma;
      break;
    case '-':
      token.kind = Kind::kMinus;
      break;
    case '=':
    case ':':
      token.kind = Kind::kOperator;
      break;
    case '<':
    case '>':
    case '!':
      token.kind = Kind::kOperator;
      if (at_ + 1 < text_.size() && text_[at_ + 1] == '=') {
        token.text.push_back('=');
        ++at_;
      } else if (c == '!') {
        return Unexpected(std::move(token));
      }
      break;
    default:
      return Unexpected(std::move(token));
  }
  ++at_;
  return token;
}

FilterToken FilterLexer::NextValue() {
  FilterToken token = Start();
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  if (c == '"' || c == '\'') return Text(std::move(token));
  if (c == '*') {
    ++at_;
    token.kind = Kind::kStar;
    return token;
  }
  token.kind = Kind::kWord;
  while (at_ < text_.size() && IsWordPart(text_[at_])) token.text.push_back(text_[at_++]);
  return token.text.empty() ? Unexpected(std::move(token)) : token;
}

bool ReadValue(const Field& field, const FilterToken& token, FilterValue* value) {
  const bool quoted = token.kind == Kind::kString;
  const std::string& text = token.text;
  switch (field.column) {
    case Column::kText:
      *value = text;
      return quoted;
    case Column::kEnum:
      return ReadEnum(*field.descriptor->enum_type(), text, value);
    case Column::kDate:
      *value = text;
      return base::IsDate(text);
    case Column::kUuid:
      *value = absl::AsciiStrToLower(text);
      return base::IsId(std::get<std::string>(*value));
    case Column::kInteger:
    case Column::kBigint:
      return !quoted && ReadInteger(field, text, value);
    case Column::kDouble: {
      double number = 0;
      if (quoted || !absl::SimpleAtod(text, &number) || !std::isfinite(number)) return false;
      *value = number;
      return true;
    }
    case Column::kBoolean:
      *value = text == "true";
      return !quoted && (text == "true" || text == "false");
    case Column::kTimestamp: {
      absl::Time time;
      if (!ReadTimestamp(text, &time)) return false;
      *value = time;
      return true;
    }
    default:
      return false;
  }
}

ExpectedValue ExpectedValueOf(Column column) {
  switch (column) {
    case Column::kText:
      return {"引号内的文本", "text in quotes"};
    case Column::kEnum:
      return {"/v1/vocabulary 中的代码", "a code listed in /v1/vocabulary"};
    case Column::kDate:
      return {"日期 YYYY-MM-DD", "a date YYYY-MM-DD"};
    case Column::kUuid:
      return {"UUID 编号", "an id (UUID)"};
    case Column::kInteger:
      return {"不带引号的 32 位整数", "a 32-bit integer without quotes"};
    case Column::kBigint:
      return {"不带引号的整数", "an integer without quotes"};
    case Column::kDouble:
      return {"不带引号的数", "a number without quotes"};
    case Column::kBoolean:
      return {"true 或 false", "true or false"};
    default:
      return {"RFC 3339 时间,至多精确到微秒", "an RFC 3339 timestamp of at most microseconds"};
  }
}

}  // namespace lianqiao::store
