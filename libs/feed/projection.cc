// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/projection.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/log.h"
#include "libs/base/status.h"

namespace lianqiao::feed {

using base::ErrorReason;

namespace {

constexpr absl::Duration kWaitMax = absl::Seconds(2);
constexpr int64_t kRetryMilliseconds = 200;

TableOptions OptionsOf(const ProjectionSpec& spec) {
  TableOptions options;
  options.consumer = spec.name;
  options.table_prefix = spec.prefix;
  options.state_prefix = spec.prefix + "consumer_";
  options.keep_former = true;
  return options;
}

ProjectionLag LagOf(const Progress& progress) {
  ProjectionLag lag;
  lag.seconds = progress.LagSeconds(base::Clock::System().Now());
  lag.change_count = progress.change_count;
  lag.step = progress.step;
  lag.ready = progress.caught_up_at != absl::InfinitePast();
  return lag;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ProjectionDdl(std::shared_ptr<const contract::Contract> contract,
                                                       const ProjectionSpec& spec) {
  const TableOptions options = OptionsOf(spec);
  ASSIGN_OR_RETURN(const std::unique_ptr<Tables> tables,
                   Tables::Make(std::move(contract), spec.kinds, options));
  std::vector<std::string> ddl = StateTables(options.consumer, options.state_prefix).Ddl();
  for (std::string& statement : tables->Ddl()) ddl.push_back(std::move(statement));
  return ddl;
}

absl::StatusOr<std::unique_ptr<Projection>> Projection::Start(const ProjectionSpec& spec, Options options) {
  for (const CopiedKind& kind : spec.kinds)
    if (kind.fields.empty())
      return absl::InvalidArgumentError(absl::StrCat("a projection of ", kind.kind, " must name its fields"));
  std::unique_ptr<Projection> projection(new Projection(std::move(options)));
  const Options& own = projection->options_;
  ASSIGN_OR_RETURN(projection->tables_, Tables::Make(own.contract, spec.kinds, OptionsOf(spec)));
  Consumer::Options consumer;
  consumer.source = own.source;
  consumer.database = own.database;
  consumer.tables = projection->tables_.get();
  for (const CopiedKind& kind : spec.kinds) consumer.filter.kinds.push_back(kind.kind);
  consumer.partitions = own.partitions;
  if (own.observe)
    consumer.observe = [observe = own.observe](const Progress& progress) { observe(LagOf(progress)); };
  projection->consumer_ = std::make_unique<Consumer>(consumer);
  projection->thread_ = std::thread([self = projection.get()] {
    const absl::Status status = self->consumer_->Follow();
    if (status.ok()) return;
    base::Log(base::Severity::kError, "feed_projection_stopped",
              {{"consumer", self->tables_->options().consumer}, {"status", status.ToString()}});
    if (self->options_.stopped) self->options_.stopped(status);
  });
  return projection;
}

Projection::~Projection() {
  if (consumer_ != nullptr) consumer_->Stop();
  if (thread_.joinable()) thread_.join();
}

ProjectionLag Projection::lag() const {
  return LagOf(consumer_->progress());
}

bool Projection::Reached(int bucket, int64_t position) const {
  return consumer_->Reached(bucket) >= position;
}

// A position of a change that the projection does not take is never seen. But whoever asks for the next page
// behind the stored cursor, and gets none, knows that everything committed before the question is here.
absl::Status Projection::Wait(int bucket, int64_t position, absl::Time deadline) {
  const absl::Time end = std::min(deadline, base::Clock::System().Now() + kWaitMax);
  while (true) {
    const int64_t seen = consumer_->batches();
    if (Reached(bucket, position)) return absl::OkStatus();
    ASSIGN_OR_RETURN(const ConsumerState state, consumer_->LoadState());
    if (!state.cursor.empty() && !state.reads_snapshot()) {
      const auto page = options_.source->List(state.filter, state.cursor, 1, 0);
      if (page.ok() && page->changes().empty() && !page->has_more() && page->incomplete_services().empty())
        return absl::OkStatus();
    }
    if (base::Clock::System().Now() >= end) break;
    consumer_->WaitForBatch(seen, std::min(end, base::Clock::System().Now() + absl::Milliseconds(100)));
    if (base::Clock::System().Now() >= end && !Reached(bucket, position)) break;
  }
  return base::WithRetryAfter(
      base::Fail(absl::StatusCode::kFailedPrecondition, ErrorReason::REFERENCE_NOT_YET_VISIBLE),
      kRetryMilliseconds);
}

}  // namespace lianqiao::feed
