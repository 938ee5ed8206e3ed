// SPDX-License-Identifier: Apache-2.0
// How much one client may ask for: a rate (GCRA), a number of calls under way and one of open streams, per
// client and in all.
// Thread-safe, bounded memory, free of gRPC; used by both fronts through Exchange.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace lianqiao::gateway {

// 0 means no limit.
struct Limit {
  int per_second = 0;
  int burst = 0;  // Requests that may come at once; at least per_second if 0.
  int concurrent = 0;
  int streams = 0;
};

enum class Refusal { kNone, kRate, kConcurrency, kGlobalConcurrency, kStreams, kGlobalStreams };

// What a place is held for. Streams last for hours: they must not take the places of calls.
enum class Place { kCall, kStream };

class Limiter {
  struct Entry;

 public:
  // A call or stream under way; gives its place back when it goes.
  class Slot {
   public:
    Slot() = default;
    Slot(Limiter* limiter, std::shared_ptr<Entry> entry, Place place)
        : limiter_(limiter), entry_(std::move(entry)), place_(place) {}
    Slot(Slot&& other) noexcept
        : limiter_(other.limiter_), entry_(std::move(other.entry_)), place_(other.place_) {
      other.limiter_ = nullptr;
    }
    Slot& operator=(Slot&& other) noexcept;
    ~Slot() { Release(); }
    void Release();

   private:
    Limiter* limiter_ = nullptr;
    std::shared_ptr<Entry> entry_;
    Place place_ = Place::kCall;
  };

  struct Decision {
    Refusal refusal = Refusal::kNone;
    Slot slot;               // Holds a place if not refused.
    bool limited = false;    // There is a rate to tell about:
    int quota = 0;           // requests in
    int window_seconds = 0;  // this time,
    int remaining = 0;       // of which are left now,
    int reset_seconds = 0;   // and all of them again after this.
    int64_t retry_after_milliseconds = 0;
  };

  // Of all clients together; 0: no limit.
  explicit Limiter(int concurrent_max, int streams_max = 0) : max_{concurrent_max, streams_max} {}

  // `now` in nanoseconds of the steady clock. The rate counts calls and openings of streams alike.
  Decision Admit(const std::string& client, const Limit& limit, int64_t now, Place place = Place::kCall);
  int running(Place place = Place::kCall) const { return running_[Index(place)].load(kRelaxed); }
  size_t clients() const;

 private:
  // `full_at`: the theoretical arrival time of GCRA, when the client's whole burst is there again.
  struct Entry {
    std::mutex mutex;
    int64_t full_at = 0;
    std::array<std::atomic<int>, 2> running{};  // By Place.
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, std::shared_ptr<Entry>> entries;
  };
  static constexpr auto kRelaxed = std::memory_order_relaxed;
  static constexpr size_t Index(Place place) { return static_cast<size_t>(place); }
  static constexpr size_t kShards = 32;
  static constexpr size_t kShardEntriesMax = 4096;

  std::shared_ptr<Entry> EntryOf(const std::string& client, int64_t now);
  static bool Take(Entry* entry, const Limit& limit, int64_t now, Decision* decision);

  const std::array<int, 2> max_;
  std::array<std::atomic<int>, 2> running_{};
  std::array<Shard, kShards> shards_;
};

}  // namespace lianqiao::gateway
