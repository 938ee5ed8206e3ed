// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/consumers.h"

#include <algorithm>

namespace lianqiao::sync {

void Consumers::Note(const std::string& client_id, const feed::Places& places, absl::Time now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto known = consumers_.find(client_id);
  if (known == consumers_.end() && consumers_.size() >= kMax) return;
  Consumer& consumer = known == consumers_.end() ? consumers_[client_id] : known->second;
  for (const auto& [bucket, place] : places) {
    consumer.positions[bucket] = place.pos;
    int64_t& head = heads_[bucket];
    head = std::max(head, place.pos);
  }
  consumer.answered = now;
}

void Consumers::SetHead(int bucket, int64_t position) {
  const std::lock_guard<std::mutex> lock(mutex_);
  heads_[bucket] = position;  // Lower after a restore.
}

std::vector<Consumers::Lag> Consumers::Lags(absl::Time now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::erase_if(consumers_, [&](const auto& entry) { return now - entry.second.answered > kForgotten; });
  std::vector<Lag> lags;
  for (const auto& [client_id, consumer] : consumers_) {
    Lag lag;
    lag.client_id = client_id;
    lag.silent_seconds = std::max(0.0, absl::ToDoubleSeconds(now - consumer.answered));
    for (const auto& [bucket, head] : heads_) {
      const auto position = consumer.positions.find(bucket);
      lag.changes +=
          std::max<int64_t>(0, head - (position == consumer.positions.end() ? 0 : position->second));
    }
    lags.push_back(std::move(lag));
  }
  return lags;
}

}  // namespace lianqiao::sync
