// SPDX-License-Identifier: Apache-2.0
// Full reads: parts side by side, each batch of records committed with the token that goes on behind it.
#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/feed/consumer.h"
#include "libs/feed/needs_person.h"

namespace lianqiao::feed {

absl::Status Consumer::BeginSnapshot(const ConsumerState& state, bool diverged) {
  if (restarts_ >= options_.refusals_max)
    return NeedsPerson(
        absl::StrCat("连续 ", options_.refusals_max, " 次快照的游标被拒绝,请检查授权是否在反复变更"),
        absl::StrCat("the cursor of ", options_.refusals_max,
                     " snapshots in a row was refused; see whether grants keep changing"));
  if (diverged) {
    // Rows that a repair brought have no bucket, so they cannot be replaced with it.
    bool stray = false;
    RETURN_IF_ERROR(options_.database->Run(base::Clock::System().Now() + absl::Minutes(5),
                                           [&](postgres::Session& session) -> absl::Status {
                                             for (const auto& [kind, table] : options_.tables->all()) {
                                               if (stray) break;
                                               ASSIGN_OR_RETURN(stray, table.HasStray(session));
                                             }
                                             return absl::OkStatus();
                                           }));
    diverged = !stray;
  }
  ASSIGN_OR_RETURN(const v1::StartSnapshotResponse snapshot,
                   options_.source->StartSnapshot(state.filter, options_.partitions,
                                                  diverged ? state.cursor : std::string()));
  ++restarts_;
  if (snapshot.cursor().empty()) return absl::DataLossError("a snapshot came without a cursor");
  // Nothing to replace after all: an empty list of buckets would mean everything.
  if (diverged && snapshot.diverged().empty() && !snapshot.partition_tokens().empty())
    return absl::DataLossError("a snapshot of diverged buckets names none");
  if (diverged && snapshot.diverged().empty())
    return Transact([&](postgres::Statements& transaction) {
      return state_tables_.AdvanceTo(transaction, state,
                                     {snapshot.cursor(), false, false, base::Clock::System().Now()});
    });
  RETURN_IF_ERROR(Transact([&](postgres::Statements& transaction) {
    return state_tables_.BeginSnapshot(transaction, state, snapshot);
  }));
  base::Log(base::Severity::kInfo, "feed_snapshot_begun",
            {{"consumer", options_.tables->options().consumer},
             {"parts", absl::StrCat(snapshot.partition_tokens_size())},
             {"diverged", diverged ? "true" : "false"}});
  Note([&](Progress* progress) {
    progress->phase = Progress::Phase::kSnapshot;
    progress->snapshot_records = 0;
    progress->snapshot_estimate = snapshot.estimated_record_count();
    progress->caught_up = false;
  });
  return absl::OkStatus();
}

absl::Status Consumer::ReadSnapshot(const ConsumerState& state) {
  std::vector<SnapshotPart> open;
  int64_t read = 0;
  for (const SnapshotPart& part : state.parts) {
    read += part.records;
    if (!part.done) open.push_back(part);
  }
  Note([&](Progress* progress) {
    progress->phase = Progress::Phase::kSnapshot;
    progress->snapshot_records = read;
    progress->snapshot_estimate = state.snapshot_estimate;
  });
  std::atomic<size_t> next{0};
  std::mutex mutex;
  absl::Status first;  // Guarded by mutex.
  const auto work = [&] {
    while (!stopped()) {
      const size_t mine = next++;
      if (mine >= open.size()) return;
      const absl::Status status = ReadPart(state, open[mine]);
      if (status.ok()) continue;
      const std::lock_guard lock(mutex);
      if (first.ok()) first = status;
      next = open.size();  // The others end their parts' batches and look no further.
      return;
    }
  };
  std::vector<std::thread> workers;
  const int count = std::min<int>(options_.partitions, static_cast<int>(open.size()));
  for (int i = 1; i < count; ++i) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();
  RETURN_IF_ERROR(first);
  if (stopped()) return absl::CancelledError("stopped");
  return EndSnapshot(state);
}

// A stream that broke goes on behind the last batch that was stored.
absl::Status Consumer::ReadPart(const ConsumerState& state, SnapshotPart part) {
  for (int failures = 0; !stopped();) {
    const int64_t before = part.records;
    const absl::Status status = ReadPartOnce(state, &part);
    if (status.ok() && part.done) return absl::OkStatus();
    if (part.records > before) failures = 0;
    const bool passes = status.ok() || absl::IsUnavailable(status) || absl::IsUnauthenticated(status) ||
                        absl::IsResourceExhausted(status) || absl::IsUnknown(status) ||
                        absl::IsAborted(status) || absl::IsDeadlineExceeded(status);
    if (!passes || ++failures > options_.refusals_max) return status;
    if (!Pause(std::min(options_.pause_min * (1 << failures), options_.pause_max))) break;
    RETURN_IF_ERROR(ReloadPart(&part));
    if (part.done) return absl::OkStatus();
  }
  return absl::CancelledError("stopped");
}

// What is stored decides: a COMMIT whose answer was lost may have been one.
absl::Status Consumer::ReloadPart(SnapshotPart* part) {
  ASSIGN_OR_RETURN(const ConsumerState state, LoadState());
  for (const SnapshotPart& stored : state.parts) {
    if (stored.number != part->number) continue;
    *part = stored;
    return absl::OkStatus();
  }
  return WrittenElsewhere();
}

absl::Status Consumer::ReadPartOnce(const ConsumerState& state, SnapshotPart* part) {
  Page page;
  std::string token;
  bool last = false;
  const absl::Status status =
      options_.source->ReadSnapshot(part->token, [&](v1::ReadSnapshotResponse message) -> absl::Status {
        if (last) return absl::DataLossError("a part of a snapshot goes on behind its end");
        for (v1::SnapshotRecord& record : *message.mutable_records())
          RETURN_IF_ERROR(page.Add(std::move(record)));
        token = message.token();
        last = token.empty();
        const bool full =
            page.count() >= options_.snapshot_batch_records || page.bytes() >= options_.snapshot_batch_bytes;
        if (!last && !full) return absl::OkStatus();
        RETURN_IF_ERROR(StoreRecords(state, page, token, part));
        page = Page();
        return absl::OkStatus();
      });
  RETURN_IF_ERROR(status);
  // Without its last message the stream was cut, whatever its status says.
  return part->done ? absl::OkStatus() : absl::UnavailableError("a part of a snapshot ended early");
}

absl::Status Consumer::StoreRecords(const ConsumerState& state, const Page& page, const std::string& token,
                                    SnapshotPart* part) {
  SnapshotPart after = *part;
  after.token = token;
  after.done = token.empty();
  after.records += page.count();
  RETURN_IF_ERROR(Transact([&](postgres::Statements& transaction) -> absl::Status {
    RETURN_IF_ERROR(state_tables_.SavePart(transaction, state, *part, after));
    return options_.tables->PutSnapshot(transaction, page, state.SnapshotStamp());
  }));
  *part = std::move(after);
  Note([&](Progress* progress) {
    ++batches_;
    progress->snapshot_records += page.count();
    progress->trouble = absl::OkStatus();
  });
  return absl::OkStatus();
}

absl::Status Consumer::EndSnapshot(const ConsumerState& state) {
  // Into an empty copy nothing is replaced.
  if (state.step > 0 || state.snapshot_step > 1) {
    Note([](Progress* progress) { progress->phase = Progress::Phase::kSweep; });
    for (const auto& [kind, table] : options_.tables->all()) {
      Table::Swept swept;
      do {
        if (stopped()) return absl::CancelledError("stopped");
        const std::string after = swept.last_id;
        RETURN_IF_ERROR(Transact([&](postgres::Statements& transaction) -> absl::Status {
          ASSIGN_OR_RETURN(swept, table.Sweep(transaction, after, state.buckets, state.SnapshotStamp()));
          return absl::OkStatus();
        }));
      } while (!swept.last_id.empty());
    }
  }
  RETURN_IF_ERROR(Transact(
      [&](postgres::Statements& transaction) { return state_tables_.EndSnapshot(transaction, state); }));
  Note([this](Progress*) { positions_.clear(); });
  base::Log(base::Severity::kInfo, "feed_snapshot_ended",
            {{"consumer", options_.tables->options().consumer}});
  return absl::OkStatus();
}

}  // namespace lianqiao::feed
