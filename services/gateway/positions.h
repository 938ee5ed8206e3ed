// SPDX-License-Identifier: Apache-2.0
// The positions of a client's last writes, kept for 10 s, so that a record created through one service can be
// referred to in the next call to another (design §6). Thread-safe, bounded; used by Exchange.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace lianqiao::gateway {

class Positions {
 public:
  // `position` is "service:bucket:pos", or several of them separated by commas. `now` in nanoseconds of the
  // steady clock.
  void Remember(const std::string& client, size_t upstream, const std::string& position, int64_t now);

  // What to send as lianqiao-after to `upstream`: everything the client wrote elsewhere; it need not wait for
  // itself. Empty if there is nothing.
  std::string After(const std::string& client, size_t upstream, int64_t now);

 private:
  struct Written {
    std::string stream;    // "service:bucket"
    std::string position;  // The whole text.
    size_t upstream = 0;
    int64_t expires = 0;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, std::vector<Written>> by_client;
    int64_t next_sweep = 0;
  };
  static constexpr size_t kShards = 16;
  static constexpr size_t kPositionsMax = 64;
  Shard& ShardOf(const std::string& client);
  static void Sweep(Shard* shard, int64_t now);

  std::array<Shard, kShards> shards_;
};

}  // namespace lianqiao::gateway
