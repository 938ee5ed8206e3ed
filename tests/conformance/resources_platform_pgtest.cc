// SPDX-License-Identifier: Apache-2.0
// Platforms, the clouds above them with their counts, and online research.
#include <atomic>
#include <thread>

#include "lianqiao/resources/v1/online_research_rule.pb.h"
#include "lianqiao/resources/v1/online_research_session.pb.h"
#include "lianqiao/resources/v1/platform.pb.h"
#include "lianqiao/resources/v1/upstream_cloud.pb.h"
#include "lianqiao/resources/v1/upstream_use.pb.h"
#include "tests/conformance/lessons_world.h"

namespace lianqiao::conformance {
namespace {

using ::testing::ElementsAre;

class Platforms : public LessonsWorld {
 protected:
  resources::UpstreamCloud Cloud(const std::string& system = "baoji-cloud") {
    resources::CreateUpstreamCloudRequest request;
    request.mutable_upstream_cloud()->set_name("宝鸡教育云");
    request.mutable_upstream_cloud()->set_source_system(system);
    request.mutable_upstream_cloud()->set_owner_organisation_id(near_school_);
    request.mutable_upstream_cloud()->set_level(resources::UPSTREAM_LEVEL_CITY);
    request.mutable_upstream_cloud()->set_url("https://cloud.example.org");
    return Must<resources::UpstreamCloud>("UpstreamCloudService/CreateUpstreamCloud", request, "near");
  }
  absl::Status Use(const std::string& cloud, const std::string& school, int from, int to,
                   const std::string& token = "near") {
    resources::CreateUpstreamUseRequest request;
    request.mutable_upstream_use()->set_upstream_cloud_id(cloud);
    request.mutable_upstream_use()->set_school_id(school);
    request.mutable_upstream_use()->set_period_from(Day(from));
    request.mutable_upstream_use()->set_period_to(Day(to));
    request.mutable_upstream_use()->set_use_count(10);
    return Try<resources::UpstreamUse>("UpstreamUseService/CreateUpstreamUse", request, token);
  }
};

TEST_F(Platforms, APlatformOfAnAllianceGoesOnlineAndOffline) {
  resources::CreatePlatformRequest request;
  resources::Platform& platform = *request.mutable_platform();
  platform.set_name("城乡联盟合作平台");
  platform.set_kind(resources::PLATFORM_KIND_COOPERATION);
  platform.add_inner_kinds(resources::PLATFORM_INNER_KIND_SCHOOL_INTERACTION);
  platform.set_owner_organisation_id(near_school_);
  platform.set_alliance_id(alliance_id_);
  const auto made = Must<resources::Platform>("PlatformService/CreatePlatform", request, "near-school");
  EXPECT_TRUE(Look<resources::Platform>("Platform", made.id(), "far-school").ok()) << "a party reads it";
  EXPECT_THAT(ViolatedFields(TryMove<resources::Platform>("Platform", "Launch", made.id(), "near-school")),
              ElementsAre("url"));
  resources::UpdatePlatformRequest address;
  address.mutable_platform()->set_id(made.id());
  address.mutable_platform()->set_url("https://platform.example.org");
  EXPECT_TRUE(absl::IsPermissionDenied(
      Try<resources::Platform>("PlatformService/UpdatePlatform", address, "far-school")));
  Must<resources::Platform>("PlatformService/UpdatePlatform", address, "near-school");
  EXPECT_EQ(Move<resources::Platform>("Platform", "Launch", made.id(), "near-school").online_on(), Day());
  EXPECT_EQ(Move<resources::Platform>("Platform", "Retire", made.id(), "near").offline_on(), Day());
  EXPECT_FALSE(TryMove<resources::Platform>("Platform", "Launch", made.id(), "near").ok())
      << "offline for good";
}

TEST_F(Platforms, ACloudTellsOfItsLastImport) {
  const auto cloud = Cloud();
  resources::ReportUpstreamImportRequest report;
  report.set_id(cloud.id());
  report.set_imported_count(1200);
  report.set_refused_count(3);
  const std::string method = "UpstreamCloudService/ReportUpstreamImport";
  EXPECT_TRUE(absl::IsFailedPrecondition(Try<resources::UpstreamCloud>(method, report, "near")))
      << "not linked yet";
  Move<resources::UpstreamCloud>("UpstreamCloud", "Link", cloud.id(), "near");
  EXPECT_TRUE(absl::IsNotFound(Try<resources::UpstreamCloud>(method, report, "far")));
  const auto good = Must<resources::UpstreamCloud>(method, report, "near");
  EXPECT_EQ(good.last_imported_count(), 1200);
  EXPECT_EQ(good.last_refused_count(), 3);
  EXPECT_TRUE(good.has_last_import_time());
  report.set_error("连接中断");
  report.set_imported_count(0);
  const auto failing = Must<resources::UpstreamCloud>(method, report, "near");
  EXPECT_EQ(failing.sync_state(), resources::UPSTREAM_SYNC_STATE_FAILING);
  EXPECT_EQ(failing.last_error(), "连接中断");
  report.clear_error();
  *report.mutable_import_time() = good.last_import_time();
  EXPECT_THAT(ViolatedFields(Try<resources::UpstreamCloud>(method, report, "near")),
              ElementsAre("importTime"))
      << "an older report comes too late";
  report.clear_import_time();
  EXPECT_EQ(Must<resources::UpstreamCloud>(method, report, "near").sync_state(),
            resources::UPSTREAM_SYNC_STATE_LINKED);
  resources::CreateUpstreamCloudRequest twice;
  twice.mutable_upstream_cloud()->set_name("另一");
  twice.mutable_upstream_cloud()->set_source_system("baoji-cloud");
  twice.mutable_upstream_cloud()->set_owner_organisation_id(near_school_);
  twice.mutable_upstream_cloud()->set_level(resources::UPSTREAM_LEVEL_CITY);
  EXPECT_TRUE(absl::IsAlreadyExists(
      Try<resources::UpstreamCloud>("UpstreamCloudService/CreateUpstreamCloud", twice, "near")));
}

TEST_F(Platforms, PeriodsOfAUserNeverOverlap) {
  const std::string cloud = Cloud().id();
  EXPECT_TRUE(Use(cloud, near_school_, -60, -31).ok());
  EXPECT_TRUE(Use(cloud, near_school_, -30, -1).ok());
  EXPECT_TRUE(Use(cloud, near_second_, -60, -31).ok());
  EXPECT_THAT(ViolatedFields(Use(cloud, near_school_, -31, -31)), ElementsAre("upstreamUse.periodFrom"));
  EXPECT_THAT(ViolatedFields(Use(cloud, near_school_, -90, 1)), ::testing::Contains("upstreamUse.periodTo"));
  EXPECT_TRUE(Use(Cloud("province-cloud").id(), near_school_, -60, -31).ok()) << "of another cloud";
  EXPECT_FALSE(Use(cloud, far_school_, -60, -31, "far").ok()) << "only who keeps the cloud counts";
}

TEST_F(Platforms, OneOfTwoReportsOfAPeriodIsTaken) {
  const std::string cloud = Cloud().id();
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { taken += Use(cloud, near_school_, -30, -1).ok(); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1);
}

TEST_F(Platforms, ResearchFollowsTheRuleOfTheAlliance) {
  resources::CreateOnlineResearchRuleRequest request;
  resources::OnlineResearchRule& rule = *request.mutable_online_research_rule();
  rule.set_alliance_id(alliance_id_);
  rule.set_kind(resources::ONLINE_RESEARCH_KIND_RESEARCH);
  rule.set_title("网络研讨制度");
  rule.set_frequency(resources::ONLINE_RESEARCH_FREQUENCY_MONTHLY);
  rule.set_session_count(2);
  rule.set_text("每月两次网络研讨");
  const std::string create = "OnlineResearchRuleService/CreateOnlineResearchRule";
  EXPECT_FALSE(Try<resources::OnlineResearchRule>(create, request, "far-school").ok()) << "the lead sets it";
  const std::string rule_id = Must<resources::OnlineResearchRule>(create, request, "near-school").id();

  resources::CreateOnlineResearchSessionRequest meeting;
  resources::OnlineResearchSession& session = *meeting.mutable_online_research_session();
  session.set_alliance_id(alliance_id_);
  session.set_host_organisation_id(far_school_);
  session.set_online_research_rule_id(rule_id);
  session.set_topic("大单元教学");
  session.set_session_date(Day());
  const std::string hold = "OnlineResearchSessionService/CreateOnlineResearchSession";
  EXPECT_THAT(ViolatedFields(Try<resources::OnlineResearchSession>(hold, meeting, "far-school")),
              ElementsAre("onlineResearchSession.onlineResearchRuleId"))
      << "drafted";
  Move<resources::OnlineResearchRule>("OnlineResearchRule", "Enforce", rule_id, "near-school");
  const auto planned = Must<resources::OnlineResearchSession>(hold, meeting, "far-school");
  EXPECT_THAT(ViolatedFields(TryMove<resources::OnlineResearchSession>("OnlineResearchSession", "Hold",
                                                                       planned.id(), "far-school")),
              ElementsAre("distinctSchoolCount", "distinctTeacherCount"));
  resources::UpdateOnlineResearchSessionRequest counts;
  counts.mutable_online_research_session()->set_id(planned.id());
  counts.mutable_online_research_session()->set_distinct_school_count(3);
  counts.mutable_online_research_session()->set_distinct_teacher_count(12);
  Must<resources::OnlineResearchSession>("OnlineResearchSessionService/UpdateOnlineResearchSession", counts,
                                         "far-school");
  EXPECT_EQ(
      Move<resources::OnlineResearchSession>("OnlineResearchSession", "Hold", planned.id(), "far-school")
          .state(),
      resources::ONLINE_RESEARCH_SESSION_STATE_HELD);
  session.set_host_organisation_id(far_second_);
  EXPECT_THAT(ViolatedFields(Try<resources::OnlineResearchSession>(hold, meeting, "operator")),
              ElementsAre("onlineResearchSession.hostOrganisationId"))
      << "no party";
}

}  // namespace
}  // namespace lianqiao::conformance
