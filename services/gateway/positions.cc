// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/positions.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_split.h"

namespace lianqiao::gateway {
namespace {

constexpr int64_t kKept = 10'000'000'000;

}  // namespace

Positions::Shard& Positions::ShardOf(const std::string& client) {
  return shards_[std::hash<std::string>()(client) % kShards];
}

void Positions::Sweep(Shard* shard, int64_t now) {
  if (now < shard->next_sweep) return;
  shard->next_sweep = now + kKept;
  for (auto i = shard->by_client.begin(); i != shard->by_client.end();) {
    const bool gone = std::all_of(i->second.begin(), i->second.end(),
                                  [now](const Written& written) { return written.expires <= now; });
    i = gone ? shard->by_client.erase(i) : std::next(i);
  }
}

void Positions::Remember(const std::string& client, size_t upstream, const std::string& position,
                         int64_t now) {
  Shard& shard = ShardOf(client);
  const std::lock_guard lock(shard.mutex);
  Sweep(&shard, now);
  std::vector<Written>& all = shard.by_client[client];
  all.erase(std::remove_if(all.begin(), all.end(), [now](const Written& w) { return w.expires <= now; }),
            all.end());
  for (const std::string& one :
       std::vector<std::string>(absl::StrSplit(position, ',', absl::SkipWhitespace()))) {
    const std::string stream = one.substr(0, one.rfind(':'));
    all.erase(std::remove_if(all.begin(), all.end(), [&](const Written& w) { return w.stream == stream; }),
              all.end());
    if (all.size() == kPositionsMax) all.erase(all.begin());
    all.push_back({stream, one, upstream, now + kKept});
  }
}

std::string Positions::After(const std::string& client, size_t upstream, int64_t now) {
  Shard& shard = ShardOf(client);
  const std::lock_guard lock(shard.mutex);
  std::string after;
  const auto found = shard.by_client.find(client);
  if (found == shard.by_client.end()) return after;
  for (const Written& written : found->second) {
    if (written.upstream == upstream || written.expires <= now) continue;
    if (!after.empty()) after.push_back(',');
    after.append(written.position);
  }
  return after;
}

}  // namespace lianqiao::gateway
