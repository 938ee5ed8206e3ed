// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/alliance_service.h"

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/cycle.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/resource/wrong_state.h"
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
  return resource::WrongState(alliance.state(), allowed_states);
}

// A cooperation unit or school pair is nothing without its parent: it ends first.
absl::Status RequireNoChildren(Writing& writing, const Alliance& alliance) {
  static const NamedQuery children{
      "children_in_force",
      "SELECT 1 FROM alliance c WHERE c.parent_alliance_id = $1::uuid AND c.delete_time IS NULL"
      " AND c.type IN ('ALLIANCE_TYPE_COOPERATION_UNIT', 'ALLIANCE_TYPE_SCHOOL_PAIR')"
      " AND c.state IN ('ALLIANCE_STATE_ACTIVE', 'ALLIANCE_STATE_UNDER_ASSESSMENT', 'ALLIANCE_STATE_RENEWED')"
      " LIMIT 1"};
  ASSIGN_OR_RETURN(const postgres::Result found, writing.Query(children, Parameters().Text(alliance.id())));
  if (found.rows() == 0) return absl::OkStatus();
  return base::FailIfAny(
      absl::StatusCode::kFailedPrecondition,
      {base::RefuseRule("id", "所属二级合作机构或结对学校仍在运行,须先解散",
                        "has cooperation units or school pairs in force: dissolve them first")});
}

absl::StatusOr<v1::RenewAllianceResponse> RenewAlliance(Writing& writing,
                                                        const v1::RenewAllianceRequest& request) {
  static const NamedQuery last_cycle{"last_cycle",
                                     "SELECT coalesce(max(c.number), 0) FROM cycle c WHERE c.alliance_id = "
                                     "$1::uuid AND c.delete_time IS NULL"};
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
      "party_in_alliance",
      absl::StrCat("SELECT 1 FROM membership m WHERE m.alliance_id = $1::uuid AND m.delete_time IS NULL"
                   " AND (m.organisation_id = $2::uuid OR m.jurisdiction_id = $2::uuid)"
                   " AND m.state IN ",
                   kTakingPart, " LIMIT 1")};
  const std::string& party =
      membership.organisation_id().empty() ? membership.jurisdiction_id() : membership.organisation_id();
  ASSIGN_OR_RETURN(const postgres::Result found,
                   writing.Query(in_alliance, Parameters().Text(alliance_id).Text(party)));
  return found.rows() > 0;
}

// Memberships and proposals that an end of the alliance in $1 concerns: all of them, whatever the caller may
// read. Who may not change one is refused as a whole.
absl::StatusOr<std::vector<std::string>> OpenMemberships(Writing& writing, const std::string& alliance_id) {
  static const NamedQuery open{
      "open_memberships",
      "SELECT m.id FROM membership m WHERE m.alliance_id = $1::uuid AND m.delete_time IS NULL AND"
      " m.state NOT IN ('MEMBERSHIP_STATE_ENDED', 'MEMBERSHIP_STATE_WITHDRAWN')"
      " ORDER BY m.id"};
  ASSIGN_OR_RETURN(const postgres::Result rows, writing.Query(open, Parameters().Text(alliance_id)));
  std::vector<std::string> ids;
  for (int i = 0; i < rows.rows(); ++i) ids.push_back(rows.Text(i, 0));
  return ids;
}

// Ends a membership with its alliance; what had not begun by then was never a membership, nor was any in an
// alliance that never was in force (no `last_day`).
absl::StatusOr<Membership> EndWithAlliance(Writing& writing, const std::string& id,
                                           const std::string& last_day, const std::string& reason) {
  ASSIGN_OR_RETURN(Membership membership, writing.Load<Membership>(id));
  const bool member = !last_day.empty() && (membership.state() == v1::MEMBERSHIP_STATE_ACTIVE ||
                                            membership.state() == v1::MEMBERSHIP_STATE_SUSPENDED);
  const bool began = member && membership.joined_on() <= last_day;
  membership.set_state(began ? v1::MEMBERSHIP_STATE_ENDED : v1::MEMBERSHIP_STATE_WITHDRAWN);
  if (began) membership.set_left_on(last_day);
  membership.set_end_reason(reason);
  RETURN_IF_ERROR(writing.Update(&membership));
  return membership;
}

// The role in which a party of another alliance joins this one: its own where any number may hold it, a lead
// as a member (a stage has one district head); UNSPECIFIED: there is none.
v1::MembershipRole RoleIn(const Shape& shape, v1::MembershipRole role) {
  const RoleRule* own = FindRole(shape, role);
  if (own != nullptr && own->max > 1 && role != v1::MEMBERSHIP_ROLE_DISTRICT_HEAD) return role;
  return FindRole(shape, v1::MEMBERSHIP_ROLE_MEMBER) == nullptr ? v1::MEMBERSHIP_ROLE_UNSPECIFIED
                                                                : v1::MEMBERSHIP_ROLE_MEMBER;
}

// The party of a membership that has ended takes part in the other alliance from `first_day` on.
absl::Status JoinOther(Writing& writing, const Membership& ended, const Alliance& into,
                       const std::string& first_day) {
  ASSIGN_OR_RETURN(const bool already, TakesPart(writing, into.id(), ended));
  const Shape* shape = FindShape(into.type(), into.model());
  if (already || shape == nullptr) return absl::OkStatus();
  const v1::MembershipRole role = RoleIn(*shape, ended.role());
  if (role == v1::MEMBERSHIP_ROLE_UNSPECIFIED)
    return RefuseField("intoAllianceId", "没有可由被合并联盟的某一成员担任的角色",
                       "has no role for a party of the alliance that ends");
  Membership joining;
  joining.set_alliance_id(into.id());
  joining.set_organisation_id(ended.organisation_id());
  joining.set_jurisdiction_id(ended.jurisdiction_id());
  joining.set_role(role);
  *joining.mutable_stages() = ended.stages();
  joining.set_state(v1::MEMBERSHIP_STATE_ACTIVE);
  joining.set_joined_on(first_day);
  joining.set_synthetic(ended.synthetic());
  return writing.Create(&joining);
}

absl::StatusOr<Alliance> MergeAlliance(Writing& writing, const v1::MergeAllianceRequest& request) {
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
  RETURN_IF_ERROR(RequireNoChildren(writing, alliance));
  alliance.set_state(v1::ALLIANCE_STATE_MERGED);
  alliance.set_ended_on(last_day);
  alliance.set_end_reason(request.reason());
  alliance.set_replaced_by(into.id());
  writing.Name(alliance.id(), "MERGE");
  // Before its memberships: with its own the lead loses the right to write here.
  RETURN_IF_ERROR(writing.Update(&alliance));
  ASSIGN_OR_RETURN(const std::vector<std::string> open, OpenMemberships(writing, alliance.id()));
  for (const std::string& id : open) {
    ASSIGN_OR_RETURN(const Membership ended, EndWithAlliance(writing, id, last_day, request.reason()));
    if (ended.state() != v1::MEMBERSHIP_STATE_ENDED) continue;
    RETURN_IF_ERROR(JoinOther(writing, ended, into, resource::DayAfter(last_day)));
  }
  // What is made for it from now on belongs to the other one; what it had stays its history.
  RETURN_IF_ERROR(writing.Redirect(Alliance::descriptor(), alliance.id(), into.id()));
  return alliance;
}

absl::StatusOr<Alliance> DissolveAlliance(Writing& writing, const type::v1::TransitionRequest& request) {
  if (request.reason().empty())
    return base::FailIfAny({base::Refuse("reason", base::ErrorReason::FIELD_REQUIRED)});
  ASSIGN_OR_RETURN(const std::string last_day, EffectiveDate(request.effective_on(), writing.today()));
  ASSIGN_OR_RETURN(Alliance alliance, writing.Load<Alliance>(request.id(), request.etag()));
  RETURN_IF_ERROR(RequireState(alliance, !HasEnded(alliance.state()),
                               "DRAFTED, AGREEMENT_SIGNED, FILED, ACTIVE, UNDER_ASSESSMENT, RENEWED"));
  RETURN_IF_ERROR(RequireNoChildren(writing, alliance));
  const bool ran = IsInForce(alliance.state());
  alliance.set_state(ran ? v1::ALLIANCE_STATE_DISSOLVED : v1::ALLIANCE_STATE_ABANDONED);
  alliance.set_ended_on(last_day);
  alliance.set_end_reason(request.reason());
  RETURN_IF_ERROR(writing.Update(&alliance));
  ASSIGN_OR_RETURN(const std::vector<std::string> open, OpenMemberships(writing, alliance.id()));
  for (const std::string& id : open)
    RETURN_IF_ERROR(EndWithAlliance(writing, id, ran ? last_day : "", request.reason()).status());
  return alliance;
}

}  // namespace

void AddAlliances(resource::Service& service) {
  resource::Resource<Alliance>(service)
      .facts({"parent",
              "SELECT type, state FROM alliance WHERE id = $1::uuid AND delete_time IS NULL",
              {"parent_alliance_id"},
              {}})
      .facts(
          {"parties", PartiesSql("$1::uuid"), {"id"}, {"FileAlliance", "ActivateAlliance", "UpdateAlliance"}})
      .facts({"parent_parties",
              PartiesSql("$1::uuid"),
              {"parent_alliance_id"},
              {"ActivateAlliance", "UpdateAlliance"}})
      .rules(CheckAlliance)
      .on("RenewAlliance", RenewAlliance)
      .on("MergeAlliance", MergeAlliance)
      .on("DissolveAlliance", DissolveAlliance);
}

}  // namespace lianqiao::registry
