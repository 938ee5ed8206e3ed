// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace lianqiao::base {
namespace {

TEST(BusinessDate, IsTheDayInShanghai) {
  absl::Time time;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, "2023-12-31T16:30:00Z", &time, nullptr));
  EXPECT_EQ(BusinessDate(time), "2024-01-01");
  EXPECT_EQ(BusinessDate(time - absl::Hours(1)), "2023-12-31");
}

TEST(IsDate, RefusesDaysThatDoNotExist) {
  EXPECT_TRUE(IsDate("2024-02-29"));
  for (const char* bad :
       {"2023-02-29", "2024-13-01", "2024-1-01", "20240101", "2024-00-10", "1899-01-01", ""}) {
    EXPECT_FALSE(IsDate(bad)) << bad;
  }
}

TEST(Ids, Version7SortsByTimeAndRoundTrips) {
  const absl::Time now = absl::FromUnixMillis(1700000000000);
  const std::string first = NewId(now);
  const std::string second = NewId(now + absl::Milliseconds(1));
  EXPECT_LT(first, second);
  EXPECT_TRUE(IsId(first));
  EXPECT_EQ(IdFromBytes(IdBytes(first)), first);
  EXPECT_EQ(first[14], '7');
}

TEST(Ids, ImportedIdIsTheSameForEverAndDiffersByPart) {
  EXPECT_EQ(ImportedId("organisation", "a", "b"), ImportedId("organisation", "a", "b"));
  EXPECT_NE(ImportedId("organisation", "a", "b"), ImportedId("organisation", "ab", ""));
  EXPECT_EQ(ImportedId("organisation", "a", "b")[14], '5');
}

TEST(Ids, RefusesWhatIsNoUuid) {
  EXPECT_FALSE(IsId("0190A0B0-0000-7000-8000-000000000000"));
  EXPECT_FALSE(IsId("0190a0b0-0000-7000-8000-00000000000"));
  EXPECT_FALSE(IsId("0190a0b0_0000-7000-8000-000000000000"));
}

TEST(Base64Url, RoundTripsAndRefusesOtherAlphabets) {
  std::string bytes;
  EXPECT_TRUE(FromBase64Url(Base64Url(std::string("\x00\xff\x10", 3)), &bytes));
  EXPECT_EQ(bytes, std::string("\x00\xff\x10", 3));
  EXPECT_FALSE(FromBase64Url("ab+/", &bytes));
}

TEST(Normalise, TrimsAndComposes) {
  bool ok = false;
  EXPECT_EQ(Normalise("\u3000 宝鸡中学\n", &ok), "宝鸡中学");
  EXPECT_TRUE(ok);
  EXPECT_EQ(Normalise("e\u0301", &ok), "\u00e9");
  Normalise(std::string("a\0b", 3), &ok);
  EXPECT_FALSE(ok);
  Normalise("\xff\xfe", &ok);
  EXPECT_FALSE(ok);
}

TEST(LooksLikePersonalNumber, FindsResidentIdsAndMobileNumbers) {
  EXPECT_TRUE(LooksLikePersonalNumber("11010519491231002X"));
  EXPECT_TRUE(LooksLikePersonalNumber("电话 13812345678 转"));
  EXPECT_TRUE(LooksLikePersonalNumber("610302800101123"));
  EXPECT_FALSE(LooksLikePersonalNumber("110105194912310021"));  // Wrong check character.
  EXPECT_FALSE(LooksLikePersonalNumber("2161000001"));          // A school code.
  EXPECT_FALSE(LooksLikePersonalNumber("124561234567890001"));  // Long numbers of files and papers.
  EXPECT_FALSE(LooksLikePersonalNumber("993302800101123"));
  EXPECT_FALSE(LooksLikePersonalNumber("teacher-20240901-0042"));
}

TEST(LooksLikePersonalNumber, TakesTokensOfOtherSystemsForWhatTheyAre) {
  EXPECT_FALSE(LooksLikePersonalNumber("0193a5b0-7c1e-7d4f-8a2b-a13812345678"));
  EXPECT_FALSE(LooksLikePersonalNumber("0193A5B0-7C1E-7D4F-8A2B-13812345678F"));
  EXPECT_FALSE(LooksLikePersonalNumber("见 teacher-0193a5b0-7c1e-7d4f-8a2b-13812345678f 号"));
  EXPECT_FALSE(LooksLikePersonalNumber("5d41402abc4b2a76b9719d13812345678c1017c5"));  // SHA-1.
  EXPECT_FALSE(LooksLikePersonalNumber("urn:md5:13812345678bcdefabcdefabcdefabcd"));
  EXPECT_FALSE(LooksLikePersonalNumber("0193a5b0-7c1e-7d4f-8a2b-a13812345678-1"));
  // What only looks like one.
  EXPECT_TRUE(LooksLikePersonalNumber("a13812345678"));
  EXPECT_TRUE(LooksLikePersonalNumber("8a2b-13812345678f"));
  EXPECT_TRUE(LooksLikePersonalNumber("0193a5b0-7c1e-7d4f-8a2b-13812345678"));    // A digit short.
  EXPECT_TRUE(LooksLikePersonalNumber("f0193a5b0-7c1e-7d4f-8a2b-a13812345678"));  // A letter too many.
  EXPECT_TRUE(LooksLikePersonalNumber("0193a5b0-7c1e-7d4f-8a2b-a1381234567b 13812345678"));
}

TEST(IsSocialCreditCode, ChecksTheLastCharacter) {
  EXPECT_TRUE(IsSocialCreditCode("91350100M000100Y43"));
  EXPECT_FALSE(IsSocialCreditCode("91350100M000100Y44"));
  EXPECT_FALSE(IsSocialCreditCode("91350100M000100Y4"));
}

TEST(Fail, CarriesReasonAndArguments) {
  const absl::Status status =
      Fail(absl::StatusCode::kNotFound, ErrorReason::RESOURCE_NOT_FOUND, {{"kind", "alliance"}});
  EXPECT_EQ(status.message(), "the alliance does not exist or is not visible");
  EXPECT_EQ(FailureOf(status).reason(), ErrorReason::RESOURCE_NOT_FOUND);
}

TEST(FailIfAny, NamesEveryViolation) {
  EXPECT_TRUE(FailIfAny({}).ok());
  const absl::Status status = FailIfAny({Refuse("name", ErrorReason::FIELD_REQUIRED),
                                         Refuse("kind", ErrorReason::FIELD_TOO_LONG, {{"max", "5"}})});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FailureOf(status).violations_size(), 2);
  EXPECT_EQ(status.message(),
            "the request has 2 violation(s): name is required; kind is longer than the limit of 5");
}

TEST(ErrorCatalogue, EveryReasonHasBothTextsAndARemedy) {
  const auto* reasons = options::v1::ErrorReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto& text = reasons->value(i)->options().GetExtension(options::v1::error_text);
    EXPECT_FALSE(text.zh().empty() || text.en().empty() || text.remedy_zh().empty() ||
                 text.remedy_en().empty())
        << reasons->value(i)->name() << " needs zh, en, remedy_zh and remedy_en in errors.proto";
  }
}

TEST(Log, WritesOneObjectALine) {
  ::testing::internal::CaptureStderr();
  Log(Severity::kInfo, "first", {{"id", "a-1"}});
  Log(Severity::kError, "second", {{"text", "a\"\xff\n"}, {"name", "宝鸡"}});
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, ::testing::MatchesRegex(
                        "\\{\"time\":\"20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]"
                        "\\.[0-9][0-9][0-9]Z\",\"severity\":\"info\",\"service\":\".*\",\"event\":\"first\","
                        "\"id\":\"a-1\"\\}\n.*"));
  EXPECT_THAT(text, ::testing::EndsWith("\"event\":\"second\",\"text\":\"a\\\"\xEF\xBF\xBD\\u000a\","
                                        "\"name\":\"宝鸡\"}\n"));
}

TEST(JsonQuote, EscapesControlAndReplacesBrokenText) {
  EXPECT_EQ(JsonQuote("a\"\\\n\x1b"), "\"a\\\"\\\\\\u000a\\u001b\"");
  EXPECT_EQ(JsonQuote("\xff"), "\"\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace lianqiao::base
