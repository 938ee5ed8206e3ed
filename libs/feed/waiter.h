// SPDX-License-Identifier: Apache-2.0
// Who waits until a projection has come to a position of the service that it follows. One thread asks for all
// of them: a question to the followed service answers everybody who waited before it was asked. Only for
// Projection.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/feed/consumer.h"
#include "libs/feed/source.h"

namespace lianqiao::feed {

class Waiter {
 public:
  using Positions = std::vector<std::pair<int, int64_t>>;  // Bucket and position.
  using Done = std::function<void(absl::Status)>;

  // Both outlive the waiter.
  Waiter(Consumer* consumer, Source* source);
  ~Waiter() { Stop(); }

  // `done` runs once, on this thread or the waiter's, and must not block: OK when all of these positions are
  // here; else, at `deadline` or after 2 s, or at once if too many wait, FAILED_PRECONDITION
  // REFERENCE_NOT_YET_VISIBLE with advice when to come again; UNAVAILABLE once stopped.
  void Await(Positions positions, absl::Time deadline, Done done);
  // After Consumer::Stop. Answers everybody.
  void Stop();

 private:
  struct Waiting {
    Positions positions;
    absl::Time deadline;
    Done done;
  };
  void Run();
  bool Reached(const Positions& positions) const;
  bool IsCurrent();

  Consumer* const consumer_;
  Source* const source_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;          // Guarded by mutex_.
  std::vector<Waiting> waiting_;  // Guarded by mutex_.
  std::thread thread_;            // Last: it uses everything above.
};

}  // namespace lianqiao::feed
