// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/remote_classroom_service.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/resource-sharing/online_research_rules.h"
#include "services/resource-sharing/party_on_day.h"
#include "services/resource-sharing/remote_classroom_rules.h"

namespace lianqiao::resources {
namespace {

// A pair may be planned before its alliance is in force: whoever has a membership that is not over is a
// party.
std::string SchoolSql(const char* school, const char* id) {
  return absl::StrCat(
      "SELECT '", school, "' AS school, ", TeachesSql("o.kind"),
      " AS teaches, EXISTS (SELECT 1 FROM registry_membership m WHERE m.alliance_id = $1::uuid"
      " AND coalesce(m.organisation_id, m.jurisdiction_id) = ANY(o.sync_scope) AND m.state IN"
      " ('MEMBERSHIP_STATE_PROPOSED', 'MEMBERSHIP_STATE_AGREED', 'MEMBERSHIP_STATE_ACTIVE',"
      " 'MEMBERSHIP_STATE_SUSPENDED')) AS party FROM registry_organisation o WHERE o.id = ",
      id);
}

}  // namespace

void AddRemoteClassrooms(resource::Service& service) {
  resource::Resource<v1::RemoteClassroomPair>(service)
      .facts({"schools",
              absl::StrCat(SchoolSql("a", "$2::uuid"), " UNION ALL ", SchoolSql("b", "$3::uuid")),
              {"alliance_id", "school_a_id", "school_b_id"},
              {}})
      .facts({"alliance",
              "SELECT a.type FROM registry_alliance a WHERE a.id = $1::uuid",
              {"alliance_id"},
              {},
              true})
      .rules(CheckRemoteClassroomPair);
  resource::Resource<v1::RemoteSession>(service)
      .facts({"pair",
              "SELECT p.state, p.in_service_on, p.out_of_service_on FROM remote_classroom_pair p"
              " WHERE p.id = $1::uuid",
              {"remote_classroom_pair_id"},
              {}})
      .facts({"lesson",
              "SELECT l.remote_classroom_pair_id, l.lesson_date FROM online_lesson l WHERE l.id = $1::uuid",
              {"online_lesson_id"},
              {},
              true})
      .rules(CheckRemoteSession);
}

void AddOnlineResearch(resource::Service& service) {
  resource::Resource<v1::OnlineResearchRule>(service).rules(CheckOnlineResearchRule);
  resource::Resource<v1::OnlineResearchSession>(service)
      .facts({"host",
              absl::StrCat("SELECT 1 AS found WHERE ", PartyOnDaySql("$1::uuid", "$2::uuid", "$3::date")),
              {"alliance_id", "host_organisation_id", "session_date"},
              {}})
      .facts({"rule",
              "SELECT r.alliance_id, r.state, r.in_force_on, r.ended_on FROM online_research_rule r"
              " WHERE r.id = $1::uuid",
              {"online_research_rule_id"},
              {},
              true})
      .rules(CheckOnlineResearchSession);
}

}  // namespace lianqiao::resources
