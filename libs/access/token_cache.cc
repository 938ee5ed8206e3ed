// SPDX-License-Identifier: Apache-2.0
#include "libs/access/token_cache.h"

#include <cstring>

namespace lianqiao::access {

size_t TokenCache::Hash::operator()(const Digest& digest) const {
  size_t value;
  std::memcpy(&value, digest.data(), sizeof(value));  // Already evenly spread.
  return value;
}

std::shared_ptr<const TokenClaims> TokenCache::Find(const Digest& digest, absl::Time now) {
  Shard& shard = ShardOf(digest);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_digest.find(digest);
  if (found == shard.by_digest.end()) return nullptr;
  if (now >= found->second->second->expires) {
    shard.recent.erase(found->second);
    shard.by_digest.erase(found);
    return nullptr;
  }
  if (found->second != shard.recent.begin())
    shard.recent.splice(shard.recent.begin(), shard.recent, found->second);
  return found->second->second;
}

void TokenCache::Insert(const Digest& digest, std::shared_ptr<const TokenClaims> claims) {
  Shard& shard = ShardOf(digest);
  const std::lock_guard lock(shard.mutex);
  if (shard.by_digest.count(digest) > 0) return;
  shard.recent.emplace_front(digest, std::move(claims));
  shard.by_digest.emplace(digest, shard.recent.begin());
  if (shard.recent.size() <= shard_entries_max_) return;
  shard.by_digest.erase(shard.recent.back().first);
  shard.recent.pop_back();
}

void TokenCache::Clear() {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    shard.by_digest.clear();
    shard.recent.clear();
  }
}

size_t TokenCache::size() const {
  size_t total = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    total += shard.recent.size();
  }
  return total;
}

}  // namespace lianqiao::access
