// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/party.h"

#include <map>

namespace lianqiao::registry {
namespace {

unsigned ClassOfOrganisation(const std::string& kind, const std::string& school_type,
                             const std::string& partner_kind) {
  static const std::map<std::string, unsigned> kClasses = {
      {"ORGANISATION_KIND_SCHOOL", kSchool},
      {"ORGANISATION_KIND_CAMPUS", kSchool},
      {"ORGANISATION_KIND_COMPLETE_PRIMARY", kSchool},
      {"ORGANISATION_KIND_TEACHING_POINT", kSchool},
      {"ORGANISATION_KIND_CENTRAL_SCHOOL", kSchool},
      {"ORGANISATION_KIND_KINDERGARTEN", kSchool},
      {"ORGANISATION_KIND_SPECIAL_EDUCATION_UNIT", kSpecialUnit},
      {"ORGANISATION_KIND_EDUCATION_BUREAU", kBureau},
      {"ORGANISATION_KIND_BUREAU_UNIT", kUnit},
      {"ORGANISATION_KIND_AFFILIATED_BODY", kUnit},
      {"ORGANISATION_KIND_TOWNSHIP_EDUCATION_POST", kTownship}};
  if (kind == "ORGANISATION_KIND_PARTNER")
    return partner_kind == "PARTNER_KIND_UNIVERSITY" ? kUniversity : kOutsider;
  if (school_type == "SCHOOL_TYPE_SPECIAL") return kSpecialUnit;
  const auto found = kClasses.find(kind);
  return found == kClasses.end() ? unsigned{kNoParty} : found->second;
}

unsigned ClassOfJurisdiction(const std::string& level) {
  if (level == "JURISDICTION_LEVEL_COUNTY") return kCounty;
  if (level == "JURISDICTION_LEVEL_TOWNSHIP") return kTownship;
  return level.empty() ? kNoParty : kHigherPlace;
}

template <typename Enum>
Enum Parsed(bool (*parse)(google::protobuf::ConstStringParam, Enum*), const std::string& name) {
  Enum value{};
  parse(name, &value);
  return value;
}

// What is known of a party's life; unknown passes.
bool ExistsOn(const resource::FactRow& row, const std::string& today) {
  const std::string status = row.Text("organisation_status");
  if (status == "ORGANISATION_STATUS_PLANNED" || status == "ORGANISATION_STATUS_ABANDONED") return false;
  const std::string closed_on = row.Text("closed_on");
  const bool over = status == "ORGANISATION_STATUS_CLOSED" || status == "ORGANISATION_STATUS_MERGED";
  if (closed_on.empty() ? over : closed_on < today) return false;
  const std::string to = row.Text("place_to");
  return row.Text("place_from") <= today && (to.empty() || to >= today);
}

}  // namespace

Party PartyOf(const resource::FactRow& row, const std::string& today) {
  Party party;
  party.membership_id = row.Text("membership_id");
  party.party_id = row.Text("party_id");
  party.role = Parsed(v1::MembershipRole_Parse, row.Text("role"));
  party.side = Parsed(v1::MembershipSide_Parse, row.Text("side"));
  party.position = static_cast<int>(row.Integer("position"));
  const std::string organisation_kind = row.Text("organisation_kind");
  const std::string level = row.Text("jurisdiction_level");
  party.party_class =
      organisation_kind.empty()
          ? ClassOfJurisdiction(level)
          : ClassOfOrganisation(organisation_kind, row.Text("school_type"), row.Text("partner_kind"));
  party.jurisdiction_id = row.Text("jurisdiction_id");
  party.county_level = level == "JURISDICTION_LEVEL_COUNTY";
  party.functional_zone = row.Text("jurisdiction_kind") == "JURISDICTION_KIND_FUNCTIONAL_ZONE";
  party.municipal_direct = row.Text("affiliation") == "AFFILIATION_MUNICIPAL_DIRECT";
  std::vector<std::string> stages = row.TextArray("taking_part");
  if (stages.empty()) stages = row.TextArray("stages");
  for (const std::string& stage : stages) party.stages.push_back(Parsed(type::v1::Stage_Parse, stage));
  party.special_tier = Parsed(v1::SpecialEducationTier_Parse, row.Text("special_education_tier"));
  if (row.Text("quality_tier_until") >= today)
    party.quality_tier = Parsed(v1::QualityTier_Parse, row.Text("quality_tier"));
  const std::string village_until = row.Text("urban_village_until");
  party.urban_village = !village_until.empty() && village_until >= today;
  party.urban_rural_class = Parsed(v1::UrbanRuralClass_Parse, row.Text("urban_rural_class"));
  party.township_id = row.Text("township_id");
  party.exists = ExistsOn(row, today);
  party.joined_on = row.Text("joined_on");
  party.left_on = row.Text("left_on");
  return party;
}

std::vector<Party> PartiesOf(const std::vector<resource::FactRow>& rows, const std::string& today) {
  std::vector<Party> parties;
  for (const resource::FactRow& row : rows) parties.push_back(PartyOf(row, today));
  return parties;
}

}  // namespace lianqiao::registry
