// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/joint_activity_service.h"

#include "lianqiao/research/v1/activity_party.pb.h"
#include "lianqiao/research/v1/joint_activity.pb.h"
#include "services/teaching-research/joint_activity_rules.h"

namespace lianqiao::research {
namespace {

// The place that manages the alliance verifies; where it is a party to it, it would verify its own report, so
// the place above it does.
constexpr char kAuthority[] =
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM registry_membership m WHERE m.alliance_id = a.id"
    " AND m.jurisdiction_id = a.jurisdiction_id AND m.state IN ('MEMBERSHIP_STATE_AGREED',"
    " 'MEMBERSHIP_STATE_ACTIVE', 'MEMBERSHIP_STATE_SUSPENDED'))"
    " THEN coalesce(j.parent_id, a.jurisdiction_id) ELSE a.jurisdiction_id END AS id"
    " FROM registry_alliance a LEFT JOIN registry_jurisdiction j ON j.id = a.jurisdiction_id"
    " WHERE a.id = $1::uuid";

}  // namespace

void AddJointActivities(resource::Service& service) {
  resource::Resource<v1::JointActivity>(service)
      .facts({"authority", kAuthority, {"alliance_id"}, {}})
      .facts({"terms",
              "SELECT t.id FROM registry_term t WHERE $1::date BETWEEN t.starts_on AND t.ends_on",
              {"starts_on"},
              {}})
      .facts({"alliance",
              "SELECT a.ended_on FROM registry_alliance a WHERE a.id = $1::uuid",
              {"alliance_id"},
              {}})
      .derives(FillJointActivity)
      .rules(CheckJointActivity)
      .deletion_rules(CheckJointActivityDeletion);
  resource::Resource<v1::ActivityParty>(service)
      .facts({"activity",
              "SELECT a.state, a.starts_on FROM joint_activity a WHERE a.id = $1::uuid",
              {"joint_activity_id"},
              {}})
      .derives(FillActivityParty)
      .rules(CheckActivityParty)
      .deletion_rules(CheckActivityPartyDeletion);
}

}  // namespace lianqiao::research
