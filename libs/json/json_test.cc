// SPDX-License-Identifier: Apache-2.0
// Properties of both directions, with protobuf's json_util as the oracle, and mutations that must not crash.
#include "libs/json/json.h"

#include <memory>

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

constexpr int kMessages = 2000;
constexpr int kMutations = 10000;

std::string Ours(const std::string& wire, const WriteOptions& options = {}) {
  std::string json;
  const absl::Status status = WireToJson(Everything::descriptor(), wire, options, &json);
  EXPECT_TRUE(status.ok()) << status << "\n" << json;
  return json;
}

std::string Theirs(const std::string& wire, const JsonPrintOptions& options = {}) {
  static auto* const resolver = google::protobuf::util::NewTypeResolverForDescriptorPool(
      "type.googleapis.com", google::protobuf::DescriptorPool::generated_pool());
  std::string json;
  const auto status = google::protobuf::util::BinaryToJsonString(
      resolver, "type.googleapis.com/lianqiao.json.testdata.Everything", wire, &json, options);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return json;
}

std::string ReadByOurs(const std::string& json) {
  Everything message;
  const absl::Status status = JsonToMessage(json, {}, &message, nullptr);
  EXPECT_TRUE(status.ok()) << status << "\n" << json;
  return Fingerprint(message);
}

std::string ReadByTheirs(const std::string& json) {
  Everything message;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &message);
  EXPECT_TRUE(status.ok()) << status.ToString() << "\n" << json;
  return Fingerprint(message);
}

// A changed byte, a lost piece, a doubled piece or noise.
std::string Mutate(Random& random, std::string text) {
  for (uint64_t n = random() % 3 + 1; n > 0 && !text.empty(); --n) {
    const size_t at = random() % text.size();
    const size_t count = std::min<size_t>(random() % 16, text.size() - at);
    switch (random() % 5) {
      case 0: text[at] = static_cast<char>(random()); break;
      case 1: text[at] = static_cast<char>(text[at] ^ 1 << random() % 8); break;
      case 2: text.erase(at, count); break;
      case 3: text.insert(random() % text.size(), text.substr(at, count)); break;
      default: text.resize(at); break;
    }
  }
  return text;
}

std::string Utf8(int32_t point) {
  const auto byte = [point](int32_t lead, int shift) { return static_cast<char>(lead | (point >> shift & 0x3f)); };
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
    ASSERT_EQ(Ours(wire), Theirs(wire));
  }
}

TEST(JsonPropertyTest, WritesTheSameBytesAsProtobufWithDefaultsAndOriginalNames) {
  Random random(TestSeed());
  JsonPrintOptions theirs;
  theirs.always_print_primitive_fields = true;
  theirs.preserve_proto_field_names = true;
  for (int i = 0; i < kMessages; ++i) {
    Everything message;
    Fill(random, {.long_fractions = false}, &message);
    const std::string wire = message.SerializeAsString();
    ASSERT_EQ(Ours(wire, {.proto_names = true, .always_print_primitive_fields = true}), Theirs(wire, theirs));
  }
}

TEST(JsonPropertyTest, WhatWeWriteMeansTheSameToProtobuf) {
  Random random(TestSeed());
  for (int i = 0; i < kMessages; ++i) {
    Everything message;
    Fill(random, {}, &message);
    ASSERT_EQ(ReadByTheirs(Ours(message.SerializeAsString())), Fingerprint(message));
  }
}

TEST(JsonPropertyTest, WhatProtobufWritesMeansTheSameToUs) {
  Random random(TestSeed());
  for (int i = 0; i < kMessages; ++i) {
    Everything message;
    Fill(random, {}, &message);
    ASSERT_EQ(ReadByOurs(Theirs(message.SerializeAsString())), Fingerprint(message));
  }
}

TEST(JsonPropertyTest, ReadsBackWhatItWroteUnderEitherName) {
  Random random(TestSeed());
  for (int i = 0; i < kMessages; ++i) {
    Everything message;
    Fill(random, {}, &message);
    std::string json;
    ASSERT_TRUE(MessageToJson(message, {.proto_names = i % 2 == 0}, &json).ok());
    ASSERT_EQ(ReadByOurs(json), Fingerprint(message));
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
    EXPECT_NE(ReadByTheirs(Ours(other.SerializeAsString())), Fingerprint(message));
    EXPECT_NE(ReadByOurs(Theirs(other.SerializeAsString())), Fingerprint(message));
  }
}

TEST(JsonPropertyTest, EveryCharacterIsWrittenAsProtobufDoesAndReadBack) {
  for (int32_t point = 0; point <= 0x10ffff; ++point) {
    if (point >= 0xd800 && point < 0xe000) continue;
    if (point > 0x30000 && point < 0xe0000 && point % 251 != 0) continue;
    Everything message;
    message.set_string_value(Utf8(point));
    const std::string wire = message.SerializeAsString();
    const std::string json = Ours(wire);
    ASSERT_EQ(json, Theirs(wire)) << point;
    ASSERT_EQ(ReadByOurs(json), wire) << point;
  }
}

TEST(JsonFuzzTest, MutatedWireNeverCrashesAndMeansWhatProtobufReads) {
  Random random(TestSeed());
  int written = 0;
  for (int i = 0; i < kMutations; ++i) {
    Everything message;
    Fill(random, {}, &message);
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
    ASSERT_TRUE(parses) << "protobuf refuses what was written as " << json;
    ++written;
    json.erase(0, 4);
    simdjson::dom::parser parser;
    ASSERT_EQ(parser.parse(json).error(), simdjson::SUCCESS) << json;
    parsed.DiscardUnknownFields();
    ASSERT_EQ(ReadByTheirs(json), ReadByTheirs(Theirs(parsed.SerializeAsString()))) << json;
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
    ASSERT_EQ(Fingerprint(parsed), ReadByTheirs(json)) << json;
  }
  EXPECT_GT(accepted, kMutations / 50);
}

}  // namespace
}  // namespace lianqiao::json
