// SPDX-License-Identifier: Apache-2.0
// teaching-research: activities of every alliance with their parties, tests that wait for their analysis, and
// a project of every school.
#include "lianqiao/registry/v1/calendar.pb.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "tests/convergence/maker.h"
#include "tests/convergence/research_records.h"

namespace lianqiao::convergence {

// The term to which everything belongs.
void PrepareResearch(Installation* registry, World* world) {
  Maker maker(registry, world);
  registry::v1::CreateSchoolYearRequest year;
  year.mutable_school_year()->set_key("2023-2024");
  year.mutable_school_year()->set_starts_on("2023-09-01");
  year.mutable_school_year()->set_ends_on("2024-08-31");
  year.mutable_school_year()->set_statistics_on("2023-09-01");
  registry::v1::CreateTermRequest term;
  term.mutable_term()->set_school_year_id(
      maker.Make<registry::v1::SchoolYear>("SchoolYearService/CreateSchoolYear", year).id());
  term.mutable_term()->set_number(2);
  term.mutable_term()->set_key("2023-2024-2");
  term.mutable_term()->set_starts_on("2024-02-20");
  term.mutable_term()->set_ends_on("2024-07-10");
  world->term_id = maker.Make<registry::v1::Term>("TermService/CreateTerm", term).id();
}

namespace {

void AddActivity(Maker* maker, const World& world, size_t alliance, bool held) {
  const size_t first = alliance * 3;
  research::v1::CreateJointActivityRequest request;
  FillActivity("活动", world.alliance_ids[alliance], world.term_id, request.mutable_joint_activity());
  request.mutable_joint_activity()->set_host_organisation_id(world.school_ids[first]);
  if (held) request.mutable_joint_activity()->set_state(research::v1::JOINT_ACTIVITY_STATE_HELD);
  const auto activity = maker->Keep<research::v1::JointActivity>(
      "joint_activity", "JointActivityService/CreateJointActivity", request);
  for (size_t i = first + 1; i < first + 4; ++i) {  // The last one is a guest.
    research::v1::CreateActivityPartyRequest invite;
    invite.mutable_activity_party()->set_joint_activity_id(activity.id());
    invite.mutable_activity_party()->set_organisation_id(world.school_ids[i]);
    maker->Keep<research::v1::ActivityParty>("activity_party", "ActivityPartyService/CreateActivityParty",
                                             invite);
  }
}

void AddTest(Maker* maker, World* world, size_t alliance, bool analysed) {
  const auto from = world->school_ids.begin() + static_cast<std::ptrdiff_t>(alliance) * 3;
  const std::vector<std::string> schools(from, from + 3);
  research::v1::CreateUnifiedTestRequest request;
  FillTest("测试", world->alliance_ids[alliance], schools, request.mutable_unified_test());
  const auto test =
      maker->Keep<research::v1::UnifiedTest>("unified_test", "UnifiedTestService/CreateUnifiedTest", request);
  for (size_t i = 0; i < (analysed ? 3 : 2); ++i) {
    research::v1::CreateTestResultRequest enter;
    FillResult(test, schools[i], i == 1 ? 6 : 40, enter.mutable_test_result());
    maker->Keep<research::v1::TestResult>("test_result", "TestResultService/CreateTestResult", enter);
  }
  if (!analysed) return;
  type::v1::TransitionRequest analyse;
  analyse.set_id(test.id());
  world->records["unified_test"].back().second =
      maker->Make<research::v1::UnifiedTest>("UnifiedTestService/AnalyseUnifiedTest", analyse)
          .SerializeAsString();
}

}  // namespace

void FillResearch(Installation* installation, World* world) {
  Maker maker(installation, world);
  for (size_t alliance = 0; alliance < world->alliance_ids.size(); ++alliance) {
    for (const bool held : {false, true}) AddActivity(&maker, *world, alliance, held);
    for (const bool analysed : {false, true}) AddTest(&maker, world, alliance, analysed);
  }
  for (size_t i = 0; i < world->school_ids.size(); ++i) {
    const std::string leader = absl::StrCat("world-", i, "-p");
    research::v1::CreateResearchProjectRequest request;
    FillProject("课题", leader, world->school_ids[i], request.mutable_research_project());
    const auto project = maker.Keep<research::v1::ResearchProject>(
        "research_project", "ResearchProjectService/CreateResearchProject", request);
    world->persons[{"research_project", project.id()}] = leader;
  }
}

}  // namespace lianqiao::convergence
