// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/encoding.h"

#include <simdjson.h>

#include <algorithm>

namespace lianqiao::bulk {
namespace {

bool In(char byte, int from, int to) {
  const int value = static_cast<unsigned char>(byte);
  return from <= value && value <= to;
}

// GB18030 (with GBK and GB 2312 in it) as a whole; a character that the end cuts off is none the worse.
bool IsGb18030(absl::string_view bytes) {
  bool wide = false;
  size_t i = 0;
  while (i < bytes.size()) {
    if (In(bytes[i], 0, 0x7F)) {
      ++i;
      continue;
    }
    if (!In(bytes[i], 0x81, 0xFE)) return false;
    if (i + 1 == bytes.size()) break;
    if (In(bytes[i + 1], 0x40, 0x7E) || In(bytes[i + 1], 0x80, 0xFE)) {
      i += 2;
    } else {
      if (!In(bytes[i + 1], 0x30, 0x39)) return false;
      if (i + 3 >= bytes.size()) break;
      if (!In(bytes[i + 2], 0x81, 0xFE) || !In(bytes[i + 3], 0x30, 0x39)) return false;
      i += 4;
    }
    wide = true;
  }
  return wide;
}

bool BeginsWith(absl::string_view bytes, absl::string_view mark) {
  return bytes.substr(0, mark.size()) == mark;
}

// Latin digits and commas in UTF-16 are every second byte a zero.
std::string Utf16Of(absl::string_view bytes) {
  if (BeginsWith(bytes, absl::string_view("\xFF\xFE\0\0", 4))) return "UTF-32LE";
  if (BeginsWith(bytes, "\xFF\xFE")) return "UTF-16LE";
  if (BeginsWith(bytes, "\xFE\xFF")) return "UTF-16BE";
  size_t zeros[2] = {0, 0};
  for (size_t i = 0; i < bytes.size(); ++i) zeros[i % 2] += bytes[i] == '\0' ? 1 : 0;
  const size_t many = bytes.size() / 8;
  if (zeros[1] > many && zeros[1] > 4 * zeros[0]) return "UTF-16LE";
  if (zeros[0] > many && zeros[0] > 4 * zeros[1]) return "UTF-16BE";
  return "";
}

// What people send instead of its text, by its first bytes; empty: none of these.
std::string FormatOf(absl::string_view beginning) {
  if (BeginsWith(beginning, "PK\x03\x04")) return "XLSX/ZIP";
  if (BeginsWith(beginning, "\xD0\xCF\x11\xE0")) return "XLS";
  if (BeginsWith(beginning, "\x1F\x8B")) return "gzip";
  if (BeginsWith(beginning, "%PDF-")) return "PDF";
  return "";
}

absl::string_view NextLine(absl::string_view* rest) {
  const size_t end = std::min(rest->find('\n'), rest->size());
  const absl::string_view line = rest->substr(0, end);
  rest->remove_prefix(std::min(end + 1, rest->size()));
  return line;
}

// 学校 in GBK happens to be two Cyrillic letters in UTF-8. Chinese in UTF-8 has longer characters.
bool MayBeEither(absl::string_view line) {
  return std::none_of(line.begin(), line.end(), [](char byte) { return In(byte, 0xE0, 0xFF); }) &&
         IsGb18030(line);
}

bool IsAscii(absl::string_view bytes) {
  return std::none_of(bytes.begin(), bytes.end(), [](char byte) { return byte < 0; });
}

}  // namespace

bool IsUtf8(absl::string_view bytes) {
  return simdjson::validate_utf8(bytes.data(), bytes.size());
}

std::string GuessEncoding(absl::string_view bytes) {
  if (std::string wide = Utf16Of(bytes); !wide.empty()) return wide;
  return IsGb18030(bytes) ? "GBK/GB18030" : "?";
}

base::Violation NotUtf8(absl::string_view bytes) {
  return base::Refuse("", base::ErrorReason::TEXT_NOT_UTF8, {{"encoding", GuessEncoding(bytes)}});
}

absl::Status CheckEncoding(absl::string_view beginning, bool has_header) {
  if (const std::string format = FormatOf(beginning); !format.empty())
    return base::FailIfAny({base::Refuse("", base::ErrorReason::FILE_NOT_TEXT, {{"format", format}})});
  if (!Utf16Of(beginning).empty()) return base::FailIfAny({NotUtf8(beginning)});
  int good = 0;
  int bad = 0;
  bool header_bad = false;
  absl::string_view rest = beginning;
  for (bool first = true; !rest.empty(); first = false) {
    const absl::string_view line = NextLine(&rest);
    if (rest.empty() && !first) break;  // Perhaps cut off within a character.
    if (IsAscii(line)) continue;
    const bool fine = IsUtf8(line);
    if (!fine) ++bad;
    if (fine && !MayBeEither(line)) ++good;
    header_bad = header_bad || (first && !fine && !rest.empty());
  }
  if (bad > 0 && (good == 0 || (has_header && header_bad))) return base::FailIfAny({NotUtf8(beginning)});
  return absl::OkStatus();
}

}  // namespace lianqiao::bulk
