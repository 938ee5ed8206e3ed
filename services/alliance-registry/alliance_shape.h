// SPDX-License-Identifier: Apache-2.0
// The shape of every type of alliance: which roles it has, how many of each, who may hold them and how the
// parties must relate. One table; a new type is a new row. Pure; used by the rules of alliances and
// memberships.
#pragma once

#include <string>
#include <vector>

#include "lianqiao/registry/v1/alliance_type.pb.h"
#include "services/alliance-registry/party.h"

namespace lianqiao::registry {

// How the parties must relate, as bits.
enum Relation : unsigned {
  kFirstNamedLeads = 1u << 0,      // The lead stands first in the founding document.
  kSameCounty = 1u << 1,           // All schools belong to one county or zone.
  kSeveralCounties = 1u << 2,      // They belong to at least two.
  kSameStage = 1u << 3,            // Each member shares a stage with the lead.
  kLeadMunicipalDirect = 1u << 4,  // Lead and helpers are run by the city.
  kMembersOfOneCounty = 1u << 5,   // Members are schools of one county, none of them run by the city.
  kMembersInZone = 1u << 6,        // Members are schools of a functional zone.
  kSpecialTiers = 1u << 7,         // Role and tier of special education agree.
  kRuralInTownship = 1u << 8,      // Rural schools lie in the township that is a party.
  kUrbanLead = 1u << 9,            // The urban lead is a compulsory school and not rural; members are rural.
  kOneHeadPerStage = 1u << 10,     // No stage has two district heads.
  kOnePerSide = 1u << 11,          // One party on each side.
  kWithinParent = 1u << 12,   // Parties come from the jurisdictions of the parent; with sides, side by side.
  kQualityLead = 1u << 13,    // The lead is not held to be of another tier than quality.
  kUrbanVillages = 1u << 14,  // Members are held to be urban-village schools.
};

inline constexpr int kMany = 1 << 20;

struct RoleRule {
  v1::MembershipRole role;
  int min;
  int max;
  unsigned classes;
};

struct Shape {
  v1::AllianceType type;
  v1::AllianceModel model;      // UNSPECIFIED: every model without a row of its own.
  std::vector<RoleRule> roles;  // Besides PARTNER, which every type admits.
  int parties_min;              // Without partners.
  int parties_max;
  unsigned relations;
  v1::AllianceType parent;  // Type of the parent; UNSPECIFIED: has none.
  bool parent_required;
};

// Every type has one; null for UNSPECIFIED.
const Shape* FindShape(v1::AllianceType type, v1::AllianceModel model);

// The rule of a role in a shape; null if the type knows no such role.
const RoleRule* FindRole(const Shape& shape, v1::MembershipRole role);

// Everything that keeps these parties from being an alliance in force. `parent` holds the parties of the
// parent alliance, if it has one.
resource::Violations CheckShape(const Shape& shape, const std::vector<Party>& parties,
                                const std::vector<Party>& parent);

// The same without the minima: what one more party would break.
resource::Violations CheckJoining(const Shape& shape, const std::vector<Party>& parties,
                                  const std::vector<Party>& parent);

// A party that does not exist today cannot take part in an alliance in force. CheckShape asks it of all;
// of a party that joins, whoever takes it in: the others may be on their way out.
resource::Violations CheckExistence(const Party& party);

// Whether this party may hold its role at all, whoever else is in.
resource::Violations CheckRole(const Shape& shape, const Party& party);

}  // namespace lianqiao::registry
