// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/following.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"

namespace lianqiao::runtime {

namespace {

constexpr int kPartitions = Following::kWorkers - 1;
// Whoever waits for a position waits 2 s at most.
constexpr absl::Duration kQuestionLimit = absl::Seconds(1);

}  // namespace

absl::StatusOr<std::vector<std::string>> PermissionsToFollow(const Follow& follow) {
  ASSIGN_OR_RETURN(const auto contract, contract::Contract::Load({follow.package}));
  std::vector<std::string> permissions;
  for (const feed::CopiedKind& kind : follow.projection.kinds) {
    const contract::Resource* resource = contract->FindKind(kind.kind);
    if (resource == nullptr)
      return absl::InvalidArgumentError(absl::StrCat(follow.package, " has no ", kind.kind));
    permissions.push_back(resource->rule->permission() + ".changes");
    if (follow.projection.scopes) permissions.push_back(resource->rule->permission() + ".scopes");
  }
  return permissions;
}

absl::StatusOr<std::vector<std::string>> FollowingDdl(const Follow& follow) {
  ASSIGN_OR_RETURN(auto contract, contract::Contract::Load({follow.package}));
  return feed::ProjectionDdl(std::move(contract), follow.projection);
}

absl::StatusOr<std::unique_ptr<Following>> Following::Start(const Follow& follow, Options options) {
  std::unique_ptr<Following> following(new Following);
  following->package_ = follow.package;
  following->database_ = options.database;
  ASSIGN_OR_RETURN(following->contract_, contract::Contract::Load({follow.package}));
  following->client_ = std::make_unique<rpc::Client>(rpc::Client::Options{options.address, 1});
  feed::RpcSource::Options source;
  source.client = following->client_.get();
  source.contract = following->contract_;
  source.authorize = std::move(options.authorize);
  source.refused = std::move(options.refused);
  source.include_scopes = follow.projection.scopes;
  following->source_ = std::make_unique<feed::RpcSource>(source);
  source.call_limit = kQuestionLimit;
  following->questions_ = std::make_unique<feed::RpcSource>(source);
  feed::Projection::Options projection;
  projection.contract = following->contract_;
  projection.source = following->source_.get();
  projection.questions = following->questions_.get();
  projection.database = options.database;
  projection.partitions = kPartitions;
  projection.moved = std::move(options.moved);
  ASSIGN_OR_RETURN(following->projection_, feed::Projection::Start(follow.projection, projection));
  return following;
}

bool Following::IsReady() const {
  if (ready_) return true;
  if (projection_->lag().ready) {
    ready_ = true;
  } else {
    const absl::Status asked = database_->Run(
        base::Clock::System().Now() + kQuestionLimit, [this](postgres::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(const bool whole, projection_->IsWhole(session));
          if (whole) ready_ = true;
          return absl::OkStatus();
        });
    if (!asked.ok()) return false;
  }
  return ready_;
}

void Following::Watch(ServiceMetrics* metrics) const {
  const feed::Projection* projection = projection_.get();
  const prometheus::Labels labels = {{"projection", projection->name()}};
  metrics->WatchGauge(
      "lianqiao_projection_lag_seconds", "How far a copy of another service's records may be behind",
      [projection] { return projection->lag().seconds; }, labels);
  metrics->WatchGauge(
      "lianqiao_projection_ready", "1 once this process has caught up with it",
      [projection] { return projection->lag().ready ? 1.0 : 0.0; }, labels);
  metrics->WatchGauge(
      "lianqiao_projection_step", "Number of the batch that last changed the copy",
      [projection] { return static_cast<double>(projection->lag().step); }, labels);
  metrics->WatchCounter(
      "lianqiao_projection_changes_total", "Changes applied to the copy",
      [projection] { return static_cast<double>(projection->lag().change_count); }, labels);
}

}  // namespace lianqiao::runtime
