// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/mapping.h"

#include <gmock/gmock.h>

#include "tools/cli/json_text.h"

namespace lianqiao::cli {
namespace {

using testing::HasSubstr;

// The record that the one "fields" makes of a row.
std::string Made(const std::string& fields, const Columns& row) {
  const absl::StatusOr<Mapping> mapping = ParseMapping(
      "test",
      R"({"file":"*","records":[{"collection":"places","system":"s","id":"{id}","fields":)" + fields + "}]}");
  if (!mapping.ok()) return std::string(mapping.status().message());
  RowView view;
  view.row = &row;
  const absl::StatusOr<std::string> record = MakeRecord(mapping->records[0], row.at("id"), view);
  return record.ok() ? *record : "refused: " + std::string(record.status().message());
}

constexpr char kIds[] = R"({"externalIds":[{"system":"s","id":"1"}])";

TEST(Mapping, ColumnsFillTextsAndEmptyOnesAreLeftOut) {
  EXPECT_EQ(Made(R"({"parentId":"gb:{parent}","name":"{name}","note":"{note}"})",
                 {{"id", "1"}, {"parent", "61"}, {"name", "a\"b"}, {"note", ""}}),
            std::string(kIds) + R"(,"parentId":"gb:61","name":"a\"b"})");
}

TEST(Mapping, ATextOfANumberIsANumberAndOtherTextIsLeftForThePlatformToRefuse) {
  const std::string fields = R"({"pupils":{"number":"{n}"}})";
  EXPECT_EQ(Made(fields, {{"id", "1"}, {"n", "12"}}), std::string(kIds) + R"(,"pupils":12})");
  EXPECT_EQ(Made(fields, {{"id", "1"}, {"n", "12人"}}), std::string(kIds) + R"(,"pupils":"12人"})");
  EXPECT_EQ(Made(fields, {{"id", "1"}, {"n", ""}}), std::string(kIds) + "}");
}

TEST(Mapping, AValueThatItsMapDoesNotKnowIsAnErrorAndNeverASilentNothing) {
  const std::string fields = R"({"stages":{"map":"{stage}","values":{"primary":["P"],"plain":[]}}})";
  EXPECT_EQ(Made(fields, {{"id", "1"}, {"stage", "primary"}}), std::string(kIds) + R"(,"stages":["P"]})");
  EXPECT_EQ(Made(fields, {{"id", "1"}, {"stage", "plain"}}), std::string(kIds) + "}");
  EXPECT_EQ(Made(fields, {{"id", "1"}, {"stage", "college"}}), "refused: college");
}

TEST(Mapping, TheFirstChoiceThatAppliesIsTaken) {
  const std::string fields =
      R"({"j":{"choose":[{"when":{"zone":{"not":""}},"value":"z:{zone}"},{"when":{"code":["1","2"]},)"
      R"("value":"few"},"c:{code}"]}})";
  EXPECT_EQ(Made(fields, {{"id", "1"}, {"zone", "a"}, {"code", "1"}}), std::string(kIds) + R"(,"j":"z:a"})");
  EXPECT_EQ(Made(fields, {{"id", "1"}, {"zone", ""}, {"code", "2"}}), std::string(kIds) + R"(,"j":"few"})");
  EXPECT_EQ(Made(fields, {{"id", "1"}, {"zone", ""}, {"code", "9"}}), std::string(kIds) + R"(,"j":"c:9"})");
}

TEST(Mapping, ConditionsAskForContainedTextAndLength) {
  EXPECT_EQ(Made(R"({"d":{"choose":[{"when":{"since":{"length":4}},"value":"{since}-01-01"},"{since}"]}})",
                 {{"id", "1"}, {"since", "2016"}}),
            std::string(kIds) + R"(,"d":"2016-01-01"})");
  EXPECT_EQ(Made(R"({"d":{"when":{"flags":{"contains":"bad"}},"value":true}})",
                 {{"id", "1"}, {"flags", "x;bad_y"}}),
            std::string(kIds) + R"(,"d":true})");
}

TEST(Mapping, WhatIsNoMappingIsRefusedByName) {
  EXPECT_THAT(std::string(ParseMapping("m.json", "{").status().message()), HasSubstr("m.json"));
  EXPECT_THAT(
      std::string(
          ParseMapping("m.json", R"({"file":"a","records":[{"collection":"x"}]})").status().message()),
      HasSubstr("system"));
  EXPECT_FALSE(
      ParseMapping("m", R"({"file":"a","records":[{"collection":"x","system":"s","id":"{a","fields":{}}]})")
          .ok());
}

TEST(Mapping, TheMappingsOfTheProgramAreRight) {
  const absl::StatusOr<std::vector<Mapping>> mappings = BuiltInMappings();
  ASSERT_TRUE(mappings.ok()) << mappings.status();
  EXPECT_EQ(mappings->front().file, "divisions.csv");
  EXPECT_EQ(mappings->size(), ReadMappings("tools/cli/mappings")->size());
}

TEST(JsonText, ControlCharactersAreEscaped) {
  EXPECT_EQ(Quote("a\n\"\\"), R"("a\u000a\"\\")");
}

TEST(JsonText, OnlyWhatJsonCallsANumberIsOne) {
  for (const char* text : {"0", "-1", "12.50", "40.05010"}) EXPECT_TRUE(IsJsonNumber(text)) << text;
  for (const char* text : {"", "-", "01", "1.", ".5", "1e5", "+1", "1 "})
    EXPECT_FALSE(IsJsonNumber(text)) << text;
}

}  // namespace
}  // namespace lianqiao::cli
