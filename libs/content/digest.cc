// SPDX-License-Identifier: Apache-2.0
// OpenSSL's own functions for it are the only ones that show their state and use the processor's; they are
// marked as old, but are not going away while this file's tests pass.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "libs/content/digest.h"

#include <algorithm>
#include <cstdlib>

#include "libs/base/ids.h"

namespace lianqiao::content {
namespace {

constexpr size_t kWords = 8;
constexpr size_t kWordDigits = 8;

std::string BytesOf(uint32_t word) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>((word >> shift) & 0xFF));
  return bytes;
}

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

Digest::Digest() {
  SHA256_Init(&context_);
}

bool Digest::Restore(const std::string& state, int64_t size_bytes) {
  if (state.size() != kWords * kWordDigits || !IsHex(state) || size_bytes < 0) return false;
  SHA256_Init(&context_);
  size_bytes_ = size_bytes / kBlockBytes * kBlockBytes;
  if (size_bytes_ == 0) return true;
  for (size_t word = 0; word < kWords; ++word) {
    const std::string digits = state.substr(word * kWordDigits, kWordDigits);
    context_.h[word] = static_cast<SHA_LONG>(std::strtoul(digits.c_str(), nullptr, 16));
  }
  const uint64_t bits = static_cast<uint64_t>(size_bytes_) * 8;
  context_.Nl = static_cast<SHA_LONG>(bits & 0xFFFFFFFF);
  context_.Nh = static_cast<SHA_LONG>(bits >> 32);
  return true;
}

void Digest::Update(std::string_view bytes) {
  SHA256_Update(&context_, bytes.data(), bytes.size());
  size_bytes_ += static_cast<int64_t>(bytes.size());
}

std::string Digest::State() const {
  std::string state;
  for (size_t word = 0; word < kWords; ++word) state += base::Hex(BytesOf(context_.h[word]));
  return state;
}

std::string Digest::Value() const {
  SHA256_CTX copy = context_;
  std::string value(SHA256_DIGEST_LENGTH, '\0');
  SHA256_Final(reinterpret_cast<unsigned char*>(value.data()), &copy);
  return base::Hex(value);
}

}  // namespace lianqiao::content
