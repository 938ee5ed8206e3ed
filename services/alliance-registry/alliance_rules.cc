// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/alliance_rules.h"

#include <set>

#include "libs/resource/date_order.h"
#include "libs/resource/record_content.h"
#include "services/alliance-registry/alliance_shape.h"

namespace lianqiao::registry {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Facts;
using resource::Violations;
using v1::Alliance;

void CheckDates(const Alliance& alliance, Violations* violations) {
  resource::RequireOrder("foundedOn", alliance.founded_on(), "endedOn", alliance.ended_on(), violations);
  resource::RequireOrder("signedOn", alliance.signed_on(), "filedOn", alliance.filed_on(), violations);
  resource::RequireOrder("signedOn", alliance.signed_on(), "activeOn", alliance.active_on(), violations);
  resource::RequireOrder("filedOn", alliance.filed_on(), "activeOn", alliance.active_on(), violations);
  resource::RequireOrder("activeOn", alliance.active_on(), "assessedOn", alliance.assessed_on(), violations);
  resource::RequireOrder("activeOn", alliance.active_on(), "renewedOn", alliance.renewed_on(), violations);
  resource::RequireOrder("activeOn", alliance.active_on(), "endedOn", alliance.ended_on(), violations);
}

// An end belongs to an ended alliance; dates that a state stands for may be unknown but not contradict it.
void CheckStateAndDates(const Alliance& alliance, Violations* violations) {
  if (!alliance.ended_on().empty() && !HasEnded(alliance.state()))
    violations->push_back(
        RefuseRule("endedOn", "终止日期由解散或合并操作填写", "is set by dissolving or merging"));
  const bool unknown = alliance.start_precision() == v1::DATE_PRECISION_UNKNOWN;
  if (unknown && (!alliance.active_on().empty() || !alliance.founded_on().empty()))
    violations->push_back(Refuse("startPrecision", ErrorReason::FIELD_CONFLICT, {{"other", "activeOn"}}));
  const bool ran = IsInForce(alliance.state()) ||
                   (HasEnded(alliance.state()) && alliance.state() != v1::ALLIANCE_STATE_ABANDONED);
  if (!alliance.active_on().empty() && !ran)
    violations->push_back(RefuseRule("activeOn", "运行起始日由启动操作填写", "is set by activating"));
  if (!alliance.signed_on().empty() && alliance.state() == v1::ALLIANCE_STATE_DRAFTED)
    violations->push_back(RefuseRule("signedOn", "签约日期由签约操作填写", "is set by signing"));
  if (!alliance.filed_on().empty() && (alliance.state() == v1::ALLIANCE_STATE_DRAFTED ||
                                       alliance.state() == v1::ALLIANCE_STATE_AGREEMENT_SIGNED))
    violations->push_back(RefuseRule("filedOn", "备案日期由备案操作填写", "is set by filing"));
  if (!alliance.assessed_on().empty() && !ran)
    violations->push_back(RefuseRule("assessedOn", "考核起始日由考核操作填写", "is set by assessing"));
  if (!alliance.renewed_on().empty() && !ran)
    violations->push_back(RefuseRule("renewedOn", "续期日期由续期操作填写", "is set by renewing"));
}

void CheckGroup(const Alliance& alliance, Violations* violations) {
  const bool group = alliance.type() == v1::ALLIANCE_TYPE_EDUCATION_GROUP;
  if (!group && alliance.group_subtype() != v1::GROUP_SUBTYPE_UNSPECIFIED)
    violations->push_back(
        RefuseRule("groupSubtype", "仅教育集团可填写集团类型", "belongs to education groups only"));
  const bool separate = alliance.group_subtype() == v1::GROUP_SUBTYPE_ALLIANCE ||
                        alliance.group_subtype() == v1::GROUP_SUBTYPE_COOPERATION;
  if (separate && alliance.legal_form() == v1::LEGAL_FORM_SINGLE)
    violations->push_back(RefuseRule("legalForm", "联盟型、协作型集团的成员校法人独立",
                                     "members of such a group stay legal persons of their own"));
  std::set<int> aspects;
  for (int i = 0; i < alliance.integrations_size(); ++i) {
    if (!aspects.insert(alliance.integrations(i).aspect()).second)
      violations->push_back(
          Refuse("integrations[" + std::to_string(i) + "].aspect", ErrorReason::FIELD_DUPLICATE));
  }
}

void CheckParent(const Alliance& alliance, const Facts& facts, Violations* violations) {
  const Shape* shape = FindShape(alliance.type(), alliance.model());
  if (shape == nullptr) return;
  if (alliance.parent_alliance_id().empty()) {
    if (shape->parent_required)
      violations->push_back(Refuse("parentAllianceId", ErrorReason::FIELD_REQUIRED));
    return;
  }
  const auto& parents = facts.rows("parent");
  v1::AllianceType type = v1::ALLIANCE_TYPE_UNSPECIFIED;
  if (!parents.empty()) v1::AllianceType_Parse(parents.front().Text("type"), &type);
  if (shape->parent == v1::ALLIANCE_TYPE_UNSPECIFIED || type != shape->parent)
    violations->push_back(RefuseRule("parentAllianceId", "此类联盟不能隶属于所填上级联盟",
                                     "this type of alliance cannot belong to that parent"));
}

void CheckInForce(const Alliance& alliance, const Facts& facts, Violations* violations) {
  const Shape* shape = FindShape(alliance.type(), alliance.model());
  if (shape == nullptr) return;
  const auto& parents = facts.rows("parent");
  v1::AllianceState state = v1::ALLIANCE_STATE_UNSPECIFIED;
  if (!parents.empty()) v1::AllianceState_Parse(parents.front().Text("state"), &state);
  if (!alliance.parent_alliance_id().empty() && !IsInForce(state))
    violations->push_back(
        RefuseRule("parentAllianceId", "上级联盟未在运行", "the parent alliance is not in force"));
  const Violations shape_violations = CheckShape(*shape, PartiesOf(facts.rows("parties"), facts.today()),
                                                 PartiesOf(facts.rows("parent_parties"), facts.today()));
  violations->insert(violations->end(), shape_violations.begin(), shape_violations.end());
}

// Filing is somebody else's word on an alliance of places: none of them files its own. Asked on activating
// too: parties may have joined since.
void CheckFiling(const Alliance& alliance, const Facts& facts, Violations* violations) {
  for (const Party& party : PartiesOf(facts.rows("parties"), facts.today())) {
    if (party.party_id == alliance.jurisdiction_id())
      return violations->push_back(RefuseRule("jurisdictionId", "成员辖区不能为自己的联盟备案",
                                              "is a party: nobody files its own alliance"));
  }
}

}  // namespace

bool IsInForce(v1::AllianceState state) {
  return state == v1::ALLIANCE_STATE_ACTIVE || state == v1::ALLIANCE_STATE_UNDER_ASSESSMENT ||
         state == v1::ALLIANCE_STATE_RENEWED;
}

bool HasEnded(v1::AllianceState state) {
  return state == v1::ALLIANCE_STATE_MERGED || state == v1::ALLIANCE_STATE_DISSOLVED ||
         state == v1::ALLIANCE_STATE_ABANDONED;
}

Violations CheckAlliance(const Alliance* before, const Alliance& after, const Facts& facts) {
  Violations violations;
  CheckDates(after, &violations);
  CheckStateAndDates(after, &violations);
  CheckGroup(after, &violations);
  CheckParent(after, facts, &violations);
  const bool of_places =
      after.type() == v1::ALLIANCE_TYPE_COUNTY || after.type() == v1::ALLIANCE_TYPE_REGIONAL;
  if (of_places && (facts.method() == "FileAlliance" || facts.method() == "ActivateAlliance"))
    CheckFiling(after, facts, &violations);
  const bool reshaped =
      before != nullptr && resource::IsEdit(facts) && IsInForce(after.state()) &&
      (before->model() != after.model() || before->parent_alliance_id() != after.parent_alliance_id());
  if (before != nullptr && (reshaped || facts.method() == "ActivateAlliance"))
    CheckInForce(after, facts, &violations);
  return violations;
}

}  // namespace lianqiao::registry
