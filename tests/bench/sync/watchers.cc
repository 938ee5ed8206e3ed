// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sync/watchers.h"

#include <mutex>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"

namespace lianqiao::bench {

namespace {

constexpr char kWatch[] = "/lianqiao.sync.v1.FeedService/WatchChanges";
constexpr absl::Duration kPatience = absl::Seconds(30);

}  // namespace

struct Watchers::One : std::enable_shared_from_this<Watchers::One> {
  std::unique_ptr<rpc::ClientStream> stream;
  Keep keep = Keep::kTimes;
  std::mutex mutex;
  // Guarded by mutex.
  bool at_head = false;
  bool ended = false;
  int64_t changes = 0;
  int64_t batches = 0;
  std::vector<Seen> seen;

  void Next() {
    stream->Read([self = shared_from_this()](std::optional<std::string> bytes) {
      const auto now = std::chrono::steady_clock::now();
      if (!bytes.has_value()) {
        const std::lock_guard<std::mutex> lock(self->mutex);
        self->ended = true;
        return;
      }
      self->Had(*bytes, now);
      self->Next();
    });
  }

  void Had(const std::string& bytes, SteadyTime now) {
    sync::v1::WatchChangesResponse batch;
    if (keep == Keep::kTimes || !at_head_once()) batch.ParseFromString(bytes);
    const int64_t count = CountField(bytes, sync::v1::WatchChangesResponse::kChangesFieldNumber);
    const std::lock_guard<std::mutex> lock(mutex);
    if (batch.caught_up()) at_head = true;
    changes += count;
    if (count > 0) ++batches;
    if (keep == Keep::kCounts) return;
    for (sync::v1::Change& change : *batch.mutable_changes())
      seen.push_back({std::move(*change.mutable_id()), now});
  }

  bool at_head_once() {
    const std::lock_guard<std::mutex> lock(mutex);
    return at_head;
  }
};

absl::StatusOr<std::unique_ptr<Watchers>> Watchers::Start(Api* api, const std::string& kind, int count,
                                                          Keep keep) {
  ASSIGN_OR_RETURN(const sync::v1::Feed feed, api->source().GetFeed({{kind}, {}}));
  sync::v1::WatchChangesRequest request;
  request.add_kinds(kind);
  request.set_cursor(feed.newest_cursor());
  std::unique_ptr<Watchers> watchers(new Watchers(keep));
  for (int i = 0; i < count; ++i) {
    auto one = std::make_shared<One>();
    one->keep = keep;
    ASSIGN_OR_RETURN(one->stream, api->Open(kWatch, request));
    one->stream->WritesDone();
    one->Next();
    watchers->all_.push_back(std::move(one));
  }
  const absl::Time end = absl::Now() + kPatience;
  for (const auto& one : watchers->all_) {
    while (!one->at_head_once()) {
      if (absl::Now() > end) return absl::DeadlineExceededError("a watcher does not come to the head");
      absl::SleepFor(absl::Milliseconds(5));
    }
  }
  return watchers;
}

Watchers::~Watchers() {
  for (const auto& one : all_) one->stream->Cancel();
  for (const auto& one : all_) {
    for (bool ended = false; !ended; absl::SleepFor(absl::Milliseconds(1))) {
      const std::lock_guard<std::mutex> lock(one->mutex);
      ended = one->ended;
    }
  }
}

absl::Status Watchers::WaitFor(int64_t changes) {
  const absl::Time end = absl::Now() + kPatience;
  for (const auto& one : all_) {
    while (true) {
      {
        const std::lock_guard<std::mutex> lock(one->mutex);
        if (one->changes >= changes) break;
        if (one->ended)
          return absl::UnavailableError("a watcher's stream ended: " + one->stream->status().ToString());
        if (absl::Now() > end)
          return absl::DeadlineExceededError(
              absl::StrCat("a watcher has had ", one->changes, " of ", changes, " changes"));
      }
      absl::SleepFor(absl::Milliseconds(2));
    }
  }
  return absl::OkStatus();
}

std::vector<Watchers::Seen> Watchers::Take() {
  std::vector<Seen> taken;
  for (const auto& one : all_) {
    const std::lock_guard<std::mutex> lock(one->mutex);
    for (Seen& seen : one->seen) taken.push_back(std::move(seen));
    one->seen.clear();
  }
  return taken;
}

double Watchers::batches() const {
  double sum = 0;
  for (const auto& one : all_) {
    const std::lock_guard<std::mutex> lock(one->mutex);
    sum += static_cast<double>(one->batches);
  }
  return sum / static_cast<double>(all_.size());
}

}  // namespace lianqiao::bench
