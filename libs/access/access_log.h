// SPDX-License-Identifier: Apache-2.0
// The append-only access log of a service's schema: tokens issued and refused, denied calls, exports, reads
// of personal fields. Written in batches behind the calls; what cannot be kept is counted and logged, never
// dropped in silence. Used by libs/resource and identity.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/access/caller.h"
#include "libs/base/clock.h"
#include "libs/postgres/database.h"
#include "libs/postgres/migrate.h"
#include "libs/rpc/call.h"

namespace lianqiao::access {

// Stored by name; see lianqiao.identity.v1.AccessEvent.
enum class AccessEvent { kTokenIssued, kTokenRefused, kCallDenied, kPersonalRead, kExport, kAdministration };

struct AccessEntry {
  AccessEvent event = AccessEvent::kCallDenied;
  std::string client_id;
  std::string token_id;
  std::string acting_person;
  std::string acting_role;
  std::string method;
  std::string permission;
  std::string kind;
  std::vector<std::string> record_ids;
  std::string reason;  // A name of the error catalogue; of an erasure its ground; else empty.
  std::string peer;
  std::string request_id;
  std::string trace_id;
};

// Where stored entries go from here.
enum class Forward {
  kNowhere,     // This is identity's own log.
  kToIdentity,  // An AccessLogForwarder sends them on.
};

// Who and through which call; the rest is the caller's to fill. `caller` may be null.
AccessEntry MakeAccessEntry(AccessEvent event, const rpc::CallContext& context, const Caller* caller);

// Of every service's schema (migrations/, 0002–0004 of the engine's history): the table and its indexes,
// INSERT and SELECT only for the runtime role, whose name they take from its default privileges;
// forward_time, empty until identity has the entry, the one column that it may write; and
// access_log_purge(before, rows_max), which deletes the oldest entries with the owner's rights, nothing
// younger than 184 days.
std::vector<postgres::Migration> AccessLogMigrations();

inline constexpr absl::Duration kAccessLogRetention = absl::Hours(400 * 24);
inline constexpr absl::Duration kAccessLogRetentionMin = absl::Hours(184 * 24);

// Every text cut to what is stored of it.
void CutTexts(AccessEntry* entry);

class AccessLog {
 public:
  struct Options {
    postgres::Database* database = nullptr;  // Outlives the log.
    Forward forward = Forward::kNowhere;
    size_t queue_max = 20000;
    size_t batch_max = 500;
    absl::Duration pause = absl::Milliseconds(200);  // After a failed write.
    const base::Clock* clock = &base::Clock::System();
    // Older entries go, hourly; those that identity does not have yet stay. The database keeps 184 days (the
    // six months of 网络安全法 §21) whatever is asked for.
    absl::Duration retention = kAccessLogRetention;
  };
  explicit AccessLog(Options options);
  ~AccessLog();  // Writes what is queued, for at most 5 s.

  void Record(AccessEntry entry);  // Never blocks. Texts are cut before they wait.
  // Entries that will never be written since the queue was full or the database stayed away at the end.
  int64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  // Waits until everything recorded so far is stored; false if not by then.
  bool Flush(absl::Time deadline);

 private:
  struct Row {
    std::string id;
    absl::Time time;
    AccessEntry entry;
  };
  void Write();
  void PurgeSome();
  absl::Status Store(const std::vector<Row>& rows);
  void CountDropped(int64_t entries);

  const Options options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Row> queue_;
  bool writing_ = false;
  absl::Time next_purge_ = absl::InfinitePast();  // Used by the thread alone.
  bool stopped_ = false;
  std::atomic<int64_t> dropped_ = 0;
  std::thread thread_;  // Last: starts when everything else is there.
};

}  // namespace lianqiao::access
