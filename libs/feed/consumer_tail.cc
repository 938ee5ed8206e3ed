// SPDX-License-Identifier: Apache-2.0
// Changes: each batch and the cursor behind it in one transaction.
#include <future>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/feed/consumer.h"

namespace lianqiao::feed {

// Positions of a bucket never go back. Holes prove nothing here: a reader sees only what its scope and filter
// let through. What follows a change of grants stands at no place of its own.
absl::Status Consumer::ProvePositions(const v1::WatchChangesResponse& batch) {
  std::map<std::pair<std::string, int>, int64_t> reached;
  {
    const std::lock_guard lock(mutex_);
    reached = positions_;
  }
  for (const v1::Change& change : batch.changes()) {
    if (change.operation().empty() || change.position() == 0) continue;
    int64_t& last = reached[{change.service(), change.bucket()}];
    if (change.position() < last)
      return absl::DataLossError(absl::StrCat("positions of ", change.service(), " bucket ", change.bucket(),
                                              " go back: ", last, " is followed by ", change.position()));
    last = change.position();
  }
  return absl::OkStatus();
}

absl::Status Consumer::Apply(ConsumerState* state, v1::WatchChangesResponse batch) {
  if (batch.cursor().empty()) return absl::DataLossError("a batch of changes came without a cursor");
  RETURN_IF_ERROR(ProvePositions(batch));
  const bool complete = batch.incomplete_services().empty();
  Advance advance;
  advance.cursor = batch.cursor();
  advance.caught_up = batch.caught_up() && complete;
  advance.now = options_.clock->Now();
  std::vector<std::pair<std::pair<std::string, int>, int64_t>> reached;
  Page page;
  for (v1::Change& change : *batch.mutable_changes()) {
    if (!change.operation().empty())
      reached.push_back({{change.service(), change.bucket()}, change.position()});
    RETURN_IF_ERROR(page.Add(std::move(change)));
  }
  advance.changed = page.count() > 0;
  if (advance.changed || advance.cursor != state->cursor || advance.caught_up) {
    RETURN_IF_ERROR(Transact([&](postgres::Statements& transaction) -> absl::Status {
      RETURN_IF_ERROR(state_tables_.AdvanceTo(transaction, *state, advance));
      return options_.tables->PutChanges(transaction, page, state->NextStamp());
    }));
  }
  state->cursor = advance.cursor;
  if (advance.changed) ++state->step;
  if (advance.caught_up) state->caught_up_step = state->step;
  restarts_ = 0;
  Note([&](Progress* progress) {
    for (auto& [bucket, position] : reached) positions_[bucket] = position;
    // An answer of some services only is no progress: whoever waits for the others gives up in time.
    if (advance.changed || complete) ++batches_;
    progress->step = state->step;
    progress->change_count += page.count();
    progress->caught_up = advance.caught_up;
    if (advance.caught_up) progress->caught_up_at = advance.now;
    progress->incomplete_services = {batch.incomplete_services().begin(), batch.incomplete_services().end()};
    progress->trouble = absl::OkStatus();
  });
  return absl::OkStatus();
}

absl::Status Consumer::Watch(ConsumerState* state) {
  const absl::Status status =
      options_.source->Watch(state->filter, state->cursor, options_.page_size,
                             [&](v1::WatchChangesResponse batch) { return Apply(state, std::move(batch)); });
  // A stream without end that ends: the server goes down.
  return status.ok() ? absl::UnavailableError("the stream of changes ended") : status;
}

// The next page is read while this one is written.
absl::Status Consumer::ListToEnd(ConsumerState* state, bool* ended) {
  const auto read = [this, filter = state->filter](const std::string& cursor) {
    return options_.source->List(filter, cursor, options_.page_size, 0);
  };
  absl::StatusOr<v1::ListChangesResponse> page = read(state->cursor);
  while (true) {
    RETURN_IF_ERROR(page.status());
    v1::WatchChangesResponse batch;
    batch.mutable_changes()->Swap(page->mutable_changes());
    batch.set_cursor(page->cursor());
    batch.set_caught_up(!page->has_more());
    batch.mutable_incomplete_services()->Swap(page->mutable_incomplete_services());
    const bool more = page->has_more();
    const std::vector<std::string> incomplete(batch.incomplete_services().begin(),
                                              batch.incomplete_services().end());
    std::future<absl::StatusOr<v1::ListChangesResponse>> next;
    if (more) next = std::async(std::launch::async, read, batch.cursor());
    const absl::Status applied = Apply(state, std::move(batch));
    if (next.valid()) page = next.get();
    RETURN_IF_ERROR(applied);
    if (stopped()) return absl::CancelledError("stopped");
    if (more) continue;
    if (!incomplete.empty())
      return base::Fail(absl::StatusCode::kUnavailable, base::ErrorReason::BACKEND_UNAVAILABLE,
                        {{"service", absl::StrJoin(incomplete, ", ")}});
    *ended = true;
    return absl::OkStatus();
  }
}

}  // namespace lianqiao::feed
