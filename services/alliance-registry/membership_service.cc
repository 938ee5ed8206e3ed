// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/membership_service.h"

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "services/alliance-registry/membership_rules.h"
#include "services/alliance-registry/party.h"

namespace lianqiao::registry {
namespace {

// The party of a membership that may not be stored yet.
std::string PartySql() {
  return absl::StrCat(
      "SELECT ", kPartyColumns,
      " FROM (SELECT NULL::uuid AS id, $1::uuid AS organisation_id, $2::uuid AS jurisdiction_id,"
      " '' AS role, '' AS side, 0 AS position, '{}'::text[] AS stages, NULL::date AS joined_on,"
      " NULL::date AS left_on, '' AS state) m",
      kPartyJoins);
}

std::string PartiesSql(const char* condition) {
  return absl::StrCat("SELECT ", kPartyColumns, " FROM membership m", kPartyJoins, " WHERE ", condition,
                      " AND m.delete_time IS NULL AND m.state IN ", kTakingPart);
}

}  // namespace

void AddMemberships(resource::Service& service) {
  resource::Resource<v1::Membership>(service)
      .facts({"alliance", "SELECT type, model, state FROM alliance WHERE id = $1::uuid", {"alliance_id"}, {}})
      .facts({"party", PartySql(), {"organisation_id", "jurisdiction_id"}, {}})
      .facts(
          {"parties", PartiesSql("m.alliance_id = $1::uuid AND m.id <> $2::uuid"), {"alliance_id", "id"}, {}})
      .facts(
          {"parent_parties",
           PartiesSql("m.alliance_id = (SELECT a.parent_alliance_id FROM alliance a WHERE a.id = $1::uuid)"),
           {"alliance_id"},
           {"ActivateMembership", "ResumeMembership", "UpdateMembership", "MergeAlliance"}})
      .rules(CheckMembership);
}

}  // namespace lianqiao::registry
