// SPDX-License-Identifier: Apache-2.0
// The daily job: owners whose parties begin or end by date are stamped, what a day has made due is called
// for, old answers are forgotten. Catches up after downtime: the last finished day of the stamps stands in
// the database, and what is due stays due until it has been called for.
#include "absl/strings/str_cat.h"
#include "libs/base/limits.h"
#include "libs/base/log.h"
#include "libs/resource/list.h"
#include "libs/resource/unit.h"

namespace lianqiao::resource {

using postgres::Parameters;
using postgres::Query;

namespace {

constexpr int kOwnersPerRun = 200;
constexpr int kDuePerRun = 200;

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

Query DueQuery(const Daily& daily) {
  return {"ids_" + daily.due.name,
          absl::StrCat("SELECT d.id FROM (", daily.due.sql,
                       ") AS d (id) WHERE d.id > $2::uuid ORDER BY d.id LIMIT ", kDuePerRun)};
}

// The call as the platform makes it: whoever lets the clock run has no scope of its own.
Call DailyCall(const Method& method, const std::string& id, absl::Time now, absl::Time deadline) {
  static const auto* everything =
      new std::shared_ptr<const access::ClientGrants>(std::make_shared<access::ClientGrants>([] {
        access::ClientGrants grants;
        grants.client_id = "platform";
        grants.grants.emplace_back().permission = "*";
        return grants;
      }()));
  Call call = PlatformCall(now);
  auto context = std::make_shared<rpc::CallContext>(*call.context);
  context->method = method.path;
  context->deadline = deadline;
  call.context = std::move(context);
  call.caller.grants = *everything;
  call.method = &method;
  call.scope.everything = true;
  const auto* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.descriptor->input_type());
  call.request.reset(prototype->New());
  call.request->GetReflection()->SetString(call.request.get(),
                                           method.descriptor->input_type()->FindFieldByName("id"), id);
  return call;
}

// Another process may have called for it since: asked once more with the record under lock.
absl::Status CallForDue(EngineCore& core, postgres::Session& session, const Daily& daily, const Call& call,
                        const std::string& id) {
  const Query still{"still_" + daily.due.name,
                    absl::StrCat("SELECT 1 FROM (", daily.due.sql, ") AS d (id) WHERE d.id = $2::uuid")};
  const Custom& custom = core.customs_.at(daily.method);
  return RunUnit(core, session, call,
                 [&](Unit& unit) -> absl::StatusOr<std::unique_ptr<Message>> {
                   RETURN_IF_ERROR(unit.LockAll(*call.method->resource, {id}).status());
                   ASSIGN_OR_RETURN(
                       const postgres::Result due,
                       unit.transaction().Execute(still, Parameters().Text(call.today()).Text(id)));
                   if (due.rows() == 0) return std::unique_ptr<Message>(custom.response->New());
                   return custom.write(*MakeWriting(core, unit, call), *call.request);
                 })
      .status();
}

// Whether the record, and not the database, is why it came to nothing.
bool IsRefusal(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status) || absl::IsNotFound(status) ||
         absl::IsPermissionDenied(status);
}

// Some of what is due; true: there may be more.
absl::StatusOr<bool> CallForSome(EngineCore& core, postgres::Session& session, absl::Time deadline,
                                 Daily& daily) {
  const absl::Time now = core.options.clock->Now();
  const std::string today = base::BusinessDate(now);
  if (daily.day != today) {
    daily.day = today;
    daily.after_id = store::kNilId;
  }
  if (daily.after_id.empty()) return false;
  const Method& method = *core.options.contract->FindMethod(daily.method);
  ASSIGN_OR_RETURN(const postgres::Result due,
                   session.Execute(DueQuery(daily), Parameters().Text(today).Text(daily.after_id)));
  for (int i = 0; i < due.rows(); ++i) {
    const std::string id = due.Text(i, 0);
    const absl::Status called = CallForDue(core, session, daily, DailyCall(method, id, now, deadline), id);
    if (!called.ok() && !IsRefusal(called)) return called;
    if (!called.ok())
      base::Log(base::Severity::kWarning, "daily_call_refused",
                {{"method", daily.method}, {"id", id}, {"status", called.ToString()}});
    daily.after_id = id;
  }
  const bool more = due.rows() == kDuePerRun;
  if (!more) daily.after_id.clear();
  if (due.rows() > 0 && core.options.on_commit) core.options.on_commit();
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
        for (Daily& daily : core.dailies_) {
          if (!settled) continue;
          ASSIGN_OR_RETURN(const bool rest, CallForSome(core, session, deadline, daily));
          more = more || rest;
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
