// SPDX-License-Identifier: Apache-2.0
// Clients that write without pause, each write under a key of its own, and remember what was acknowledged:
// what the platform has to hold afterwards, whatever happened to it meanwhile.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/platform.h"

namespace lianqiao::e2e {

// One write under one Idempotency-Key: a Create, or a BatchUpsert of several.
struct Entry {
  std::string key;
  std::string target;
  std::string body;
  int records = 1;
  std::string answer;  // Of the first acknowledgement; empty: never acknowledged.
};

class Ledger {
 public:
  // Starts the writers at once: schools, one by one and in batches, and Gets of what was acknowledged before.
  Ledger(Platform& platform, const std::string& jurisdiction_id, int writers = 4);
  ~Ledger() { Stop(); }
  void Stop();

  // Until so many more writes were acknowledged; false after 30 s without.
  bool WaitForProgress(int acknowledged);
  int acknowledged() const { return acknowledged_; }
  // Answers other than 200, counted by kind: "503 UNAVAILABLE", "no answer".
  std::map<std::string, int> failures() const;
  // The first few of them that had another shape than 503 UNAVAILABLE.
  std::vector<std::string> surprises() const;

  // After Stop: repeats every write under its key. The first answer comes again, each name is one record,
  // and nothing else was written; fails the test otherwise.
  void ExpectEachOnce();

 private:
  Entry MakeEntry(int writer, size_t number) const;
  void Write(int writer);
  void Record(const HttpAnswer& answer);

  Platform& platform_;
  const std::string jurisdiction_id_;
  std::atomic<bool> stopped_{false};
  std::atomic<int> acknowledged_{0};
  mutable std::mutex mutex_;
  std::map<std::string, int> failures_;
  std::vector<std::string> surprises_;
  std::vector<std::vector<Entry>> entries_;  // One list per writer.
  std::vector<std::thread> writers_;
};

// The change feed as it lies in the tables: positions without a hole, digests that follow from one another,
// heads at their ends, one CREATE per record, a revision for each change.
void ExpectSoundFeed(Platform& platform);

}  // namespace lianqiao::e2e
