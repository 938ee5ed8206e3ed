// SPDX-License-Identifier: Apache-2.0
// Verified tokens by the sha256 of their text: bounded, least recently used out first, in shards that lock
// apart. Used by TokenVerifier only. gRPC-free.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/time/time.h"

namespace lianqiao::access {

struct TokenClaims {
  std::string client_id;
  std::string token_id;
  std::string key_id;
  absl::Time issued;
  absl::Time expires;
};

class TokenCache {
 public:
  using Digest = std::array<uint8_t, 32>;

  explicit TokenCache(size_t entries_max) : shard_entries_max_(entries_max / kShards + 1) {}

  // Null if unknown or expired.
  std::shared_ptr<const TokenClaims> Find(const Digest& digest, absl::Time now);
  void Insert(const Digest& digest, std::shared_ptr<const TokenClaims> claims);
  void Clear();
  size_t size() const;

 private:
  static constexpr size_t kShards = 16;
  struct Hash {
    size_t operator()(const Digest& digest) const;
  };
  using Entry = std::pair<Digest, std::shared_ptr<const TokenClaims>>;
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> recent;  // Most recent first.
    std::unordered_map<Digest, std::list<Entry>::iterator, Hash> by_digest;
  };
  Shard& ShardOf(const Digest& digest) { return shards_[digest[31] % kShards]; }

  const size_t shard_entries_max_;
  std::array<Shard, kShards> shards_;
};

}  // namespace lianqiao::access
