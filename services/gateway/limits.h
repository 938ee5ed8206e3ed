// SPDX-License-Identifier: Apache-2.0
// How much one client may ask for: a rate (GCRA) and a number of calls under way, per client and in all.
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
};

enum class Refusal { kNone, kRate, kConcurrency, kGlobalConcurrency };

class Limiter {
  struct Entry;

 public:
  // A call under way; gives its place back when it goes.
  class Slot {
   public:
    Slot() = default;
    Slot(Limiter* limiter, std::shared_ptr<Entry> entry) : limiter_(limiter), entry_(std::move(entry)) {}
    Slot(Slot&& other) noexcept : limiter_(other.limiter_), entry_(std::move(other.entry_)) {
      other.limiter_ = nullptr;
    }
    Slot& operator=(Slot&& other) noexcept;
    ~Slot() { Release(); }
    void Release();

   private:
    Limiter* limiter_ = nullptr;
    std::shared_ptr<Entry> entry_;
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

  explicit Limiter(int concurrent_max) : concurrent_max_(concurrent_max) {}

  // `now` in nanoseconds of the steady clock.
  Decision Admit(const std::string& client, const Limit& limit, int64_t now);
  int running() const { return running_.load(std::memory_order_relaxed); }
  size_t clients() const;

 private:
  // `full_at`: the theoretical arrival time of GCRA, when the client's whole burst is there again.
  struct Entry {
    std::mutex mutex;
    int64_t full_at = 0;
    std::atomic<int> running{0};
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, std::shared_ptr<Entry>> entries;
  };
  static constexpr size_t kShards = 32;
  static constexpr size_t kShardEntriesMax = 4096;

  std::shared_ptr<Entry> EntryOf(const std::string& client, int64_t now);
  static bool Take(Entry* entry, const Limit& limit, int64_t now, Decision* decision);

  const int concurrent_max_;
  std::atomic<int> running_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace lianqiao::gateway
