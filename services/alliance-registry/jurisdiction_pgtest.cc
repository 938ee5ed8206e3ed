// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "lianqiao/registry/v1/cycle.pb.h"
#include "services/alliance-registry/places_fixture.h"

namespace lianqiao::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class JurisdictionPgTest : public PlacesFixture {};

TEST_F(JurisdictionPgTest, TheRootExistsWithItsHistory) {
  const auto root = Get<v1::Jurisdiction>("Jurisdiction", kRoot);
  EXPECT_EQ(root.name(), "全国");
  EXPECT_EQ(root.revision(), 1);
  EXPECT_EQ(Value("SELECT count(*) FROM change c JOIN revision r USING (kind, id, revision)"
                  " WHERE c.id = '00000000-0000-7000-8000-000000000001' AND c.pos = 1"),
            "1");
}

TEST_F(JurisdictionPgTest, ScopesRunFromTheRootToThePlace) {
  EXPECT_EQ(Value("SELECT cardinality(scope) FROM jurisdiction WHERE division_code = '610302'"), "4");
}

TEST_F(JurisdictionPgTest, ADivisionCodeIsUnique) {
  v1::CreateJurisdictionRequest request;
  request.mutable_jurisdiction()->set_kind(v1::JURISDICTION_KIND_COUNTY);
  request.mutable_jurisdiction()->set_level(v1::JURISDICTION_LEVEL_COUNTY);
  request.mutable_jurisdiction()->set_name("另一区");
  request.mutable_jurisdiction()->set_division_code("610302");
  request.mutable_jurisdiction()->set_parent_id(city_.id());
  EXPECT_TRUE(
      absl::IsAlreadyExists(Try<v1::Jurisdiction>("JurisdictionService/CreateJurisdiction", request)));
}

TEST_F(JurisdictionPgTest, ARuleNamesTheFieldOfTheRequest) {
  v1::CreateJurisdictionRequest request;
  request.mutable_jurisdiction()->set_kind(v1::JURISDICTION_KIND_COUNTY);
  request.mutable_jurisdiction()->set_level(v1::JURISDICTION_LEVEL_COUNTY);
  request.mutable_jurisdiction()->set_name("他省区");
  request.mutable_jurisdiction()->set_division_code("620302");
  request.mutable_jurisdiction()->set_parent_id(city_.id());
  const absl::Status status = Try<v1::Jurisdiction>("JurisdictionService/CreateJurisdiction", request);
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(ViolatedFields(status), ElementsAre("jurisdiction.divisionCode"));
}

TEST_F(JurisdictionPgTest, RecodingKeepsTheIdTheOldCodeAndTheOldName) {
  v1::CreateJurisdictionRequest create;
  v1::Jurisdiction& old = *create.mutable_jurisdiction();
  old.set_kind(v1::JURISDICTION_KIND_COUNTY);
  old.set_level(v1::JURISDICTION_LEVEL_COUNTY);
  old.set_name("凤翔县");
  old.set_division_code("610322");
  old.set_parent_id(city_.id());
  auto* external = old.add_external_ids();
  external->set_system("divisions");
  external->set_id("610322");
  const auto fengxiang = Must<v1::Jurisdiction>("JurisdictionService/CreateJurisdiction", create);

  v1::RecodeRequest request;
  request.set_id(fengxiang.id());
  request.set_kind(v1::CODE_KIND_DIVISION);
  request.set_code("610305");
  request.set_name("凤翔区");
  request.set_effective_on("2021-01-30");
  request.set_document("国函〔2021〕1号");
  const auto recoded = Must<v1::Jurisdiction>("JurisdictionService/RecodeJurisdiction", request);
  EXPECT_EQ(recoded.id(), fengxiang.id());
  EXPECT_EQ(recoded.division_code(), "610305");
  EXPECT_EQ(recoded.name(), "凤翔区");
  ASSERT_THAT(recoded.former_codes(), SizeIs(1));
  EXPECT_EQ(recoded.former_codes(0).code(), "610322");
  EXPECT_EQ(recoded.former_codes(0).valid_to(), "2021-01-29");
  EXPECT_EQ(recoded.former_names(0).name(), "凤翔县");
  for (const char* code : {"divisions:610322", "divisions:610305"}) {
    type::v1::GetRequest get;
    get.set_external_id(code);
    EXPECT_EQ(Must<v1::Jurisdiction>("JurisdictionService/GetJurisdiction", get).id(), fengxiang.id())
        << code;
  }
  EXPECT_EQ(Value("SELECT operation FROM change WHERE id = '" + fengxiang.id() + "' AND revision = 2"),
            "KEY_CHANGE");
}

TEST_F(JurisdictionPgTest, MergingMovesWhatIsCurrentAndKeepsTheOldIdResolvable) {
  const auto school = School("凤县示例小学", feng_.id(), "2161999901");
  v1::MergeRequest request;
  request.add_source_ids(feng_.id());
  request.set_target_id(weibin_.id());
  request.set_document("合并示例");
  request.set_request_id("merge-1");
  const auto merged = Must<v1::MergeJurisdictionsResponse>("JurisdictionService/MergeJurisdictions", request);
  ASSERT_THAT(merged.merged(), SizeIs(1));
  EXPECT_EQ(merged.merged(0).replaced_by(), weibin_.id());
  EXPECT_EQ(merged.merged(0).division_code(), "");
  EXPECT_EQ(merged.merged(0).former_codes(0).code(), "610330");
  EXPECT_EQ(Get<v1::Organisation>("Organisation", school.id()).jurisdiction_id(), weibin_.id());
  EXPECT_EQ(Get<v1::Jurisdiction>("Jurisdiction", feng_.id()).replaced_by(), weibin_.id());
  // A school that still names the old county lands in the new one.
  EXPECT_EQ(School("另一示例小学", feng_.id()).jurisdiction_id(), weibin_.id());
  // The same request again answers the same and changes nothing.
  const auto again = Must<v1::MergeJurisdictionsResponse>("JurisdictionService/MergeJurisdictions", request);
  EXPECT_EQ(again.merged(0).revision(), merged.merged(0).revision());
}

// Both counties count cycles of the same years: those of the place that goes on hold for both.
TEST_F(JurisdictionPgTest, CyclesDoNotStandInTheWayOfAMerge) {
  const auto cycle = [&](const std::string& jurisdiction_id) {
    v1::CreateCycleRequest request;
    request.mutable_cycle()->set_jurisdiction_id(jurisdiction_id);
    request.mutable_cycle()->set_number(1);
    request.mutable_cycle()->set_starts_on("2025-09-01");
    request.mutable_cycle()->set_ends_on("2028-08-31");
    return Must<v1::Cycle>("CycleService/CreateCycle", request).id();
  };
  const std::string left = cycle(feng_.id());
  cycle(weibin_.id());
  v1::MergeRequest request;
  request.add_source_ids(feng_.id());
  request.set_target_id(weibin_.id());
  request.set_document("合并示例");
  Must<v1::MergeJurisdictionsResponse>("JurisdictionService/MergeJurisdictions", request);
  EXPECT_EQ(Get<v1::Cycle>("Cycle", left).jurisdiction_id(), feng_.id());
}

TEST_F(JurisdictionPgTest, SplittingMovesWhatThePartsNameAndTheRestToTheFirst) {
  const auto first = School("甲小学", feng_.id());
  const auto second = School("乙小学", feng_.id());
  v1::SplitJurisdictionRequest request;
  request.set_id(feng_.id());
  request.set_document("拆分示例");
  for (const auto& [name, code] : {std::make_pair("东县", "610331"), std::make_pair("西县", "610332")}) {
    v1::Jurisdiction& part = *request.add_parts()->mutable_jurisdiction();
    part.set_kind(v1::JURISDICTION_KIND_COUNTY);
    part.set_level(v1::JURISDICTION_LEVEL_COUNTY);
    part.set_name(name);
    part.set_division_code(code);
  }
  request.mutable_parts(1)->add_organisation_ids(second.id());
  const auto split = Must<v1::SplitJurisdictionResponse>("JurisdictionService/SplitJurisdiction", request);
  ASSERT_THAT(split.jurisdictions(), SizeIs(2));
  EXPECT_EQ(split.source().replaced_by(), split.jurisdictions(0).id());
  EXPECT_EQ(split.jurisdictions(1).split_from_id(), feng_.id());
  EXPECT_EQ(split.jurisdictions(1).parent_id(), city_.id());
  EXPECT_EQ(Get<v1::Organisation>("Organisation", first.id()).jurisdiction_id(), split.jurisdictions(0).id());
  EXPECT_EQ(Get<v1::Organisation>("Organisation", second.id()).jurisdiction_id(),
            split.jurisdictions(1).id());
}

TEST_F(JurisdictionPgTest, APlaceThatLosesAPartLivesOn) {
  const auto school = School("甲小学", feng_.id());
  v1::SplitJurisdictionRequest request;
  request.set_id(feng_.id());
  request.set_keep_source(true);
  request.set_document("设立功能区");
  auto* part = request.add_parts();
  part->mutable_jurisdiction()->set_kind(v1::JURISDICTION_KIND_FUNCTIONAL_ZONE);
  part->mutable_jurisdiction()->set_level(v1::JURISDICTION_LEVEL_COUNTY);
  part->mutable_jurisdiction()->set_name("新区");
  const auto split = Must<v1::SplitJurisdictionResponse>("JurisdictionService/SplitJurisdiction", request);
  EXPECT_EQ(split.source().valid_to(), "");
  EXPECT_EQ(Get<v1::Organisation>("Organisation", school.id()).jurisdiction_id(), feng_.id());
}

TEST_F(JurisdictionPgTest, RenamingKeepsTheOldNameAndRefusesAStaleEtag) {
  v1::RenameRequest request;
  request.set_id(feng_.id());
  request.set_etag("\"7\"");
  request.set_name("凤城区");
  request.set_document("更名示例");
  EXPECT_TRUE(absl::IsAborted(Try<v1::Jurisdiction>("JurisdictionService/RenameJurisdiction", request)));
  request.set_etag(feng_.etag());
  const auto renamed = Must<v1::Jurisdiction>("JurisdictionService/RenameJurisdiction", request);
  EXPECT_EQ(renamed.name(), "凤城区");
  EXPECT_EQ(renamed.former_names(0).name(), "凤县");
}

TEST_F(JurisdictionPgTest, MergingAcrossLevelsIsRefused) {
  v1::MergeRequest request;
  request.add_source_ids(feng_.id());
  request.set_target_id(city_.id());
  request.set_document("错误示例");
  const absl::Status status =
      Try<v1::MergeJurisdictionsResponse>("JurisdictionService/MergeJurisdictions", request);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(ViolatedFields(status), ElementsAre("sourceIds"));
  EXPECT_EQ(Get<v1::Jurisdiction>("Jurisdiction", feng_.id()).revision(), 1);
}

TEST_F(JurisdictionPgTest, NamesAndCodesChangeByTheirMethodsOnly) {
  v1::UpdateJurisdictionRequest update;
  update.mutable_jurisdiction()->set_id(feng_.id());
  update.mutable_jurisdiction()->set_name("凤城区");
  update.mutable_jurisdiction()->set_division_code("610306");
  EXPECT_THAT(ViolatedFields(Try<v1::Jurisdiction>("JurisdictionService/UpdateJurisdiction", update)),
              ElementsAre("jurisdiction.divisionCode", "jurisdiction.name"));
  EXPECT_EQ(Get<v1::Jurisdiction>("Jurisdiction", feng_.id()).revision(), 1);
}

TEST_F(JurisdictionPgTest, ASecondCodeBeganWhenTheFirstEnded) {
  v1::RecodeRequest request;
  request.set_id(feng_.id());
  request.set_kind(v1::CODE_KIND_DIVISION);
  request.set_document("更码示例");
  request.set_code("610306");
  request.set_effective_on("2020-01-01");
  Must<v1::Jurisdiction>("JurisdictionService/RecodeJurisdiction", request);
  request.set_code("610307");
  request.set_effective_on("2022-01-01");
  const auto recoded = Must<v1::Jurisdiction>("JurisdictionService/RecodeJurisdiction", request);
  ASSERT_THAT(recoded.former_codes(), SizeIs(2));
  EXPECT_EQ(recoded.former_codes(1).code(), "610306");
  EXPECT_EQ(recoded.former_codes(1).valid_from(), "2020-01-01");
  EXPECT_EQ(recoded.former_codes(1).valid_to(), "2021-12-31");
}

}  // namespace
}  // namespace lianqiao::registry
