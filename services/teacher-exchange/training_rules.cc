// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/training_rules.h"

#include "libs/resource/date_order.h"
#include "libs/resource/record_content.h"
#include "services/teacher-exchange/person_figures.h"
#include "services/teacher-exchange/personal_numbers.h"

namespace lianqiao::exchange {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Facts;
using resource::Violations;
using v1::Training;

// While the authority looks at the figures, and once it has found them true, they stand.
bool Stands(v1::TrainingState state) {
  return state == v1::TRAINING_STATE_REPORTED || state == v1::TRAINING_STATE_VERIFIED;
}

v1::TrainingState StateOf(const resource::FactRow& training) {
  v1::TrainingState state = v1::TRAINING_STATE_UNSPECIFIED;
  v1::TrainingState_Parse(training.Text("state"), &state);
  return state;
}

void CheckSteps(const Training& training, const Facts& facts, Violations* violations) {
  const v1::TrainingState state = training.state();
  if (!Stands(state) && state != v1::TRAINING_STATE_REJECTED && !training.reported_on().empty())
    violations->push_back(RefuseRule("reportedOn", "上报日期由上报操作填写", "is set by reporting"));
  if (state != v1::TRAINING_STATE_VERIFIED && !training.verified_on().empty())
    violations->push_back(RefuseRule("verifiedOn", "核实日期由核实操作填写", "is set by verifying"));
  const std::string& last_day = training.ended_on().empty() ? training.started_on() : training.ended_on();
  if (facts.method() == "HoldTraining") {
    if (training.started_on().empty())
      violations->push_back(Refuse("startedOn", ErrorReason::FIELD_REQUIRED));
    if (last_day > facts.today())
      violations->push_back(RefuseRule("endedOn", "培训尚未结束", "is not over yet"));
  }
  if (facts.method() != "ReportTraining") return;
  if (training.term_id().empty()) violations->push_back(Refuse("termId", ErrorReason::FIELD_REQUIRED));
  if (!training.has_distinct_person_count() && !training.has_person_time_count())
    violations->push_back(Refuse("distinctPersonCount", ErrorReason::FIELD_REQUIRED));
}

}  // namespace

// Once it counts no more, nothing says that it did but its history.
void ForgetVerification(Training* training, const Facts& facts) {
  if (facts.method() == "RejectTraining") training->clear_verified_on();
}

Violations CheckTraining(const Training* before, const Training& after, const Facts& facts) {
  Violations violations;
  resource::RequireOrder("startedOn", after.started_on(), "endedOn", after.ended_on(), &violations);
  resource::RequireOrder("startedOn", after.started_on(), "reportedOn", after.reported_on(), &violations);
  resource::RequireOrder("reportedOn", after.reported_on(), "verifiedOn", after.verified_on(), &violations);
  CheckPersonFigures(after, &violations);
  resource::RequireNumber("reachedPupilCountComparison", after.has_reached_pupil_count(),
                          after.reached_pupil_count_comparison(), &violations);
  CheckSteps(after, facts, &violations);
  const auto& terms = facts.rows("term");
  if (!terms.empty() && !after.started_on().empty() &&
      !resource::PeriodsMeet(after.started_on(),
                             after.ended_on().empty() ? after.started_on() : after.ended_on(),
                             terms.front().Text("starts_on"), terms.front().Text("ends_on")))
    violations.push_back(RefuseRule("termId", "培训不在该学期内", "has no day in common with the training"));
  // The host cannot choose who verifies: it is whoever answers for its place. History may say otherwise.
  const bool made = facts.method() == "CreateTraining" ||
                    (before == nullptr && facts.method() == "BatchUpsertTrainings" && !facts.imports());
  const bool names_authority = made || (before != nullptr && resource::IsEdit(facts) &&
                                        before->jurisdiction_id() != after.jurisdiction_id());
  if (names_authority && facts.rows("authority").empty())
    violations.push_back(
        RefuseRule("jurisdictionId", "主办单位不在该辖区内", "is no place in which the host lies"));
  const auto& participants = facts.rows("participants");
  if (!participants.empty() && !AdmitsOnRecord(after, participants.front().Integer("count")))
    violations.push_back(RefuseRule("distinctPersonCount", "少于已登记的参训教师数",
                                    "is fewer than the participants on record"));
  if (before != nullptr && Stands(before->state()) && resource::IsEdit(facts) &&
      resource::ContentDiffers(*before, after, {}))
    violations.push_back(RefuseRule("state", "已上报的内容不可更改", "what is reported cannot be changed"));
  return violations;
}

Violations CheckTrainingDeletion(const Training& record, const Facts& facts) {
  if (record.state() != v1::TRAINING_STATE_VERIFIED) return {};
  return {RefuseRule("state", "已核实的培训不可删除", "is verified and counts")};
}

Violations CheckTrainingParticipant(const v1::TrainingParticipant* before,
                                    const v1::TrainingParticipant& after, const Facts& facts) {
  Violations violations;
  RefusePersonalNumbers(after, &violations);
  const auto& trainings = facts.rows("training");
  if (trainings.empty()) return violations;
  const v1::TrainingState state = StateOf(trainings.front());
  if (!facts.imports() && Stands(state))
    violations.push_back(RefuseRule("trainingId", "该培训已上报", "is reported: its participants stand"));
  if (state == v1::TRAINING_STATE_CANCELLED)
    violations.push_back(RefuseRule("trainingId", "该培训已取消", "is cancelled"));
  if (state == v1::TRAINING_STATE_PLANNED && after.result() != v1::TRAINING_RESULT_UNSPECIFIED)
    violations.push_back(RefuseRule("result", "培训尚未举办", "cannot be known before the training"));
  const auto& others = facts.rows("other_participants");
  const auto& figures = facts.rows("figures");
  if (before != nullptr || others.empty() || figures.empty()) return violations;
  type::v1::Comparison comparison = type::v1::COMPARISON_UNSPECIFIED;
  type::v1::Comparison_Parse(figures.front().Text("comparison"), &comparison);
  if (others.front().Integer("count") >= figures.front().Integer("distinct_person_count") &&
      !resource::MayBeMore(comparison))
    violations.push_back(
        RefuseRule("trainingId", "参训教师已达上报人数", "has as many participants as it reports"));
  return violations;
}

Violations CheckTrainingParticipantDeletion(const v1::TrainingParticipant& record, const Facts& facts) {
  const auto& trainings = facts.rows("training");
  if (trainings.empty() || !Stands(StateOf(trainings.front()))) return {};
  return {RefuseRule("trainingId", "该培训已上报", "is reported: its participants stand")};
}

}  // namespace lianqiao::exchange
