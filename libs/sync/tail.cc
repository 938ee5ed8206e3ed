// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/tail.h"

#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/status.h"

namespace lianqiao::sync {
namespace {

// A tail that nobody watched for a while begins anew at the head instead of reading all that was missed.
constexpr int64_t kMissedChangesMax = 20000;
// An encoding per view; more views than that are encoded for themselves.
constexpr size_t kEncodingsMax = 1000;
constexpr size_t kEncodingBytes = 200;  // About, besides its text.

int64_t Distance(const feed::Places& from, const feed::Places& to) {
  int64_t distance = 0;
  for (const auto& [bucket, place] : to) {
    const auto begin = from.find(bucket);
    distance += place.pos - (begin == from.end() ? 0 : begin->second.pos);
  }
  return distance;
}

size_t BytesOf(const std::vector<feed::ChangeRecord>& changes, const PageState& state) {
  constexpr size_t kChangeBytes = 600;  // About, with its strings.
  size_t bytes = changes.size() * kChangeBytes;
  for (const auto& [kind, rows] : state.rows) {
    for (const auto& [id, row] : rows.by_id) {
      bytes += row.record->SpaceUsedLong() + (row.scope.size() + row.write_scope.size()) * 64 + 200;
    }
  }
  return bytes;
}

feed::Place PlaceIn(const feed::Places& places, int bucket) {
  const auto found = places.find(bucket);
  return found == places.end() ? feed::Place() : found->second;
}

// Whether a watcher at `place` can go on with this bucket of the batch.
bool Joins(const TailBatch& batch, int bucket, const feed::Place& place) {
  if (place == batch.from().at(bucket)) return true;
  for (const feed::ChangeRecord& change : batch.changes()) {
    if (change.bucket == bucket && change.pos == place.pos) return change.digest == place.digest;
  }
  return false;
}

}  // namespace

TailBatch::TailBatch(feed::Places from, feed::Places to, std::vector<feed::ChangeRecord> changes,
                     PageState state, absl::Time read_time, bool at_heads)
    : from_(std::move(from)),
      to_(std::move(to)),
      changes_(std::move(changes)),
      state_(std::move(state)),
      read_time_(read_time),
      at_heads_(at_heads),
      row_bytes_(BytesOf(changes_, state_)) {}

std::shared_ptr<const EncodedBatch> TailBatch::Encoded(const std::string& key,
                                                       const std::function<EncodedBatch()>& encode) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = encoded_.find(key);
  if (found != encoded_.end()) return found->second;
  auto made = std::make_shared<const EncodedBatch>(encode());
  const size_t bytes = made->bytes.size() + kEncodingBytes;
  if (encoded_.size() < kEncodingsMax && encoded_bytes_ + bytes <= row_bytes_) {
    encoded_bytes_ += bytes;
    encoded_[key] = made;
  }
  return made;
}

void Tail::Reset(const feed::Heads& heads) {
  const std::lock_guard<std::mutex> lock(mutex_);
  end_ = heads.places();
  epoch_ = heads.epoch;
  batches_.clear();
  bytes_ = 0;
}

absl::Status Tail::Follow(postgres::Statements& statements, const feed::Heads& heads) {
  const absl::Status status = ReadOn(statements, heads);
  if (status.ok()) return status;
  const std::lock_guard<std::mutex> lock(mutex_);
  end_.reset();
  batches_.clear();
  bytes_ = 0;
  return status;
}

absl::Status Tail::ReadOn(postgres::Statements& statements, const feed::Heads& heads) {
  const bool fits = end_.has_value() && epoch_ == heads.epoch &&
                    feed::CompareWithHeads(heads, *end_).diverged.empty() &&
                    Distance(*end_, heads.places()) <= kMissedChangesMax;
  if (!fits) {
    Reset(heads);
    return absl::OkStatus();
  }
  for (bool more = true; more;) {
    feed::Places reached = *end_;  // Only this thread writes it.
    ASSIGN_OR_RETURN(feed::ChangePage page, feed::ReadPage(statements, heads, kBatchChanges, &reached));
    if (!page.diverged.empty()) {
      Reset(heads);
      return absl::OkStatus();
    }
    if (page.changes.empty()) return absl::OkStatus();
    feed::Places from, to;
    for (const auto& [bucket, place] : reached) {
      if (PlaceIn(*end_, bucket) == place) continue;
      from[bucket] = PlaceIn(*end_, bucket);
      to[bucket] = place;
    }
    const absl::Time read_time = absl::Now();
    ASSIGN_OR_RETURN(PageState state, ReadWholeState(statements, *contract_, page.changes));
    auto batch = std::make_shared<const TailBatch>(std::move(from), std::move(to), std::move(page.changes),
                                                   std::move(state), read_time, !page.more);
    const std::lock_guard<std::mutex> lock(mutex_);
    bytes_ += batch->bytes();
    batches_.push_back(std::move(batch));
    while (bytes_ > bytes_max_ && !batches_.empty()) {
      bytes_ -= batches_.front()->bytes();
      batches_.pop_front();
    }
    end_ = std::move(reached);
    more = page.more;
  }
  return absl::OkStatus();
}

Tail::Found Tail::Find(const std::string& epoch, const feed::Places& places, absl::Time read_time,
                       std::shared_ptr<const TailBatch>* batch) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!end_.has_value() || epoch_ != epoch) return Found::kBehind;
  const auto is_new = [&](const TailBatch& candidate) {
    for (const auto& [bucket, place] : candidate.to()) {
      if (PlaceIn(places, bucket).pos < place.pos) return true;
    }
    return false;
  };
  size_t first = batches_.size();
  while (first > 0 && is_new(*batches_[first - 1])) --first;
  if (first == batches_.size()) {
    // Whoever is further than the tail has just read the tables himself, or the history that he has seen is
    // lost in a failover: he is sent to the tables, which tell him.
    for (const auto& [bucket, place] : *end_) {
      if (!(PlaceIn(places, bucket) == place)) return Found::kBehind;
    }
    return Found::kAtEnd;
  }
  std::set<int> seen;
  for (size_t i = first; i < batches_.size(); ++i) {
    for (const auto& [bucket, from] : batches_[i]->from()) {
      if (!seen.insert(bucket).second) continue;
      const feed::Place place = PlaceIn(places, bucket);
      if (place.pos < batches_[i]->to().at(bucket).pos && !Joins(*batches_[i], bucket, place))
        return Found::kBehind;
    }
  }
  if (batches_[first]->read_time() < read_time) return Found::kBehind;
  *batch = batches_[first];
  return Found::kBatch;
}

size_t Tail::bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_;
}

}  // namespace lianqiao::sync
