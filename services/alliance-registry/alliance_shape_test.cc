// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/alliance_shape.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lianqiao/registry/v1/alliance_type.pb.h"

namespace lianqiao::registry {
namespace {

using v1::AllianceType;
using v1::MembershipRole;

struct Make {
  Party party;
  Make(MembershipRole role, unsigned party_class, const std::string& county) {
    static int serial = 0;
    party.role = role;
    party.party_class = party_class;
    party.party_id = "party-" + std::to_string(++serial);
    party.jurisdiction_id = county;
    party.county_level = county != "宝鸡市";
    party.stages = {type::v1::STAGE_PRIMARY};
  }
  Make& Position(int position) { return party.position = position, *this; }
  Make& First() { return party.side = v1::MEMBERSHIP_SIDE_FIRST, *this; }
  Make& Second() { return party.side = v1::MEMBERSHIP_SIDE_SECOND, *this; }
  Make& Stages(std::vector<type::v1::Stage> stages) { return party.stages = std::move(stages), *this; }
  Make& CityRun() { return party.municipal_direct = true, *this; }
  Make& Zone() { return party.functional_zone = true, *this; }
  Make& Class(v1::UrbanRuralClass value) { return party.urban_rural_class = value, *this; }
  Make& Township(const std::string& id) { return party.township_id = id, *this; }
  Make& Tier(v1::SpecialEducationTier tier) { return party.special_tier = tier, *this; }
  Make& Id(const std::string& id) { return party.party_id = id, *this; }
  Make& Held(v1::QualityTier tier) { return party.quality_tier = tier, *this; }
  Make& Village() { return party.urban_village = true, *this; }
  operator Party() const { return party; }
};

Make Lead(const std::string& county) {
  return Make(v1::MEMBERSHIP_ROLE_LEAD_SCHOOL, kSchool, county);
}
Make Member(const std::string& county) {
  return Make(v1::MEMBERSHIP_ROLE_MEMBER, kSchool, county);
}
Make Place(MembershipRole role, const std::string& county) {
  return Make(role, kCounty, county);
}

bool Fits(AllianceType type, const std::vector<Party>& parties, const std::vector<Party>& parent = {},
          v1::AllianceModel model = v1::ALLIANCE_MODEL_UNSPECIFIED) {
  return CheckShape(*FindShape(type, model), parties, parent).empty();
}

TEST(AllianceShape, EveryTypeHasAShapeThatSomePartiesCanFill) {
  const auto* types = v1::AllianceType_descriptor();
  for (int i = 1; i < types->value_count(); ++i) {
    const auto type = static_cast<AllianceType>(types->value(i)->number());
    const Shape* shape = FindShape(type, v1::ALLIANCE_MODEL_UNSPECIFIED);
    ASSERT_NE(shape, nullptr) << types->value(i)->name();
    EXPECT_FALSE(CheckShape(*shape, {}, {}).empty())
        << types->value(i)->name() << " admits an empty alliance";
    int most = 0;
    for (const RoleRule& rule : shape->roles) {
      EXPECT_LE(rule.min, rule.max);
      EXPECT_NE(rule.classes, 0u);
      most = most > kMany ? most : most + rule.max;
    }
    EXPECT_GE(most, shape->parties_min) << types->value(i)->name() << " can never be complete";
  }
  EXPECT_EQ(FindShape(v1::ALLIANCE_TYPE_UNSPECIFIED, v1::ALLIANCE_MODEL_UNSPECIFIED), nullptr);
}

TEST(AllianceShape, EveryRoleIsUsedByAType) {
  const auto* roles = v1::MembershipRole_descriptor();
  const auto* types = v1::AllianceType_descriptor();
  for (int r = 1; r < roles->value_count(); ++r) {
    const auto role = static_cast<MembershipRole>(roles->value(r)->number());
    bool used = false;
    for (int t = 1; t < types->value_count(); ++t) {
      const auto type = static_cast<AllianceType>(types->value(t)->number());
      used = used || FindRole(*FindShape(type, v1::ALLIANCE_MODEL_UNSPECIFIED), role) != nullptr;
    }
    EXPECT_TRUE(used) << roles->value(r)->name();
  }
}

TEST(AllianceShape, CountyAllianceHasOneLeadOfTwoAndTheLeadIsNamedFirst) {
  const Party lead = Place(v1::MEMBERSHIP_ROLE_LEAD_COUNTY, "渭滨区").Position(1);
  const Party member = Place(v1::MEMBERSHIP_ROLE_MEMBER, "凤县").Position(2);
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_COUNTY, {lead, member}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_COUNTY, {lead}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_COUNTY, {member, member}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_COUNTY, {lead, lead}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_COUNTY, {lead, member, member}));
  const Party second = Place(v1::MEMBERSHIP_ROLE_LEAD_COUNTY, "凤县").Position(2);
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_COUNTY, {second, member})) << "the second-named county leads";
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_COUNTY, {Lead("渭滨区").Position(1), member})) << "a school leads";
}

TEST(AllianceShape, FunctionalZoneMayLeadACountyAlliance) {
  EXPECT_TRUE(
      Fits(v1::ALLIANCE_TYPE_COUNTY, {Place(v1::MEMBERSHIP_ROLE_LEAD_COUNTY, "高新区").Zone().Position(1),
                                      Place(v1::MEMBERSHIP_ROLE_MEMBER, "麟游县").Position(2)}));
}

TEST(AllianceShape, CooperationUnitPairsOfficesOfTheCountiesOfItsParent) {
  const std::vector<Party> parent = {Place(v1::MEMBERSHIP_ROLE_LEAD_COUNTY, "渭滨区"),
                                     Place(v1::MEMBERSHIP_ROLE_MEMBER, "凤县")};
  const Party lead = Make(v1::MEMBERSHIP_ROLE_LEAD_UNIT, kUnit, "渭滨区");
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_COOPERATION_UNIT,
                   {lead, Make(v1::MEMBERSHIP_ROLE_MEMBER, kUnit, "凤县")}, parent));
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_COOPERATION_UNIT, {lead, Member("凤县")}, parent))
      << "schools count too";
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_COOPERATION_UNIT, {lead, Member("渭滨区")}, parent));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_COOPERATION_UNIT, {lead, Member("太白县")}, parent));
}

TEST(AllianceShape, MunicipalDirectAllianceJoinsCitySchoolsAndOneCountyOfTheSameStage) {
  const Party lead = Lead("宝鸡市").CityRun();
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_MUNICIPAL_DIRECT, {lead, Member("太白县"), Member("太白县")}));
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_MUNICIPAL_DIRECT,
                   {lead, Make(v1::MEMBERSHIP_ROLE_HELPER, kSchool, "宝鸡市").CityRun(), Member("太白县")}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_MUNICIPAL_DIRECT, {Lead("渭滨区"), Member("太白县")}))
      << "county school leads";
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_MUNICIPAL_DIRECT, {lead, Member("太白县"), Member("凤县")}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_MUNICIPAL_DIRECT, {lead, Member("宝鸡市").CityRun()}));
  EXPECT_FALSE(
      Fits(v1::ALLIANCE_TYPE_MUNICIPAL_DIRECT, {lead, Member("太白县").Stages({type::v1::STAGE_SENIOR})}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_MUNICIPAL_DIRECT,
                    {lead, Make(v1::MEMBERSHIP_ROLE_HELPER, kSchool, "渭滨区"), Member("太白县")}));
}

TEST(AllianceShape, InCountyAllianceStaysInOneCounty) {
  EXPECT_TRUE(
      Fits(v1::ALLIANCE_TYPE_IN_COUNTY, {Lead("眉县"), Member("眉县"), Member("眉县"), Member("眉县")}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_IN_COUNTY, {Lead("眉县"), Member("扶风县")}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_IN_COUNTY, {Lead("宝鸡市"), Member("宝鸡市")})) << "county unknown";
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_IN_COUNTY, {Lead("眉县")}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_IN_COUNTY, {Lead("眉县"), Lead("眉县"), Member("眉县")}));
}

TEST(AllianceShape, CrossCountyAllianceJoinsTwoCountiesInsideItsParentOrFreely) {
  const std::vector<Party> parent = {Place(v1::MEMBERSHIP_ROLE_LEAD_COUNTY, "眉县"),
                                     Place(v1::MEMBERSHIP_ROLE_MEMBER, "扶风县")};
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_CROSS_COUNTY, {Lead("眉县"), Member("扶风县")}, parent));
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_CROSS_COUNTY, {Lead("眉县"), Member("凤县")})) << "self-arranged";
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_CROSS_COUNTY, {Lead("眉县"), Member("凤县")}, parent));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_CROSS_COUNTY, {Lead("眉县"), Member("眉县")}));
}

TEST(AllianceShape, CharacteristicAllianceIsOneCitySchoolAndOneZoneSchoolOfTheSameStage) {
  const Party lead = Lead("宝鸡市").CityRun();
  const Party member = Member("港务区").Zone();
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_CHARACTERISTIC, {lead, member}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_CHARACTERISTIC, {lead, member, member}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_CHARACTERISTIC, {Lead("渭滨区"), member}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_CHARACTERISTIC, {lead, Member("陈仓区")}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_CHARACTERISTIC,
                    {lead, Member("港务区").Zone().Stages({type::v1::STAGE_KINDERGARTEN})}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_CHARACTERISTIC, {lead, Member("港务区").Zone().Stages({})}))
      << "an unknown stage is no proof of the same stage";
  EXPECT_TRUE(
      Fits(v1::ALLIANCE_TYPE_CHARACTERISTIC,
           {Lead("宝鸡市").CityRun().Stages({type::v1::STAGE_PRIMARY, type::v1::STAGE_JUNIOR}), member}));
}

TEST(AllianceShape, SpecialEducationAllianceHasThreeTiers) {
  const Party centre = Make(v1::MEMBERSHIP_ROLE_GUIDANCE_CENTRE, kSpecialUnit, "宝鸡市")
                           .Tier(v1::SPECIAL_EDUCATION_TIER_GUIDANCE_CENTRE);
  const Party resource = Make(v1::MEMBERSHIP_ROLE_RESOURCE_CENTRE, kSpecialUnit, "岐山县");
  const Party room = Make(v1::MEMBERSHIP_ROLE_RESOURCE_ROOM, kSchool, "岐山县");
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_SPECIAL_EDUCATION, {centre, resource, room, room}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_SPECIAL_EDUCATION, {centre, resource}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_SPECIAL_EDUCATION, {centre, room, room}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_SPECIAL_EDUCATION, {centre, centre, resource, room}));
  const Party city_resource = Make(v1::MEMBERSHIP_ROLE_RESOURCE_CENTRE, kSpecialUnit, "宝鸡市");
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_SPECIAL_EDUCATION, {centre, city_resource, room}));
  const Party wrong = Make(v1::MEMBERSHIP_ROLE_RESOURCE_CENTRE, kSpecialUnit, "岐山县")
                          .Tier(v1::SPECIAL_EDUCATION_TIER_GUIDANCE_CENTRE);
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_SPECIAL_EDUCATION, {centre, wrong, room}));
}

TEST(AllianceShape, EducationGroupHasExactlyOneLeadSchoolAndMayReachOtherCounties) {
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_EDUCATION_GROUP, {Lead("金台区"), Member("金台区"), Member("渭滨区")}));
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_EDUCATION_GROUP,
                   {Lead("金台区"), Make(v1::MEMBERSHIP_ROLE_BRANCH, kSchool, "金台区")}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_EDUCATION_GROUP, {Member("金台区"), Member("金台区")}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_EDUCATION_GROUP, {Lead("金台区"), Lead("金台区"), Member("金台区")}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_EDUCATION_GROUP, {Lead("金台区")}));
}

TEST(AllianceShape, CommunityIsOneUrbanSchoolOneTownshipAndItsRuralSchools) {
  const Party lead =
      Make(v1::MEMBERSHIP_ROLE_URBAN_LEAD, kSchool, "新华区").Class(v1::URBAN_RURAL_CLASS_URBAN_CORE);
  const Party town = Make(v1::MEMBERSHIP_ROLE_TOWNSHIP, kTownship, "焦店镇").Township("焦店镇");
  const auto rural = [](const std::string& township) {
    return Make(v1::MEMBERSHIP_ROLE_RURAL_SCHOOL, kSchool, "新华区").Township(township);
  };
  const auto type = v1::ALLIANCE_TYPE_SCHOOL_COMMUNITY;
  EXPECT_TRUE(Fits(type, {lead, town, rural("焦店镇")}));
  EXPECT_TRUE(Fits(type, {lead, town, rural("焦店镇"), rural("焦店镇"), rural("焦店镇")}));
  EXPECT_FALSE(Fits(type, {lead, rural("焦店镇"), rural("焦店镇")})) << "no township";
  EXPECT_FALSE(Fits(type, {lead, town, town, rural("焦店镇")}));
  EXPECT_FALSE(Fits(type, {lead, town}));
  EXPECT_FALSE(Fits(type, {lead, lead, town, rural("焦店镇")}));
  EXPECT_FALSE(Fits(type, {lead, town, rural("滍阳镇")}));
  EXPECT_FALSE(Fits(type, {lead, town, rural("")})) << "township unknown";
  EXPECT_FALSE(Fits(type, {lead, town, rural("焦店镇").Class(v1::URBAN_RURAL_CLASS_TOWN_CENTRE)}));
  EXPECT_FALSE(Fits(
      type, {Make(v1::MEMBERSHIP_ROLE_URBAN_LEAD, kSchool, "新华区").Class(v1::URBAN_RURAL_CLASS_VILLAGE),
             town, rural("焦店镇")}));
  EXPECT_FALSE(
      Fits(type, {Make(v1::MEMBERSHIP_ROLE_URBAN_LEAD, kSchool, "新华区").Stages({type::v1::STAGE_SENIOR}),
                  town, rural("焦店镇")}));
}

TEST(AllianceShape, OnePlusXCommunityNeedsNoTownship) {
  const Party lead = Make(v1::MEMBERSHIP_ROLE_URBAN_LEAD, kSchool, "叶县");
  const Party rural = Make(v1::MEMBERSHIP_ROLE_RURAL_SCHOOL, kSchool, "叶县");
  const auto model = v1::ALLIANCE_MODEL_ONE_PLUS_X;
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_SCHOOL_COMMUNITY, {lead, rural, rural, rural, rural}, {}, model));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_SCHOOL_COMMUNITY, {rural, rural}, {}, model));
}

TEST(AllianceShape, SchoolDistrictHasOneHeadSchoolPerStage) {
  const auto head = [](type::v1::Stage stage) {
    return Make(v1::MEMBERSHIP_ROLE_DISTRICT_HEAD, kSchool, "文山市").Stages({stage});
  };
  const Party chief = Make(v1::MEMBERSHIP_ROLE_CHIEF_DISTRICT_HEAD, kSchool, "文山市");
  const auto type = v1::ALLIANCE_TYPE_SCHOOL_DISTRICT;
  EXPECT_TRUE(
      Fits(type, {chief, head(type::v1::STAGE_JUNIOR), head(type::v1::STAGE_PRIMARY), Member("文山市")}));
  EXPECT_FALSE(Fits(type, {head(type::v1::STAGE_PRIMARY), head(type::v1::STAGE_PRIMARY), Member("文山市")}));
  EXPECT_FALSE(Fits(type, {chief, chief, head(type::v1::STAGE_JUNIOR), Member("文山市")}));
  EXPECT_FALSE(Fits(type, {chief, Member("文山市")}));
  EXPECT_FALSE(
      Fits(type, {Make(v1::MEMBERSHIP_ROLE_DISTRICT_HEAD, kSchool, "文山市").Stages({}), Member("文山市")}));
}

TEST(AllianceShape, JointEnrolmentDistrictHoldsCampusesOfOneCounty) {
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_JOINT_ENROLMENT_DISTRICT,
                   {Member("福田区"), Member("福田区"), Member("福田区")}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_JOINT_ENROLMENT_DISTRICT, {Member("福田区")}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_JOINT_ENROLMENT_DISTRICT, {Member("福田区"), Member("南山区")}));
}

TEST(AllianceShape, UrbanVillageAllianceHoldsUrbanVillageSchoolsAndMayHaveNoLead) {
  const auto type = v1::ALLIANCE_TYPE_URBAN_VILLAGE;
  EXPECT_TRUE(Fits(type, {Member("福田区").Village(), Member("福田区").Village()}));
  EXPECT_TRUE(Fits(type, {Lead("福田区"), Member("福田区").Village()})) << "a strong school may lead";
  EXPECT_FALSE(Fits(type, {Member("福田区").Village()}));
  EXPECT_FALSE(Fits(type, {Member("福田区").Village(), Member("福田区")})) << "nobody decided so";
}

TEST(AllianceShape, APartyStandsInOneRole) {
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_IN_COUNTY, {Lead("眉县").Id("甲"), Member("眉县").Id("甲")}));
  EXPECT_FALSE(
      Fits(v1::ALLIANCE_TYPE_SHARED_PRINCIPAL_PAIR, {Lead("东城区").Id("甲"), Member("东城区").Id("甲")}));
  EXPECT_FALSE(
      Fits(v1::ALLIANCE_TYPE_REGIONAL, {Place(v1::MEMBERSHIP_ROLE_HELPER, "锦江区").First().Id("甲"),
                                        Place(v1::MEMBERSHIP_ROLE_HELPED, "锦江区").Second().Id("甲")}));
  const Make chief = Make(v1::MEMBERSHIP_ROLE_CHIEF_DISTRICT_HEAD, kSchool, "文山市").Id("三中");
  const Make head = Make(v1::MEMBERSHIP_ROLE_DISTRICT_HEAD, kSchool, "文山市").Id("三中");
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_SCHOOL_DISTRICT, {chief, head, Member("文山市")}))
      << "the chief district head's school heads a stage too";
}

TEST(AllianceShape, CountyAllianceJoinsTwoCountiesOfWhichOneIsNamedFirst) {
  const Make lead = Place(v1::MEMBERSHIP_ROLE_LEAD_COUNTY, "渭滨区").Position(1);
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_COUNTY, {lead, Place(v1::MEMBERSHIP_ROLE_MEMBER, "凤县").Position(1)}));
  EXPECT_FALSE(
      Fits(v1::ALLIANCE_TYPE_COUNTY, {lead, Place(v1::MEMBERSHIP_ROLE_MEMBER, "渭滨区").Position(2)}));
}

TEST(AllianceShape, ModelsOfSchoolAlliancesSayHowManyMembers) {
  for (const auto& [type, other] : {std::pair{v1::ALLIANCE_TYPE_IN_COUNTY, "眉县"},
                                    std::pair{v1::ALLIANCE_TYPE_CROSS_COUNTY, "扶风县"}}) {
    const auto fits = [type = type, other = other](v1::AllianceModel model, int members) {
      std::vector<Party> parties = {Lead("眉县")};
      for (int i = 0; i < members; ++i) parties.push_back(Member(other));
      return Fits(type, parties, {}, model);
    };
    EXPECT_TRUE(fits(v1::ALLIANCE_MODEL_ONE_TO_ONE, 1));
    EXPECT_FALSE(fits(v1::ALLIANCE_MODEL_ONE_TO_ONE, 2));
    EXPECT_FALSE(fits(v1::ALLIANCE_MODEL_ONE_TO_MANY, 1));
    EXPECT_TRUE(fits(v1::ALLIANCE_MODEL_ONE_TO_MANY, 2));
    EXPECT_TRUE(fits(v1::ALLIANCE_MODEL_CHAIN_AREA, 5));
    EXPECT_TRUE(fits(v1::ALLIANCE_MODEL_UNSPECIFIED, 1));
  }
}

TEST(AllianceShape, AQualitySchoolLeadsASchoolAlliance) {
  const auto led_by = [](v1::QualityTier tier) {
    return Fits(v1::ALLIANCE_TYPE_IN_COUNTY, {Lead("眉县").Held(tier), Member("眉县")});
  };
  EXPECT_TRUE(led_by(v1::QUALITY_TIER_QUALITY));
  EXPECT_TRUE(led_by(v1::QUALITY_TIER_UNSPECIFIED)) << "unknown is no reason";
  EXPECT_FALSE(led_by(v1::QUALITY_TIER_ORDINARY));
  EXPECT_FALSE(led_by(v1::QUALITY_TIER_WEAK));
}

TEST(AllianceShape, ABureausBodyMayBeACentreOfSpecialEducation) {
  const Make centre = Make(v1::MEMBERSHIP_ROLE_GUIDANCE_CENTRE, kUnit, "宝鸡市");
  const Party resource = Make(v1::MEMBERSHIP_ROLE_RESOURCE_CENTRE, kSpecialUnit, "岐山县");
  const Party room = Make(v1::MEMBERSHIP_ROLE_RESOURCE_ROOM, kSchool, "岐山县");
  const auto type = v1::ALLIANCE_TYPE_SPECIAL_EDUCATION;
  EXPECT_FALSE(Fits(type, {centre, resource, room})) << "its tier is not registered";
  EXPECT_TRUE(Fits(type, {Make(centre).Tier(v1::SPECIAL_EDUCATION_TIER_GUIDANCE_CENTRE), resource, room}));
  EXPECT_FALSE(
      Fits(type, {Make(v1::MEMBERSHIP_ROLE_GUIDANCE_CENTRE, kSpecialUnit, "岐山县"), resource, room}))
      << "the guidance centre is the city's";
}

TEST(AllianceShape, RegionalAllianceHasOneJurisdictionOnEachSide) {
  const Party first = Place(v1::MEMBERSHIP_ROLE_HELPER, "锦江区").First();
  const Party second = Place(v1::MEMBERSHIP_ROLE_HELPED, "金堂县").Second();
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_REGIONAL, {first, second}));
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_REGIONAL, {Place(v1::MEMBERSHIP_ROLE_MEMBER, "锦江区").First(),
                                                Place(v1::MEMBERSHIP_ROLE_MEMBER, "金堂县").Second()}));
  EXPECT_FALSE(
      Fits(v1::ALLIANCE_TYPE_REGIONAL, {first, Place(v1::MEMBERSHIP_ROLE_HELPED, "金堂县").First()}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_REGIONAL, {first, Place(v1::MEMBERSHIP_ROLE_HELPED, "金堂县")}))
      << "no side";
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_REGIONAL, {first}));
}

TEST(AllianceShape, SchoolPairTakesOneSchoolFromEachSideOfItsRegionalAlliance) {
  const std::vector<Party> parent = {Place(v1::MEMBERSHIP_ROLE_HELPER, "锦江区").First(),
                                     Place(v1::MEMBERSHIP_ROLE_HELPED, "金堂县").Second()};
  const auto school = [](MembershipRole role, const std::string& county) {
    return Make(role, kSchool, county);
  };
  const Party helper = school(v1::MEMBERSHIP_ROLE_HELPER, "锦江区").First();
  const Party helped = school(v1::MEMBERSHIP_ROLE_HELPED, "金堂县").Second();
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_SCHOOL_PAIR, {helper, helped}, parent));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_SCHOOL_PAIR,
                    {school(v1::MEMBERSHIP_ROLE_HELPER, "锦江区").Second(),
                     school(v1::MEMBERSHIP_ROLE_HELPED, "金堂县").First()},
                    parent))
      << "sides crossed";
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_SCHOOL_PAIR,
                    {helper, school(v1::MEMBERSHIP_ROLE_HELPED, "蒲江县").Second()}, parent));
}

TEST(AllianceShape, EntrustedManagementHasACommissionerAManagerAndManagedSchools) {
  const Party bureau = Make(v1::MEMBERSHIP_ROLE_COMMISSIONING_BODY, kBureau, "金堂县");
  const Party manager = Make(v1::MEMBERSHIP_ROLE_MANAGING_SCHOOL, kSchool, "锦江区");
  const Party managed = Make(v1::MEMBERSHIP_ROLE_MANAGED_SCHOOL, kSchool, "金堂县");
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_ENTRUSTED_MANAGEMENT, {bureau, manager, managed}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_ENTRUSTED_MANAGEMENT, {manager, managed}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_ENTRUSTED_MANAGEMENT, {bureau, manager, manager, managed}));
}

TEST(AllianceShape, BranchesAndPairsAndUniversitiesHaveTheirRoles) {
  const Party branch = Make(v1::MEMBERSHIP_ROLE_BRANCH, kSchool, "通州区");
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_LEADING_SCHOOL_BRANCH, {Lead("东城区"), branch, branch}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_LEADING_SCHOOL_BRANCH, {Lead("东城区"), Member("通州区")}));
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_SHARED_PRINCIPAL_PAIR, {Lead("东城区"), Member("东城区")}));
  EXPECT_FALSE(
      Fits(v1::ALLIANCE_TYPE_SHARED_PRINCIPAL_PAIR, {Lead("东城区"), Member("东城区"), Member("东城区")}));
  const Party university = Make(v1::MEMBERSHIP_ROLE_UNIVERSITY, kUniversity, "海淀区");
  EXPECT_TRUE(
      Fits(v1::ALLIANCE_TYPE_UNIVERSITY_DISTRICT, {university, Place(v1::MEMBERSHIP_ROLE_HELPED, "延庆区")}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_UNIVERSITY_DISTRICT, {Place(v1::MEMBERSHIP_ROLE_HELPED, "延庆区")}));
}

TEST(AllianceShape, PartnersJoinAnyAllianceAndCountNowhere) {
  const Party partner = Make(v1::MEMBERSHIP_ROLE_PARTNER, kOutsider, "");
  EXPECT_TRUE(Fits(v1::ALLIANCE_TYPE_IN_COUNTY, {Lead("眉县"), Member("眉县"), partner, partner}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_IN_COUNTY, {Lead("眉县"), partner}));
  EXPECT_FALSE(Fits(v1::ALLIANCE_TYPE_IN_COUNTY,
                    {Lead("眉县"), Member("眉县"), Make(v1::MEMBERSHIP_ROLE_PARTNER, kSchool, "眉县")}));
}

TEST(AllianceShape, JoiningIgnoresWhatIsStillMissing) {
  const Shape& shape = *FindShape(v1::ALLIANCE_TYPE_CHARACTERISTIC, v1::ALLIANCE_MODEL_UNSPECIFIED);
  EXPECT_TRUE(CheckJoining(shape, {Member("港务区").Zone()}, {}).empty());
  EXPECT_FALSE(CheckJoining(shape, {Member("陈仓区")}, {}).empty());
  EXPECT_FALSE(CheckJoining(shape, {Member("港务区").Zone(), Member("港务区").Zone()}, {}).empty());
}

TEST(AllianceShape, AViolationSpeaksBothLanguages) {
  const auto violations =
      CheckShape(*FindShape(v1::ALLIANCE_TYPE_COUNTY, v1::ALLIANCE_MODEL_UNSPECIFIED), {}, {});
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].arguments().at("detail_zh"), "至少须有1个主任县区,现有0个");
  EXPECT_EQ(violations[0].arguments().at("detail_en"), "needs at least 1 lead county, has 0");
}

}  // namespace
}  // namespace lianqiao::registry
