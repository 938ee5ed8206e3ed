// SPDX-License-Identifier: Apache-2.0
#include "libs/json/number.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>

namespace lianqiao::json {
namespace {

constexpr double kExactIntegerMax = 1e15;

// `text` is [-]d[.ddd]e±xx with the shortest digits. Fixed notation for exponents from -4 to below
// `precision`, which is `few` digits if they suffice and `many` otherwise: the rule of printf's %g as
// protobuf applies it.
char* LayOut(const char* text, const char* end, int few, int many, char* out) {
  const char* exponent_at = end;
  while (*--exponent_at != 'e') {
  }
  int exponent = 0;
  std::from_chars(exponent_at + (exponent_at[1] == '+' ? 2 : 1), end, exponent);
  char digits[24];
  int count = 0;
  const char* next = text;
  if (*next == '-') *out++ = *next++;
  for (const char* c = next; c < exponent_at; ++c) {
    if (*c != '.') digits[count++] = *c;
  }
  if (exponent < -4 || exponent >= (count <= few ? few : many)) {
    std::memcpy(out, next, static_cast<size_t>(end - next));
    return out + (end - next);
  }
  if (exponent < 0) {
    *out++ = '0';
    *out++ = '.';
    for (int i = -1; i > exponent; --i) *out++ = '0';
    std::memcpy(out, digits, static_cast<size_t>(count));
    return out + count;
  }
  for (int i = 0; i <= exponent; ++i) *out++ = i < count ? digits[i] : '0';
  if (count > exponent + 1) {
    *out++ = '.';
    std::memcpy(out, digits + exponent + 1, static_cast<size_t>(count - exponent - 1));
    out += count - exponent - 1;
  }
  return out;
}

template <typename Float>
char* Format(Float value, int few, int many, char* out) {
  char text[kNumberCharactersMax];
  const auto written = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
  return LayOut(text, written.ptr, few, many, out);
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

const char* SkipDigits(const char* next) {
  while (IsDigit(*next)) ++next;
  return next;
}

template <typename Float>
Float Convert(const NumberToken& number, Float (*fallback)(const char*, char**)) {
  Float value = 0;
  const auto read = std::from_chars(number.begin, number.end, value);
  // from_chars does not say on which side it is out of range.
  if (read.ec != std::errc()) return fallback(std::string(number.begin, number.end).c_str(), nullptr);
  return value;
}

}  // namespace

char* FormatDouble(double value, char* out) {
  if (std::fabs(value) < kExactIntegerMax && value == std::trunc(value) &&
      !(value == 0 && std::signbit(value))) {
    return std::to_chars(out, out + kNumberCharactersMax, static_cast<int64_t>(value)).ptr;
  }
  return Format(value, 15, 17, out);
}

char* FormatFloat(float value, char* out) {
  return Format(value, 6, 9, out);
}

NumberToken ScanNumber(const char* begin) {
  NumberToken number;
  number.begin = begin;
  const char* next = begin;
  if (*next == '-') {
    number.negative = true;
    ++next;
  }
  const char* digits = next;
  next = SkipDigits(next);
  if (next == digits || (*digits == '0' && next - digits > 1)) return number;
  number.integer = true;
  for (const char* c = digits; c < next; ++c) {
    number.overflow |= __builtin_mul_overflow(number.magnitude, uint64_t{10}, &number.magnitude);
    number.overflow |=
        __builtin_add_overflow(number.magnitude, static_cast<uint64_t>(*c - '0'), &number.magnitude);
  }
  if (*next == '.') {
    number.integer = false;
    const char* fraction = ++next;
    next = SkipDigits(next);
    if (next == fraction) return number;
  }
  if (*next == 'e' || *next == 'E') {
    number.integer = false;
    ++next;
    if (*next == '+' || *next == '-') ++next;
    const char* exponent = next;
    next = SkipDigits(next);
    if (next == exponent) return number;
  }
  number.end = next;
  return number;
}

bool MakeWhole(NumberToken* number) {
  std::string digits;
  int64_t whole_digits = -1;  // How many stand in front of the point.
  int64_t exponent = 0;
  for (const char* c = number->begin; c < number->end; ++c) {
    if (IsDigit(*c)) digits += *c;
    if (*c == '.') whole_digits = static_cast<int64_t>(digits.size());
    if (*c != 'e' && *c != 'E') continue;
    const char* power = c[1] == '+' ? c + 2 : c + 1;
    if (std::from_chars(power, number->end, exponent).ec != std::errc())
      exponent = *power == '-' ? -1'000'000 : 1'000'000;
    break;
  }
  if (whole_digits < 0) whole_digits = static_cast<int64_t>(digits.size());
  const size_t last = digits.find_last_not_of('0');
  number->magnitude = 0;
  number->overflow = false;
  if (last == std::string::npos) return true;
  const int64_t point = whole_digits + exponent;
  if (point <= static_cast<int64_t>(last)) return false;
  for (int64_t i = static_cast<int64_t>(digits.find_first_not_of('0')); i < point && !number->overflow; ++i) {
    const uint64_t digit =
        i <= static_cast<int64_t>(last) ? static_cast<uint64_t>(digits[static_cast<size_t>(i)] - '0') : 0;
    number->overflow = __builtin_mul_overflow(number->magnitude, uint64_t{10}, &number->magnitude) ||
                       __builtin_add_overflow(number->magnitude, digit, &number->magnitude);
  }
  return true;
}

double ToDouble(const NumberToken& number) {
  if (number.integer && number.magnitude < 1'000'000'000'000'000 && !number.overflow) {
    const double value = static_cast<double>(number.magnitude);
    return number.negative ? -value : value;
  }
  return Convert<double>(number, std::strtod);
}

float ToFloat(const NumberToken& number) {
  return Convert<float>(number, std::strtof);
}

}  // namespace lianqiao::json
