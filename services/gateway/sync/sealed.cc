// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/sealed.h"

#include <algorithm>

#include "libs/base/ids.h"

namespace lianqiao::gateway::sync {
namespace {

constexpr size_t kChecksumBytes = 4;
constexpr size_t kSealedCharactersMax = 64 * 1024;

std::string Checksum(const std::string& bytes) {
  return base::Sha256(bytes).substr(0, kChecksumBytes);
}

}  // namespace

std::string Seal(Sealed type, const std::string& body) {
  const std::string bytes = static_cast<char>(type) + body;
  return base::Base64Url(bytes + Checksum(bytes));
}

bool Unseal(Sealed type, const std::string& text, std::string* body) {
  std::string bytes;
  if (text.size() > kSealedCharactersMax || !base::FromBase64Url(text, &bytes)) return false;
  if (bytes.size() < 1 + kChecksumBytes || bytes[0] != static_cast<char>(type)) return false;
  const std::string sealed = bytes.substr(0, bytes.size() - kChecksumBytes);
  // The last character of base64 can hold bits that mean nothing: one content, one text.
  if (bytes.substr(sealed.size()) != Checksum(sealed) || base::Base64Url(bytes) != text) return false;
  *body = sealed.substr(1);
  return true;
}

void PutNumber(uint64_t number, std::string* body) {
  while (number >= 0x80) {
    body->push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  body->push_back(static_cast<char>(number));
}

void PutText(const std::string& text, std::string* body) {
  PutNumber(text.size(), body);
  body->append(text);
}

void PutToken(const std::string& token, std::string* body) {
  std::string bytes;
  const bool packed = base::FromBase64Url(token, &bytes) && base::Base64Url(bytes) == token;
  const std::string& kept = packed ? bytes : token;
  PutNumber(kept.size() * 2 + (packed ? 1 : 0), body);
  body->append(kept);
}

bool TakeNumber(std::string_view* body, uint64_t* number) {
  *number = 0;
  for (size_t i = 0; i < body->size() && i < 10; ++i) {
    const auto byte = static_cast<uint8_t>((*body)[i]);
    if (i == 9 && byte > 1) return false;
    *number |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte >= 0x80) continue;
    if (byte == 0 && i > 0) return false;
    body->remove_prefix(i + 1);
    return true;
  }
  return false;
}

bool TakeText(std::string_view* body, size_t bytes_max, std::string* text) {
  uint64_t size = 0;
  if (!TakeNumber(body, &size) || size > bytes_max || size > body->size()) return false;
  text->assign(body->substr(0, size));
  body->remove_prefix(size);
  return true;
}

bool TakeToken(std::string_view* body, std::string* token) {
  uint64_t head = 0;
  if (!TakeNumber(body, &head)) return false;
  const uint64_t size = head / 2;
  if (size > kPartBytesMax || size > body->size()) return false;
  const std::string kept(body->substr(0, size));
  body->remove_prefix(size);
  *token = head % 2 == 1 ? base::Base64Url(kept) : kept;
  // Written as PutToken writes it, or it is not ours.
  std::string again;
  PutToken(*token, &again);
  std::string_view rest = again;
  uint64_t expected = 0;
  return TakeNumber(&rest, &expected) && expected == head;
}

bool IsServiceName(const std::string& name) {
  return !name.empty() && name.size() <= kServiceNameBytesMax &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace lianqiao::gateway::sync
