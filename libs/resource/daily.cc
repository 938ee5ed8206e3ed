// SPDX-License-Identifier: Apache-2.0
// The daily job: owners whose parties begin or end by date are stamped, old answers are forgotten. Catches up
// after downtime, since the last finished day stands in the database.
#include "absl/strings/str_cat.h"
#include "libs/base/limits.h"
#include "libs/resource/list.h"
#include "libs/resource/unit.h"

namespace lianqiao::resource {

using postgres::Parameters;
using postgres::Query;

namespace {

constexpr int kOwnersPerRun = 200;

// Owners with a party whose first day, or the day after whose last day, lies in (done_on, today].
Query OwnersQuery(const ResourcePlan& owner, const ResourcePlan& party) {
  const auto& rule = owner.rule->scope().parties();
  const auto& validity = party.rule->validity();
  return {absl::StrCat("due_", owner.kind),
          absl::StrCat("SELECT DISTINCT m.", rule.parent(), " FROM ", party.kind,
                       " m WHERE m.delete_time IS NULL AND m.", rule.parent(), " > $3::uuid AND ((m.",
                       validity.from(), " > $1::date AND m.", validity.from(), " <= $2::date) OR (m.",
                       validity.to(), " >= $1::date AND m.", validity.to(), " < $2::date)) ORDER BY 1 LIMIT ",
                       kOwnersPerRun)};
}

absl::StatusOr<bool> StampKind(EngineCore& core, postgres::Statements& transaction, const Call& call,
                               const ResourcePlan& owner) {
  static const Query kBegin{
      "begin_daily_stamp",
      "INSERT INTO daily_stamp (kind, done_on) VALUES ($1, $2::date) ON CONFLICT DO NOTHING"};
  static const Query kRead{"read_daily_stamp",
                           "SELECT done_on, after_id FROM daily_stamp WHERE kind = $1 FOR UPDATE"};
  static const Query kAdvance{
      "advance_daily_stamp",
      "UPDATE daily_stamp SET done_on = $2::date, after_id = $3::uuid WHERE kind = $1"};
  const ResourcePlan& party = *core.options.contract->FindKind(owner.rule->scope().parties().kind());
  if (!party.rule->has_validity()) return false;
  const std::string today = call.today();
  RETURN_IF_ERROR(transaction.Execute(kBegin, Parameters().Text(owner.kind).Text(today)).status());
  ASSIGN_OR_RETURN(const postgres::Result state, transaction.Execute(kRead, Parameters().Text(owner.kind)));
  const std::string done_on = state.Text(0, 0);
  if (done_on >= today) return false;
  // A pass that another day or another process began is begun anew: the owners before its place may have got
  // work.
  const auto pass = core.daily_passes_.find(owner.kind);
  const bool goes_on = pass != core.daily_passes_.end() && pass->second == today && !state.IsNull(0, 1);
  Parameters p;
  p.Text(done_on).Text(today).Text(goes_on ? state.Text(0, 1) : store::kNilId);
  ASSIGN_OR_RETURN(const postgres::Result owners, transaction.Execute(OwnersQuery(owner, party), p));
  Unit unit(core, transaction, call);
  for (int i = 0; i < owners.rows(); ++i) RETURN_IF_ERROR(unit.RestampNow(owner, owners.Text(i, 0)));
  const bool more = owners.rows() == kOwnersPerRun;
  Parameters advance;
  advance.Text(owner.kind).Text(more ? done_on : today);
  if (more) {
    advance.Text(owners.Text(owners.rows() - 1, 0));
  } else {
    advance.Null();
  }
  RETURN_IF_ERROR(transaction.Execute(kAdvance, advance).status());
  if (!unit.empty()) RETURN_IF_ERROR(unit.Finish({}, {}).status());
  return more;
}

}  // namespace

absl::StatusOr<bool> Engine::RunDaily(absl::Time deadline) {
  static const Query kForget{
      "forget_answers",
      "DELETE FROM idempotency WHERE (client_id, request_id) IN (SELECT client_id, request_id FROM"
      " idempotency WHERE create_time < $1::timestamptz ORDER BY create_time LIMIT 1000)"};
  EngineCore& core = *core_;
  bool more = false;
  const Call call = PlatformCall(core.options.clock->Now());
  // A write that arrived before midnight stamps by yesterday's date: the day's pass begins when none is left.
  const bool settled = base::BusinessDate(call.now - absl::Seconds(base::kWriteSecondsMax)) == call.today();
  const absl::Status status =
      core.options.writes->Run(deadline, [&](postgres::Session& session) -> absl::Status {
        for (const auto& [resource, kind] : core.kinds_) {
          if (!settled || !resource->rule->scope().has_parties()) continue;
          const ResourcePlan* owner = resource;
          RETURN_IF_ERROR(session.Transact([&](postgres::Statements& transaction) -> absl::Status {
            ASSIGN_OR_RETURN(const bool rest, StampKind(core, transaction, call, *owner));
            more = more || rest;
            return absl::OkStatus();
          }));
          core.daily_passes_[owner->kind] = call.today();  // Only of what has been committed.
        }
        return session.Transact([&](postgres::Statements& transaction) -> absl::Status {
          const absl::Time limit = call.now - absl::Hours(24 * base::kIdempotencyDays);
          ASSIGN_OR_RETURN(const postgres::Result gone,
                           transaction.Execute(kForget, Parameters().Time(limit)));
          more = more || gone.affected_rows() == 1000;
          return absl::OkStatus();
        });
      });
  if (!status.ok()) return status;
  return more;
}

}  // namespace lianqiao::resource
