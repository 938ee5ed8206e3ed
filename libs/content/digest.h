// SPDX-License-Identifier: Apache-2.0
// SHA-256 of bytes that come over days and restarts: its state between two blocks can be kept as text.
#pragma once

#include <openssl/sha.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace lianqiao::content {

class Digest {
 public:
  static constexpr int64_t kBlockBytes = 64;

  Digest();
  // Goes on from State() of the bytes up to the last whole block before `size_bytes`; false if it is none.
  // What follows that block has to be given again.
  bool Restore(const std::string& state, int64_t size_bytes);

  void Update(std::string_view bytes);
  int64_t size_bytes() const { return size_bytes_; }
  // Behind the last whole block: 64 hex digits.
  std::string State() const;
  // Of all bytes until now, 64 hex digits.
  std::string Value() const;

 private:
  SHA256_CTX context_;
  int64_t size_bytes_ = 0;
};

}  // namespace lianqiao::content
