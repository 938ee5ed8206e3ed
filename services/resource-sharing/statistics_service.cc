// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/statistics_service.h"

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lianqiao/resources/v1/resource_statistics.pb.h"
#include "services/resource-sharing/party_on_day.h"

namespace lianqiao::resources {

using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Reading;

namespace {

constexpr int kFlowsDefault = 200;

// $1 place, $2 alliance, $3 first day, $4 last day; empty: all. The parties of the alliance in the period,
// and what became of schools that were merged: their items and uses are their heirs' (who also took their
// place in the alliance).
std::string Parties() {
  return absl::StrCat(
      "WITH merged AS MATERIALIZED (SELECT o.id, ", SuccessorSql("o.id"),
      " AS heir FROM registry_organisation o WHERE o.replaced_by IS NOT NULL),"
      " party AS MATERIALIZED (SELECT m.organisation_id, m.jurisdiction_id FROM registry_membership m"
      " WHERE m.alliance_id = nullif($2, '')::uuid AND m.state NOT IN ('MEMBERSHIP_STATE_PROPOSED',"
      " 'MEMBERSHIP_STATE_AGREED', 'MEMBERSHIP_STATE_WITHDRAWN')"
      " AND (m.joined_on IS NULL OR m.joined_on <= $4::date)"
      " AND CASE WHEN m.left_on IS NULL THEN m.state <> 'MEMBERSHIP_STATE_ENDED'"
      " ELSE m.left_on >= coalesce(nullif($3, '')::date, m.left_on) END)");
}

// Whether the organisation (an alias of its copy) lies in the place, and in the alliance.
std::string InPlace(const std::string& alias) {
  return absl::StrCat("($1 = '' OR ", alias, ".sync_scope @> ARRAY[nullif($1, '')::uuid])");
}
std::string InAlliance(const std::string& alias) {
  return absl::StrCat("($2 = '' OR EXISTS (SELECT FROM party p WHERE p.organisation_id = ANY(", alias,
                      ".sync_scope) OR p.jurisdiction_id = ANY(", alias, ".sync_scope)))");
}

const NamedQuery& ItemsQuery() {
  static const NamedQuery query{
      "resource_statistics_items",
      absl::StrCat(Parties(),
                   ", here AS MATERIALIZED (SELECT i.id, i.kind, i.level, i.stages, i.state, o.id AS author"
                   " FROM {visible:resource_item i} LEFT JOIN merged m ON m.id = i.author_organisation_id"
                   " JOIN registry_organisation o ON o.id = coalesce(m.heir, i.author_organisation_id)"
                   " WHERE i.state IN ('RESOURCE_STATE_PUBLISHED', 'RESOURCE_STATE_FEATURED') AND ",
                   InPlace("o"), " AND ", InAlliance("o"),
                   ") SELECT 'all' AS field, '' AS value, count(*), count(*) FILTER (WHERE state ="
                   " 'RESOURCE_STATE_FEATURED'), count(DISTINCT author) FROM here"
                   " UNION ALL SELECT 'kind', kind, count(*), 0, 0 FROM here GROUP BY kind"
                   " UNION ALL SELECT 'level', level, count(*), 0, 0 FROM here GROUP BY level"
                   " UNION ALL SELECT 'stage', s, count(*), 0, 0 FROM here, unnest(stages) s GROUP BY s"
                   " UNION ALL SELECT 'rating', coalesce(avg(r.stars)::text, ''), count(*), 0, 0"
                   " FROM {visible:resource_rating r} JOIN here h ON h.id = r.resource_item_id"
                   " ORDER BY 1, 3 DESC, 2")};
  return query;
}

// Uses that count, each with whether its consumer (`takes`) and its author (`gives`) are asked about. Between
// schools that have become one, a flow keeps the two that they were (`source`, `target`).
std::string Used() {
  return absl::StrCat(
      Parties(),
      ", used AS MATERIALIZED (SELECT u.resource_item_id, coalesce(a.id, u.author_organisation_id) AS author,"
      " c.id AS consumer, CASE WHEN a.id = c.id THEN u.author_organisation_id ELSE"
      " coalesce(a.id, u.author_organisation_id) END AS source, CASE WHEN a.id = c.id THEN"
      " u.consumer_organisation_id ELSE c.id END AS target, u.use_count, u.person_time_count,"
      " u.cross_school, ",
      InPlace("c"), " AS takes, coalesce(", InPlace("a"),
      ", false) AS gives FROM {visible:resource_use u}"
      " LEFT JOIN merged mc ON mc.id = u.consumer_organisation_id"
      " LEFT JOIN merged ma ON ma.id = u.author_organisation_id"
      " JOIN registry_organisation c ON c.id = coalesce(mc.heir, u.consumer_organisation_id)"
      " LEFT JOIN registry_organisation a ON a.id = coalesce(ma.heir, u.author_organisation_id)"
      " WHERE u.used_on <= $4::date AND ($3 = '' OR u.used_on >= nullif($3, '')::date) AND ",
      InAlliance("c"), " AND ($2 = '' OR ", InAlliance("a"), "))");
}

const NamedQuery& UsesQuery() {
  static const NamedQuery query{
      "resource_statistics_uses",
      absl::StrCat(Used(),
                   " SELECT coalesce(sum(use_count) FILTER (WHERE takes), 0)::bigint,"
                   " coalesce(sum(use_count) FILTER (WHERE takes AND cross_school), 0)::bigint,"
                   " coalesce(sum(person_time_count) FILTER (WHERE takes), 0)::bigint,"
                   " count(DISTINCT resource_item_id) FILTER (WHERE takes),"
                   " count(DISTINCT consumer) FILTER (WHERE takes),"
                   " coalesce(sum(use_count) FILTER (WHERE gives AND cross_school), 0)::bigint FROM used")};
  return query;
}

const NamedQuery& FlowsQuery() {
  static const NamedQuery query{
      "resource_statistics_flows",
      absl::StrCat(Used(),
                   " SELECT source, target, sum(use_count)::bigint, count(DISTINCT resource_item_id)"
                   " FROM used WHERE cross_school AND (takes OR gives) GROUP BY source, target"
                   " ORDER BY 3 DESC, source, target LIMIT $5::integer")};
  return query;
}

const NamedQuery& SchoolsQuery() {
  static const NamedQuery query{
      "resource_statistics_schools",
      absl::StrCat(Used(),
                   ", side AS (SELECT author AS id, use_count AS given, 0 AS taken FROM used"
                   " WHERE cross_school AND gives UNION ALL SELECT consumer, 0, use_count FROM used"
                   " WHERE cross_school AND takes)"
                   " SELECT id, sum(given)::bigint, sum(taken)::bigint FROM side GROUP BY id"
                   " ORDER BY sum(given) + sum(taken) DESC, id LIMIT $5::integer")};
  return query;
}

Parameters Asked(Reading& reading, const v1::GetResourceStatisticsRequest& request) {
  Parameters p;
  p.Text(request.jurisdiction_id()).Text(request.alliance_id()).Text(request.from());
  p.Text(request.to().empty() ? reading.today() : request.to());
  return p;
}

absl::Status CountItems(Reading& reading, const v1::GetResourceStatisticsRequest& request,
                        v1::ItemStatistics* items) {
  ASSIGN_OR_RETURN(const Result rows, reading.Query(ItemsQuery(), Asked(reading, request)));
  for (int i = 0; i < rows.rows(); ++i) {
    const std::string field = rows.Text(i, 0);
    if (field == "all") {
      items->set_item_count(rows.Integer(i, 2));
      items->set_featured_item_count(rows.Integer(i, 3));
      items->set_distinct_author_organisation_count(rows.Integer(i, 4));
    } else if (field == "rating") {
      items->set_rating_count(rows.Integer(i, 2));
      double mean = 0;
      if (rows.Integer(i, 2) > 0 && absl::SimpleAtod(rows.Text(i, 1), &mean)) items->set_mean_stars(mean);
    } else {
      v1::ItemCount* count = field == "kind"    ? items->add_by_kind()
                             : field == "level" ? items->add_by_level()
                                                : items->add_by_stage();
      count->set_value(rows.Text(i, 1));
      count->set_item_count(rows.Integer(i, 2));
    }
  }
  return absl::OkStatus();
}

absl::Status CountUses(Reading& reading, const v1::GetResourceStatisticsRequest& request,
                       v1::UseStatistics* uses) {
  ASSIGN_OR_RETURN(const Result row, reading.Query(UsesQuery(), Asked(reading, request)));
  uses->set_use_count(row.Integer(0, 0));
  uses->set_cross_school_use_count(row.Integer(0, 1));
  if (uses->use_count() > 0)
    uses->set_cross_school_use_share(static_cast<double>(uses->cross_school_use_count()) /
                                     static_cast<double>(uses->use_count()));
  uses->set_person_time_count(row.Integer(0, 2));
  uses->set_used_item_count(row.Integer(0, 3));
  uses->set_distinct_consumer_count(row.Integer(0, 4));
  uses->set_given_use_count(row.Integer(0, 5));
  return absl::OkStatus();
}

absl::Status AddFlows(Reading& reading, const v1::GetResourceStatisticsRequest& request,
                      v1::ResourceStatistics* statistics) {
  const int flow_max = request.flow_max() == 0 ? kFlowsDefault : request.flow_max();
  ASSIGN_OR_RETURN(const Result flows,
                   reading.Query(FlowsQuery(), Asked(reading, request).Integer(flow_max + 1)));
  statistics->set_more_flows(flows.rows() > flow_max);
  for (int i = 0; i < std::min(flows.rows(), flow_max); ++i) {
    v1::ResourceFlow* flow = statistics->add_flows();
    flow->set_author_organisation_id(flows.Text(i, 0));
    flow->set_consumer_organisation_id(flows.Text(i, 1));
    flow->set_use_count(flows.Integer(i, 2));
    flow->set_item_count(flows.Integer(i, 3));
  }
  ASSIGN_OR_RETURN(const Result schools,
                   reading.Query(SchoolsQuery(), Asked(reading, request).Integer(flow_max)));
  for (int i = 0; i < schools.rows(); ++i) {
    v1::SchoolBalance* school = statistics->add_schools();
    school->set_organisation_id(schools.Text(i, 0));
    school->set_given_use_count(schools.Integer(i, 1));
    school->set_taken_use_count(schools.Integer(i, 2));
  }
  return absl::OkStatus();
}

// Who may not read an alliance learns neither that there is one nor which of its schools take part.
absl::Status CheckAlliance(Reading& reading, const std::string& id) {
  static const NamedQuery kSeen{"resource_statistics_alliance",
                                "SELECT 1 FROM {visible:registry/alliance a} WHERE a.id = $1::uuid"};
  if (id.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Result seen, reading.Query(kSeen, Parameters().Text(id)));
  if (seen.rows() > 0) return absl::OkStatus();
  return base::Fail(absl::StatusCode::kNotFound, base::ErrorReason::RESOURCE_NOT_FOUND,
                    {{"kind", "alliance"}, {"kind_zh", "联盟"}});
}

absl::StatusOr<v1::ResourceStatistics> GetResourceStatistics(
    Reading& reading, const v1::GetResourceStatisticsRequest& request) {
  RETURN_IF_ERROR(CheckAlliance(reading, request.alliance_id()));
  v1::ResourceStatistics statistics;
  RETURN_IF_ERROR(CountItems(reading, request, statistics.mutable_items()));
  RETURN_IF_ERROR(CountUses(reading, request, statistics.mutable_uses()));
  RETURN_IF_ERROR(AddFlows(reading, request, &statistics));
  return statistics;
}

}  // namespace

void AddStatistics(resource::Service& service) {
  service.on("lianqiao.resources.v1.ResourceStatisticsService", "GetResourceStatistics",
             GetResourceStatistics);
}

}  // namespace lianqiao::resources
