// SPDX-License-Identifier: Apache-2.0
// The committed sample, loaded as tools/up loads it, gives the published figures; a second load changes
// nothing.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "lianqiao/registry/v1/governance.pb.h"
#include "lianqiao/registry/v1/statistics.pb.h"
#include "services/alliance-registry/alliance_fixture.h"

namespace lianqiao::registry {
namespace {

using type::v1::UpsertResult;

class SamplePgTest : public ::testing::Test {
 protected:
  // Records by outcome; a refusal fails the test with its reasons.
  template <typename Request, typename Response>
  std::map<UpsertResult::Outcome, int> Load(const std::string& file, const std::string& method) {
    std::ifstream lines("tools/samples/baoji/" + file);
    EXPECT_TRUE(lines.good()) << file;
    std::map<UpsertResult::Outcome, int> outcomes;
    Request request;
    request.set_source_system("baoji-sample");
    const auto* records = Request::descriptor()->field(0);
    const auto send = [&] {
      const auto response = service_.Call<Response>(method, request);
      ASSERT_TRUE(response.ok()) << response.status();
      for (const UpsertResult& result : response->results()) {
        ++outcomes[result.outcome()];
        EXPECT_NE(result.outcome(), UpsertResult::REFUSED) << result.ShortDebugString();
      }
      request.GetReflection()->ClearField(&request, records);
    };
    for (std::string line; std::getline(lines, line);) {
      const auto parsed = google::protobuf::util::JsonStringToMessage(
          line, request.GetReflection()->AddMessage(&request, records));
      EXPECT_TRUE(parsed.ok()) << file << ": " << parsed.ToString() << "\n" << line;
      if (request.GetReflection()->FieldSize(request, records) == 500) send();
    }
    if (request.GetReflection()->FieldSize(request, records) > 0) send();
    return outcomes;
  }

  std::map<UpsertResult::Outcome, int> LoadAll() {
    std::map<UpsertResult::Outcome, int> all;
    const auto add = [&](const std::map<UpsertResult::Outcome, int>& outcomes) {
      for (const auto& [outcome, count] : outcomes) all[outcome] += count;
    };
    add(Load<v1::BatchUpsertJurisdictionsRequest, v1::BatchUpsertJurisdictionsResponse>(
        "01_jurisdictions.ndjson", "JurisdictionService/BatchUpsertJurisdictions"));
    add(Load<v1::BatchUpsertOrganisationsRequest, v1::BatchUpsertOrganisationsResponse>(
        "02_organisations.ndjson", "OrganisationService/BatchUpsertOrganisations"));
    add(Load<v1::BatchUpsertAlliancesRequest, v1::BatchUpsertAlliancesResponse>(
        "03_alliances.ndjson", "AllianceService/BatchUpsertAlliances"));
    add(Load<v1::BatchUpsertMembershipsRequest, v1::BatchUpsertMembershipsResponse>(
        "04_memberships.ndjson", "MembershipService/BatchUpsertMemberships"));
    add(Load<v1::BatchUpsertGoverningBodiesRequest, v1::BatchUpsertGoverningBodiesResponse>(
        "05_governing-bodies.ndjson", "GoverningBodyService/BatchUpsertGoverningBodies"));
    return all;
  }

  v1::RegistryStatistics Statistics() {
    type::v1::GetRequest city;
    city.set_external_id("gb-t-2260:610300");
    const auto place = service_.Call<v1::Jurisdiction>("JurisdictionService/GetJurisdiction", city);
    EXPECT_TRUE(place.ok()) << place.status();
    v1::GetRegistryStatisticsRequest request;
    if (place.ok()) request.set_jurisdiction_id(place->id());
    request.set_date("2023-12-31");
    const auto statistics =
        service_.Call<v1::RegistryStatistics>("RegistryStatisticsService/GetRegistryStatistics", request);
    EXPECT_TRUE(statistics.ok()) << statistics.status();
    return statistics.ok() ? *statistics : v1::RegistryStatistics();
  }

  void ExpectPublishedFigures() {
    const v1::RegistryStatistics statistics = Statistics();
    std::map<v1::AllianceType, v1::AllianceTypeStatistics> types;
    for (const auto& entry : statistics.alliance_types()) types[entry.type()] = entry;
    EXPECT_EQ(types[v1::ALLIANCE_TYPE_COUNTY].alliance_count(), 6);
    EXPECT_EQ(types[v1::ALLIANCE_TYPE_CROSS_COUNTY].alliance_count(), 76);
    EXPECT_EQ(types[v1::ALLIANCE_TYPE_CROSS_COUNTY].distinct_school_count(), 146);
    EXPECT_EQ(types[v1::ALLIANCE_TYPE_CROSS_COUNTY].membership_count(), 152);
    EXPECT_EQ(types[v1::ALLIANCE_TYPE_IN_COUNTY].alliance_count(), 248);
    EXPECT_EQ(types[v1::ALLIANCE_TYPE_IN_COUNTY].distinct_school_count(), 921);
    EXPECT_EQ(types[v1::ALLIANCE_TYPE_IN_COUNTY].membership_count(), 930);
    EXPECT_EQ(statistics.school_alliances().distinct_school_count(), 979);
    EXPECT_EQ(statistics.education_groups().group_count(), 21);
    EXPECT_EQ(statistics.education_groups().distinct_member_school_count(), 57);
    EXPECT_EQ(statistics.coverage().distinct_school_count(), 979);
    EXPECT_FALSE(statistics.coverage().registry_complete());
    EXPECT_FALSE(statistics.coverage().has_ratio());
  }

  testing::TestService service_{RegistryDefinition()};
};

TEST_F(SamplePgTest, GivesThePublishedFiguresHoweverOftenItIsLoaded) {
  const auto first = LoadAll();
  EXPECT_EQ(first.size(), 1u) << "everything is created";
  ExpectPublishedFigures();
  auto second = LoadAll();
  EXPECT_EQ(second[UpsertResult::UNCHANGED], first.at(UpsertResult::CREATED));
  ExpectPublishedFigures();
}

}  // namespace
}  // namespace lianqiao::registry
