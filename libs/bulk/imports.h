// SPDX-License-Identifier: Apache-2.0
// lianqiao.sync.v1.ImportService of one service: takes submissions in, works them off in a thread of its own,
// and reports. Used by libs/runtime and tests.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "libs/bulk/job_environment.h"
#include "libs/resource/engine.h"
#include "libs/sync/feed_service.h"

namespace lianqiao::bulk {

class Job;

class Imports {
 public:
  // The feed and its engine outlive it.
  explicit Imports(sync::FeedService* feed);
  // As if the process had died: what is under way is taken up by whoever comes next, when its lease is over.
  ~Imports();

  // Adds its methods, if the contract has them; before Engine::Bind.
  void Bind();

  // A thread that works imports off, one at a time.
  void Start();
  // Ends behind the chunk under way and lets another process go on at once.
  void Stop();

  // Works on imports until the deadline or for so many steps (a piece of the content, a chunk of records);
  // false: there is nothing to do. One caller at a time.
  absl::StatusOr<bool> RunSome(absl::Time deadline, int steps_max = 1 << 30);

  // Deletes some of what is older than 7 days, and what never was sent to its end; true: there is more. For
  // the background jobs.
  absl::StatusOr<bool> PurgeSome(absl::Time deadline);

  const ImportTally& tally() const { return tally_; }

 private:
  void Loop();
  void Wake();

  const sync::Parts& parts_;
  resource::Engine* const engine_;
  const KindOrder order_;
  ImportTally tally_;
  const JobEnvironment environment_;
  std::unique_ptr<Job> job_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  bool waiting_ = false;  // Something was submitted.
  std::thread thread_;
};

}  // namespace lianqiao::bulk
