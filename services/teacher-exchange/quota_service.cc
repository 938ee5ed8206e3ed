// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/quota_service.h"

#include "absl/strings/str_cat.h"
#include "services/teacher-exchange/quota_rules.h"

namespace lianqiao::exchange {

using postgres::Parameters;
using resource::NamedQuery;
using resource::Reading;
using resource::Writing;

namespace {

constexpr int kProgressMax = 1000;

// The derivation of the kind counts.
absl::StatusOr<v1::Quota> SettleQuota(Writing& writing, const v1::SettleQuotaRequest& request) {
  ASSIGN_OR_RETURN(v1::Quota quota, writing.Load<v1::Quota>(request.id(), request.etag()));
  RETURN_IF_ERROR(writing.Update(&quota));
  return quota;
}

// How many persons are on post or served by `day`, by due_on at the latest, as CountPlaces says.
std::string FilledSql(const std::string& day) {
  return absl::StrCat(
      "(SELECT count(DISTINCT a.teacher_id) FROM assignment a WHERE a.quota_id = q.id"
      " AND a.delete_time IS NULL AND coalesce(a.started_on, '-infinity') <= least(q.due_on, ",
      day,
      ") AND (a.state IN ('ASSIGNMENT_STATE_ON_POST', 'ASSIGNMENT_STATE_EXTENDED',"
      " 'ASSIGNMENT_STATE_COMPLETED', 'ASSIGNMENT_STATE_ASSESSED')"
      " OR (a.state = 'ASSIGNMENT_STATE_RECALLED' AND a.ended_on >= least(q.due_on, ",
      day, "))))");
}

// What the platform settles: quotas whose day has gone by since they were counted, and missed ones that were
// filled by their day, as has been written down since. The count of an import stands where it says more than
// the assignments that came with it.
NamedQuery DueQuotas() {
  return {"quotas_due",
          absl::StrCat("SELECT q.id FROM quota q WHERE q.delete_time IS NULL AND q.due_on < $1::date"
                       " AND (q.counted_on <= q.due_on OR (q.state = 'QUOTA_STATE_MISSED'"
                       " AND q.filled_count < ",
                       FilledSql("q.due_on"), "))")};
}

// The quotas of `condition` in $1 ($2: only of this school year, $3: on this day), as PlaceFacts counts them:
// all of its places, whoever may read the assignments, since how far it is filled is the quota's own figure.
NamedQuery ProgressQuery(const char* name, const char* condition) {
  return {
      name,
      absl::StrCat(
          "SELECT q.id, q.planned_count, q.due_on,"
          " ",
          FilledSql("$3::date"),
          ","
          " (SELECT count(DISTINCT b.teacher_id) FROM assignment b WHERE b.quota_id = q.id AND b.delete_time "
          "IS NULL"
          " AND b.state = 'ASSIGNMENT_STATE_APPROVED' AND NOT EXISTS (SELECT 1 FROM assignment c"
          " WHERE c.quota_id = q.id AND c.teacher_id = b.teacher_id AND c.delete_time IS NULL"
          " AND c.state IN ('ASSIGNMENT_STATE_ON_POST', 'ASSIGNMENT_STATE_EXTENDED',"
          " 'ASSIGNMENT_STATE_COMPLETED', 'ASSIGNMENT_STATE_ASSESSED')))"
          " FROM {visible:quota q} WHERE ",
          condition, " AND ($2::uuid IS NULL OR q.school_year_id = $2::uuid) ORDER BY q.due_on, q.id LIMIT ",
          kProgressMax + 1)};
}

const NamedQuery& QueryFor(const v1::ListQuotaProgressRequest& request) {
  static const NamedQuery one = ProgressQuery("progress_of_quota", "q.id = $1::uuid");
  static const NamedQuery of_alliance = ProgressQuery("progress_of_alliance", "q.alliance_id = $1::uuid");
  static const NamedQuery of_place = ProgressQuery(
      "progress_of_jurisdiction", "(q.issuer_jurisdiction_id = $1::uuid OR q.jurisdiction_id = $1::uuid)");
  if (!request.quota_id().empty()) return one;
  return request.alliance_id().empty() ? of_place : of_alliance;
}

const std::string& PlaceOf(const v1::ListQuotaProgressRequest& request) {
  if (!request.quota_id().empty()) return request.quota_id();
  return request.alliance_id().empty() ? request.jurisdiction_id() : request.alliance_id();
}

// One of three names what is asked for.
absl::Status CheckRequest(const v1::ListQuotaProgressRequest& request) {
  const int named = int{!request.quota_id().empty()} + int{!request.alliance_id().empty()} +
                    int{!request.jurisdiction_id().empty()};
  if (named == 1) return absl::OkStatus();
  if (named == 0) return base::FailIfAny({base::Refuse("jurisdictionId", base::ErrorReason::FIELD_REQUIRED)});
  const char* other = request.quota_id().empty() ? "jurisdictionId" : "quotaId";
  const char* field = request.alliance_id().empty() ? "jurisdictionId" : "allianceId";
  return base::FailIfAny({base::Refuse(field, base::ErrorReason::FIELD_CONFLICT, {{"other", other}})});
}

absl::StatusOr<v1::ListQuotaProgressResponse> ListQuotaProgress(Reading& reading,
                                                                const v1::ListQuotaProgressRequest& request) {
  RETURN_IF_ERROR(CheckRequest(request));
  const std::string day = request.on_day().empty() ? reading.today() : request.on_day();
  Parameters parameters;
  parameters.Text(PlaceOf(request));
  if (request.school_year_id().empty()) {
    parameters.Null();
  } else {
    parameters.Text(request.school_year_id());
  }
  parameters.Text(day);
  ASSIGN_OR_RETURN(const postgres::Result rows, reading.Query(QueryFor(request), parameters));
  v1::ListQuotaProgressResponse response;
  response.set_truncated(rows.rows() > kProgressMax);
  for (int i = 0; i < rows.rows() && i < kProgressMax; ++i) {
    v1::QuotaProgress& progress = *response.add_progress();
    progress.set_quota_id(rows.Text(i, 0));
    progress.set_planned_count(static_cast<int>(rows.Integer(i, 1)));
    progress.set_due_on(rows.Text(i, 2));
    progress.set_filled_count(static_cast<int>(rows.Integer(i, 3)));
    progress.set_approved_count(static_cast<int>(rows.Integer(i, 4)));
    progress.set_state(
        QuotaStateOn(progress.filled_count(), progress.planned_count(), progress.due_on(), day));
  }
  return response;
}

}  // namespace

void AddQuotas(resource::Service& service) {
  resource::Resource<v1::Quota>(service)
      .facts(PlaceFacts())
      .facts(ChangedQuotaFacts())
      .facts(TakenFacts())
      .derives(CountPlaces)
      .rules(CheckQuota)
      .on("SettleQuota", SettleQuota)
      .daily("SettleQuota", DueQuotas())
      .on("ListQuotaProgress", ListQuotaProgress);
}

}  // namespace lianqiao::exchange
