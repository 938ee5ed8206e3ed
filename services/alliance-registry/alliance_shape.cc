// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/alliance_shape.h"

#include <map>
#include <set>

#include "lianqiao/registry/v1/membership.pb.h"
#include "services/alliance-registry/party_relations.h"

namespace lianqiao::registry {
namespace {

using resource::Violations;

constexpr unsigned kLearning = kSchool | kSpecialUnit;
constexpr unsigned kOffice = kBureau | kUnit;
constexpr v1::AllianceModel kAnyModel = v1::ALLIANCE_MODEL_UNSPECIFIED;
constexpr v1::AllianceType kNoParent = v1::ALLIANCE_TYPE_UNSPECIFIED;

// type, model | roles: role, min, max, classes | parties min, max | relations | parent, required
const std::vector<Shape>& Shapes() {
  static const auto* shapes = new std::vector<Shape>{
      {v1::ALLIANCE_TYPE_COUNTY,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_LEAD_COUNTY, 1, 1, kCounty}, {v1::MEMBERSHIP_ROLE_MEMBER, 1, 1, kCounty}},
       2,
       2,
       kFirstNamedLeads | kSeveralCounties,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_COOPERATION_UNIT,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_LEAD_UNIT, 1, 1, kOffice | kLearning},
        {v1::MEMBERSHIP_ROLE_MEMBER, 1, kMany, kOffice | kLearning}},
       2,
       kMany,
       kSeveralCounties | kWithinParent,
       v1::ALLIANCE_TYPE_COUNTY,
       true},
      {v1::ALLIANCE_TYPE_MUNICIPAL_DIRECT,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, 1, 1, kLearning},
        {v1::MEMBERSHIP_ROLE_HELPER, 0, kMany, kLearning},
        {v1::MEMBERSHIP_ROLE_MEMBER, 1, kMany, kLearning}},
       2,
       kMany,
       kLeadMunicipalDirect | kMembersOfOneCounty | kSameStage,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_IN_COUNTY,
       v1::ALLIANCE_MODEL_ONE_TO_ONE,
       {{v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, 1, 1, kLearning}, {v1::MEMBERSHIP_ROLE_MEMBER, 1, 1, kLearning}},
       2,
       2,
       kSameCounty | kQualityLead,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_IN_COUNTY,
       v1::ALLIANCE_MODEL_ONE_TO_MANY,
       {{v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, 1, 1, kLearning},
        {v1::MEMBERSHIP_ROLE_MEMBER, 2, kMany, kLearning}},
       3,
       kMany,
       kSameCounty | kQualityLead,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_IN_COUNTY,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, 1, 1, kLearning},
        {v1::MEMBERSHIP_ROLE_MEMBER, 1, kMany, kLearning}},
       2,
       kMany,
       kSameCounty | kQualityLead,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_CROSS_COUNTY,
       v1::ALLIANCE_MODEL_ONE_TO_ONE,
       {{v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, 1, 1, kLearning}, {v1::MEMBERSHIP_ROLE_MEMBER, 1, 1, kLearning}},
       2,
       2,
       kSeveralCounties | kWithinParent | kQualityLead,
       v1::ALLIANCE_TYPE_COUNTY,
       false},
      {v1::ALLIANCE_TYPE_CROSS_COUNTY,
       v1::ALLIANCE_MODEL_ONE_TO_MANY,
       {{v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, 1, 1, kLearning},
        {v1::MEMBERSHIP_ROLE_MEMBER, 2, kMany, kLearning}},
       3,
       kMany,
       kSeveralCounties | kWithinParent | kQualityLead,
       v1::ALLIANCE_TYPE_COUNTY,
       false},
      {v1::ALLIANCE_TYPE_CROSS_COUNTY,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, 1, 1, kLearning},
        {v1::MEMBERSHIP_ROLE_MEMBER, 1, kMany, kLearning}},
       2,
       kMany,
       kSeveralCounties | kWithinParent | kQualityLead,
       v1::ALLIANCE_TYPE_COUNTY,
       false},
      {v1::ALLIANCE_TYPE_CHARACTERISTIC,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, 1, 1, kLearning}, {v1::MEMBERSHIP_ROLE_MEMBER, 1, 1, kLearning}},
       2,
       2,
       kLeadMunicipalDirect | kMembersInZone | kSameStage,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_SPECIAL_EDUCATION,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_GUIDANCE_CENTRE, 1, 1, kSpecialUnit | kUnit},
        {v1::MEMBERSHIP_ROLE_RESOURCE_CENTRE, 1, kMany, kSpecialUnit | kUnit},
        {v1::MEMBERSHIP_ROLE_RESOURCE_ROOM, 1, kMany, kSchool}},
       3,
       kMany,
       kSpecialTiers,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_EDUCATION_GROUP,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, 1, 1, kLearning},
        {v1::MEMBERSHIP_ROLE_MEMBER, 0, kMany, kLearning},
        {v1::MEMBERSHIP_ROLE_BRANCH, 0, kMany, kLearning}},
       2,
       kMany,
       0,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_SCHOOL_COMMUNITY,
       v1::ALLIANCE_MODEL_ONE_PLUS_X,
       {{v1::MEMBERSHIP_ROLE_URBAN_LEAD, 1, 1, kSchool},
        {v1::MEMBERSHIP_ROLE_RURAL_SCHOOL, 1, kMany, kSchool}},
       2,
       kMany,
       kUrbanLead,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_SCHOOL_COMMUNITY,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_URBAN_LEAD, 1, 1, kSchool},
        {v1::MEMBERSHIP_ROLE_TOWNSHIP, 1, 1, kTownship},
        {v1::MEMBERSHIP_ROLE_RURAL_SCHOOL, 1, kMany, kSchool}},
       3,
       kMany,
       kUrbanLead | kRuralInTownship,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_SCHOOL_DISTRICT,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_CHIEF_DISTRICT_HEAD, 0, 1, kLearning},
        {v1::MEMBERSHIP_ROLE_DISTRICT_HEAD, 1, kMany, kLearning},
        {v1::MEMBERSHIP_ROLE_MEMBER, 1, kMany, kLearning}},
       2,
       kMany,
       kOneHeadPerStage,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_JOINT_ENROLMENT_DISTRICT,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, 0, 1, kSchool}, {v1::MEMBERSHIP_ROLE_MEMBER, 1, kMany, kSchool}},
       2,
       kMany,
       kSameCounty,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_URBAN_VILLAGE,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, 0, 1, kLearning},
        {v1::MEMBERSHIP_ROLE_HELPER, 0, kMany, kLearning},
        {v1::MEMBERSHIP_ROLE_MEMBER, 1, kMany, kLearning}},
       2,
       kMany,
       kUrbanVillages,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_REGIONAL,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_LEAD_COUNTY, 0, 1, kCounty},
        {v1::MEMBERSHIP_ROLE_MEMBER, 0, 2, kCounty},
        {v1::MEMBERSHIP_ROLE_HELPER, 0, 1, kCounty},
        {v1::MEMBERSHIP_ROLE_HELPED, 0, 1, kCounty}},
       2,
       2,
       kOnePerSide,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_SCHOOL_PAIR,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, 0, 1, kLearning},
        {v1::MEMBERSHIP_ROLE_MEMBER, 0, 2, kLearning},
        {v1::MEMBERSHIP_ROLE_HELPER, 0, 1, kLearning},
        {v1::MEMBERSHIP_ROLE_HELPED, 0, 1, kLearning}},
       2,
       2,
       kOnePerSide | kWithinParent,
       v1::ALLIANCE_TYPE_REGIONAL,
       true},
      {v1::ALLIANCE_TYPE_ENTRUSTED_MANAGEMENT,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_COMMISSIONING_BODY, 1, 1, kOffice | kCounty | kTownship},
        {v1::MEMBERSHIP_ROLE_MANAGING_SCHOOL, 1, 1, kLearning | kUniversity | kOutsider},
        {v1::MEMBERSHIP_ROLE_MANAGED_SCHOOL, 1, kMany, kLearning}},
       3,
       kMany,
       0,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_LEADING_SCHOOL_BRANCH,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, 1, 1, kLearning},
        {v1::MEMBERSHIP_ROLE_BRANCH, 1, kMany, kLearning}},
       2,
       kMany,
       0,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_SHARED_PRINCIPAL_PAIR,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, 1, 1, kLearning}, {v1::MEMBERSHIP_ROLE_MEMBER, 1, 1, kLearning}},
       2,
       2,
       0,
       kNoParent,
       false},
      {v1::ALLIANCE_TYPE_UNIVERSITY_DISTRICT,
       kAnyModel,
       {{v1::MEMBERSHIP_ROLE_UNIVERSITY, 1, kMany, kUniversity},
        {v1::MEMBERSHIP_ROLE_HELPED, 1, kMany, kCounty | kLearning}},
       2,
       kMany,
       0,
       kNoParent,
       false},
  };
  return *shapes;
}

const RoleRule& PartnerRule() {
  static const RoleRule rule{v1::MEMBERSHIP_ROLE_PARTNER, 0, kMany, kUniversity | kOutsider};
  return rule;
}

std::string LabelOf(v1::MembershipRole role, bool chinese) {
  const auto& label =
      v1::MembershipRole_descriptor()->FindValueByNumber(role)->options().GetExtension(options::v1::label);
  return chinese ? label.zh() : label.en();
}

void Refuse(const std::string& zh, const std::string& en, Violations* violations) {
  violations->push_back(base::RefuseRule("memberships", zh, en));
}

void CheckCounts(const Shape& shape, const std::vector<Party>& parties, bool minima, Violations* violations) {
  int total = 0;
  for (const RoleRule& rule : shape.roles) {
    int count = 0;
    for (const Party& party : parties) count += party.role == rule.role;
    total += count;
    const std::string zh = LabelOf(rule.role, true), en = LabelOf(rule.role, false);
    if (minima && count < rule.min)
      Refuse("至少须有" + std::to_string(rule.min) + "个" + zh + ",现有" + std::to_string(count) + "个",
             "needs at least " + std::to_string(rule.min) + " " + en + ", has " + std::to_string(count),
             violations);
    if (count > rule.max)
      Refuse("至多" + std::to_string(rule.max) + "个" + zh + ",现有" + std::to_string(count) + "个",
             "admits at most " + std::to_string(rule.max) + " " + en + ", has " + std::to_string(count),
             violations);
  }
  if (minima && total < shape.parties_min)
    Refuse("成员至少" + std::to_string(shape.parties_min) + "个",
           "needs at least " + std::to_string(shape.parties_min) + " parties", violations);
  if (total > shape.parties_max)
    Refuse("成员至多" + std::to_string(shape.parties_max) + "个",
           "admits at most " + std::to_string(shape.parties_max) + " parties", violations);
}

// A party stands on one side and in one role; only the school of the chief district head heads a stage too.
void CheckOneRoleEach(const std::vector<Party>& parties, Violations* violations) {
  std::map<std::string, std::set<v1::MembershipRole>> roles;
  for (const Party& party : parties) {
    if (!party.party_id.empty()) roles[party.party_id].insert(party.role);
  }
  static const std::set<v1::MembershipRole> heads = {v1::MEMBERSHIP_ROLE_DISTRICT_HEAD,
                                                     v1::MEMBERSHIP_ROLE_CHIEF_DISTRICT_HEAD};
  for (const auto& [party, held] : roles) {
    if (held.size() > 1 && held != heads)
      return Refuse("同一单位或辖区不能同时担任两个角色", "a party can hold one role only", violations);
  }
}

void Append(Violations more, Violations* violations) {
  violations->insert(violations->end(), more.begin(), more.end());
}

Violations Check(const Shape& shape, const std::vector<Party>& parties, const std::vector<Party>& parent,
                 bool minima) {
  Violations violations;
  for (const Party& party : parties) {
    Append(CheckRole(shape, party), &violations);
    if (minima) Append(CheckExistence(party), &violations);
  }
  CheckCounts(shape, parties, minima, &violations);
  CheckOneRoleEach(parties, &violations);
  if (violations.empty()) Append(CheckRelations(shape.relations, parties, parent, minima), &violations);
  return violations;
}

}  // namespace

const Shape* FindShape(v1::AllianceType type, v1::AllianceModel model) {
  for (const Shape& shape : Shapes()) {
    if (shape.type == type && (shape.model == kAnyModel || shape.model == model)) return &shape;
  }
  return nullptr;
}

const RoleRule* FindRole(const Shape& shape, v1::MembershipRole role) {
  for (const RoleRule& rule : shape.roles) {
    if (rule.role == role) return &rule;
  }
  return role == v1::MEMBERSHIP_ROLE_PARTNER ? &PartnerRule() : nullptr;
}

Violations CheckRole(const Shape& shape, const Party& party) {
  const RoleRule* rule = FindRole(shape, party.role);
  if (rule == nullptr)
    return {base::RefuseRule("role", "此类联盟没有“" + LabelOf(party.role, true) + "”这一角色",
                             "this type of alliance has no role \"" + LabelOf(party.role, false) + "\"")};
  if ((rule->classes & party.party_class) == 0)
    return {base::RefuseRule("role", "该单位或辖区不能担任“" + LabelOf(party.role, true) + "”",
                             "this kind of party cannot be " + LabelOf(party.role, false))};
  if ((shape.relations & kOnePerSide) != 0 && party.side == v1::MEMBERSHIP_SIDE_UNSPECIFIED &&
      party.role != v1::MEMBERSHIP_ROLE_PARTNER)
    return {base::Refuse("side", base::ErrorReason::FIELD_REQUIRED)};
  return {};
}

Violations CheckExistence(const Party& party) {
  if (party.exists) return {};
  return {base::RefuseRule("memberships", "成员尚未成立或已撤销",
                           "a party does not exist: planned, closed or merged")};
}

Violations CheckShape(const Shape& shape, const std::vector<Party>& parties,
                      const std::vector<Party>& parent) {
  return Check(shape, parties, parent, true);
}

Violations CheckJoining(const Shape& shape, const std::vector<Party>& parties,
                        const std::vector<Party>& parent) {
  return Check(shape, parties, parent, false);
}

}  // namespace lianqiao::registry
