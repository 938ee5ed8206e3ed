// SPDX-License-Identifier: Apache-2.0
// The state machine and its failures; snapshots stand in consumer_snapshot.cc, changes in consumer_tail.cc.
#include "libs/feed/consumer.h"

#include <algorithm>
#include <chrono>
#include <random>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"

namespace lianqiao::feed {

using base::ErrorReason;

namespace {

constexpr absl::Duration kTransactionLimit = absl::Seconds(60);
// Batches come every 15 s at least; later than this something is wrong.
constexpr absl::Duration kSilenceMax = absl::Seconds(20);

// Also where the reason stands at one field of the request, as it does for a token.
bool Names(const absl::Status& status, ErrorReason reason) {
  if (status.ok()) return false;
  const base::Failure failure = base::FailureOf(status);
  if (failure.reason() == reason) return true;
  for (const base::Violation& violation : failure.violations()) {
    const auto name = violation.arguments().find("reason");  // As a violation comes over the wire.
    if (violation.reason() == reason ||
        (name != violation.arguments().end() && name->second == base::ReasonName(reason)))
      return true;
  }
  return false;
}

// Nothing is wrong with the copy or the cursor: the same again may succeed.
bool Passes(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kUnknown:    // A COMMIT whose answer was lost: the stored cursor tells.
    case absl::StatusCode::kCancelled:  // A server that goes down.
      return true;
    default:
      return false;
  }
}

}  // namespace

double Progress::LagSeconds(absl::Time now) const {
  if (caught_up_at == absl::InfinitePast()) return absl::ToDoubleSeconds(kSilenceMax);
  const absl::Duration since = now - caught_up_at;
  if (caught_up && since < kSilenceMax) return 0;
  return std::max(0.0, absl::ToDoubleSeconds(since));
}

Consumer::Consumer(Options options)
    : options_(std::move(options)),
      state_tables_(options_.tables->options().consumer, options_.tables->options().state_prefix) {}

void Consumer::Stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    stopped_ = true;
  }
  changed_.notify_all();
  options_.source->Cancel();
}

bool Consumer::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

Progress Consumer::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

int64_t Consumer::batches() const {
  const std::lock_guard lock(mutex_);
  return batches_;
}

int64_t Consumer::Reached(int bucket) const {
  const std::lock_guard lock(mutex_);
  int64_t reached = 0;
  for (const auto& [place, position] : positions_)
    if (place.second == bucket) reached = std::max(reached, position);
  return reached;
}

bool Consumer::WaitForBatch(int64_t seen_batches, absl::Time deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, absl::ToChronoTime(deadline), [&] {
    return stopped_ || batches_ > seen_batches;
  }) && batches_ > seen_batches;
}

bool Consumer::Pause(absl::Duration pause) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, absl::ToChronoNanoseconds(pause), [this] { return stopped_; });
}

void Consumer::Note(const std::function<void(Progress*)>& change) {
  Progress progress;
  {
    const std::lock_guard lock(mutex_);
    change(&progress_);
    progress = progress_;
  }
  changed_.notify_all();
  if (options_.observe) options_.observe(progress);
}

absl::Status Consumer::Transact(const std::function<absl::Status(postgres::Statements&)>& body) {
  return options_.database->Run(base::Clock::System().Now() + kTransactionLimit,
                                [&](postgres::Session& session) { return session.Transact(body); });
}

absl::StatusOr<ConsumerState> Consumer::LoadState() {
  return LoadState(base::Clock::System().Now() + kTransactionLimit);
}

absl::StatusOr<ConsumerState> Consumer::LoadState(absl::Time deadline) {
  std::optional<ConsumerState> state;
  RETURN_IF_ERROR(options_.database->Run(deadline, [&](postgres::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(state, state_tables_.Load(session));
    if (state.has_value()) return absl::OkStatus();
    RETURN_IF_ERROR(session.Transact(
        [&](postgres::Statements& transaction) { return state_tables_.Add(transaction, options_.filter); }));
    ASSIGN_OR_RETURN(state, state_tables_.Load(session));
    return absl::OkStatus();
  }));
  if (!state.has_value()) return absl::InternalError("the consumer's row is gone");
  return *std::move(state);
}

absl::Status Consumer::Follow() {
  return Run(false, absl::InfiniteDuration());
}

absl::Status Consumer::CatchUp(absl::Duration patience) {
  return Run(true, patience);
}

absl::Status Consumer::TakeAnew(absl::Duration patience) {
  ASSIGN_OR_RETURN(const ConsumerState state, LoadState());
  RETURN_IF_ERROR(BeginSnapshot(state, false));
  return CatchUp(patience);
}

absl::Status Consumer::Run(bool once, absl::Duration patience) {
  int failures = 0;
  absl::Time since = base::Clock::System().Now();
  int64_t seen = batches();
  bool checked = false;
  while (!stopped()) {
    bool ended = false;
    absl::Status status;
    if (!checked) {
      status =
          options_.database->Run(base::Clock::System().Now() + kTransactionLimit,
                                 [&](postgres::Session& session) { return options_.tables->Check(session); });
      checked = status.ok();
    }
    if (status.ok()) status = Round(once, &ended);
    if (status.ok() && ended) return absl::OkStatus();
    if (const int64_t now = batches(); now != seen) {
      seen = now;
      failures = 0;
      since = base::Clock::System().Now();
    }
    if (stopped()) break;
    if (status.ok() || GoOnAfter(status, patience, &failures, &since)) continue;
    if (!stopped()) return status;
  }
  return once ? absl::CancelledError("stopped") : absl::OkStatus();
}

bool Consumer::GoOnAfter(const absl::Status& status, absl::Duration patience, int* failures,
                         absl::Time* since) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  ++*failures;
  const bool refused = absl::IsUnauthenticated(status) && *failures > options_.refusals_max;
  if (!Passes(status) || refused || base::Clock::System().Now() - *since > patience) return false;
  // A token that ended is renewed at once; a second refusal in a row is no coincidence.
  if (absl::IsUnauthenticated(status) && *failures == 1) return true;
  absl::Duration pause = options_.pause_min * (1 << std::min(*failures - 1, 10));
  pause = std::min(pause, options_.pause_max);
  const absl::Duration advice = absl::Milliseconds(base::FailureOf(status).retry_after_milliseconds());
  pause = std::max(pause, std::min(advice, options_.pause_max));
  pause *= std::uniform_real_distribution<double>(0.5, 1.0)(random);
  Note([&](Progress* progress) { progress->trouble = status, progress->caught_up = false; });
  return Pause(pause);
}

// A cursor proves only what lies before it. Records come as they are when they are read, so a copy that has
// not caught up holds some of what came later; a restore to a point in between leaves the cursor valid and
// the copy wrong.
absl::Status Consumer::LookAtEpochs(const ConsumerState& state, std::string* epochs, bool* again) {
  ASSIGN_OR_RETURN(const v1::Feed feed, options_.source->GetFeed(state.filter));
  std::map<std::string, std::string> known;
  for (const absl::string_view entry : absl::StrSplit(state.epochs, ',', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(entry, absl::MaxSplits('=', 1));
    known.insert(pair);
  }
  for (const auto& [service, epoch] : feed.epochs()) {
    std::string& held = known[service];
    if (!held.empty() && held != epoch && state.is_ahead()) *again = true;
    held = epoch;
  }
  *epochs = absl::StrJoin(known, ",", absl::PairFormatter("="));
  return absl::OkStatus();
}

absl::Status Consumer::Round(bool once, bool* ended) {
  ASSIGN_OR_RETURN(ConsumerState state, LoadState());
  std::string epochs;
  bool again = state.cursor.empty() && !state.reads_snapshot();
  RETURN_IF_ERROR(LookAtEpochs(state, &epochs, &again));
  if (again) RETURN_IF_ERROR(BeginSnapshot(state, false));
  // Behind the beginning: a crash between the two looks again.
  if (epochs != state.epochs)
    RETURN_IF_ERROR(Transact(
        [&](postgres::Statements& transaction) { return state_tables_.SaveEpochs(transaction, epochs); }));
  if (again) return absl::OkStatus();
  if (state.reads_snapshot()) {
    const absl::Status status = ReadSnapshot(state);
    // The parts cannot be read on, as when the reader's grants have changed: begun anew.
    if (Names(status, ErrorReason::CURSOR_EXPIRED) || Names(status, ErrorReason::CURSOR_INVALID) ||
        Names(status, ErrorReason::PAGE_TOKEN_INVALID))
      return BeginSnapshot(state, !state.buckets.empty());
    return status;
  }
  Note([&](Progress* progress) {
    progress->phase = Progress::Phase::kTail;
    progress->step = state.step;
  });
  state.stream_step = state.step;
  const absl::Status status = once ? ListToEnd(&state, ended) : Watch(&state);
  if (Names(status, ErrorReason::CURSOR_EXPIRED)) return BeginSnapshot(state, false);
  if (Names(status, ErrorReason::CURSOR_DIVERGED)) return BeginSnapshot(state, true);
  return status;
}

}  // namespace lianqiao::feed
