// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/alliance_service.h"

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/cycle.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "services/alliance-registry/alliance_rules.h"
#include "services/alliance-registry/alliance_shape.h"
#include "services/alliance-registry/party.h"
#include "services/alliance-registry/restructuring.h"

namespace lianqiao::registry {

using postgres::Parameters;
using resource::NamedQuery;
using resource::Writing;
using v1::Alliance;
using v1::Membership;

namespace {

// Parties of the alliance in $1 that take part now.
std::string PartiesSql(const char* alliance_id) {
  return absl::StrCat("SELECT ", kPartyColumns, " FROM membership m", kPartyJoins,
                      " WHERE m.alliance_id = ", alliance_id, " AND m.delete_time IS NULL AND m.state IN ",
                      kTakingPart);
}

absl::Status RequireState(const Alliance& alliance, bool allowed, const char* allowed_states) {
  if (allowed) return absl::OkStatus();
  return base::Fail(absl::StatusCode::kFailedPrecondition, base::ErrorReason::WRONG_STATE,
                    {{"state", v1::AllianceState_Name(alliance.state())}, {"allowed", allowed_states}});
}

absl::StatusOr<v1::RenewAllianceResponse> RenewAlliance(Writing& writing,
                                                        const v1::RenewAllianceRequest& request) {
  static const NamedQuery last_cycle{
      "last_cycle",
      "SELECT coalesce(max(c.number), 0) FROM {visible:cycle c} WHERE c.alliance_id = $1::uuid"};
  ASSIGN_OR_RETURN(const std::string effective, EffectiveDate(request.effective_on(), writing.today()));
  v1::RenewAllianceResponse response;
  Alliance& alliance = *response.mutable_alliance();
  ASSIGN_OR_RETURN(alliance, writing.Load<Alliance>(request.id(), request.etag()));
  RETURN_IF_ERROR(
      RequireState(alliance, alliance.state() == v1::ALLIANCE_STATE_UNDER_ASSESSMENT, "UNDER_ASSESSMENT"));
  alliance.set_state(v1::ALLIANCE_STATE_RENEWED);
  alliance.set_renewed_on(effective);
  RETURN_IF_ERROR(writing.Update(&alliance));
  ASSIGN_OR_RETURN(const postgres::Result last, writing.Query(last_cycle, Parameters().Text(alliance.id())));
  v1::Cycle& cycle = *response.mutable_cycle();
  cycle.set_jurisdiction_id(alliance.jurisdiction_id());
  cycle.set_alliance_id(alliance.id());
  cycle.set_number(static_cast<int>(last.Integer(0, 0)) + 1);
  cycle.set_starts_on(effective);
  cycle.set_ends_on(request.cycle_ends_on());
  RETURN_IF_ERROR(writing.Create(&cycle));
  return response;
}

// Whether a party of the alliance that ends takes part in the other one already, in whatever role.
absl::StatusOr<bool> TakesPart(Writing& writing, const std::string& alliance_id,
                               const Membership& membership) {
  static const NamedQuery in_alliance{
      "party_in_alliance", absl::StrCat("SELECT 1 FROM {visible:membership m} WHERE m.alliance_id = $1::uuid"
                                        " AND (m.organisation_id = $2::uuid OR m.jurisdiction_id = $2::uuid)"
                                        " AND m.state IN ",
                                        kTakingPart, " LIMIT 1")};
  const std::string& party =
      membership.organisation_id().empty() ? membership.jurisdiction_id() : membership.organisation_id();
  ASSIGN_OR_RETURN(const postgres::Result found,
                   writing.Query(in_alliance, Parameters().Text(alliance_id).Text(party)));
  return found.rows() > 0;
}

// Ends the membership on the last day of the old alliance; its party joins the other one as a member.
absl::Status Move(Writing& writing, const std::string& id, const Alliance& into, const std::string& last_day,
                  const std::string& first_day, const std::string& reason) {
  ASSIGN_OR_RETURN(Membership membership, writing.Load<Membership>(id));
  membership.set_state(v1::MEMBERSHIP_STATE_ENDED);
  membership.set_left_on(last_day);
  membership.set_end_reason(reason);
  RETURN_IF_ERROR(writing.Update(&membership));
  ASSIGN_OR_RETURN(const bool already, TakesPart(writing, into.id(), membership));
  const Shape* shape = FindShape(into.type(), into.model());
  if (already || shape == nullptr || FindRole(*shape, v1::MEMBERSHIP_ROLE_MEMBER) == nullptr)
    return absl::OkStatus();
  Membership joining;
  joining.set_alliance_id(into.id());
  joining.set_organisation_id(membership.organisation_id());
  joining.set_jurisdiction_id(membership.jurisdiction_id());
  joining.set_role(v1::MEMBERSHIP_ROLE_MEMBER);
  *joining.mutable_stages() = membership.stages();
  joining.set_state(v1::MEMBERSHIP_STATE_ACTIVE);
  joining.set_joined_on(first_day);
  joining.set_synthetic(membership.synthetic());
  return writing.Create(&joining);
}

absl::StatusOr<Alliance> MergeAlliance(Writing& writing, const v1::MergeAllianceRequest& request) {
  static const NamedQuery members{
      "members_to_move", absl::StrCat("SELECT m.id FROM {visible:membership m} WHERE m.alliance_id = $1::uuid"
                                      " AND m.state IN ",
                                      kTakingPart, " ORDER BY m.id")};
  ASSIGN_OR_RETURN(const std::string last_day, EffectiveDate(request.effective_on(), writing.today()));
  if (request.id() == request.into_alliance_id())
    return RefuseField("intoAllianceId", "不能并入自身", "is the alliance that ends");
  ASSIGN_OR_RETURN(Alliance alliance, writing.Load<Alliance>(request.id(), request.etag()));
  ASSIGN_OR_RETURN(const Alliance into, writing.Load<Alliance>(request.into_alliance_id()));
  constexpr char kInForce[] = "ACTIVE, UNDER_ASSESSMENT, RENEWED";
  RETURN_IF_ERROR(RequireState(alliance, IsInForce(alliance.state()), kInForce));
  RETURN_IF_ERROR(RequireState(into, IsInForce(into.state()), kInForce));
  if (into.type() != alliance.type())
    return RefuseField("intoAllianceId", "须与被合并联盟类型相同", "must be of the same type");
  ASSIGN_OR_RETURN(const postgres::Result parties, writing.Query(members, Parameters().Text(alliance.id())));
  for (int i = 0; i < parties.rows(); ++i)
    RETURN_IF_ERROR(Move(writing, parties.Text(i, 0), into, last_day, DayAfter(last_day), request.reason()));
  alliance.set_state(v1::ALLIANCE_STATE_MERGED);
  alliance.set_ended_on(last_day);
  alliance.set_end_reason(request.reason());
  alliance.set_replaced_by(into.id());
  writing.Name(alliance.id(), "MERGE");
  RETURN_IF_ERROR(writing.Update(&alliance));
  return alliance;
}

}  // namespace

void AddAlliances(resource::Service& service) {
  resource::Resource<Alliance>(service)
      .facts({"parent",
              "SELECT type, state FROM alliance WHERE id = $1::uuid AND delete_time IS NULL",
              {"parent_alliance_id"},
              {}})
      .facts({"parties", PartiesSql("$1::uuid"), {"id"}, {"ActivateAlliance"}})
      .facts({"parent_parties", PartiesSql("$1::uuid"), {"parent_alliance_id"}, {"ActivateAlliance"}})
      .rules(CheckAlliance)
      .on("RenewAlliance", RenewAlliance)
      .on("MergeAlliance", MergeAlliance);
}

}  // namespace lianqiao::registry
