// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/limits.h"

#include <algorithm>
#include <functional>

namespace lianqiao::gateway {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// How long to wait when only places are missing, not rate.
constexpr int64_t kConcurrencyRetryMilliseconds = 200;
constexpr int64_t kStreamsRetryMilliseconds = 5000;

}  // namespace

Limiter::Slot& Limiter::Slot::operator=(Slot&& other) noexcept {
  if (this == &other) return *this;
  Release();
  limiter_ = other.limiter_;
  entry_ = std::move(other.entry_);
  place_ = other.place_;
  other.limiter_ = nullptr;
  return *this;
}

void Limiter::Slot::Release() {
  if (limiter_ == nullptr) return;
  limiter_->running_[Index(place_)].fetch_sub(1, kRelaxed);
  entry_->running[Index(place_)].fetch_sub(1, kRelaxed);
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
      const bool at_rest = candidate->running[0].load() == 0 && candidate->running[1].load() == 0;
      const bool idle =
          candidate != made && candidate->full_at <= now && at_rest && candidate.use_count() == 2;
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

Limiter::Decision Limiter::Admit(const std::string& client, const Limit& limit, int64_t now, Place place) {
  Decision decision;
  std::shared_ptr<Entry> entry = EntryOf(client, now);
  if (!Take(entry.get(), limit, now, &decision)) {
    decision.refusal = Refusal::kRate;
    return decision;
  }
  const bool stream = place == Place::kStream;
  const int own_max = stream ? limit.streams : limit.concurrent;
  std::atomic<int>& own = entry->running[Index(place)];
  std::atomic<int>& all = running_[Index(place)];
  const int all_max = max_[Index(place)];
  decision.retry_after_milliseconds = stream ? kStreamsRetryMilliseconds : kConcurrencyRetryMilliseconds;
  if (own.fetch_add(1, kRelaxed) >= own_max && own_max > 0) {
    own.fetch_sub(1, kRelaxed);
    decision.refusal = stream ? Refusal::kStreams : Refusal::kConcurrency;
    return decision;
  }
  if (all.fetch_add(1, kRelaxed) >= all_max && all_max > 0) {
    all.fetch_sub(1, kRelaxed);
    own.fetch_sub(1, kRelaxed);
    decision.refusal = stream ? Refusal::kGlobalStreams : Refusal::kGlobalConcurrency;
    return decision;
  }
  decision.retry_after_milliseconds = 0;
  decision.slot = Slot(this, std::move(entry), place);
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
