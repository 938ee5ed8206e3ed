// SPDX-License-Identifier: Apache-2.0
// Wire -> JSON: what the property tests cannot reach, because protobuf's serializer does not write it.
#include <bit>
#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "libs/json/json.h"
#include "libs/json/testdata/codec.pb.h"

namespace lianqiao::json {
namespace {

using testdata::Everything;

std::string Text(const std::string& wire, const WriteOptions& options = {}) {
  std::string json;
  const absl::Status status = WireToJson(Everything::descriptor(), wire, options, &json);
  EXPECT_TRUE(status.ok()) << status;
  return json;
}

std::string Text(const google::protobuf::Message& message) {
  std::string json;
  EXPECT_TRUE(MessageToJson(message, {}, &json).ok());
  return json;
}

bool Refused(const std::string& wire) {
  std::string json = "kept";
  const absl::Status status = WireToJson(Everything::descriptor(), wire, {}, &json);
  EXPECT_EQ(status.ok() || json == "kept", true);
  EXPECT_EQ(status.ok() || status.code() == absl::StatusCode::kInternal, true);
  return !status.ok();
}

// Wire bytes of a message of one field.
template <typename Function>
std::string Part(Function&& fill) {
  Everything message;
  fill(&message);
  return message.SerializeAsString();
}

TEST(JsonWriterTest, AppendsToWhatIsThere) {
  std::string json = "x";
  ASSERT_TRUE(WireToJson(Everything::descriptor(), "", {}, &json).ok());
  EXPECT_EQ(json, "x{}");
}

TEST(JsonWriterTest, TakesTheLastOfRepeatedScalars) {
  const std::string first = Part([](Everything* m) {
    m->set_int32_value(1);
    m->set_string_value("a");
  });
  const std::string second = Part([](Everything* m) { m->set_int32_value(2); });
  EXPECT_EQ(Text(first + second), R"({"int32Value":2,"stringValue":"a"})");
  const std::string zero("\x18\0", 2);  // A default that stands on the wire hides the value before it.
  EXPECT_EQ(Text(first + zero), R"({"stringValue":"a"})");
}

TEST(JsonWriterTest, MergesRepeatedMessages) {
  const std::string first = Part([](Everything* m) { m->mutable_child()->set_int32_value(1); });
  const std::string second = Part([](Everything* m) { m->mutable_child()->set_string_value("b"); });
  EXPECT_EQ(Text(first + second), R"({"child":{"int32Value":1,"stringValue":"b"}})");
  EXPECT_EQ(Text(first + Part([](Everything* m) { m->set_bool_value(true); }) + second),
            R"({"boolValue":true,"child":{"int32Value":1,"stringValue":"b"}})");
}

TEST(JsonWriterTest, JoinsListsThatAreInterleaved) {
  const std::string a = Part([](Everything* m) { m->add_strings("a"); });
  const std::string b = Part([](Everything* m) { m->add_strings("b"); });
  const std::string other = Part([](Everything* m) { m->set_bool_value(true); });
  EXPECT_EQ(Text(a + b), R"({"strings":["a","b"]})");
  EXPECT_EQ(Text(a + other + b), R"({"boolValue":true,"strings":["a","b"]})");
}

TEST(JsonWriterTest, TakesTheLastMemberOfAOneof) {
  const std::string text = Part([](Everything* m) { m->set_choice_text("a"); });
  const std::string number = Part([](Everything* m) { m->set_choice_number(0); });
  EXPECT_EQ(Text(text + number), R"({"choiceNumber":0})");
  EXPECT_EQ(Text(number + text), R"({"choiceText":"a"})");
}

TEST(JsonWriterTest, TakesTheLastOfRepeatedMapKeys) {
  const std::string a1 = Part([](Everything* m) { (*m->mutable_labels())["a"] = "1"; });
  const std::string a2 = Part([](Everything* m) { (*m->mutable_labels())["a"] = "2"; });
  EXPECT_EQ(Text(a1 + a2), R"({"labels":{"a":"2"}})");
  const std::string b = Part([](Everything* m) { (*m->mutable_labels())["b"] = "3"; });
  EXPECT_EQ(Text(a1 + b), R"({"labels":{"a":"1","b":"3"}})");
}

TEST(JsonWriterTest, FillsMapEntriesThatLackAPart) {
  EXPECT_EQ(Text(std::string("\xd2\x01\x00", 3)), R"({"labels":{"":""}})");
  EXPECT_EQ(Text(std::string("\xda\x01\x00", 3)), R"({"byInt32":{"0":{}}})");
  EXPECT_EQ(Text(std::string("\xda\x03\x00", 3)), R"({"timesByName":{"":"1970-01-01T00:00:00Z"}})");
}

TEST(JsonWriterTest, ReadsListsPackedAndUnpackedAndMixed) {
  const std::string packed("\x9a\x01\x02\x01\x02", 5);
  const std::string unpacked("\x98\x01\x03", 3);
  EXPECT_EQ(Text(packed + unpacked + packed), R"({"int32s":[1,2,3,1,2]})");
  EXPECT_EQ(Text(std::string("\xa2\x01\x02\x05\x06", 5)), R"({"unpackedInt32s":[5,6]})");
  EXPECT_EQ(Text(std::string("\x9a\x01\x00", 3)), "{}");
}

TEST(JsonWriterTest, LeavesOutUnknownFieldsOfEveryWireType) {
  // Fields 90 to 94: varint, fixed64, bytes, a group with a group inside, fixed32.
  const std::string unknown =
      "\xd0\x05\x01"
      "\xd9\x05"
      "12345678"
      "\xe2\x05\x02"
      "ab"
      "\xeb\x05\xf3\x05\xf4\x05\xec\x05"
      "\xf5\x05"
      "1234";
  EXPECT_EQ(Text(unknown + std::string("\x18\x07", 2) + unknown), R"({"int32Value":7})");
  // A known field of another wire type is an unknown one.
  EXPECT_EQ(Text(std::string("\x1a\x01\x07\x18\x07", 5)), R"({"int32Value":7})");
}

TEST(JsonWriterTest, WritesUnknownEnumNumbersAsNumbers) {
  EXPECT_EQ(Text(std::string("\x80\x01\x63", 3)), R"({"color":99})");
  EXPECT_EQ(Text(std::string("\xc2\x01\x02\x01\x63", 5)), R"({"colors":["COLOR_RED",99]})");
}

TEST(JsonWriterTest, WritesTheShortestNumbersThatReadBack) {
  const std::pair<double, const char*> cases[] = {{0.1, "0.1"},
                                                  {0.1 + 0.2, "0.30000000000000004"},
                                                  {100000, "100000"},
                                                  {1e15, "1e+15"},
                                                  {1e21, "1e+21"},
                                                  {123456789012345.6, "123456789012345.6"},
                                                  {1e-5, "1e-05"},
                                                  {0.0001, "0.0001"},
                                                  {-2.5, "-2.5"},
                                                  {5e-324, "5e-324"},
                                                  {1.7976931348623157e308, "1.7976931348623157e+308"}};
  for (const auto& [number, text] : cases) {
    EXPECT_EQ(Text(Part([n = number](Everything* m) { m->set_double_value(n); })),
              std::string("{\"doubleValue\":") + text + "}");
  }
  EXPECT_EQ(Text(Part([](Everything* m) { m->set_float_value(0.1f); })), R"({"floatValue":0.1})");
  EXPECT_EQ(Text(Part([](Everything* m) { m->set_float_value(16777216.0f); })), R"({"floatValue":16777216})");
}

TEST(JsonWriterTest, WritesMomentsAtTheirLimits) {
  google::protobuf::Timestamp time;
  time.set_seconds(-62135596800);
  EXPECT_EQ(Text(time), "\"0001-01-01T00:00:00Z\"");
  time.set_seconds(253402300799);
  time.set_nanos(999999999);
  EXPECT_EQ(Text(time), "\"9999-12-31T23:59:59.999999999Z\"");
  google::protobuf::Duration duration;
  duration.set_nanos(-500000000);
  EXPECT_EQ(Text(duration), "\"-0.500s\"");
}

TEST(JsonWriterTest, RefusesMalformedWire) {
  EXPECT_TRUE(Refused("\x18"));                                              // No value.
  EXPECT_TRUE(Refused("\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));  // A varint of eleven bytes.
  EXPECT_TRUE(
      Refused("\x72\x05"
              "ab"));                                // A length beyond the end.
  EXPECT_TRUE(Refused(std::string("\x00\x01", 2)));  // Field number 0.
  EXPECT_TRUE(Refused("\x1c"));                      // The end of a group that did not begin.
  EXPECT_TRUE(Refused("\xd3\x05"));                  // A group without end.
  EXPECT_TRUE(
      Refused("\x09"
              "1234"));                                      // Half a double.
  EXPECT_TRUE(Refused("\x72\x02\xc3\x28"));                  // Not UTF-8.
  EXPECT_TRUE(Refused(std::string("\x9a\x01\x01\xff", 4)));  // A packed list cut in an element.
  EXPECT_TRUE(Refused("\x8a\x01\x02\x18"));                  // A message beyond the end.
  EXPECT_TRUE(Refused(Part([](Everything* m) { m->mutable_timestamp()->set_nanos(-1); })));
  EXPECT_TRUE(Refused(Part([](Everything* m) { m->mutable_duration()->set_seconds(315576000001); })));
  EXPECT_TRUE(Refused(Part([](Everything* m) { m->mutable_any()->set_type_url("x/no.Such"); })));
  EXPECT_TRUE(Refused(Part([](Everything* m) { m->mutable_any()->set_value("x"); })));
  EXPECT_TRUE(Refused(Part([](Everything* m) { m->mutable_field_mask()->add_paths("a,b"); })));
}

TEST(JsonWriterTest, RefusesWhatIsNestedTooDeep) {
  Everything message;
  Everything* last = &message;
  for (int i = 1; i < base::kMessageDepthMax; ++i) last = last->mutable_child();
  EXPECT_FALSE(Refused(message.SerializeAsString()));
  last->mutable_child();
  EXPECT_TRUE(Refused(message.SerializeAsString()));
  std::string deep;
  for (int i = 0; i < 20000; ++i) deep += "\xd3\x05";
  EXPECT_TRUE(Refused(deep));
}

TEST(JsonWriterTest, PutsDisorderAtEveryLevelInOrder) {
  std::string wire = Part([](Everything* m) { m->set_string_value("x"); });
  for (int i = 0; i < 25; ++i) {
    std::string outer("\x18\x01\x8a\x01", 4);
    outer.push_back(static_cast<char>(wire.size() < 0x80 ? wire.size() : (wire.size() & 0x7f) | 0x80));
    if (wire.size() >= 0x80) outer.push_back(static_cast<char>(wire.size() >> 7));
    wire = outer + wire + std::string("\x18\x02", 2);
  }
  std::string expected = R"({"stringValue":"x"})";
  for (int i = 0; i < 25; ++i) expected = R"({"int32Value":2,"child":)" + expected + "}";
  EXPECT_EQ(Text(wire), expected);
}

}  // namespace
}  // namespace lianqiao::json
