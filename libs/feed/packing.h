// SPDX-License-Identifier: Apache-2.0
// Opaque tokens of the feed: fields packed one after another, sealed with a key of the schema. Whoever holds
// one can read it, but not make or change one. For cursors and snapshot tokens.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/store/page_token.h"

namespace lianqiao::feed {

class Packer {
 public:
  void Number(uint64_t value);  // Varint.
  void Bytes(const std::string& bytes);
  void Raw(const std::string& bytes);  // Of a length that the reader knows.
  const std::string& packed() const { return packed_; }

 private:
  std::string packed_;
};

// Reads in the same order; after the first failure everything is empty and ok() false.
class Unpacker {
 public:
  explicit Unpacker(std::string packed) : packed_(std::move(packed)) {}
  uint64_t Number();
  std::string Bytes();
  std::string Raw(size_t size);
  bool ok() const { return ok_; }
  bool done() const { return ok_ && at_ == packed_.size(); }

 private:
  std::string packed_;
  size_t at_ = 0;
  bool ok_ = true;
};

// base64url(tag ‖ packed); `purpose` keeps one kind of token from passing for another.
std::string Seal(const store::TokenKey& key, const std::string& purpose, const std::string& packed);
// False for anything that Seal did not make with this key and purpose.
bool Open(const store::TokenKey& key, const std::string& purpose, const std::string& token,
          std::string* packed);

}  // namespace lianqiao::feed
