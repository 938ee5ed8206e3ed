// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/party_relations.h"

#include <algorithm>
#include <set>
#include <string>

#include "services/alliance-registry/alliance_shape.h"

namespace lianqiao::registry {
namespace {

using resource::Violations;

// What one relation looks at.
struct Group {
  std::vector<const Party*> leads;    // Whoever leads: lead county, lead school, urban lead, …
  std::vector<const Party*> members;  // Everybody else but partners, helpers and townships.
  std::vector<const Party*> helpers;
  std::vector<const Party*> townships;
  std::vector<const Party*> all;  // All but partners.
  const std::vector<Party>* parent;
  bool complete;
};

void Refuse(const char* zh, const char* en, Violations* violations) {
  violations->push_back(base::RefuseRule("memberships", zh, en));
}

Group GroupOf(const std::vector<Party>& parties, const std::vector<Party>& parent, bool complete) {
  Group group;
  group.parent = &parent;
  group.complete = complete;
  for (const Party& party : parties) {
    if (party.role == v1::MEMBERSHIP_ROLE_PARTNER) continue;
    group.all.push_back(&party);
    switch (party.role) {
      case v1::MEMBERSHIP_ROLE_LEAD_COUNTY:
      case v1::MEMBERSHIP_ROLE_LEAD_SCHOOL:
      case v1::MEMBERSHIP_ROLE_LEAD_UNIT:
      case v1::MEMBERSHIP_ROLE_URBAN_LEAD:
        group.leads.push_back(&party);
        break;
      case v1::MEMBERSHIP_ROLE_HELPER:
        group.helpers.push_back(&party);
        break;
      case v1::MEMBERSHIP_ROLE_TOWNSHIP:
        group.townships.push_back(&party);
        break;
      default:
        group.members.push_back(&party);
    }
  }
  return group;
}

std::set<std::string> Jurisdictions(const std::vector<const Party*>& parties) {
  std::set<std::string> ids;
  for (const Party* party : parties) ids.insert(party->jurisdiction_id);
  return ids;
}

bool AllCountyLevel(const std::vector<const Party*>& parties) {
  return std::all_of(parties.begin(), parties.end(), [](const Party* party) { return party->county_level; });
}

bool ShareStage(const Party& one, const Party& other) {
  return std::any_of(one.stages.begin(), one.stages.end(), [&](type::v1::Stage stage) {
    return std::find(other.stages.begin(), other.stages.end(), stage) != other.stages.end();
  });
}

bool IsRural(v1::UrbanRuralClass value) {
  return value >= 200;
}
bool IsTownOrUrban(v1::UrbanRuralClass value) {
  return value > 0 && value < 200;
}

void FirstNamedLeads(const Group& group, Violations* violations) {
  for (const Party* lead : group.leads) {
    if (lead->position != 1)
      return Refuse("主任县区须为成立文件中列名第一的县区",
                    "the lead must be named first in the founding document", violations);
  }
  for (const Party* member : group.members) {
    if (member->position == 1)
      return Refuse("只有主任县区列名第一", "only the lead can be named first in the founding document",
                    violations);
  }
}

void SameCounty(const Group& group, Violations* violations) {
  if (!AllCountyLevel(group.all) || Jurisdictions(group.all).size() > 1)
    Refuse("成员学校须同属一个县区", "all schools must belong to one county or zone", violations);
}

void SeveralCounties(const Group& group, Violations* violations) {
  if (group.complete && Jurisdictions(group.all).size() < 2)
    Refuse("成员须来自至少两个县区", "the parties must come from at least two counties", violations);
}

void SameStage(const Group& group, Violations* violations) {
  for (const Party* lead : group.leads) {
    for (const std::vector<const Party*>* others : {&group.members, &group.helpers}) {
      for (const Party* other : *others) {
        if (!ShareStage(*lead, *other))
          return Refuse("成员学校须与主任学校学段相同",
                        "every school must share a stage with the lead school", violations);
      }
    }
  }
}

void LeadMunicipalDirect(const Group& group, Violations* violations) {
  for (const std::vector<const Party*>* cities : {&group.leads, &group.helpers}) {
    for (const Party* party : *cities) {
      if (!party->municipal_direct)
        return Refuse("主任学校须为市直属学校", "the lead school must be run by the city", violations);
    }
  }
}

void MembersOfOneCounty(const Group& group, Violations* violations) {
  const bool any_direct = std::any_of(group.members.begin(), group.members.end(),
                                      [](const Party* party) { return party->municipal_direct; });
  if (any_direct || !AllCountyLevel(group.members) || Jurisdictions(group.members).size() > 1)
    Refuse("成员学校须同属一个县且非市直属",
           "the members must be schools of one county, none run by the city", violations);
}

void MembersInZone(const Group& group, Violations* violations) {
  for (const Party* member : group.members) {
    if (!member->functional_zone || member->municipal_direct)
      return Refuse("成员学校须为功能区(港务区、高新区)学校",
                    "the member must be a school of a functional zone", violations);
  }
}

void SpecialTiers(const Group& group, Violations* violations) {
  for (const Party* party : group.all) {
    const auto tier = party->special_tier;
    const bool centre = party->role == v1::MEMBERSHIP_ROLE_GUIDANCE_CENTRE;
    const bool resource = party->role == v1::MEMBERSHIP_ROLE_RESOURCE_CENTRE;
    const auto expected = centre     ? v1::SPECIAL_EDUCATION_TIER_GUIDANCE_CENTRE
                          : resource ? v1::SPECIAL_EDUCATION_TIER_RESOURCE_CENTRE
                                     : v1::SPECIAL_EDUCATION_TIER_RESOURCE_ROOM;
    if (tier != v1::SPECIAL_EDUCATION_TIER_UNSPECIFIED && tier != expected)
      return Refuse("角色与特教层级不一致", "role and special-education tier differ", violations);
    if (tier == v1::SPECIAL_EDUCATION_TIER_UNSPECIFIED && party->party_class == kUnit)
      return Refuse("非学校的单位须登记特教层级", "a body that is no school must have its tier registered",
                    violations);
    if (centre && party->county_level)
      return Refuse("指导中心须属市级", "the guidance centre must belong to the city", violations);
    if (resource && !party->county_level)
      return Refuse("资源中心须属县区", "a resource centre must belong to a county", violations);
  }
}

void RuralInTownship(const Group& group, Violations* violations) {
  for (const Party* township : group.townships) {
    for (const Party* member : group.members) {
      if (member->township_id.empty() || member->township_id != township->township_id)
        return Refuse("乡村学校须位于所结对的乡镇",
                      "every rural school must lie in the township of the community", violations);
    }
  }
}

void UrbanLead(const Group& group, Violations* violations) {
  for (const Party* lead : group.leads) {
    const bool compulsory = std::any_of(lead->stages.begin(), lead->stages.end(), [](type::v1::Stage stage) {
      return stage == type::v1::STAGE_PRIMARY || stage == type::v1::STAGE_JUNIOR;
    });
    if (!compulsory || IsRural(lead->urban_rural_class))
      Refuse("牵头校须为城区义务教育学校", "the lead must be an urban school of the compulsory stages",
             violations);
  }
  for (const Party* member : group.members) {
    if (IsTownOrUrban(member->urban_rural_class))
      return Refuse("成员须为乡村学校", "the members must be rural schools", violations);
  }
}

void OneHeadPerStage(const Group& group, Violations* violations) {
  std::set<type::v1::Stage> headed;
  for (const Party* party : group.all) {
    if (party->role != v1::MEMBERSHIP_ROLE_DISTRICT_HEAD) continue;
    if (party->stages.empty())
      return Refuse("学区长学校须注明学段", "a district head school must name its stages", violations);
    for (const type::v1::Stage stage : party->stages) {
      if (!headed.insert(stage).second)
        return Refuse("同一学段只能有一所学区长学校", "a stage can have one district head school only",
                      violations);
    }
  }
}

void OnePerSide(const Group& group, Violations* violations) {
  int first = 0, second = 0;
  for (const Party* party : group.all) {
    first += party->side == v1::MEMBERSHIP_SIDE_FIRST;
    second += party->side == v1::MEMBERSHIP_SIDE_SECOND;
  }
  if (first > 1 || second > 1 || (group.complete && (first != 1 || second != 1)))
    Refuse("双方各须一个成员", "there must be one party on each side", violations);
}

void QualityLead(const Group& group, Violations* violations) {
  for (const Party* lead : group.leads) {
    if (lead->quality_tier != v1::QUALITY_TIER_UNSPECIFIED && lead->quality_tier != v1::QUALITY_TIER_QUALITY)
      return Refuse("主任学校须为优质学校", "the lead must be a quality school", violations);
  }
}

void UrbanVillages(const Group& group, Violations* violations) {
  for (const Party* member : group.members) {
    if (!member->urban_village)
      return Refuse("成员须为已认定的城中村学校", "the members must be held to be urban-village schools",
                    violations);
  }
}

void WithinParent(const Group& group, Violations* violations) {
  if (group.parent->empty()) return;
  for (const Party* party : group.all) {
    const bool inside = std::any_of(group.parent->begin(), group.parent->end(), [&](const Party& of_parent) {
      const bool sides =
          party->side != v1::MEMBERSHIP_SIDE_UNSPECIFIED && of_parent.side != v1::MEMBERSHIP_SIDE_UNSPECIFIED;
      return of_parent.jurisdiction_id == party->jurisdiction_id && (!sides || of_parent.side == party->side);
    });
    if (!inside)
      return Refuse("成员须来自上级联盟的县区(并与其结对方一致)",
                    "the parties must come from the jurisdictions of the parent alliance, each on its side",
                    violations);
  }
}

}  // namespace

Violations CheckRelations(unsigned relations, const std::vector<Party>& parties,
                          const std::vector<Party>& parent, bool complete) {
  static const struct {
    Relation relation;
    void (*check)(const Group&, Violations*);
  } kChecks[] = {{kFirstNamedLeads, FirstNamedLeads},
                 {kSameCounty, SameCounty},
                 {kSeveralCounties, SeveralCounties},
                 {kSameStage, SameStage},
                 {kLeadMunicipalDirect, LeadMunicipalDirect},
                 {kMembersOfOneCounty, MembersOfOneCounty},
                 {kMembersInZone, MembersInZone},
                 {kSpecialTiers, SpecialTiers},
                 {kRuralInTownship, RuralInTownship},
                 {kUrbanLead, UrbanLead},
                 {kOneHeadPerStage, OneHeadPerStage},
                 {kOnePerSide, OnePerSide},
                 {kWithinParent, WithinParent},
                 {kQualityLead, QualityLead},
                 {kUrbanVillages, UrbanVillages}};
  const Group group = GroupOf(parties, parent, complete);
  Violations violations;
  for (const auto& entry : kChecks) {
    if ((relations & entry.relation) != 0) entry.check(group, &violations);
  }
  return violations;
}

}  // namespace lianqiao::registry
