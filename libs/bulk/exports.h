// SPDX-License-Identifier: Apache-2.0
// lianqiao.sync.v1.ExportService of one service: takes requests, writes files in a thread of its own, and
// serves them. Used by libs/runtime and tests.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/bulk/tally.h"
#include "libs/sync/feed_service.h"

namespace lianqiao::bulk {

class ExportJob;

class Exports {
 public:
  struct Options {
    // A file ends with the record that reaches either.
    int64_t file_records_max = 100000;
    int64_t file_bytes_max = 64 << 20;  // Compressed.
    // A process that has not been heard of for so long has lost its export to others.
    absl::Duration lease = absl::Seconds(60);
  };
  // The feed outlives it, and it outlives the server.
  Exports(sync::FeedService* feed, Options options);
  // As if the process had died: what is under way is taken up by whoever comes next, when its lease is over.
  ~Exports();

  // Adds its methods; before Engine::Bind.
  void Bind();

  // A thread that works exports off, one at a time, and removes what is over.
  void Start();
  // Ends behind the page under way and lets another process go on at once.
  void Stop();

  // Works on exports until the deadline or for so many steps (a page of records); false: there is nothing to
  // do now. One caller at a time.
  absl::StatusOr<bool> RunSome(absl::Time deadline, int steps_max = 1 << 30);

  // Removes some of what is older than 7 days; true: there is more. The thread does it by itself.
  absl::StatusOr<bool> PurgeSome(absl::Time deadline);

  const ExportTally& tally() const { return tally_; }

 private:
  void Loop();
  void Wake();
  bool stopped();

  sync::FeedService* const feed_;
  const Options options_;
  ExportTally tally_;
  std::unique_ptr<ExportJob> job_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;  // Guarded by mutex_, as what follows.
  bool waiting_ = false;  // Something was asked for.
  std::thread thread_;
};

}  // namespace lianqiao::bulk
