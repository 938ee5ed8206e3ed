// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/file_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "libs/resource/granted.h"

namespace lianqiao::resources {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::File Video() {
  v1::File file;
  file.set_organisation_id("o1");
  file.set_storage_quota_id("q1");
  file.set_name("同课异构.mp4");
  file.set_content_type("video/mp4");
  file.set_size_bytes(100);
  file.set_shows_minors(false);
  return file;
}

resource::Facts Room(const std::string& limit, const std::string& used, const std::string& owner = "o1") {
  resource::Facts facts;
  facts.Add("quota", {resource::FactRow({{"organisation_id", owner}, {"limit_bytes", limit}})});
  facts.Add("use", {resource::FactRow({{"used_bytes", used}})});
  return facts;
}

std::vector<std::string> Refused(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const base::Violation& violation : violations) fields.push_back(violation.field());
  return fields;
}

TEST(FileRules, AFileNeedsRoomInItsQuota) {
  EXPECT_THAT(CheckFile(nullptr, Video(), Room("100", "0")), IsEmpty());
  EXPECT_THAT(CheckFile(nullptr, Video(), Room("1000", "900")), IsEmpty());
  EXPECT_THAT(Refused(CheckFile(nullptr, Video(), Room("1000", "901"))), ElementsAre("sizeBytes"));
  EXPECT_THAT(Refused(CheckFile(nullptr, Video(), Room("99", "0"))), ElementsAre("sizeBytes"));
  // A limit that was lowered: nothing is left, and no more than nothing is missing.
  const auto over = CheckFile(nullptr, Video(), Room("50", "900"));
  ASSERT_THAT(Refused(over), ElementsAre("sizeBytes"));
  EXPECT_EQ(over[0].arguments().at("detail_en"), "is more than the quota has left, 0 bytes");
}

TEST(FileRules, TheQuotaIsTheOrganisationsOwn) {
  EXPECT_THAT(Refused(CheckFile(nullptr, Video(), Room("1000", "0", "o2"))), ElementsAre("storageQuotaId"));
}

TEST(FileRules, WhatMayLeaveTheSchoolIsTheSchoolsToSay) {
  v1::File stays = Video();
  stays.set_shows_minors(true);
  v1::File consented = stays;
  consented.set_consent_basis("监护人书面同意");
  const auto refused = [](const v1::File& before, const v1::File& after, const std::string& granted) {
    resource::Facts facts;
    facts.Add("inside",
              {resource::FactRow(std::map<std::string, std::string>{{"parent_organisation_id", "o0"}})});
    facts.Add(resource::kGranted, {resource::FactRow(std::map<std::string, std::string>{{"id", granted}})});
    return Refused(CheckFile(&before, after, facts));
  };
  EXPECT_THAT(refused(stays, consented, "o1"), IsEmpty());
  EXPECT_THAT(refused(stays, consented, "o0"), IsEmpty()) << "the school of the campus";
  EXPECT_THAT(refused(stays, consented, "county"), ElementsAre("consentBasis"));
  EXPECT_THAT(refused(stays, Video(), "county"), ElementsAre("consentBasis"));
  EXPECT_THAT(refused(consented, stays, "county"), IsEmpty()) << "consent may be ended from above";
  EXPECT_THAT(refused(stays, stays, "county"), IsEmpty());
}

TEST(FileRules, AChangeNeedsNoNewRoom) {
  const v1::File before = Video();
  resource::Facts facts;
  facts.Add("quota", Room("1", "900").rows("quota"));
  EXPECT_THAT(CheckFile(&before, Video(), facts), IsEmpty());
}

TEST(FileRules, OnlyKnownTypesAreTaken) {
  v1::File file = Video();
  for (const char* type : {"text/html", "image/svg+xml", "application/x-msdownload", "video/MP4", ""}) {
    file.set_content_type(type);
    EXPECT_THAT(Refused(CheckFile(nullptr, file, Room("1000", "0"))), ElementsAre("contentType")) << type;
  }
  file.set_content_type("application/pdf");
  EXPECT_THAT(CheckFile(nullptr, file, Room("1000", "0")), IsEmpty());
}

TEST(FileRules, ANameIsOneEverywhere) {
  v1::File file = Video();
  for (const char* name :
       {"..", ".hidden", "a/b.mp4", "a\\b.mp4", "a:b", "a\nb", "what?", "a*", "<a>", "\"a\""}) {
    file.set_name(name);
    EXPECT_THAT(Refused(CheckFile(nullptr, file, Room("1000", "0"))), ElementsAre("name")) << name;
    const v1::File before = Video();
    EXPECT_THAT(Refused(CheckFile(&before, file, resource::Facts())), ElementsAre("name")) << name;
  }
  for (const char* name : {"教案 第3课(修订).docx", "a.b.c", "no extension", "a..b"}) {
    file.set_name(name);
    EXPECT_THAT(CheckFile(nullptr, file, Room("1000", "0")), IsEmpty()) << name;
  }
}

TEST(FileRules, WithoutConsentWhatShowsMinorsStaysInside) {
  v1::File file = Video();
  EXPECT_FALSE(StaysInside(file));
  file.set_shows_minors(true);
  EXPECT_TRUE(StaysInside(file));
  file.set_consent_basis("监护人书面同意,存教务处");
  EXPECT_FALSE(StaysInside(file));
}

TEST(FileRules, AnUploadEndsAfterSevenDays) {
  v1::File file;
  file.mutable_create_time()->set_seconds(1700000000);
  file.mutable_create_time()->set_nanos(500000000);
  EXPECT_EQ(UploadEnd(file), absl::FromUnixSeconds(1700000000 + 7 * 86400) + absl::Milliseconds(500));
}

TEST(StorageQuotaRules, ThePlaceIsOneThatTheOrganisationLiesIn) {
  v1::StorageQuota quota;
  quota.set_jurisdiction_id("j1");
  quota.set_organisation_id("o1");
  resource::Facts facts;
  EXPECT_THAT(Refused(CheckStorageQuota(nullptr, quota, facts)), ElementsAre("jurisdictionId"));
  facts.Add("place", {resource::FactRow(std::map<std::string, std::string>{{"found", "1"}})});
  EXPECT_THAT(CheckStorageQuota(nullptr, quota, facts), IsEmpty());
  // Where it has moved since is no matter of its limit.
  EXPECT_THAT(CheckStorageQuota(&quota, quota, resource::Facts()), IsEmpty());
}

}  // namespace
}  // namespace lianqiao::resources
