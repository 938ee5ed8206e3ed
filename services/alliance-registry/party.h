// SPDX-License-Identifier: Apache-2.0
// A party of an alliance as the shape of an alliance looks at it: its role there and what the registry knows
// of the organisation or jurisdiction behind it. Used by the rules of alliances and memberships.
#pragma once

#include <string>
#include <vector>

#include "lianqiao/registry/v1/membership.pb.h"
#include "lianqiao/registry/v1/organisation_codes.pb.h"
#include "lianqiao/type/v1/education.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::registry {

// What a party is, as bits, so that a shape names all that a role admits.
enum PartyClass : unsigned {
  kNoParty = 0,
  kCounty = 1u << 0,    // Any jurisdiction of county level: county, district, functional zone.
  kTownship = 1u << 1,  // A township, or the post in its government that answers for schooling.
  kSchool = 1u << 2,    // Also campus, point, central school, kindergarten.
  kSpecialUnit = 1u << 3,
  kBureau = 1u << 4,
  kUnit = 1u << 5,  // Office of a bureau or affiliated body.
  kUniversity = 1u << 6,
  kOutsider = 1u << 7,     // Any other partner.
  kHigherPlace = 1u << 8,  // City, province, nation, village: no role admits it.
};

struct Party {
  std::string membership_id;
  std::string party_id;
  v1::MembershipRole role = v1::MEMBERSHIP_ROLE_UNSPECIFIED;
  v1::MembershipSide side = v1::MEMBERSHIP_SIDE_UNSPECIFIED;
  int position = 0;
  unsigned party_class = kNoParty;
  // The jurisdiction itself, or the education jurisdiction of the organisation.
  std::string jurisdiction_id;
  bool county_level = false;  // Whether that jurisdiction is one of county level.
  bool functional_zone = false;
  bool municipal_direct = false;
  // Stages it takes part with: those of the membership, else those of the organisation.
  std::vector<type::v1::Stage> stages;
  v1::SpecialEducationTier special_tier = v1::SPECIAL_EDUCATION_TIER_UNSPECIFIED;
  v1::QualityTier quality_tier = v1::QUALITY_TIER_UNSPECIFIED;  // Today's; not set: nobody decided.
  bool urban_village = false;                                   // Held to be an urban-village school today.
  v1::UrbanRuralClass urban_rural_class = v1::URBAN_RURAL_CLASS_UNSPECIFIED;
  std::string township_id;  // Of a school; of a township party: the township.
  bool exists = true;       // Today: not only planned, not closed, merged or abolished.
  std::string joined_on;
  std::string left_on;
};

// Columns that PartyOf reads, for FROM membership m; joins give o (organisation) and j (jurisdiction).
inline constexpr char kPartyColumns[] =
    "m.id AS membership_id, coalesce(m.organisation_id, m.jurisdiction_id) AS party_id, m.role, m.side, "
    "m.position, m.stages AS taking_part, m.joined_on, m.left_on, m.state, o.kind AS organisation_kind, "
    "o.status AS organisation_status, o.closed_on, "
    "CASE WHEN o.id IS NULL THEN j.valid_from END AS place_from, "
    "CASE WHEN o.id IS NULL THEN j.valid_to END AS place_to, "
    "o.partner_kind, o.affiliation, o.stages, o.special_education_tier, o.urban_rural_class, o.school_type, "
    "tier.value AS quality_tier, tier.until AS quality_tier_until, village.until AS urban_village_until, "
    "coalesce(o.township_id, CASE WHEN j.level = 'JURISDICTION_LEVEL_TOWNSHIP' THEN j.id END) AS "
    "township_id, "
    "j.id AS jurisdiction_id, j.kind AS jurisdiction_kind, j.level AS jurisdiction_level";
inline constexpr char kPartyJoins[] =
    " LEFT JOIN organisation o ON o.id = m.organisation_id"
    " LEFT JOIN jurisdiction j ON j.id = coalesce(m.jurisdiction_id, o.jurisdiction_id)"
    " LEFT JOIN LATERAL (SELECT q->>'tier' AS value, coalesce(nullif(q->>'valid_to', ''), '9999-12-31') AS "
    "until"
    " FROM jsonb_array_elements(o.quality_tier) q WHERE coalesce(q->>'valid_from', '') <= "
    "to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') ORDER BY nullif(q->>'valid_from', '') DESC "
    "NULLS LAST "
    "LIMIT 1)"
    " tier ON true"
    " LEFT JOIN LATERAL (SELECT max(coalesce(nullif(q->>'valid_to', ''), '9999-12-31')) AS until"
    " FROM jsonb_array_elements(o.is_urban_village) q WHERE coalesce(q->>'valid_from', '') <= "
    "to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')) village ON true";

// States in which a party takes part in its alliance, as an SQL list.
inline constexpr char kTakingPart[] = "('MEMBERSHIP_STATE_ACTIVE', 'MEMBERSHIP_STATE_SUSPENDED')";

// `today` decides which of the facts with validity hold.
Party PartyOf(const resource::FactRow& row, const std::string& today);
std::vector<Party> PartiesOf(const std::vector<resource::FactRow>& rows, const std::string& today);

}  // namespace lianqiao::registry
