// SPDX-License-Identifier: Apache-2.0
// The writes to teaching-research that a writer chooses from. Many are refused: activities are over or
// verified, tests are analysed, alliances have changed.
#include "tests/convergence/research_records.h"
#include "tests/convergence/writer.h"

namespace lianqiao::convergence {

namespace {

class ResearchWriter final : public Writer {
 public:
  using Writer::Writer;
  ~ResearchWriter() override { Join(); }

 private:
  Write Choose() override;
  Write ChooseActivity(int draw);
  Write ChooseTest(int draw);
  Write ChooseProject(int draw);
  Write NewActivity();
  Write ChangeActivity();
  Write MoveActivity();
  Write UpsertActivities();
  Write Invite();
  Write NewTest();
  Write ChangeTest();
  Write EnterResult();
  Write NewProject();
  Write ChangeProject();
  Write MoveProject();
};

Writer::Write ResearchWriter::Choose() {
  const int draw = Random(100);
  if (options_.keyless && Chance(60)) return Chance(50) ? NewActivity() : NewProject();
  if (draw < 55) return ChooseActivity(Random(100));
  return draw < 80 ? ChooseTest(Random(100)) : ChooseProject(Random(100));
}

Writer::Write ResearchWriter::ChooseActivity(int draw) {
  static const std::vector<std::pair<research::v1::JointActivityState, const char*>> kSteps = {
      {research::v1::JOINT_ACTIVITY_STATE_PLANNED, "Hold"},
      {research::v1::JOINT_ACTIVITY_STATE_PLANNED, "Cancel"},
      {research::v1::JOINT_ACTIVITY_STATE_HELD, "Report"},
      {research::v1::JOINT_ACTIVITY_STATE_HELD, "Delete"},
      {research::v1::JOINT_ACTIVITY_STATE_REPORTED, "Verify"},
      {research::v1::JOINT_ACTIVITY_STATE_REPORTED, "Reject"},
      {research::v1::JOINT_ACTIVITY_STATE_VERIFIED, "Reject"},
      {research::v1::JOINT_ACTIVITY_STATE_REJECTED, "Report"}};
  static const std::vector<std::pair<research::v1::ActivityPartyState, const char*>> kPartySteps = {
      {research::v1::ACTIVITY_PARTY_STATE_INVITED, "Confirm"},
      {research::v1::ACTIVITY_PARTY_STATE_INVITED, "Decline"},
      {research::v1::ACTIVITY_PARTY_STATE_INVITED, "Withdraw"},
      {research::v1::ACTIVITY_PARTY_STATE_INVITED, "Delete"},
      {research::v1::ACTIVITY_PARTY_STATE_CONFIRMED, "Decline"},
      {research::v1::ACTIVITY_PARTY_STATE_DECLINED, "Confirm"},
      {research::v1::ACTIVITY_PARTY_STATE_DECLINED, "Invite"},
      {research::v1::ACTIVITY_PARTY_STATE_WITHDRAWN, "Invite"},
      {research::v1::ACTIVITY_PARTY_STATE_WITHDRAWN, "Delete"}};
  if (draw < 15) return NewActivity();
  if (draw < 25) return ChangeActivity();
  if (draw < 40) return MoveActivity();
  if (draw < 56) return NextStep<research::v1::JointActivity>(kSteps, "joint_activity");
  if (draw < 62) return UpsertActivities();
  if (draw < 80) return Invite();
  return NextStep<research::v1::ActivityParty>(kPartySteps, "activity_party");
}

Writer::Write ResearchWriter::ChooseTest(int draw) {
  static const std::vector<std::pair<research::v1::UnifiedTestState, const char*>> kSteps = {
      {research::v1::UNIFIED_TEST_STATE_HELD, "Analyse"},
      {research::v1::UNIFIED_TEST_STATE_ANALYSED, "Share"},
      {research::v1::UNIFIED_TEST_STATE_ANALYSED, "Share"},
      {research::v1::UNIFIED_TEST_STATE_ANALYSED, "Reopen"},
      {research::v1::UNIFIED_TEST_STATE_SHARED, "Share"}};
  static const char* const kResultSteps[] = {"Delete", "Undelete"};
  if (draw < 18) return NewTest();
  if (draw < 30) return ChangeTest();
  if (draw < 58) return EnterResult();
  if (draw < 92) return NextStep<research::v1::UnifiedTest>(kSteps, "unified_test");
  return AnyStep<research::v1::TestResult>(kResultSteps, "test_result");
}

Writer::Write ResearchWriter::ChooseProject(int draw) {
  static const char* const kSteps[] = {"Approve", "Reject", "Delete", "Undelete"};
  if (draw < 30) return NewProject();
  if (draw < 50) return ChangeProject();
  if (draw < 70) return MoveProject();
  if (draw < 80) return AnyStep<research::v1::ResearchProject>(kSteps, "research_project");
  // A right of its own; without it this is refused.
  return Step<research::v1::ResearchProject>("Erase", AnyOf("research_project"));
}

Writer::Write ResearchWriter::NewActivity() {
  auto [request, response] = Pair<research::v1::CreateJointActivityRequest, research::v1::JointActivity>();
  const std::string mark = Mark();
  auto& activity = *request->mutable_joint_activity();
  FillActivity(mark, targets_.alliances.Any(&random_), world_.term_id, &activity);
  if (Chance(60)) activity.set_host_organisation_id(targets_.schools.Any(&random_));
  if (options_.county_id.empty() && Chance(50)) activity.set_state(research::v1::JOINT_ACTIVITY_STATE_HELD);
  return {"JointActivityService/CreateJointActivity", std::move(request), std::move(response), mark, true};
}

Writer::Write ResearchWriter::ChangeActivity() {
  auto [request, response] = Pair<research::v1::UpdateJointActivityRequest, research::v1::JointActivity>();
  const std::string mark = Mark();
  request->mutable_joint_activity()->set_id(AnyOf("joint_activity"));
  request->mutable_joint_activity()->set_description(mark);
  if (Chance(20) && !last_etag_.empty()) request->mutable_joint_activity()->set_etag(last_etag_);
  return {"JointActivityService/UpdateJointActivity", std::move(request), std::move(response), mark, false};
}

// Who hosts it reads it: a school, a county, or nobody besides the alliance.
Writer::Write ResearchWriter::MoveActivity() {
  auto [request, response] = Pair<research::v1::UpdateJointActivityRequest, research::v1::JointActivity>();
  auto& activity = *request->mutable_joint_activity();
  activity.set_id(AnyOf("joint_activity"));
  request->mutable_update_mask()->add_paths("host_organisation_id");
  request->mutable_update_mask()->add_paths("host_jurisdiction_id");
  const int host = Random(3);
  if (host == 0) activity.set_host_organisation_id(targets_.schools.Any(&random_));
  if (host == 1) activity.set_host_jurisdiction_id(AnyCounty());
  return {"JointActivityService/UpdateJointActivity", std::move(request), std::move(response), "", false};
}

Writer::Write ResearchWriter::UpsertActivities() {
  auto [request, response] = Pair<research::v1::BatchUpsertJointActivitiesRequest,
                                  research::v1::BatchUpsertJointActivitiesResponse>();
  request->set_source_system("source");
  request->set_atomic(Chance(50));
  const int first = Random(12);
  for (int i = 0; i < 2 + Random(4); ++i) {
    auto& activity = *request->add_joint_activities();
    // Of a record that is there the alliance stays.
    FillActivity(absl::StrCat("导入活动", first + i, "-", Random(3)),
                 world_.alliance_ids[static_cast<size_t>(first + i) % world_.alliance_ids.size()],
                 world_.term_id, &activity);
    if (Chance(50)) activity.set_host_jurisdiction_id(AnyCounty());
    auto& id = *activity.add_external_ids();
    id.set_system("source");
    id.set_id(absl::StrCat("a-", first + i));
  }
  return {"JointActivityService/BatchUpsertJointActivities", std::move(request), std::move(response), "",
          false};
}

Writer::Write ResearchWriter::Invite() {
  auto [request, response] = Pair<research::v1::CreateActivityPartyRequest, research::v1::ActivityParty>();
  const std::string mark = Mark();
  auto& party = *request->mutable_activity_party();
  party.set_joint_activity_id(AnyOf("joint_activity"));
  if (Chance(70))
    party.set_organisation_id(targets_.schools.Any(&random_));
  else
    party.set_jurisdiction_id(AnyCounty());
  party.set_remark(mark);
  return {"ActivityPartyService/CreateActivityParty", std::move(request), std::move(response), mark, true};
}

Writer::Write ResearchWriter::NewTest() {
  auto [request, response] = Pair<research::v1::CreateUnifiedTestRequest, research::v1::UnifiedTest>();
  const std::string mark = Mark();
  const size_t alliance = static_cast<size_t>(Random(static_cast<int>(world_.alliance_ids.size())));
  const auto from = world_.school_ids.begin() + static_cast<std::ptrdiff_t>(alliance) * 3;
  FillTest(mark, world_.alliance_ids[alliance], {from, from + 3}, request->mutable_unified_test());
  return {"UnifiedTestService/CreateUnifiedTest", std::move(request), std::move(response), mark, true};
}

Writer::Write ResearchWriter::ChangeTest() {
  auto [request, response] = Pair<research::v1::UpdateUnifiedTestRequest, research::v1::UnifiedTest>();
  const std::string mark = Mark();
  request->mutable_unified_test()->set_id(AnyOf("unified_test"));
  request->mutable_unified_test()->set_conclusions(mark);
  return {"UnifiedTestService/UpdateUnifiedTest", std::move(request), std::move(response), mark, false};
}

Writer::Write ResearchWriter::EnterResult() {
  const auto test = Last<research::v1::UnifiedTest>("unified_test", AnyOf("unified_test"));
  const std::string school = test.participants(Random(test.participants_size())).organisation_id();
  if (Chance(50)) {
    auto [request, response] = Pair<research::v1::CreateTestResultRequest, research::v1::TestResult>();
    FillResult(test, school, 1 + Random(60), request->mutable_test_result());
    return {"TestResultService/CreateTestResult", std::move(request), std::move(response), "", true};
  }
  auto [request, response] = Pair<research::v1::UpdateTestResultRequest, research::v1::TestResult>();
  request->mutable_test_result()->set_id(AnyOf("test_result"));
  request->mutable_test_result()->set_tested_count(1 + Random(60));
  return {"TestResultService/UpdateTestResult", std::move(request), std::move(response), "", false};
}

Writer::Write ResearchWriter::NewProject() {
  auto [request, response] =
      Pair<research::v1::CreateResearchProjectRequest, research::v1::ResearchProject>();
  const std::string mark = PersonMark();
  FillProject("课题", mark, targets_.schools.Any(&random_), request->mutable_research_project());
  if (Chance(40)) request->mutable_research_project()->set_alliance_id(targets_.alliances.Any(&random_));
  return {"ResearchProjectService/CreateResearchProject", std::move(request), std::move(response), mark,
          true};
}

Writer::Write ResearchWriter::ChangeProject() {
  auto [request, response] =
      Pair<research::v1::UpdateResearchProjectRequest, research::v1::ResearchProject>();
  const std::string mark = PersonMark();
  const std::string id = AnyOf("research_project");
  request->mutable_research_project()->set_id(id);
  request->mutable_research_project()->set_leader_id(mark);
  return {"ResearchProjectService/UpdateResearchProject",
          std::move(request),
          std::move(response),
          mark,
          false,
          id};
}

// To another school, as long as nobody has decided on it; or it is shown to an alliance, or no longer.
Writer::Write ResearchWriter::MoveProject() {
  auto [request, response] =
      Pair<research::v1::UpdateResearchProjectRequest, research::v1::ResearchProject>();
  auto& project = *request->mutable_research_project();
  project.set_id(AnyOf("research_project"));
  if (Chance(50)) {
    project.set_organisation_id(targets_.schools.Any(&random_));
  } else {
    request->mutable_update_mask()->add_paths("alliance_id");
    if (Chance(60)) project.set_alliance_id(targets_.alliances.Any(&random_));
  }
  return {"ResearchProjectService/UpdateResearchProject", std::move(request), std::move(response), "", false};
}

}  // namespace

std::unique_ptr<Writer> MakeResearchWriter(Installation* installation, const World* world, Targets* targets,
                                           Ledger* ledger, Writer::Options options, Report* report) {
  return std::make_unique<ResearchWriter>(installation, world, targets, ledger, std::move(options), report);
}

}  // namespace lianqiao::convergence
