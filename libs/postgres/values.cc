// SPDX-License-Identifier: Apache-2.0
// Parameters, results and arrays in PostgreSQL's text format.
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/time/civil_time.h"
#include "libs/postgres/database.h"
#include "libs/postgres/result_data.h"

namespace lianqiao::postgres {
namespace {

constexpr char kWhiteSpace[] = " \t\n\r\v\f";

bool NeedsQuotes(const std::string& element) {
  if (element.empty() || element.find_first_of("\"\\{},") != std::string::npos) return true;
  if (element.find_first_of(kWhiteSpace) != std::string::npos) return true;
  return element.size() == 4 && strcasecmp(element.c_str(), "null") == 0;
}

int Digits(const char* text, int count) {
  int value = 0;
  for (int i = 0; i < count; ++i) value = value * 10 + (text[i] - '0');
  return value;
}

// "2024-05-06 07:08:09.123456+00", as sent under DateStyle ISO and TimeZone UTC.
absl::Time ParseTime(const char* text) {
  if (std::strcmp(text, "infinity") == 0) return absl::InfiniteFuture();
  if (std::strcmp(text, "-infinity") == 0) return absl::InfinitePast();
  const char* at = std::strchr(text, '-');
  assert(at != nullptr && std::strlen(at) >= 15);
  const absl::CivilSecond second(Digits(text, static_cast<int>(at - text)), Digits(at + 1, 2),
                                 Digits(at + 4, 2), Digits(at + 7, 2), Digits(at + 10, 2),
                                 Digits(at + 13, 2));
  at += 15;
  int64_t microseconds = 0;
  if (*at == '.') {
    int64_t unit = 100000;
    for (++at; *at >= '0' && *at <= '9'; ++at, unit /= 10) microseconds += unit * (*at - '0');
  }
  return absl::FromCivil(second, absl::UTCTimeZone()) + absl::Microseconds(microseconds);
}

}  // namespace

std::string ArrayLiteral(const std::vector<std::string>& values) {
  std::string literal = "{";
  for (const std::string& value : values) {
    if (literal.size() > 1) literal.push_back(',');
    if (!NeedsQuotes(value)) {
      literal += value;
      continue;
    }
    literal.push_back('"');
    for (char c : value) {
      if (c == '"' || c == '\\') literal.push_back('\\');
      literal.push_back(c);
    }
    literal.push_back('"');
  }
  literal.push_back('}');
  return literal;
}

std::vector<std::string> ParseArray(const char* text, size_t size) {
  std::vector<std::string> values;
  assert(size >= 2 && text[0] == '{' && text[size - 1] == '}');
  const char* at = text + 1;
  const char* end = text + size - 1;
  while (at < end) {
    std::string& value = values.emplace_back();
    if (*at == '"') {
      for (++at; at < end && *at != '"'; ++at) {
        if (*at == '\\' && at + 1 < end) ++at;
        value.push_back(*at);
      }
      ++at;
    } else {
      const char* comma = static_cast<const char*>(std::memchr(at, ',', static_cast<size_t>(end - at)));
      if (comma == nullptr) comma = end;
      value.assign(at, comma);
      assert(value != "NULL");
      at = comma;
    }
    ++at;  // The comma.
  }
  return values;
}

std::string QuoteIdentifier(const std::string& name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

Parameters& Parameters::Text(std::string value) {
  values_.emplace_back(std::move(value));
  return *this;
}

Parameters& Parameters::Null() {
  values_.emplace_back();
  return *this;
}

Parameters& Parameters::Integer(int64_t value) {
  return Text(std::to_string(value));
}

Parameters& Parameters::Boolean(bool value) {
  return Text(value ? "t" : "f");
}

Parameters& Parameters::Double(double value) {
  if (std::isnan(value)) return Text("NaN");
  if (std::isinf(value)) return Text(value > 0 ? "Infinity" : "-Infinity");
  char text[32];
  const auto written = std::to_chars(text, text + sizeof(text), value);
  return Text(std::string(text, written.ptr));
}

Parameters& Parameters::Bytes(const std::string& raw) {
  return Text("\\x" + absl::BytesToHexString(raw));
}

Parameters& Parameters::Time(absl::Time value) {
  if (value == absl::InfiniteFuture()) return Text("infinity");
  if (value == absl::InfinitePast()) return Text("-infinity");
  const absl::CivilSecond second = absl::ToCivilSecond(value, absl::UTCTimeZone());
  const int64_t microseconds =
      absl::ToUnixMicros(value) - absl::ToUnixSeconds(absl::FromCivil(second, absl::UTCTimeZone())) * 1000000;
  char text[64];
  const int size =
      std::snprintf(text, sizeof(text), "%04lld-%02d-%02d %02d:%02d:%02d.%06lld+00",
                    static_cast<long long>(second.year()), second.month(), second.day(), second.hour(),
                    second.minute(), second.second(), static_cast<long long>(microseconds));
  return Text(std::string(text, static_cast<size_t>(size)));
}

Parameters& Parameters::TextArray(const std::vector<std::string>& values) {
  return Text(ArrayLiteral(values));
}

int Result::rows() const {
  return data_->rows;
}
int Result::columns() const {
  return data_->columns;
}
const std::string& Result::ColumnName(int column) const {
  return data_->names[static_cast<size_t>(column)];
}
int64_t Result::affected_rows() const {
  return data_->affected_rows;
}

bool Result::IsNull(int row, int column) const {
  assert(row >= 0 && row < data_->rows && column >= 0 && column < data_->columns);
  return data_->cells[static_cast<size_t>(row * data_->columns + column)].size < 0;
}

const char* Result::Value(int row, int column) const {
  assert(!IsNull(row, column));
  return data_->cells[static_cast<size_t>(row * data_->columns + column)].text;
}

size_t Result::Size(int row, int column) const {
  assert(!IsNull(row, column));
  return static_cast<size_t>(data_->cells[static_cast<size_t>(row * data_->columns + column)].size);
}

std::string Result::Text(int row, int column) const {
  return {Value(row, column), Size(row, column)};
}

int64_t Result::Integer(int row, int column) const {
  int64_t value = 0;
  const char* text = Value(row, column);
  [[maybe_unused]] const auto read = std::from_chars(text, text + Size(row, column), value);
  assert(read.ec == std::errc() && *read.ptr == '\0');
  return value;
}

double Result::Double(int row, int column) const {
  double value = 0;
  const char* text = Value(row, column);
  [[maybe_unused]] const auto read = std::from_chars(text, text + Size(row, column), value);
  assert(read.ec == std::errc() && *read.ptr == '\0');
  return value;
}

bool Result::Boolean(int row, int column) const {
  return Value(row, column)[0] == 't';
}

std::string Result::Bytes(int row, int column) const {
  assert(Size(row, column) >= 2 && Value(row, column)[1] == 'x');
  return absl::HexStringToBytes(absl::string_view(Value(row, column) + 2, Size(row, column) - 2));
}

absl::Time Result::Time(int row, int column) const {
  return ParseTime(Value(row, column));
}

std::vector<std::string> Result::TextArray(int row, int column) const {
  return ParseArray(Value(row, column), Size(row, column));
}

}  // namespace lianqiao::postgres
