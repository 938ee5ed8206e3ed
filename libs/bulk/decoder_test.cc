// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/registry/v1/school_year_facts.pb.h"

namespace lianqiao::bulk {
namespace {

using base::ErrorReason;
using registry::v1::Organisation;
using registry::v1::SchoolYearFacts;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class Decoding : public ::testing::Test {
 protected:
  Decoding() {
    Organisation::default_instance();
    contract_ = *contract::Contract::Load({"lianqiao.registry.v1"});
    options_.set_format(v1::ImportOptions::FORMAT_CSV);
    options_.set_kind("organisation");
    options_.set_source_system("register");
  }

  std::vector<Decoded> Decode(const std::string& text, bool typed = false) {
    std::vector<Decoded> all;
    decoder_ = std::make_unique<Decoder>(contract_.get(), options_, FormOf(options_, typed));
    Source source(FormOf(options_, typed), false, [&](const SourceItem& item) -> absl::Status {
      Decoded decoded;
      const auto is_record = decoder_->Decode(item, &decoded);
      if (!is_record.ok()) return is_record.status();
      if (*is_record) all.push_back(std::move(decoded));
      return absl::OkStatus();
    });
    status_ = source.Feed(text);
    if (status_.ok()) status_ = source.Finish();
    return all;
  }
  // "field REASON" of every violation.
  template <typename List>
  static std::vector<std::string> Told(const List& violations) {
    std::vector<std::string> told;
    for (const base::Violation& violation : violations)
      told.push_back(absl::StrCat(violation.field(), " ", base::ReasonName(violation.reason())));
    return told;
  }
  std::vector<std::string> Header(const std::string& header) {
    Decode(header + "\n");
    return Told(base::FailureOf(status_).violations());
  }
  // A row of one column beside the name, in a file of organisations.
  std::vector<std::string> Cell(const std::string& header, const std::string& cell) {
    auto rows = Decode("name," + header + "\n一小," + cell + "\n");
    EXPECT_TRUE(status_.ok()) << status_;
    EXPECT_EQ(rows.size(), 1u);
    row_ = rows.empty() ? Decoded() : std::move(rows[0]);
    return Told(row_.violations);
  }
  const Organisation& school() { return static_cast<const Organisation&>(*row_.record); }

  std::shared_ptr<const contract::Contract> contract_;
  v1::ImportOptions options_;
  std::unique_ptr<Decoder> decoder_;
  absl::Status status_;
  Decoded row_;
};

std::string Zh(const contract::Message& prototype, const char* field) {
  return prototype.GetDescriptor()
      ->FindFieldByName(field)
      ->options()
      .GetExtension(options::v1::field)
      .label()
      .zh();
}

TEST_F(Decoding, HeadersAreNamesOrLabelsInEitherLanguage) {
  const Organisation school;
  auto rows = Decode(absl::StrCat(Zh(school, "name"), ",school_type,schoolCode,", Zh(school, "stages"),
                                  ",外部编号,外部编号（old-register）,former_jurisdictions[0].valid_to\n"
                                  "一小,PRIMARY,2161000001,小学；初中,61030001,7,2020-08-31\n"));
  ASSERT_TRUE(status_.ok()) << status_;
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_THAT(Told(rows[0].violations), ElementsAre());
  const auto& read = static_cast<const Organisation&>(*rows[0].record);
  EXPECT_EQ(read.name(), "一小");
  EXPECT_EQ(read.school_type(), registry::v1::SCHOOL_TYPE_PRIMARY);
  EXPECT_EQ(read.school_code(), "2161000001");
  EXPECT_EQ(read.stages_size(), 2);
  ASSERT_EQ(read.external_ids_size(), 2);
  EXPECT_EQ(read.external_ids(0).system(), "register");
  EXPECT_EQ(read.external_ids(0).id(), "61030001");
  EXPECT_EQ(read.external_ids(1).system(), "old-register");
  EXPECT_EQ(read.former_jurisdictions(0).valid_to(), "2020-08-31");
  EXPECT_EQ(rows[0].name, "register:61030001");
  EXPECT_EQ(rows[0].line, 2);
}

TEST_F(Decoding, AHeaderThatCannotBeReadFailsTheFileWithAllOfIt) {
  EXPECT_THAT(Header("name,nmae,名称x,name, name ,externalIds[x].id,name.id,externalId,sourceId"),
              UnorderedElementsAre("nmae FIELD_UNKNOWN", "名称x FIELD_UNKNOWN", "name FIELD_DUPLICATE",
                                   " name  FIELD_DUPLICATE", "externalIds[x].id FIELD_UNKNOWN",
                                   "name.id FIELD_UNKNOWN", "sourceId FIELD_DUPLICATE"));
  EXPECT_THAT(Header("name,"), ElementsAre(" FIELD_UNKNOWN"));
}

TEST_F(Decoding, CellsAreReadAsPeopleWriteThem) {
  EXPECT_THAT(Cell("kind", "学校"), ElementsAre());
  EXPECT_EQ(school().kind(), registry::v1::ORGANISATION_KIND_SCHOOL);
  EXPECT_THAT(Cell("kind", "organisation_kind_school"), ElementsAre("kind FIELD_UNKNOWN_CODE"));
  EXPECT_THAT(Cell("kind", "ORGANISATION_KIND_SCHOOL"), ElementsAre());
  EXPECT_THAT(Cell("kind", "school"), ElementsAre());
  for (const char* day : {"2001-09-01", "2001/9/1", "2001年9月1日", "2001.09.01"}) {
    EXPECT_THAT(Cell("opened_on", day), ElementsAre());
    EXPECT_EQ(school().opened_on(), "2001-09-01") << day;
  }
  EXPECT_THAT(Cell("opened_on", "2001/13/1"), ElementsAre());
  EXPECT_EQ(school().opened_on(), "2001/13/1") << "refused later, as the field rules say";
  EXPECT_THAT(Cell("stages", "小学;;初中；x"), ElementsAre("stages[2] FIELD_UNKNOWN_CODE"));
  EXPECT_THAT(Cell("stages", R"("[""STAGE_PRIMARY"",""STAGE_JUNIOR""]")"), ElementsAre()) << "as exported";
  EXPECT_THAT(Cell("stages", "[小学"), ElementsAre("stages[0] FIELD_UNKNOWN_CODE"));
  EXPECT_THAT(Cell("short_name", ""), ElementsAre());
  EXPECT_EQ(school().short_name(), "");
}

TEST_F(Decoding, NumbersAndTruthsAreStrict) {
  options_.set_kind("school_year_facts");
  const auto read = [&](const std::string& header, const std::string& cell) {
    auto rows = Decode("stage," + header + "\nPRIMARY," + cell + "\n");
    row_ = std::move(rows.at(0));
    return Told(row_.violations);
  };
  const auto facts = [&]() -> const SchoolYearFacts& {
    return static_cast<const SchoolYearFacts&>(*row_.record);
  };
  EXPECT_THAT(read("在校生数", "1203.0"), ElementsAre());
  EXPECT_EQ(facts().pupils(), 1203);
  EXPECT_THAT(read("pupils", "1203.5"), ElementsAre("pupils FIELD_WRONG_TYPE"));
  EXPECT_THAT(read("pupils", "99999999999999999999"), ElementsAre("pupils FIELD_OUT_OF_RANGE"));
  EXPECT_THAT(read("pupils", "-1"), ElementsAre()) << "the contract's bounds are checked when it is written";
  EXPECT_THAT(read("pupils", "约100"), ElementsAre("pupils FIELD_WRONG_TYPE"));
  EXPECT_THAT(read("digital campus", "是"), ElementsAre());
  EXPECT_TRUE(facts().digital_campus());
  EXPECT_THAT(read("digital_campus", "也许"), ElementsAre("digitalCampus FIELD_WRONG_TYPE"));
  EXPECT_THAT(read("teachingRoomsArea", "1e400"), ElementsAre("teachingRoomsArea FIELD_WRONG_TYPE"));
  EXPECT_THAT(read("teachingRoomsArea", "12.5"), ElementsAre());
  EXPECT_EQ(decoder_->columns()->HeaderOf("teachingRoomsArea"), "teachingRoomsArea");
}

TEST_F(Decoding, FormulasAreRefusedUnlessMarkedAsText) {
  for (const char* cell : {"=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3(1)"})
    EXPECT_THAT(Cell("short_name", cell), ElementsAre("shortName FORBIDDEN_FORMULA")) << cell;
  EXPECT_THAT(Cell("short_name", "'=1+1"), ElementsAre());
  EXPECT_EQ(school().short_name(), "=1+1");
  EXPECT_THAT(Cell("short_name", "-"), ElementsAre());
}

TEST_F(Decoding, ARowOfAnotherWidthIsItsOwnError) {
  auto rows = Decode("name,kind\n一小\n二小,SCHOOL,x\n,\n三小,SCHOOL\n四小");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_THAT(Told(rows[0].violations), ElementsAre(" FIELD_BAD_FORMAT"));
  EXPECT_THAT(Told(rows[1].violations), ElementsAre(" FIELD_BAD_FORMAT"));
  EXPECT_EQ(rows[2].line, 5);
  EXPECT_THAT(Told(rows[2].violations), ElementsAre());
  EXPECT_THAT(Told(rows[3].violations), ElementsAre(" RECORD_TRUNCATED"));
}

TEST_F(Decoding, AMessageMayStandAsJsonInItsCell) {
  EXPECT_THAT(Cell("former_jurisdictions", "\"[{\"\"validTo\"\":\"\"2020-08-31\"\"}]\""), ElementsAre());
  EXPECT_EQ(school().former_jurisdictions(0).valid_to(), "2020-08-31");
  EXPECT_THAT(Cell("former_jurisdictions", "\"[{\"\"x\"\":1}]\""),
              ElementsAre("formerJurisdictions[0].x FIELD_UNKNOWN"));
}

class DecodingJson : public Decoding {
 protected:
  DecodingJson() { options_.set_format(v1::ImportOptions::FORMAT_NDJSON); }
};

TEST_F(DecodingJson, ALineIsTheRecordOrNamesItsKind) {
  auto rows = Decode(
      "{\"name\":\"一小\",\"kind\":\"ORGANISATION_KIND_SCHOOL\"}\n"
      "{\"sourceId\":\"7\",\"name\":\"二小\"}\n"
      "{\"kind\":\"jurisdiction\",\"record\":{\"name\":\"凤县\"}}\n");
  ASSERT_EQ(rows.size(), 3u);
  for (const Decoded& row : rows) EXPECT_THAT(Told(row.violations), ElementsAre());
  EXPECT_EQ(rows[0].resource->kind, "organisation");
  EXPECT_EQ(rows[1].name, "register:7");
  EXPECT_EQ(rows[2].resource->kind, "jurisdiction");
  options_.clear_kind();
  rows = Decode(
      "{\"record\":{\"name\":\"凤县\",\"externalIds\":[{\"system\":\"register\",\"id\":\"1\"}]},\"kind\":"
      "\"jurisdiction\"}\n"
      "{\"kind\":\"organisation\",\"source_id\":\"9\",\"record\":{\"name\":\"x\"}}\n"
      "{\"kind\":\"school\",\"record\":{}}\n{\"name\":\"x\"}\n{\"kind\":\"organisation\",\"record\":[]}\n"
      "{\"kind\":\"organisation\",\"id\":\"1\",\"revision\":\"4\",\"record\":{\"name\":\"一小\"}}\n");
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_THAT(Told(rows[5].violations), ElementsAre()) << "a line as exported";
  EXPECT_EQ(rows[0].name, "register:1");
  EXPECT_EQ(rows[1].name, "register:9");
  EXPECT_THAT(Told(rows[2].violations), ElementsAre("kind KIND_UNKNOWN"));
  EXPECT_THAT(Told(rows[3].violations),
              ElementsAre("name FIELD_UNKNOWN", "kind FIELD_REQUIRED", "record FIELD_REQUIRED"));
  EXPECT_THAT(Told(rows[4].violations), ElementsAre(" FIELD_WRONG_TYPE"));
}

TEST_F(DecodingJson, HostileLinesAreRefusedAlone) {
  const std::string deep = std::string(2000, '[');
  const auto rows =
      Decode("{\"name\":\"一小\",\"nmae\":1,\"stages\":[\"X\"]}\n{\"name\":\n" + deep +
             "\n{\"former_jurisdictions\":" + deep + "\n[]\nnull\n{\"name\":\"二小\"}\n{\"name\":\"三");
  ASSERT_EQ(rows.size(), 8u);
  EXPECT_THAT(Told(rows[0].violations), ElementsAre("nmae FIELD_UNKNOWN", "stages[0] FIELD_UNKNOWN_CODE"));
  for (size_t i : {1, 2, 3})
    EXPECT_THAT(Told(rows[i].violations), ::testing::Contains(::testing::EndsWith("JSON_INVALID"))) << i;
  EXPECT_FALSE(rows[4].violations.empty());
  EXPECT_FALSE(rows[5].violations.empty());
  EXPECT_THAT(Told(rows[6].violations), ElementsAre());
  EXPECT_THAT(Told(rows[7].violations), ElementsAre(" RECORD_TRUNCATED"));
}

TEST_F(DecodingJson, TypedRecordsBringTheirReferences) {
  v1::ImportRecord record;
  SchoolYearFacts facts;
  facts.set_pupils(7);
  record.mutable_record()->PackFrom(facts);
  (*record.mutable_references())["organisation_id"] = "register:1";
  (*record.mutable_references())["pupils"] = "x";
  record.set_delete_(true);
  const std::string bytes = record.SerializeAsString();
  ASSERT_LT(bytes.size(), 16384u);
  std::string content = {static_cast<char>((bytes.size() & 0x7F) | 0x80),
                         static_cast<char>(bytes.size() >> 7)};
  const auto rows = Decode(content + bytes, true);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_THAT(Told(rows[0].violations), ElementsAre("pupils FIELD_UNKNOWN"));
  EXPECT_EQ(static_cast<const SchoolYearFacts&>(*rows[0].record).organisation_id(), "register:1");
  EXPECT_TRUE(rows[0].remove);
}

}  // namespace
}  // namespace lianqiao::bulk
