// SPDX-License-Identifier: Apache-2.0
// What breaks during a history: drawn once, done one after another beside the writers.
#pragma once

#include <atomic>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/convergence/installation.h"
#include "tests/convergence/report.h"
#include "tests/convergence/world.h"

namespace lianqiao::convergence {

class Faults {
 public:
  Faults(Installation* installation, const World* world, uint32_t seed, Report* report);
  ~Faults() { Heal(); }

  // Before a restore, when the service is down; with the moment when the dump began.
  void OnRestore(std::function<void(absl::Time)> then) { on_restore_ = std::move(then); }
  // The same of the followed service.
  void OnFollowedRestore(std::function<void()> then) { on_followed_restore_ = std::move(then); }
  void OnGrant(std::function<void()> then) { on_grant_ = std::move(then); }
  void Start();
  // Ends what is under way; everything serves again.
  void Heal();
  const std::vector<std::string>& tale() const { return tale_; }
  absl::Time followed_dump_began() const { return followed_dump_began_; }

 private:
  void Run();
  void Break();
  void BreakFollowed();
  void Tell(const std::string& what);
  void HoldLock();
  void Purge();
  int Random(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  Installation* const installation_;
  const World& world_;
  Report* const report_;
  std::minstd_rand random_;
  const absl::Time began_;
  std::function<void(absl::Time)> on_restore_;
  std::function<void()> on_followed_restore_;
  std::function<void()> on_grant_;
  std::vector<std::string> tale_;
  absl::Time dump_began_ = absl::InfinitePast();
  absl::Time followed_dump_began_ = absl::InfinitePast();
  absl::Time purged_ = absl::InfinitePast();
  int restores_ = 0;
  std::atomic<bool> healed_{false};
  std::thread thread_;
};

}  // namespace lianqiao::convergence
