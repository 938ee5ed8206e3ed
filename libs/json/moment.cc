// SPDX-License-Identifier: Apache-2.0
#include "libs/json/moment.h"

#include <charconv>

namespace lianqiao::json {
namespace {

constexpr int64_t kDaySeconds = 86400;
constexpr int32_t kSecondNanos = 1'000'000'000;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsUpper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool IsLower(char c) {
  return c >= 'a' && c <= 'z';
}

char* Digits(int64_t value, int width, char* out) {
  for (int i = width - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + width;
}

// Nothing, or a point and 3, 6 or 9 digits.
char* Fraction(int64_t nanos, char* out) {
  if (nanos == 0) return out;
  *out++ = '.';
  if (nanos % 1'000'000 == 0) return Digits(nanos / 1'000'000, 3, out);
  if (nanos % 1'000 == 0) return Digits(nanos / 1'000, 6, out);
  return Digits(nanos, 9, out);
}

struct Day {
  int64_t year;
  int64_t month;
  int64_t day;
};

// Proleptic Gregorian calendar counted in years that begin on 1 March, so that the leap day comes last; eras
// of 400 years have 146097 days each. Day 0 is 1970-01-01.
Day DayOf(int64_t days) {
  const int64_t shifted = days + 719468;
  const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const int64_t of_era = shifted - era * 146097;
  const int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const int64_t month = (5 * of_year + 2) / 153;  // 0 is March.
  const int64_t day = of_year - (153 * month + 2) / 5 + 1;
  return Day{year + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9, day};
}

int64_t DaysOf(const Day& day) {
  const int64_t year = day.year - (day.month <= 2 ? 1 : 0);
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t of_era = year - era * 400;
  const int64_t of_year = (153 * (day.month > 2 ? day.month - 3 : day.month + 9) + 2) / 5 + day.day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t DaysInMonth(int64_t year, int64_t month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

// Reads fixed parts of a text from left to right; one failure makes all that follows fail.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int64_t Number(size_t width) {
    int64_t value = 0;
    for (size_t i = 0; i < width; ++i) {
      if (i >= rest_.size() || !IsDigit(rest_[i])) {
        good_ = false;
        return 0;
      }
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(width);
    return value;
  }
  void Expect(char c) { good_ = Take(c) && good_; }
  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // 1 to 9 digits behind a point, as nanoseconds; 0 without a point.
  int32_t Nanos() {
    if (!Take('.')) return 0;
    int32_t nanos = 0;
    int digits = 0;
    for (; digits < 9 && !rest_.empty() && IsDigit(rest_.front()); ++digits, rest_.remove_prefix(1)) {
      nanos = nanos * 10 + (rest_.front() - '0');
    }
    good_ = good_ && digits > 0;
    for (; digits < 9; ++digits) nanos *= 10;
    return nanos;
  }
  size_t LeadingDigits() const {
    size_t count = 0;
    while (count < rest_.size() && IsDigit(rest_[count])) ++count;
    return count;
  }
  void Fail() { good_ = false; }
  bool good() const { return good_; }
  bool Ended() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

// Seconds east of Greenwich.
int64_t Offset(Scanner* scanner) {
  if (scanner->Take('Z')) return 0;
  const bool west = scanner->Take('-');
  if (!west) scanner->Expect('+');
  const int64_t hours = scanner->Number(2);
  scanner->Expect(':');
  const int64_t minutes = scanner->Number(2);
  if (hours > 23 || minutes > 59) scanner->Fail();
  const int64_t offset = hours * 3600 + minutes * 60;
  return west ? -offset : offset;
}

}  // namespace

char* FormatTimestamp(int64_t seconds, int64_t nanos, char* out) {
  if (seconds < kTimestampSecondsMin || seconds > kTimestampSecondsMax || nanos < 0 ||
      nanos >= kSecondNanos) {
    return nullptr;
  }
  int64_t of_day = seconds % kDaySeconds;
  if (of_day < 0) of_day += kDaySeconds;
  const Day day = DayOf((seconds - of_day) / kDaySeconds);
  out = Digits(day.year, 4, out);
  *out++ = '-';
  out = Digits(day.month, 2, out);
  *out++ = '-';
  out = Digits(day.day, 2, out);
  *out++ = 'T';
  out = Digits(of_day / 3600, 2, out);
  *out++ = ':';
  out = Digits(of_day / 60 % 60, 2, out);
  *out++ = ':';
  out = Digits(of_day % 60, 2, out);
  out = Fraction(nanos, out);
  *out++ = 'Z';
  return out;
}

char* FormatDuration(int64_t seconds, int64_t nanos, char* out) {
  if (seconds < -kDurationSecondsMax || seconds > kDurationSecondsMax || nanos <= -kSecondNanos ||
      nanos >= kSecondNanos || (seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0)) {
    return nullptr;
  }
  if (seconds < 0 || nanos < 0) *out++ = '-';
  out = std::to_chars(out, out + 20, seconds < 0 ? -seconds : seconds).ptr;
  out = Fraction(nanos < 0 ? -nanos : nanos, out);
  *out++ = 's';
  return out;
}

Moment ParseTimestamp(std::string_view text, int64_t* seconds, int32_t* nanos) {
  Scanner scanner(text);
  Day day{};
  day.year = scanner.Number(4);
  scanner.Expect('-');
  day.month = scanner.Number(2);
  scanner.Expect('-');
  day.day = scanner.Number(2);
  scanner.Expect('T');
  const int64_t hour = scanner.Number(2);
  scanner.Expect(':');
  const int64_t minute = scanner.Number(2);
  scanner.Expect(':');
  const int64_t second = scanner.Number(2);
  *nanos = scanner.Nanos();
  const int64_t offset = Offset(&scanner);
  if (!scanner.Ended() || day.month < 1 || day.month > 12 || day.day < 1 ||
      day.day > DaysInMonth(day.year, day.month) || hour > 23 || minute > 59 || second > 59) {
    return Moment::kBadFormat;
  }
  *seconds = DaysOf(day) * kDaySeconds + hour * 3600 + minute * 60 + second - offset;
  const bool in_range = *seconds >= kTimestampSecondsMin && *seconds <= kTimestampSecondsMax;
  return in_range ? Moment::kGood : Moment::kOutOfRange;
}

Moment ParseDuration(std::string_view text, int64_t* seconds, int32_t* nanos) {
  Scanner scanner(text);
  const bool negative = scanner.Take('-');
  const size_t digits = scanner.LeadingDigits();
  if (digits == 0) return Moment::kBadFormat;
  const bool fits = digits <= 18;
  *seconds = 0;
  for (size_t left = digits; left > 0; --left) {
    const int64_t digit = scanner.Number(1);
    if (fits) *seconds = *seconds * 10 + digit;
  }
  *nanos = scanner.Nanos();
  scanner.Expect('s');
  if (!scanner.Ended()) return Moment::kBadFormat;
  if (!fits || *seconds > kDurationSecondsMax) return Moment::kOutOfRange;
  if (negative) {
    *seconds = -*seconds;
    *nanos = -*nanos;
  }
  return Moment::kGood;
}

bool AppendCamelPath(std::string_view path, std::string* out) {
  const size_t begin = out->size();
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '_' && i + 1 < path.size() && IsLower(path[i + 1])) {
      *out += static_cast<char>(path[++i] - 'a' + 'A');
    } else {
      *out += path[i];
    }
  }
  std::string back;
  return AppendSnakePath(std::string_view(*out).substr(begin), &back) && back == path;
}

bool AppendSnakePath(std::string_view path, std::string* out) {
  if (path == "*") {
    *out += '*';
    return true;
  }
  char before = '.';
  bool camel = false;
  bool snake = false;
  for (const char c : path) {
    const bool starts = before == '.';
    if (IsUpper(c) && !starts) {
      camel = true;
      *out += '_';
      *out += static_cast<char>(c - 'A' + 'a');
    } else if (IsLower(c) || (!starts && (IsDigit(c) || c == '_' || c == '.'))) {
      snake |= before == '_' && IsLower(c);
      *out += c;
    } else {
      return false;
    }
    before = c;
  }
  return before != '.' && !(camel && snake);
}

}  // namespace lianqiao::json
