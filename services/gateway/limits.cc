// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/limits.h"

#include <algorithm>
#include <functional>

namespace lianqiao::gateway {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// How long to wait when only places are missing, not rate.
constexpr int64_t kConcurrencyRetryMilliseconds = 200;

}  // namespace

Limiter::Slot& Limiter::Slot::operator=(Slot&& other) noexcept {
  if (this == &other) return *this;
  Release();
  limiter_ = other.limiter_;
  entry_ = std::move(other.entry_);
  other.limiter_ = nullptr;
  return *this;
}

void Limiter::Slot::Release() {
  if (limiter_ == nullptr) return;
  limiter_->running_.fetch_sub(1, std::memory_order_relaxed);
  entry_->running.fetch_sub(1, std::memory_order_relaxed);
  limiter_ = nullptr;
  entry_.reset();
}

std::shared_ptr<Limiter::Entry> Limiter::EntryOf(const std::string& client, int64_t now) {
  Shard& shard = shards_[std::hash<std::string>()(client) % kShards];
  const std::lock_guard lock(shard.mutex);
  std::shared_ptr<Entry>& entry = shard.entries[client];
  if (entry != nullptr) return entry;
  entry = std::make_shared<Entry>();
  const std::shared_ptr<Entry> made = entry;
  if (shard.entries.size() > kShardEntriesMax) {
    // Whoever has a full burst again and nothing under way is as good as new. If everybody is busy, the map
    // may grow until they are not: it is bounded by what the rates let in.
    for (auto i = shard.entries.begin(); i != shard.entries.end();) {
      const std::shared_ptr<Entry> candidate = i->second;
      const std::lock_guard entry_lock(candidate->mutex);
      const bool idle = candidate != made && candidate->full_at <= now && candidate->running.load() == 0 &&
                        candidate.use_count() == 2;
      i = idle ? shard.entries.erase(i) : std::next(i);
    }
  }
  return made;
}

bool Limiter::Take(Entry* entry, const Limit& limit, int64_t now, Decision* decision) {
  if (limit.per_second <= 0) return true;
  const int burst = std::max(limit.burst > 0 ? limit.burst : limit.per_second, 1);
  const int64_t interval = kSecond / limit.per_second;
  const int64_t tolerance = interval * burst;
  const std::lock_guard lock(entry->mutex);
  const int64_t full_at = std::max(entry->full_at, now) + interval;
  const bool allowed = full_at - now <= tolerance;
  if (allowed) entry->full_at = full_at;
  decision->limited = true;
  decision->quota = burst;
  decision->window_seconds = static_cast<int>((tolerance + kSecond - 1) / kSecond);
  decision->remaining = static_cast<int>((tolerance - (entry->full_at - now)) / interval);
  decision->reset_seconds = static_cast<int>((entry->full_at - now + kSecond - 1) / kSecond);
  if (!allowed) decision->retry_after_milliseconds = (full_at - now - tolerance + 999'999) / 1'000'000;
  return allowed;
}

Limiter::Decision Limiter::Admit(const std::string& client, const Limit& limit, int64_t now) {
  Decision decision;
  std::shared_ptr<Entry> entry = EntryOf(client, now);
  if (!Take(entry.get(), limit, now, &decision)) {
    decision.refusal = Refusal::kRate;
    return decision;
  }
  if (entry->running.fetch_add(1, std::memory_order_relaxed) >= limit.concurrent && limit.concurrent > 0) {
    entry->running.fetch_sub(1, std::memory_order_relaxed);
    decision.refusal = Refusal::kConcurrency;
    decision.retry_after_milliseconds = kConcurrencyRetryMilliseconds;
    return decision;
  }
  if (running_.fetch_add(1, std::memory_order_relaxed) >= concurrent_max_ && concurrent_max_ > 0) {
    running_.fetch_sub(1, std::memory_order_relaxed);
    entry->running.fetch_sub(1, std::memory_order_relaxed);
    decision.refusal = Refusal::kGlobalConcurrency;
    decision.retry_after_milliseconds = kConcurrencyRetryMilliseconds;
    return decision;
  }
  decision.slot = Slot(this, std::move(entry));
  return decision;
}

size_t Limiter::clients() const {
  size_t count = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.entries.size();
  }
  return count;
}

}  // namespace lianqiao::gateway
