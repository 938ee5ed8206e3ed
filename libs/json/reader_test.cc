// SPDX-License-Identifier: Apache-2.0
// JSON -> wire: what is refused, where, and what is accepted.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/json/json.h"
#include "libs/json/testdata/codec.pb.h"

namespace lianqiao::json {
namespace {

using testdata::Everything;
using testing::ElementsAre;
using testing::IsEmpty;

// Each violation as "path REASON name=argument …".
std::vector<std::string> Violations(const std::string& json, const ReadOptions& options = {}) {
  std::vector<base::Violation> violations;
  std::string wire = "kept";
  const absl::Status status = JsonToWire(Everything::descriptor(), json, options, &wire, &violations);
  EXPECT_EQ(status.ok(), violations.empty());
  EXPECT_EQ(status.ok() || wire == "kept", true);
  if (!status.ok()) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(base::FailureOf(status).violations_size(), static_cast<int>(violations.size()));
  }
  std::vector<std::string> texts;
  for (const base::Violation& violation : violations) {
    std::string text = absl::StrCat(violation.field(), " ", base::ReasonName(violation.reason()));
    const std::map<std::string, std::string> arguments(violation.arguments().begin(),
                                                       violation.arguments().end());
    for (const auto& [name, value] : arguments) absl::StrAppend(&text, " ", name, "=", value);
    texts.push_back(text);
  }
  return texts;
}

// 0 keeps the default.
ReadOptions Limited(size_t bytes_max, int depth_max) {
  ReadOptions options;
  if (bytes_max > 0) options.bytes_max = bytes_max;
  if (depth_max > 0) options.depth_max = depth_max;
  return options;
}

Everything Read(const std::string& json) {
  Everything message;
  const absl::Status status = JsonToMessage(json, {}, &message, nullptr);
  EXPECT_TRUE(status.ok()) << status << "\n" << json;
  return message;
}

std::string Nested(int levels) {
  std::string json = "{}";
  for (int i = 1; i < levels; ++i) json = "{\"child\":" + json + "}";
  return json;
}

TEST(JsonReaderTest, NamesEveryUnknownFieldWithItsPath) {
  EXPECT_THAT(Violations(R"({"nope":1,"child":{"labels2":{"a":[1,{"b":2}]}},"children":[{},{"x":null}],
                            "byInt32":{"7":{"y":"]}"}}})"),
              ElementsAre("nope FIELD_UNKNOWN", "child.labels2 FIELD_UNKNOWN", "children[1].x FIELD_UNKNOWN",
                          "byInt32[\"7\"].y FIELD_UNKNOWN"));
}

TEST(JsonReaderTest, PutsThePrefixInFrontOfEveryPath) {
  ReadOptions options;
  options.path_prefix = "organisation";
  EXPECT_THAT(Violations(R"({"children":[{},{},{"strings":["a",2]}],"nope":1})", options),
              ElementsAre("organisation.children[2].strings[1] FIELD_WRONG_TYPE expected=string",
                          "organisation.nope FIELD_UNKNOWN"));
  EXPECT_THAT(Violations("[]", options), ElementsAre("organisation FIELD_WRONG_TYPE expected=object"));
}

TEST(JsonReaderTest, RefusesDuplicateKeysAlsoUnderBothNames) {
  EXPECT_THAT(Violations(R"({"int32Value":1,"int32Value":1})"), ElementsAre("int32Value FIELD_DUPLICATE"));
  EXPECT_THAT(Violations(R"({"int32Value":null,"int32_value":1})"),
              ElementsAre("int32Value FIELD_DUPLICATE"));
  EXPECT_THAT(Violations(R"({"int32Value":1,"\u0069nt32Value":1})"),
              ElementsAre("int32Value FIELD_DUPLICATE"));
  EXPECT_THAT(Violations(R"({"labels":{"a":"1","b":"2","\u0061":"3"},"byInt32":{"1":{},"2":{},"1":{}}})"),
              ElementsAre("labels[\"\\u0061\"] FIELD_DUPLICATE", "byInt32[\"1\"] FIELD_DUPLICATE"));
}

TEST(JsonReaderTest, RefusesWrongTypesOfEveryKind) {
  EXPECT_THAT(
      Violations(R"({"doubleValue":true,"int32Value":"x","int64Value":1.5,"boolValue":"true","stringValue":1,
                     "bytesValue":[],"color":{},"child":"x","doubles":1,"labels":[],"timestamp":5,
                     "duration":false,
                     "fieldMask":{},"stringWrapper":1,"struct":[],"listValue":{},"any":1,"empty":[],
                     "byUint64":{"x":"COLOR_RED"},"byBool":{"1":1},"uint32Value":{"a":1},"int32s":{}})"),
      ElementsAre(
          "doubleValue FIELD_WRONG_TYPE expected=number", "int32Value FIELD_WRONG_TYPE expected=integer",
          "int64Value FIELD_WRONG_TYPE expected=integer", "boolValue FIELD_WRONG_TYPE expected=boolean",
          "stringValue FIELD_WRONG_TYPE expected=string", "bytesValue FIELD_WRONG_TYPE expected=string",
          "color FIELD_WRONG_TYPE expected=string", "child FIELD_WRONG_TYPE expected=object",
          "doubles FIELD_WRONG_TYPE expected=array", "labels FIELD_WRONG_TYPE expected=object",
          "timestamp FIELD_WRONG_TYPE expected=string", "duration FIELD_WRONG_TYPE expected=string",
          "fieldMask FIELD_WRONG_TYPE expected=string", "stringWrapper FIELD_WRONG_TYPE expected=string",
          "struct FIELD_WRONG_TYPE expected=object", "listValue FIELD_WRONG_TYPE expected=array",
          "any FIELD_WRONG_TYPE expected=object", "empty FIELD_WRONG_TYPE expected=object",
          "byUint64[\"x\"] FIELD_WRONG_TYPE expected=integer",
          "byBool[\"1\"] FIELD_WRONG_TYPE expected=boolean", "uint32Value FIELD_WRONG_TYPE expected=integer",
          "int32s FIELD_WRONG_TYPE expected=array"));
}

TEST(JsonReaderTest, RefusesNullInsideListsAndMaps) {
  EXPECT_THAT(
      Violations(R"({"strings":["a",null],"children":[null],"labels":{"k":null},"byInt32":{"1":null}})"),
      ElementsAre("strings[1] FIELD_WRONG_TYPE expected=string",
                  "children[0] FIELD_WRONG_TYPE expected=object",
                  "labels[\"k\"] FIELD_WRONG_TYPE expected=string",
                  "byInt32[\"1\"] FIELD_WRONG_TYPE expected=object"));
}

TEST(JsonReaderTest, RefusesNumbersOutOfRange) {
  EXPECT_THAT(
      Violations(R"({"int32Value":2147483648,"uint32Value":-1,"int64Value":"9223372036854775808",
                     "uint64Value":18446744073709551616,"sint32Value":-2147483649,"floatValue":1e39,
                     "doubleValue":-1e400,"int32s":[1,1e10],"byUint64":{"-1":0},"fixed32Value":1e300})"),
      ElementsAre("int32Value FIELD_OUT_OF_RANGE max=2147483647 min=-2147483648",
                  "uint32Value FIELD_OUT_OF_RANGE max=4294967295 min=0",
                  "int64Value FIELD_OUT_OF_RANGE max=9223372036854775807 min=-9223372036854775808",
                  "uint64Value FIELD_OUT_OF_RANGE max=18446744073709551615 min=0",
                  "sint32Value FIELD_OUT_OF_RANGE max=2147483647 min=-2147483648",
                  "floatValue FIELD_OUT_OF_RANGE max=3.4028235e+38 min=-3.4028235e+38",
                  "doubleValue FIELD_OUT_OF_RANGE max=1.7976931348623157e+308 min=-1.7976931348623157e+308",
                  "int32s[1] FIELD_OUT_OF_RANGE max=2147483647 min=-2147483648",
                  "byUint64[\"-1\"] FIELD_OUT_OF_RANGE max=18446744073709551615 min=0",
                  "fixed32Value FIELD_OUT_OF_RANGE max=4294967295 min=0"));
}

TEST(JsonReaderTest, RefusesUnknownCodes) {
  EXPECT_THAT(
      Violations(R"({"color":"COLOR_BLUE","colors":["COLOR_RED","color_red",77],"optionalColor":""})"),
      ElementsAre("color FIELD_UNKNOWN_CODE value=COLOR_BLUE", "colors[1] FIELD_UNKNOWN_CODE value=color_red",
                  "colors[2] FIELD_UNKNOWN_CODE value=77", "optionalColor FIELD_UNKNOWN_CODE value="));
}

TEST(JsonReaderTest, RefusesBadFormats) {
  EXPECT_THAT(
      Violations(R"({"bytesValue":"a","bytesList":["!!!!","AB+_","AB=="],"stringValue":"\ud800x",
                            "timestamp":"2024-02-30T00:00:00Z","timestamps":["2024-01-01",
                            "2024-01-01T00:00:00",
                            "2024-01-01t00:00:00Z","2024-01-01T24:00:00Z","2024-01-01T00:00:00.1234567890Z"],
                            "duration":"1","fieldMask":"a,,b","strings":["\udc00","\ud800\u0041"]})"),
      ElementsAre(
          "bytesValue FIELD_BAD_FORMAT expected=base64", "bytesList[0] FIELD_BAD_FORMAT expected=base64",
          "bytesList[1] FIELD_BAD_FORMAT expected=base64", "bytesList[2] FIELD_BAD_FORMAT expected=base64",
          "stringValue FIELD_BAD_FORMAT expected=UTF-8",
          "timestamp FIELD_BAD_FORMAT expected=2024-01-31T08:00:00Z",
          "timestamps[0] FIELD_BAD_FORMAT expected=2024-01-31T08:00:00Z",
          "timestamps[1] FIELD_BAD_FORMAT expected=2024-01-31T08:00:00Z",
          "timestamps[2] FIELD_BAD_FORMAT expected=2024-01-31T08:00:00Z",
          "timestamps[3] FIELD_BAD_FORMAT expected=2024-01-31T08:00:00Z",
          "timestamps[4] FIELD_BAD_FORMAT expected=2024-01-31T08:00:00Z",
          "duration FIELD_BAD_FORMAT expected=1.5s",
          "fieldMask FIELD_BAD_FORMAT expected=displayName,owner.id",
          "strings[0] FIELD_BAD_FORMAT expected=UTF-8", "strings[1] FIELD_BAD_FORMAT expected=UTF-8"));
}

TEST(JsonReaderTest, RefusesMomentsOutOfRange) {
  EXPECT_THAT(
      Violations(R"({"timestamp":"0001-01-01T00:00:00+01:00","duration":"315576000001s"})"),
      ElementsAre("timestamp FIELD_OUT_OF_RANGE max=9999-12-31T23:59:59.999999999Z min=0001-01-01T00:00:00Z",
                  "duration FIELD_OUT_OF_RANGE max=315576000000s min=-315576000000s"));
}

TEST(JsonReaderTest, RefusesTwoMembersOfOneOneof) {
  EXPECT_THAT(Violations(R"({"child":{"choiceText":"","choiceNumber":1,"choice_child":{"nope":1}}})"),
              ElementsAre("child.choiceNumber FIELD_CONFLICT other=child.choiceText",
                          "child.choiceChild FIELD_CONFLICT other=child.choiceText",
                          "child.choiceChild.nope FIELD_UNKNOWN"));
  EXPECT_THAT(Violations(R"({"choiceText":null,"choiceNumber":1})"), IsEmpty());
}

TEST(JsonReaderTest, StopsAtTextThatIsNotJsonAndSaysWhere) {
  EXPECT_THAT(Violations(""), ElementsAre(" JSON_INVALID expected={ [ place=1:1"));
  EXPECT_THAT(Violations("{"), ElementsAre(" JSON_INVALID expected=\" place=1:2"));
  EXPECT_THAT(Violations(R"({"int32Value":1,})"),
              ElementsAre("int32Value JSON_INVALID expected=\" place=1:17"));
  EXPECT_THAT(Violations("{\n  \"stringValue\" \"x\"}"),
              ElementsAre("stringValue JSON_INVALID expected=: place=2:17"));
  EXPECT_THAT(Violations(R"({"nope":1,"strings":["城" "b"]})"),
              ElementsAre("nope FIELD_UNKNOWN", "strings[0] JSON_INVALID expected=, ] place=1:26"));
  EXPECT_THAT(Violations(R"({"stringValue":"x)"), ElementsAre(" JSON_INVALID expected=\" place=1:18"));
  EXPECT_THAT(Violations("{\"stringValue\":\"\n\"}"),
              ElementsAre(" JSON_INVALID expected=\\u000a place=1:17"));
  EXPECT_THAT(Violations("{\"stringValue\":\"城\xff\"}"),
              ElementsAre(" JSON_INVALID expected=UTF-8 place=1:18"));
  EXPECT_THAT(Violations("{} {}"), ElementsAre(" JSON_INVALID expected=EOF place=1:4"));
  EXPECT_THAT(
      Violations(R"({"stringValue":"\x"})"),
      ElementsAre("stringValue JSON_INVALID expected=\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u place=1:20"));
}

TEST(JsonReaderTest, StopsAtTokensThatAreNoValues) {
  for (const char* token :
       {"01", "1.", ".5", "-", "+1", "1e", "nul", "True", "NaN", "1x", "'a'", "0x10", "tru e"}) {
    for (const char* field : {"int32Value", "stringValue", "boolValue", "nope", "child", "color", "value"}) {
      const auto violations = Violations(absl::StrCat("{\"", field, "\":", token, "}"));
      ASSERT_EQ(violations.size(), 1u) << token;
      EXPECT_THAT(violations[0], testing::HasSubstr("JSON_INVALID")) << token;
    }
  }
}

TEST(JsonReaderTest, RefusesDepthBeyondTheLimitAndReadsOn) {
  EXPECT_THAT(Violations(Nested(base::kMessageDepthMax)), IsEmpty());
  const auto violations = Violations("{\"child\":" + Nested(base::kMessageDepthMax) + ",\"nope\":1}");
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_THAT(violations[0], testing::HasSubstr("expected=depth ≤ 32"));
  EXPECT_THAT(violations[0], testing::StartsWith("child.child.child."));
  EXPECT_EQ(violations[1], "nope FIELD_UNKNOWN");
  EXPECT_THAT(Violations(R"({"child":{"child":{}}})", Limited(0, 2)),
              ElementsAre("child.child JSON_INVALID expected=depth ≤ 2 place=1:19"));
}

TEST(JsonReaderTest, SurvivesAnyDepthOfBrackets) {
  const std::string open(100000, '[');
  EXPECT_EQ(Violations("{\"nope\":" + open).size(), 1u);
  EXPECT_EQ(Violations("{\"value\":" + open + std::string(100000, ']') + "}").size(), 1u);
  EXPECT_EQ(Violations("{\"listValue\":" + open).size(), 1u);
}

TEST(JsonReaderTest, RefusesATextThatIsTooLargeBeforeReadingIt) {
  std::string wire;
  std::vector<base::Violation> violations;
  const absl::Status status =
      JsonToWire(Everything::descriptor(), "{\"nope\":1}", Limited(9, 0), &wire, &violations);
  EXPECT_EQ(base::FailureOf(status).reason(), base::ErrorReason::BODY_TOO_LARGE);
  EXPECT_EQ(base::FailureOf(status).arguments().at("max"), "9");
  EXPECT_TRUE(violations.empty());
  EXPECT_EQ(Violations("{\"nope\":1}", Limited(10, 0)).size(), 1u);
}

TEST(JsonReaderTest, RecordsABoundedNumberOfViolationsOfBoundedSize) {
  std::string json = "{\"int32s\":[";
  for (int i = 0; i < 5000; ++i) json += "\"x\",";
  json.back() = ']';
  EXPECT_EQ(Violations(json + "}").size(), 1000u);
  const std::string name(5000, 'n');
  const auto violations =
      Violations("{\"" + name + "\":1,\"color\":\"" + name + "\",\"labels\":{\"" + name + "\":1}}");
  ASSERT_EQ(violations.size(), 3u);
  for (const std::string& violation : violations) EXPECT_LT(violation.size(), 200u);
}

TEST(JsonReaderTest, AppendsToTheViolationsItIsGiven) {
  std::vector<base::Violation> violations = {
      base::Refuse("query.page", base::ErrorReason::PARAMETER_UNKNOWN)};
  Everything message;
  message.set_int32_value(5);
  EXPECT_FALSE(JsonToMessage("{\"nope\":1}", {}, &message, &violations).ok());
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations[1].field(), "nope");
  EXPECT_EQ(message.int32_value(), 5) << "a refused text leaves the message alone";
}

TEST(JsonReaderTest, TakesIntegersAsNumbersAndAsStrings) {
  const Everything message =
      Read(R"({"int32Value":"-7","int64Value":9007199254740993,"uint64Value":"18446744073709551615",
                                      "sint64Value":1e3,"uint32Value":2.0,"fixed32Value":-0,
                                      "sfixed64Value":"-5",
                                      "int32s":[1.50e1,"3"],"floatValue":"2.5","doubleValue":"-Infinity"})");
  EXPECT_EQ(message.int32_value(), -7);
  EXPECT_EQ(message.int64_value(), 9007199254740993);
  EXPECT_EQ(message.uint64_value(), UINT64_MAX);
  EXPECT_EQ(message.sint64_value(), 1000);
  EXPECT_EQ(message.uint32_value(), 2u);
  EXPECT_EQ(message.sfixed64_value(), -5);
  EXPECT_THAT(message.int32s(), ElementsAre(15, 3));
  EXPECT_EQ(message.float_value(), 2.5f);
  EXPECT_LT(message.double_value(), -1e308);
}

TEST(JsonReaderTest, IsExactWhereADoubleIsNot) {
  EXPECT_THAT(Violations(R"({"int64Value":7574787110508611.28})"),
              ElementsAre("int64Value FIELD_WRONG_TYPE expected=integer"));
  EXPECT_THAT(Violations(R"({"int64Value":1e-400})"),
              ElementsAre("int64Value FIELD_WRONG_TYPE expected=integer"));
  EXPECT_EQ(Read(R"({"int64Value":9223372036854775.807e3})").int64_value(), INT64_MAX);
  EXPECT_EQ(Read(R"({"int64Value":0e99999999999})").int64_value(), 0);
  EXPECT_EQ(Violations(R"({"int64Value":1e99999999999})").size(), 1u);
  EXPECT_EQ(Read(R"({"doubleValue":5e-324})").double_value(), 5e-324);
  EXPECT_EQ(Read(R"({"doubleValue":1e-999})").double_value(), 0);
}

TEST(JsonReaderTest, TakesNullAsAbsentButAsAValueOfValue) {
  const Everything message =
      Read(R"({"int32Value":null,"child":null,"strings":null,"labels":null,"timestamp":null,
                                      "optionalInt32":null,"stringWrapper":null,"value":null,"nullValue":null,
                                      "values":[null,1]})");
  Everything expected;
  expected.mutable_value()->set_null_value(google::protobuf::NULL_VALUE);
  expected.add_values()->set_null_value(google::protobuf::NULL_VALUE);
  expected.add_values()->set_number_value(1);
  EXPECT_EQ(message.SerializeAsString(), expected.SerializeAsString());
}

TEST(JsonReaderTest, KeepsPresenceAndDropsDefaultsWithoutIt) {
  const Everything message =
      Read(R"({"int32Value":0,"stringValue":"","optionalInt32":0,"optionalString":"","choiceText":""})");
  EXPECT_TRUE(message.has_optional_int32());
  EXPECT_TRUE(message.has_optional_string());
  EXPECT_EQ(message.choice_case(), Everything::kChoiceText);
  std::string wire;
  ASSERT_TRUE(JsonToWire(Everything::descriptor(),
                         R"({"int32Value":0,"bytesValue":"","color":"COLOR_UNSPECIFIED"})", {}, &wire,
                         nullptr)
                  .ok());
  EXPECT_EQ(wire, "");
}

TEST(JsonReaderTest, TakesOffsetsFractionsAndEscapes) {
  const Everything message =
      Read(R"( { "timestamp" : "2024-02-29T08:00:00.5+08:00" , "duration":"-1.000000001s",
    "stringValue":"\u57ce\ud83d\ude00\/\"\\\b\f\n\r\t", "bytesValue":"-_8",
    "fieldMask":"displayName,owner.id",
    "bytesList":["+/8=","-_8="], "timestamps":["1969-12-31T23:59:59Z"] } )");
  EXPECT_EQ(message.timestamp().seconds(), 1709164800);
  EXPECT_EQ(message.timestamp().nanos(), 500000000);
  EXPECT_EQ(message.duration().seconds(), -1);
  EXPECT_EQ(message.duration().nanos(), -1);
  EXPECT_EQ(message.string_value(), "城😀/\"\\\b\f\n\r\t");
  EXPECT_EQ(message.bytes_value(), "\xfb\xff");
  EXPECT_THAT(message.bytes_list(), ElementsAre("\xfb\xff", "\xfb\xff"));
  EXPECT_THAT(message.field_mask().paths(), ElementsAre("display_name", "owner.id"));
  EXPECT_EQ(message.timestamps(0).seconds(), -1);
}

TEST(JsonReaderTest, ReadsAnAnyWhereverItsTypeStands) {
  const Everything message =
      Read(R"({"any":{"hours":3,"@type":"type.googleapis.com/lianqiao.json.testdata.Line"},
    "child":{"any":{"value":"2024-01-01T00:00:00Z",
    "@type":"type.googleapis.com/google.protobuf.Timestamp"}}})");
  testdata::Line line;
  ASSERT_TRUE(message.any().UnpackTo(&line));
  EXPECT_EQ(line.hours(), 3);
  google::protobuf::Timestamp time;
  ASSERT_TRUE(message.child().any().UnpackTo(&time));
  EXPECT_EQ(time.seconds(), 1704067200);
}

TEST(JsonReaderTest, RefusesWhatIsWrongInAnAny) {
  EXPECT_THAT(Violations(R"({"any":{"hours":3}})"), ElementsAre("any.@type FIELD_REQUIRED"));
  EXPECT_THAT(Violations(R"({"any":{"@type":"x/no.Such","a":1}})"),
              ElementsAre("any.@type FIELD_UNKNOWN_CODE value=x/no.Such"));
  EXPECT_THAT(Violations(R"({"any":{"@type":"no.slash"}})"),
              ElementsAre("any.@type FIELD_BAD_FORMAT expected=type.googleapis.com/package.Message"));
  EXPECT_THAT(Violations(R"({"any":{"@type":"x/lianqiao.json.testdata.Line","hours":"x","nope":1}})"),
              ElementsAre("any.hours FIELD_WRONG_TYPE expected=integer", "any.nope FIELD_UNKNOWN"));
  EXPECT_THAT(Violations(R"({"any":{"@type":"x/google.protobuf.Timestamp","value":"x","value":1,"nope":1}})"),
              ElementsAre("any.value FIELD_BAD_FORMAT expected=2024-01-31T08:00:00Z",
                          "any.value FIELD_DUPLICATE", "any.nope FIELD_UNKNOWN"));
  EXPECT_THAT(Violations(R"({"any":{}})"), IsEmpty());
}

TEST(JsonReaderTest, ReadsAScalarTextForATypeThatIsOne) {
  google::protobuf::Timestamp time;
  EXPECT_TRUE(JsonToMessage("\"2024-01-01T00:00:00Z\"", {}, &time, nullptr).ok());
  EXPECT_EQ(time.seconds(), 1704067200);
  google::protobuf::Value value;
  EXPECT_TRUE(JsonToMessage(" true ", {}, &value, nullptr).ok());
  EXPECT_TRUE(value.bool_value());
}

}  // namespace
}  // namespace lianqiao::json
