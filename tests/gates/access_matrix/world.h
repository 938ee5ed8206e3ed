// SPDX-License-Identifier: Apache-2.0
// Two places with one record of every kind: home, where the roles of the matrix live, and away. Only for this
// gate.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libs/contract/contract.h"
#include "services/alliance-registry/alliance_fixture.h"

namespace lianqiao::gates {

struct World {
  int year = 0;  // Of its school year and dates; tells the codes of the two worlds apart.
  std::string city;
  std::string county;
  std::string other_county;
  std::string lead_school;
  std::string member_school;
  std::string other_school;
  std::string other_alliance;
  std::map<std::string, std::string> ids;  // The record of each kind that requests are about.
};

// "organisation", also for "registry/organisation"; empty where a field of the record names the kind.
std::string ReferencedKind(const contract::Field& field);

// The id that a reference of a record of this world holds; empty: left open.
std::string ReferenceOf(const World& world, const contract::Resource& resource, const contract::Field& field);

class WorldFixture : public registry::AllianceFixture {
 protected:
  WorldFixture();
  // The kinds that no fixture makes, straight into their tables: the matrix asks who may, not what the rules
  // say. Also those of a service that follows this one.
  void AddOtherKinds(testing::TestService& service, World* world);

  World home_;
  World away_;

 private:
  World Build(int year, const std::string& city, const std::string& county, const std::string& other_county);
  // A party of an alliance, active since long ago.
  std::string Party(const std::string& alliance, const std::string& school,
                    registry::v1::MembershipRole role);
  void AddRow(testing::TestService& service, World* world, const contract::Resource& resource);
};

}  // namespace lianqiao::gates
