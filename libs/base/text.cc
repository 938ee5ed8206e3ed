// SPDX-License-Identifier: Apache-2.0
#include "libs/base/text.h"

#include <utf8proc.h>

#include <cctype>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "libs/base/clock.h"

namespace lianqiao::base {
namespace {

bool IsSpace(utf8proc_int32_t c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v' || c == 0xA0 ||
         c == 0x3000 || c == 0xFEFF || (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F;
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// The check character of an 18-character resident ID (GB 11643-1999).
bool HasResidentCheck(const char* text) {
  static constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  static constexpr char kChecks[] = "10X98765432";
  int sum = 0;
  for (int i = 0; i < 17; ++i) {
    if (!IsDigit(text[i])) return false;
    sum += (text[i] - '0') * kWeights[i];
  }
  return std::toupper(static_cast<unsigned char>(text[17])) == kChecks[sum % 11];
}

// The first two digits of a resident ID are those of a province (GB/T 2260), 11 to 65, 71, 81 or 82.
bool HasProvince(const std::string& run) {
  const int province = (run[0] - '0') * 10 + (run[1] - '0');
  return (province >= 11 && province <= 65) || province == 71 || province == 81 || province == 82;
}

bool IsBirthDate(const std::string& year, const std::string& month, const std::string& day) {
  return year >= "1900" && year < "2100" && IsDate(year + "-" + month + "-" + day);
}

bool HasResidentDate(const std::string& run) {
  return HasProvince(run) && IsBirthDate(run.substr(6, 4), run.substr(10, 2), run.substr(12, 2));
}

bool HasOldResidentDate(const std::string& run) {
  return HasProvince(run) && IsBirthDate("19" + run.substr(6, 2), run.substr(8, 2), run.substr(10, 2));
}

bool IsHex(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Whether the digits at [at, end) are part of a UUID or of a digest of 128 bits or more: one in some 3,000
// random UUIDs holds eleven digits between letters that read like a mobile number.
bool LiesInToken(const std::string& text, size_t at, size_t end) {
  static constexpr size_t kDigestSize = 32;
  static constexpr char kUuid[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  static constexpr size_t kUuidSize = sizeof(kUuid) - 1;
  const size_t digits = end - at;
  while (at > 0 && IsHex(text[at - 1])) --at;
  while (end < text.size() && IsHex(text[end])) ++end;
  if (end - at == digits) return false;  // Without a letter it is a number.
  if (end - at >= kDigestSize) return true;
  // Only the last group of a UUID is long enough.
  if (end < kUuidSize) return false;
  const size_t start = end - kUuidSize;
  if (start > 0 && IsHex(text[start - 1])) return false;
  for (size_t i = 0; i < kUuidSize; ++i)
    if (kUuid[i] == '-' ? text[start + i] != '-' : !IsHex(text[start + i])) return false;
  return true;
}

// Digits that stand by themselves, as long as they are; `x_follows`: an X after them.
bool IsPersonalNumber(const std::string& run, bool x_follows) {
  if (run.size() == 11) return run[0] == '1' && run[1] >= '3';
  if (run.size() == 13) return run.compare(0, 3, "861") == 0 && run[3] >= '3';
  if (run.size() == 15) return HasOldResidentDate(run);
  if (run.size() == 18) return HasResidentDate(run) && HasResidentCheck(run.data());
  return run.size() == 17 && x_follows && HasResidentDate(run) && HasResidentCheck((run + "X").data());
}

}  // namespace

std::string Normalise(const std::string& text, bool* ok) {
  *ok = true;
  bool plain = true;  // Printable ASCII without outer spaces is its own normal form: most codes and ids.
  for (unsigned char c : text) plain = plain && c > 0x20 && c < 0x7f;
  if (plain) return text;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  size_t begin = 0;
  size_t end = 0;
  bool started = false;
  for (size_t at = 0; at < text.size();) {
    utf8proc_int32_t c = 0;
    const auto length = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &c);
    if (length <= 0 || c == 0) {  // PostgreSQL stores no NUL.
      *ok = false;
      return "";
    }
    if (!IsSpace(c)) {
      if (!started) begin = at;
      started = true;
      end = at + static_cast<size_t>(length);
    }
    at += static_cast<size_t>(length);
  }
  utf8proc_uint8_t* composed = nullptr;
  const auto size = utf8proc_map(bytes + begin, static_cast<utf8proc_ssize_t>(end - begin), &composed,
                                 static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (size < 0) {
    *ok = false;
    return "";
  }
  std::string result(reinterpret_cast<char*>(composed), static_cast<size_t>(size));
  std::free(composed);
  return result;
}

size_t CharacterCount(const std::string& text) {
  size_t count = 0;
  for (unsigned char c : text) count += (c & 0xC0) != 0x80;
  return count;
}

bool LooksLikePersonalNumber(const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    if (!IsDigit(text[at])) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < text.size() && IsDigit(text[end])) ++end;
    const bool x_follows = end < text.size() && (text[end] == 'X' || text[end] == 'x');
    if (IsPersonalNumber(text.substr(at, end - at), x_follows) && !LiesInToken(text, at, end)) return true;
    at = end;
  }
  return false;
}

bool IsSocialCreditCode(const std::string& text) {
  static const std::string kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  static constexpr int kWeights[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
  if (text.size() != 18) return false;
  int sum = 0;
  for (int i = 0; i < 17; ++i) {
    const size_t value = kAlphabet.find(text[static_cast<size_t>(i)]);
    if (value == std::string::npos) return false;
    sum += static_cast<int>(value) * kWeights[i];
  }
  return text[17] == kAlphabet[static_cast<size_t>((31 - sum % 31) % 31)];
}

std::string SnakeFromCamel(const std::string& camel) {
  std::string snake;
  for (size_t i = 0; i < camel.size(); ++i) {
    if (std::isupper(static_cast<unsigned char>(camel[i])) && i > 0) snake.push_back('_');
    snake.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(camel[i]))));
  }
  return snake;
}

std::string EnumPrefix(const std::string& enum_name) {
  std::string prefix = SnakeFromCamel(enum_name);
  for (char& c : prefix) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return prefix + "_";
}

}  // namespace lianqiao::base
