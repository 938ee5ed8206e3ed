// SPDX-License-Identifier: Apache-2.0
#include "libs/base/ids.h"

#include <openssl/sha.h>
#include <sodium.h>

#include <cstdint>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace lianqiao::base {
namespace {

// The namespace of ImportedId; fixed for ever, since ids made from it live in other systems.
constexpr char kImportNamespace[] = "5e1c8f60-0c6f-4c1b-9d0a-6c69616e7169";

void SetVersion(std::string* bytes, int version) {
  (*bytes)[6] = static_cast<char>(((*bytes)[6] & 0x0f) | (version << 4));
  (*bytes)[8] = static_cast<char>(((*bytes)[8] & 0x3f) | 0x80);
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string NewId(absl::Time now) {
  std::string bytes = RandomBytes(16);
  const uint64_t milliseconds = static_cast<uint64_t>(absl::ToUnixMillis(now));
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<char>(milliseconds >> (8 * (5 - i)));
  SetVersion(&bytes, 7);
  return IdFromBytes(bytes);
}

std::string ImportedId(const std::string& kind, const std::string& source_system,
                       const std::string& source_id) {
  // The unit separator cannot stand in a kind or system, so no two triples share a name.
  const std::string name =
      absl::StrCat(IdBytes(kImportNamespace), kind, "\x1f", source_system, "\x1f", source_id);
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(name.data()), name.size(), digest);
  std::string bytes(reinterpret_cast<char*>(digest), 16);
  SetVersion(&bytes, 5);
  return IdFromBytes(bytes);
}

std::string RandomId() {
  std::string bytes = RandomBytes(16);
  SetVersion(&bytes, 4);
  return IdFromBytes(bytes);
}

bool IsId(const std::string& text) {
  return !IdBytes(text).empty();
}

std::string IdBytes(const std::string& text) {
  if (text.size() != 36) return "";
  std::string bytes;
  bytes.reserve(16);
  for (size_t i = 0; i < text.size();) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return "";
      ++i;
      continue;
    }
    const int high = HexValue(text[i]);
    const int low = HexValue(text[i + 1]);
    if (high < 0 || low < 0) return "";
    bytes.push_back(static_cast<char>(high << 4 | low));
    i += 2;
  }
  return bytes;
}

std::string IdFromBytes(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  if (bytes.size() != 16) return "";
  std::string text;
  text.reserve(36);
  for (size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kDigits[static_cast<uint8_t>(bytes[i]) >> 4]);
    text.push_back(kDigits[static_cast<uint8_t>(bytes[i]) & 15]);
  }
  return text;
}

std::string RandomBytes(size_t n) {
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();  // Without a random source nothing we issue is safe.
  std::string bytes(n, '\0');
  randombytes_buf(bytes.data(), n);
  return bytes;
}

std::string Sha256(const std::string& bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return std::string(reinterpret_cast<char*>(digest), sizeof(digest));
}

std::string Hex(const std::string& bytes) {
  return absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

std::string Base64Url(const std::string& bytes) {
  std::string text;
  absl::WebSafeBase64Escape(absl::string_view(bytes.data(), bytes.size()), &text);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

bool FromBase64Url(const std::string& text, std::string* bytes) {
  for (char c : text) {
    const bool ok =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!ok) return false;
  }
  return absl::WebSafeBase64Unescape(text, bytes);
}

int FeedBucket(const std::string& root_id, int buckets) {
  const std::string digest = Sha256(IdBytes(root_id));
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(digest[i]);
  return static_cast<int>(value % static_cast<uint32_t>(buckets));
}

}  // namespace lianqiao::base
