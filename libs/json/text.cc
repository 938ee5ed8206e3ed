// SPDX-License-Identifier: Apache-2.0
#include "libs/json/text.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace lianqiao::json {
namespace {

enum Class : uint8_t { kPlain, kEscape, kHan, kOther };

// kHan: leads of three-byte sequences of which none is escaped, a surrogate or overlong (U+3000 to U+CFFF and
// U+E000 to U+EFFF), so that two continuation bytes are all there is to check.
constexpr std::array<uint8_t, 256> kClasses = [] {
  std::array<uint8_t, 256> classes{};
  for (int c = 0; c < 256; ++c) {
    const bool escape = c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == 0x7f;
    const bool han = (c >= 0xe3 && c <= 0xec) || c == 0xee;
    classes[c] = escape ? kEscape : c < 0x80 ? kPlain : han ? kHan : kOther;
  }
  return classes;
}();

constexpr char kHex[] = "0123456789abcdef";

bool Continues(unsigned char c) {
  return (c & 0xc0) == 0x80;
}

// The code point at `next`, or -1 for invalid UTF-8; advances.
int32_t Decode(const unsigned char** next, const unsigned char* end) {
  const unsigned char* p = *next;
  const int length = *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 0;
  if (length == 0 || end - p < length) return -1;
  int32_t point = *p & (0x7f >> length);
  for (int i = 1; i < length; ++i) {
    if (!Continues(p[i])) return -1;
    point = point << 6 | (p[i] & 0x3f);
  }
  if ((length == 3 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))) ||
      (length == 4 && (point < 0x10000 || point > 0x10ffff))) {
    return -1;
  }
  *next = p + length;
  return point;
}

// Characters that protobuf escapes because they are invisible or turn the direction of writing.
bool IsInvisible(int32_t c) {
  if (c < 0x600) return c <= 0x9f || c == 0xad;
  if (c < 0x200b) return c <= 0x603 || c == 0x6dd || c == 0x70f || c == 0x17b4 || c == 0x17b5;
  if (c < 0xfeff) {
    return c <= 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2064) ||
           (c >= 0x206a && c <= 0x206f);
  }
  return c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0x1d173 && c <= 0x1d17a) || c == 0xe0001 ||
         (c >= 0xe0020 && c <= 0xe007f);
}

char* EscapeUnit(uint32_t unit, char* out) {
  *out++ = '\\';
  *out++ = 'u';
  for (int shift = 12; shift >= 0; shift -= 4) *out++ = kHex[unit >> shift & 15];
  return out;
}

char* EscapeByte(unsigned char c, char* out) {
  char letter = 0;
  switch (c) {
    case '"':
      letter = '"';
      break;
    case '\\':
      letter = '\\';
      break;
    case '\b':
      letter = 'b';
      break;
    case '\f':
      letter = 'f';
      break;
    case '\n':
      letter = 'n';
      break;
    case '\r':
      letter = 'r';
      break;
    case '\t':
      letter = 't';
      break;
    default:
      return EscapeUnit(c, out);
  }
  *out++ = '\\';
  *out++ = letter;
  return out;
}

// One character that is neither plain nor easy; null for invalid UTF-8.
char* EscapeCharacter(const unsigned char** next, const unsigned char* end, char* out) {
  const unsigned char* begin = *next;
  const int32_t point = Decode(next, end);
  if (point < 0) return nullptr;
  if (!IsInvisible(point)) {
    std::memcpy(out, begin, static_cast<size_t>(*next - begin));
    return out + (*next - begin);
  }
  if (point < 0x10000) return EscapeUnit(static_cast<uint32_t>(point), out);
  const uint32_t rest = static_cast<uint32_t>(point) - 0x10000;
  return EscapeUnit(0xdc00 + (rest & 0x3ff), EscapeUnit(0xd800 + (rest >> 10), out));
}

void AppendUtf8(uint32_t point, std::string* out) {
  if (point < 0x80) {
    *out += static_cast<char>(point);
    return;
  }
  if (point < 0x800) {
    *out += static_cast<char>(0xc0 | point >> 6);
  } else {
    if (point < 0x10000) {
      *out += static_cast<char>(0xe0 | point >> 12);
    } else {
      *out += static_cast<char>(0xf0 | point >> 18);
      *out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
    }
    *out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
  }
  *out += static_cast<char>(0x80 | (point & 0x3f));
}

// Four hexadecimal digits, or -1.
int32_t HexUnit(std::string_view text) {
  if (text.size() < 4) return -1;
  int32_t unit = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text[i];
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      unit = unit << 4 | (c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      unit = unit << 4 | (lower - 'a' + 10);
    } else {
      return -1;
    }
  }
  return unit;
}

// `*at` is behind "\u".
Unescaped UnescapeUnit(std::string_view text, size_t* at, std::string* out) {
  int32_t point = HexUnit(text.substr(*at));
  if (point < 0) return Unescaped::kNotJson;
  *at += 4;
  if (point >= 0xd800 && point < 0xe000) {
    const std::string_view rest = text.substr(*at);
    const int32_t low = rest.substr(0, 2) == "\\u" ? HexUnit(rest.substr(2)) : -1;
    if (point >= 0xdc00 || low < 0xdc00 || low >= 0xe000) return Unescaped::kNotUnicode;
    point = 0x10000 + ((point - 0xd800) << 10 | (low - 0xdc00));
    *at += 6;
  }
  AppendUtf8(static_cast<uint32_t>(point), out);
  return Unescaped::kText;
}

char UnescapeLetter(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

constexpr uint64_t kOnes = 0x0101010101010101u;

}  // namespace

bool AppendEscaped(std::string_view text, Buffer* out) {
  constexpr size_t kChunk =
      256;  // Six bytes for each is the worst case; a character may begin in its last byte.
  const auto* next = reinterpret_cast<const unsigned char*>(text.data());
  const unsigned char* const end = next + text.size();
  while (next < end) {
    const size_t left = static_cast<size_t>(end - next);
    const unsigned char* const stop = left > kChunk ? next + kChunk : end;
    char* to = out->Room(6 * static_cast<size_t>(stop - next) + 12);
    while (next < stop) {
      switch (kClasses[*next]) {
        case kPlain:
          *to++ = static_cast<char>(*next++);
          break;
        case kEscape:
          to = EscapeByte(*next++, to);
          break;
        case kHan:
          if (end - next < 3 || !Continues(next[1]) || !Continues(next[2])) return false;
          std::memcpy(to, next, 3);
          next += 3;
          to += 3;
          break;
        default:
          to = EscapeCharacter(&next, end, to);
          if (to == nullptr) return false;
      }
    }
    out->Advance(to);
  }
  return true;
}

void AppendBase64(std::string_view bytes, Buffer* out) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char* to = out->Room((bytes.size() + 2) / 3 * 4);
  const auto* next = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t left = bytes.size();
  for (; left >= 3; left -= 3, next += 3) {
    const uint32_t group = static_cast<uint32_t>(next[0]) << 16 | next[1] << 8 | next[2];
    for (int shift = 18; shift >= 0; shift -= 6) *to++ = kAlphabet[group >> shift & 63];
  }
  if (left > 0) {
    const uint32_t group = static_cast<uint32_t>(next[0]) << 16 | (left == 2 ? next[1] << 8 : 0);
    *to++ = kAlphabet[group >> 18 & 63];
    *to++ = kAlphabet[group >> 12 & 63];
    *to++ = left == 2 ? kAlphabet[group >> 6 & 63] : '=';
    *to++ = '=';
  }
  out->Advance(to);
}

bool FromBase64(std::string_view text, std::string* bytes) {
  static constexpr std::array<int8_t, 256> kValues = [] {
    std::array<int8_t, 256> values{};
    for (auto& value : values) value = -1;
    for (int i = 0; i < 26; ++i) {
      values['A' + i] = static_cast<int8_t>(i);
      values['a' + i] = static_cast<int8_t>(26 + i);
    }
    for (int i = 0; i < 10; ++i) values['0' + i] = static_cast<int8_t>(52 + i);
    values['+'] = values['-'] = 62;
    values['/'] = values['_'] = 63;
    return values;
  }();
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return false;
  bytes->clear();
  bytes->reserve(text.size() / 4 * 3 + 2);
  uint32_t group = 0;
  int bits = 0;
  bool standard = false;
  bool url_safe = false;
  for (const char c : text) {
    const int8_t value = kValues[static_cast<unsigned char>(c)];
    if (value < 0) return false;
    if (value >= 62) (c == '+' || c == '/' ? standard : url_safe) = true;
    group = group << 6 | static_cast<uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      *bytes += static_cast<char>(group >> bits);
    }
  }
  return !(standard && url_safe) && (group & ((1u << bits) - 1)) == 0;
}

Unescaped Unescape(std::string_view text, std::string* out) {
  out->clear();
  size_t at = 0;
  while (at < text.size()) {
    const size_t slash = text.find('\\', at);
    out->append(text, at, slash == std::string_view::npos ? slash : slash - at);
    if (slash == std::string_view::npos) break;
    const char letter = slash + 1 < text.size() ? text[slash + 1] : '\0';
    at = slash + 2;
    if (letter == 'u') {
      const Unescaped unit = UnescapeUnit(text, &at, out);
      if (unit != Unescaped::kText) return unit;
    } else {
      const char meant = UnescapeLetter(letter);
      if (meant == 0) return Unescaped::kNotJson;
      *out += meant;
    }
  }
  return Unescaped::kText;
}

std::string Clip(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  size_t size = bytes_max;
  while (size > 0 && Continues(static_cast<unsigned char>(text[size]))) --size;
  return std::string(text.substr(0, size)) + "…";
}

bool HasBackslash(std::string_view padded) {
  for (size_t at = 0; at < padded.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, padded.data() + at, 8);
    word ^= kOnes * '\\';
    const uint64_t zeros = (word - kOnes) & ~word & kOnes * 0x80;
    if (zeros != 0) return at + static_cast<size_t>(__builtin_ctzll(zeros)) / 8 < padded.size();
  }
  return false;
}

}  // namespace lianqiao::json
