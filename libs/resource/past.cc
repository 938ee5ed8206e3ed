// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/past.h"

#include <google/protobuf/timestamp.pb.h>

#include "absl/strings/str_cat.h"
#include "libs/base/limits.h"
#include "libs/resource/list.h"
#include "libs/resource/pending.h"

namespace lianqiao::resource {

using base::ErrorReason;
using postgres::Parameters;
using postgres::Query;

namespace {

// Rows that one page of a list in the past examines: a short page with a token, never a long wait.
constexpr int kExaminedMax = 2000;

}  // namespace

std::optional<absl::Time> ReadTimeOf(const Call& call) {
  const FieldDescriptor* field = call.request->GetDescriptor()->FindFieldByName("read_time");
  if (field == nullptr || !call.request->GetReflection()->HasField(*call.request, field)) return std::nullopt;
  return store::TimestampOf(call.request->GetReflection()->GetMessage(*call.request, field));
}

absl::Status CheckReadTime(postgres::Statements& statements, absl::Time read_time, absl::Time now) {
  // Our own transactions that have written and not ended: one that waits for its standby inside COMMIT stays
  // there for as long as it takes (statement_timeout does not reach it), and will appear with its old time.
  static const Query kHorizon{
      "history_horizon",
      "SELECT history_horizon, (SELECT min(xact_start) FROM pg_stat_activity WHERE usename = current_user"
      " AND datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid())"
      " FROM feed_meta ORDER BY started_at DESC LIMIT 1"};
  const auto refuse = [] {
    return base::FailIfAny({base::Refuse("readTime", ErrorReason::READ_TIME_INVALID,
                                         {{"seconds", absl::StrCat(base::kWriteSecondsMax)}})});
  };
  if (now - read_time < absl::Seconds(base::kWriteSecondsMax)) return refuse();
  ASSIGN_OR_RETURN(const postgres::Result row, statements.Execute(kHorizon, {}));
  if (row.rows() == 1 && !row.IsNull(0, 0) && read_time < row.Time(0, 0)) return refuse();
  // A revision's time is the call's arrival, which is at most half of the limit before its transaction.
  if (row.rows() == 1 && !row.IsNull(0, 1) &&
      read_time > row.Time(0, 1) - absl::Seconds(base::kWriteSecondsMax) / 2)
    return base::WithRetryAfter(base::Fail(absl::StatusCode::kUnavailable, ErrorReason::BACKEND_UNAVAILABLE,
                                           {{"service", "readTime"}}),
                                1000);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Message>> FromState(const ResourcePlan& resource, const std::string& state) {
  std::unique_ptr<Message> record(resource.prototype->New());
  if (!record->ParseFromString(state))
    return absl::DataLossError("a revision of " + resource.kind + " cannot be read");
  record->GetReflection()->SetString(record.get(), resource.etag->descriptor,
                                     store::EtagOf(store::RevisionOf(resource, *record)));
  return record;
}

absl::StatusOr<std::unique_ptr<Message>> StateAt(postgres::Statements& statements,
                                                 const ResourcePlan& resource, const std::string& id,
                                                 absl::Time read_time) {
  static const Query kState{
      "state_at",
      "SELECT state FROM revision WHERE kind = $1 AND id = $2::uuid AND time <= $3::timestamptz"
      " ORDER BY revision DESC LIMIT 1"};
  ASSIGN_OR_RETURN(const postgres::Result row,
                   statements.Execute(kState, Parameters().Text(resource.kind).Text(id).Time(read_time)));
  if (row.rows() == 0) return std::unique_ptr<Message>();
  return FromState(resource, row.Bytes(0, 0));
}

absl::StatusOr<rpc::Reply> EngineCore::ListAt(postgres::Session& session, const Call& call,
                                              absl::Time read_time) {
  const ResourcePlan& resource = *call.method->resource;
  ASSIGN_OR_RETURN(ListRequestPlan plan, PlanList(call));
  if (!call.Text("order_by").empty() && call.Text("order_by") != "id")
    return base::FailIfAny({base::Refuse(
        "orderBy", ErrorReason::ORDER_BY_INVALID,
        {{"detail_zh", "指定 readTime 时只能按 id 排序"}, {"detail_en", "with readTime only by id"}})});
  RETURN_IF_ERROR(CheckReadTime(session, read_time, call.now));
  ASSIGN_OR_RETURN(const store::TokenKey* key, PageKey(session));
  RETURN_IF_ERROR(ReadPlace(*key, &plan));
  // The scope is the present one: nobody reads the past of what he may not read today. Deleted rows keep
  // theirs.
  Parameters p;
  p.Text(plan.last.empty() ? std::string(store::kNilId) : *plan.last.front())
      .Time(read_time)
      .Text(resource.kind);
  const std::string scope =
      absl::StrCat("(", call.scope.Sql("t.scope", &p), ") AND ", PendingSql(resource, call.scope, "t", &p));
  // The bound counts rows looked at, also those that did not exist then.
  const Query query{
      "list_past_" + resource.kind,
      absl::StrCat("SELECT t.id, r.state, t.scope FROM (SELECT t.id, t.scope FROM ", resource.kind,
                   " t WHERE t.id > $1::uuid AND (", scope, ") ORDER BY t.id LIMIT ", kExaminedMax,
                   ") t LEFT JOIN LATERAL (SELECT state FROM revision WHERE kind = $3 AND id = t.id"
                   " AND time <= $2::timestamptz ORDER BY revision DESC LIMIT 1) r ON true ORDER BY t.id"),
      false};
  ASSIGN_OR_RETURN(const postgres::Result rows, session.Execute(query, p));
  ListResponse response(call);
  std::string last_id;
  int examined = 0;
  for (; examined < rows.rows() && response.size() < plan.page_size && !response.full(); ++examined) {
    last_id = rows.Text(examined, 0);
    if (rows.IsNull(examined, 1)) continue;
    ASSIGN_OR_RETURN(std::unique_ptr<Message> record, FromState(resource, rows.Bytes(examined, 1)));
    if (IsDeleted(resource, *record) && !plan.binding.show_deleted) continue;
    if (!plan.binding.valid_on.empty() && !HoldsOn(resource, *record, plan.binding.valid_on)) continue;
    if (!store::Matches(plan.filter, *record)) continue;
    response.Add(*record, rows.TextArray(examined, 2));
  }
  if (examined < rows.rows() || rows.rows() == kExaminedMax)
    response.SetNext(store::MakePageToken(*key, plan.binding, {last_id}));
  return response.Take();
}

}  // namespace lianqiao::resource
