// SPDX-License-Identifier: Apache-2.0
#include "libs/access/grant_cache.h"

#include <chrono>

#include "lianqiao/identity/v1/grant_feed.pb.h"

namespace lianqiao::access {

namespace {

int64_t SteadyNanoseconds() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

}  // namespace

GrantCache::GrantCache(TokenVerifier* verifier, absl::Duration stale_after)
    : verifier_(verifier), stale_after_(stale_after) {}

absl::Status GrantCache::Apply(const identity::v1::ListGrantChangesResponse& changes) {
  std::vector<PublicKey> keys;
  std::vector<std::string> key_ids;
  for (const auto& key : changes.keys()) {
    keys.push_back({key.key_id(), key.x(), key.y()});
    key_ids.push_back(key.key_id());
  }
  std::vector<std::shared_ptr<const ClientGrants>> changed;
  changed.reserve(changes.clients_size());
  for (const auto& client : changes.clients())
    changed.push_back(std::make_shared<ClientGrants>(FromProto(client)));

  const std::lock_guard lock(mutex_);
  if (key_ids != key_ids_) {
    const absl::Status set = verifier_->SetKeys(keys);
    if (!set.ok()) return set;
    key_ids_ = std::move(key_ids);
  }
  if (changes.complete()) clients_.clear();
  for (auto& client : changed) clients_[client->client_id] = std::move(client);
  epoch_ = changes.epoch();
  version_ = changes.version();
  heard_nanoseconds_ = SteadyNanoseconds();
  return absl::OkStatus();
}

void GrantCache::Add(ClientGrants client) {
  auto added = std::make_shared<const ClientGrants>(std::move(client));
  const std::lock_guard lock(mutex_);
  clients_.emplace(added->client_id, added);
}

std::shared_ptr<const ClientGrants> GrantCache::Find(const std::string& client_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = clients_.find(client_id);
  return found == clients_.end() ? nullptr : found->second;
}

bool GrantCache::fresh() const {
  const int64_t now = SteadyNanoseconds();
  const std::lock_guard lock(mutex_);
  return heard_nanoseconds_ >= 0 && absl::Nanoseconds(now - heard_nanoseconds_) <= stale_after_;
}

std::string GrantCache::epoch() const {
  const std::lock_guard lock(mutex_);
  return epoch_;
}

int64_t GrantCache::version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

}  // namespace lianqiao::access
