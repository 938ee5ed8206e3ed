// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/packing.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "libs/base/ids.h"

namespace lianqiao::feed {
namespace {

constexpr size_t kTagBytes = 16;
constexpr size_t kTokenCharactersMax = 64u << 10;

std::string Tag(const store::TokenKey& key, const std::string& purpose, const std::string& packed) {
  const std::string text = purpose + '\0' + packed;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.authentication().data(), static_cast<int>(key.authentication().size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return std::string(reinterpret_cast<char*>(digest), kTagBytes);
}

}  // namespace

void Packer::Number(uint64_t value) {
  while (value >= 0x80) {
    packed_.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  packed_.push_back(static_cast<char>(value));
}

void Packer::Bytes(const std::string& bytes) {
  Number(bytes.size());
  packed_ += bytes;
}

void Packer::Raw(const std::string& bytes) {
  packed_ += bytes;
}

uint64_t Unpacker::Number() {
  uint64_t value = 0;
  for (int shift = 0; ok_ && shift < 64; shift += 7) {
    if (at_ == packed_.size()) break;
    const auto byte = static_cast<unsigned char>(packed_[at_++]);
    value |= uint64_t{byte & 0x7fu} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  ok_ = false;
  return 0;
}

std::string Unpacker::Bytes() {
  return Raw(Number());
}

std::string Unpacker::Raw(size_t size) {
  if (!ok_ || packed_.size() - at_ < size) {
    ok_ = false;
    return "";
  }
  at_ += size;
  return packed_.substr(at_ - size, size);
}

std::string Seal(const store::TokenKey& key, const std::string& purpose, const std::string& packed) {
  return base::Base64Url(Tag(key, purpose, packed) + packed);
}

bool Open(const store::TokenKey& key, const std::string& purpose, const std::string& token,
          std::string* packed) {
  std::string bytes;
  if (token.size() > kTokenCharactersMax || !base::FromBase64Url(token, &bytes) || bytes.size() < kTagBytes)
    return false;
  if (base::Base64Url(bytes) != token) return false;  // One spelling per token.
  *packed = bytes.substr(kTagBytes);
  return CRYPTO_memcmp(Tag(key, purpose, *packed).data(), bytes.data(), kTagBytes) == 0;
}

}  // namespace lianqiao::feed
