// SPDX-License-Identifier: Apache-2.0
// Properties of both directions, with protobuf's json_util as the oracle, and mutations that must not crash.
#include "libs/json/json.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver_util.h"
#include "gtest/gtest.h"
#include "libs/json/random_message.h"
#include "libs/json/testdata/codec.pb.h"
#include "simdjson.h"

namespace lianqiao::json {
namespace {

using google::protobuf::util::JsonPrintOptions;
using testdata::Everything;

constexpr int kMessages = 500;
constexpr int kMutations = 10000;

std::string Ours(const std::string& wire, const WriteOptions& options = {}) {
  std::string json;
  const absl::Status status = WireToJson(Everything::descriptor(), wire, options, &json);
  EXPECT_TRUE(status.ok()) << status << "\n" << json;
  return json;
}

bool TheirsTo(const std::string& wire, const JsonPrintOptions& options, std::string* json) {
  static auto* const resolver = google::protobuf::util::NewTypeResolverForDescriptorPool(
      "type.googleapis.com", google::protobuf::DescriptorPool::generated_pool());
  const std::string type_url = "type.googleapis.com/lianqiao.json.testdata.Everything";
  return google::protobuf::util::BinaryToJsonString(resolver, type_url, wire, json, options).ok();
}

std::string Theirs(const std::string& wire, const JsonPrintOptions& options = {}) {
  std::string json;
  EXPECT_TRUE(TheirsTo(wire, options, &json));
  return json;
}

std::string ReadByOurs(const std::string& json) {
  Everything message;
  const absl::Status status = JsonToMessage(json, {}, &message, nullptr);
  EXPECT_TRUE(status.ok()) << status << "\n" << json;
  return Fingerprint(message);
}

// Empty if protobuf does not accept it.
std::string ReadByTheirs(const std::string& json) {
  Everything message;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &message);
  return status.ok() ? "read:" + Fingerprint(message) : "";
}

// json_util finds a type right behind this host only; by any.proto the name is the URL's last segment,
// whatever stands before it.
bool TheyKnowItsTypes(const std::string& json) {
  const std::string type = "\"@type\":\"";
  const std::string host = "type.googleapis.com/";
  for (size_t at = json.find(type); at != std::string::npos; at = json.find(type, at + 1)) {
    const size_t url = at + type.size();
    if (json.compare(url, host.size(), host) != 0) return false;
    if (json.find('/', url + host.size()) < json.find('"', url)) return false;
  }
  return true;
}

// Shows where two long texts part, not all of both.
testing::AssertionResult Same(const std::string& a, const std::string& b) {
  if (a == b) return testing::AssertionSuccess();
  size_t at = 0;
  while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
  const size_t begin = at < 60 ? 0 : at - 60;
  return testing::AssertionFailure() << "at " << at << ":\n"
                                     << testing::PrintToString(a.substr(begin, 120)) << "\n"
                                     << testing::PrintToString(b.substr(begin, 120));
}

// json_util reads the number -0 as 0.
bool HasNegativeZero(const std::string& json) {
  for (size_t at = json.find("-0"); at != std::string::npos; at = json.find("-0", at + 2)) {
    if (at + 2 == json.size() || std::string(",]}\" \t\r\n").find(json[at + 2]) != std::string::npos)
      return true;
  }
  return false;
}

// Every member of every object, sorted: json_util puts fields with presence behind all others.
std::vector<std::string> Members(const std::string& json) {
  simdjson::dom::parser parser;
  std::vector<std::string> members;
  const std::function<void(const simdjson::dom::element&, const std::string&)> walk =
      [&](const simdjson::dom::element& element, const std::string& path) {
        if (element.is_object()) {
          members.push_back(path + "{}");
          for (const auto& [name, value] : simdjson::dom::object(element))
            walk(value, path + "." + std::string(name));
        } else if (element.is_array()) {
          members.push_back(path + "[]");
          size_t index = 0;
          for (const auto& item : simdjson::dom::array(element))
            walk(item, path + "." + std::to_string(index++));
        } else {
          members.push_back(path + "=" + simdjson::minify(element));
        }
      };
  walk(parser.parse(json).value(), "");
  std::sort(members.begin(), members.end());
  return members;
}

// Those of `all` that are not in `some`.
std::string Missing(const std::vector<std::string>& some, const std::vector<std::string>& all) {
  std::vector<std::string> missing;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(missing));
  std::string text;
  for (const std::string& member : missing) {
    // json_util writes this default by its name, but the value itself as null.
    if (member.find("null_value") == std::string::npos) text += member + "\n";
  }
  return text;
}

// A changed byte, a lost piece, a doubled piece or noise.
std::string Mutate(Random& random, std::string text) {
  for (uint64_t n = random() % 3 + 1; n > 0 && !text.empty(); --n) {
    const size_t at = random() % text.size();
    const size_t count = std::min<size_t>(random() % 16, text.size() - at);
    switch (random() % 5) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text[at] = static_cast<char>(text[at] ^ 1 << random() % 8);
        break;
      case 2:
        text.erase(at, count);
        break;
      case 3:
        text.insert(random() % text.size(), text.substr(at, count));
        break;
      default:
        text.resize(at);
        break;
    }
  }
  return text;
}

std::string Utf8(int32_t point) {
  const auto byte = [point](int32_t lead, int shift) {
    return static_cast<char>(lead | (point >> shift & 0x3f));
  };
  if (point < 0x80) return std::string(1, static_cast<char>(point));
  if (point < 0x800) return {static_cast<char>(0xc0 | point >> 6), byte(0x80, 0)};
  if (point < 0x10000) return {static_cast<char>(0xe0 | point >> 12), byte(0x80, 6), byte(0x80, 0)};
  return {static_cast<char>(0xf0 | point >> 18), byte(0x80, 12), byte(0x80, 6), byte(0x80, 0)};
}

TEST(JsonPropertyTest, WritesTheSameBytesAsProtobuf) {
  Random random(TestSeed());
  for (int i = 0; i < kMessages; ++i) {
    Everything message;
    Fill(random, {.long_fractions = false}, &message);
    const std::string wire = message.SerializeAsString();
    ASSERT_TRUE(Same(Ours(wire), Theirs(wire)));
  }
}

TEST(JsonPropertyTest, WritesTheSameFieldsAsProtobufWithDefaultsAndOriginalNames) {
  Random random(TestSeed());
  JsonPrintOptions theirs;
  theirs.always_print_primitive_fields = true;
  theirs.preserve_proto_field_names = true;
  for (int i = 0; i < kMessages; ++i) {
    Everything message;
    Fill(random, {.long_fractions = false}, &message);
    const std::string wire = message.SerializeAsString();
    const std::string ours = Ours(wire, {.proto_names = true, .always_print_primitive_fields = true});
    ASSERT_EQ(Missing(Members(ours), Members(Theirs(wire, theirs))), "") << ours;
    ASSERT_EQ(Missing(Members(Theirs(wire, theirs)), Members(ours)), "") << ours;
  }
}

TEST(JsonPropertyTest, WhatWeWriteMeansTheSameToProtobuf) {
  Random random(TestSeed());
  for (int i = 0; i < kMessages; ++i) {
    Everything message;
    Fill(random, {}, &message);
    ASSERT_TRUE(Same(ReadByTheirs(Ours(message.SerializeAsString())), "read:" + Fingerprint(message)));
  }
}

TEST(JsonPropertyTest, WhatProtobufWritesMeansTheSameToUs) {
  Random random(TestSeed());
  for (int i = 0; i < kMessages; ++i) {
    Everything message;
    Fill(random, {}, &message);
    ASSERT_TRUE(Same(ReadByOurs(Theirs(message.SerializeAsString())), Fingerprint(message)));
  }
}

TEST(JsonPropertyTest, ReadsBackWhatItWroteUnderEitherName) {
  Random random(TestSeed());
  for (int i = 0; i < kMessages; ++i) {
    Everything message;
    Fill(random, {}, &message);
    std::string json;
    ASSERT_TRUE(MessageToJson(message, {.proto_names = i % 2 == 0}, &json).ok());
    ASSERT_TRUE(Same(ReadByOurs(json), Fingerprint(message)));
  }
}

// If the comparison above could not fail, this would.
TEST(JsonPropertyTest, CanaryADifferentMessageIsSeenAsDifferent) {
  Random random(TestSeed());
  for (int i = 0; i < 100; ++i) {
    Everything message;
    Fill(random, {.long_fractions = false}, &message);
    Everything other = message;
    other.set_int32_value(message.int32_value() == 7 ? 8 : 7);
    const std::string wire = message.SerializeAsString();
    EXPECT_NE(Ours(other.SerializeAsString()), Theirs(wire));
    EXPECT_NE(ReadByTheirs(Ours(other.SerializeAsString())), "read:" + Fingerprint(message));
    EXPECT_NE(ReadByOurs(Theirs(other.SerializeAsString())), Fingerprint(message));
  }
}

TEST(JsonPropertyTest, EveryCharacterIsWrittenAsProtobufDoesAndReadBack) {
  std::string text;
  for (int32_t point = 0; point <= 0x10ffff; ++point) {
    if (point >= 0xd800 && point < 0xe000) continue;
    text += Utf8(point);
    if (point % 1000 != 0 && point != 0x10ffff) continue;
    Everything message;
    message.set_string_value(text);
    const std::string wire = message.SerializeAsString();
    const std::string json = Ours(wire);
    ASSERT_TRUE(Same(json, Theirs(wire))) << point;
    ASSERT_TRUE(Same(ReadByOurs(json), wire)) << point;
    text.clear();
  }
}

TEST(JsonFuzzTest, MutatedWireNeverCrashesAndMeansWhatProtobufReads) {
  Random random(TestSeed());
  int written = 0;
  for (int i = 0; i < kMutations; ++i) {
    Everything message;
    Fill(random, {.depth = 3}, &message);
    const std::string wire = Mutate(random, message.SerializeAsString());
    std::string json = "kept";
    const WriteOptions options{.always_print_primitive_fields = i % 2 == 0};
    const absl::Status status = WireToJson(Everything::descriptor(), wire, options, &json);
    Everything parsed;
    const bool parses = parsed.ParseFromString(wire);
    if (!status.ok()) {
      ASSERT_EQ(json, "kept");
      continue;
    }
    ASSERT_TRUE(parses) << "protobuf refuses " << testing::PrintToString(wire) << ", written as " << json;
    ++written;
    json.erase(0, 4);
    simdjson::dom::parser parser;
    ASSERT_EQ(parser.parse(json).error(), simdjson::SUCCESS) << json;
    if (options.always_print_primitive_fields || HasNegativeZero(json) || HasOddContent(parsed)) continue;
    std::string theirs;
    if (!TheyKnowItsTypes(json)) continue;
    parsed.DiscardUnknownFields();  // It takes those of wrappers and timestamps for known ones.
    ASSERT_TRUE(TheirsTo(parsed.SerializeAsString(), {}, &theirs)) << json;
    ASSERT_TRUE(Same(ReadByTheirs(json), ReadByTheirs(theirs))) << json;
  }
  EXPECT_GT(written, kMutations / 20);
}

TEST(JsonFuzzTest, MutatedJsonNeverCrashesAndWhatIsAcceptedProtobufReadsAlike) {
  Random random(TestSeed());
  int accepted = 0;
  for (int i = 0; i < kMutations; ++i) {
    Everything message;
    Fill(random, {.depth = 2}, &message);
    const std::string json = Mutate(random, Ours(message.SerializeAsString()));
    std::string wire = "kept";
    std::vector<base::Violation> violations;
    const absl::Status status = JsonToWire(Everything::descriptor(), json, {}, &wire, &violations);
    ASSERT_EQ(status.ok(), violations.empty());
    if (!status.ok()) {
      ASSERT_EQ(wire, "kept");
      continue;
    }
    ++accepted;
    Everything parsed;
    ASSERT_TRUE(parsed.ParseFromString(wire.substr(4))) << json;
    if (HasNegativeZero(json) || HasOddContent(parsed) || !TheyKnowItsTypes(json)) continue;
    ASSERT_TRUE(Same("read:" + Fingerprint(parsed), ReadByTheirs(json))) << json;
  }
  EXPECT_GT(accepted, kMutations / 50);
}

}  // namespace
}  // namespace lianqiao::json
