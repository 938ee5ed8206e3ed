// SPDX-License-Identifier: Apache-2.0
// A token is base64url(tag ‖ AES-256-CTR(values)): tag is HMAC-SHA256 over binding and values cut to 16
// bytes, and is the cipher's initial counter too (synthetic IV), so that no random source and no nonce store
// is needed. Values: a version byte, then each as length + 1 in four bytes big-endian (0: NULL) and its
// bytes.
#include "libs/store/page_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdint>
#include <cstdlib>
#include <memory>

#include "libs/base/ids.h"
#include "libs/base/status.h"

namespace lianqiao::store {
namespace {

constexpr size_t kTagBytes = 16;
constexpr size_t kSecretBytesMin = 16;
// Three indexed texts (PostgreSQL refuses index entries over 2.7 kB) and an id.
constexpr size_t kTokenCharactersMax = 12288;
constexpr char kVersion = 1;

std::string Hmac(const std::string& key, const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return std::string(reinterpret_cast<char*>(digest), size);
}

void AppendNumber(uint32_t number, std::string* bytes) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes->push_back(static_cast<char>(number >> shift));
}

void AppendText(const std::string& text, std::string* bytes) {
  AppendNumber(static_cast<uint32_t>(text.size()) + 1, bytes);
  *bytes += text;
}

std::string TagOf(const TokenKey& key, const PageBinding& binding, const std::string& values) {
  std::string bytes;
  for (const std::string* text : {&binding.method, &binding.filter, &binding.order_by, &binding.valid_on,
                                  &binding.read_time, &values}) {
    AppendText(*text, &bytes);
  }
  bytes.push_back(binding.show_deleted ? 1 : 0);
  return Hmac(key.authentication(), bytes).substr(0, kTagBytes);
}

// Counter mode: the same call encrypts and decrypts.
std::string Crypt(const TokenKey& key, const std::string& counter, const std::string& input) {
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                          EVP_CIPHER_CTX_free);
  std::string output(input.size(), '\0');
  int size = 0;
  const bool ok = context != nullptr &&
                  EVP_EncryptInit_ex(context.get(), EVP_aes_256_ctr(), nullptr,
                                     reinterpret_cast<const unsigned char*>(key.encryption().data()),
                                     reinterpret_cast<const unsigned char*>(counter.data())) == 1 &&
                  EVP_EncryptUpdate(context.get(), reinterpret_cast<unsigned char*>(output.data()), &size,
                                    reinterpret_cast<const unsigned char*>(input.data()),
                                    static_cast<int>(input.size())) == 1;
  if (!ok) std::abort();  // Only out of memory: AES is part of every OpenSSL.
  return output;
}

// False for anything that AppendText did not write; the tag has been checked, so only a version can differ.
bool ReadValues(const std::string& bytes, OrderValues* last) {
  if (bytes.empty() || bytes[0] != kVersion) return false;
  for (size_t at = 1; at < bytes.size();) {
    if (bytes.size() - at < 4) return false;
    uint32_t length = 0;
    for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<uint8_t>(bytes[at++]);
    if (length == 0) {
      last->push_back(std::nullopt);
      continue;
    }
    if (bytes.size() - at < length - 1) return false;
    last->push_back(bytes.substr(at, length - 1));
    at += length - 1;
  }
  return true;
}

}  // namespace

TokenKey::TokenKey(const std::string& secret)
    : authentication_(Hmac(secret, "lianqiao page token: authentication")),
      encryption_(Hmac(secret, "lianqiao page token: encryption")) {
  if (secret.size() < kSecretBytesMin) std::abort();
}

std::string MakePageToken(const TokenKey& key, const PageBinding& binding, const OrderValues& last) {
  std::string values(1, kVersion);
  for (const auto& value : last) {
    if (value.has_value()) {
      AppendText(*value, &values);
    } else {
      AppendNumber(0, &values);
    }
  }
  const std::string tag = TagOf(key, binding, values);
  return base::Base64Url(tag + Crypt(key, tag, values));
}

absl::StatusOr<OrderValues> ReadPageToken(const TokenKey& key, const PageBinding& binding, const Order& order,
                                          const std::string& token) {
  const absl::Status invalid =
      base::FailIfAny({base::Refuse("pageToken", base::ErrorReason::PAGE_TOKEN_INVALID)});
  std::string bytes;
  if (token.size() > kTokenCharactersMax || !base::FromBase64Url(token, &bytes) ||
      bytes.size() <= kTagBytes) {
    return invalid;
  }
  if (base::Base64Url(bytes) != token) return invalid;  // One spelling per token.
  const std::string tag = bytes.substr(0, kTagBytes);
  const std::string values = Crypt(key, tag, bytes.substr(kTagBytes));
  const std::string expected = TagOf(key, binding, values);
  OrderValues last;
  if (CRYPTO_memcmp(expected.data(), tag.data(), kTagBytes) != 0) return invalid;
  if (!ReadValues(values, &last) || !Fits(order, last)) return invalid;
  return last;
}

}  // namespace lianqiao::store
