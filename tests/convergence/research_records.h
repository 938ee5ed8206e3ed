// SPDX-License-Identifier: Apache-2.0
// Valid records of teaching-research, for the world and for its writers: of a term that is over, so that they
// may have taken place.
#pragma once

#include <string>
#include <vector>

#include "lianqiao/research/v1/activity_party.pb.h"
#include "lianqiao/research/v1/joint_activity.pb.h"
#include "lianqiao/research/v1/research_project.pb.h"
#include "lianqiao/research/v1/test_result.pb.h"
#include "lianqiao/research/v1/unified_test.pb.h"

namespace lianqiao::convergence {

inline constexpr char kDayOfTerm[] = "2024-03-05";

inline void FillActivity(const std::string& title, const std::string& alliance_id, const std::string& term_id,
                         research::v1::JointActivity* activity) {
  activity->set_title(title);
  activity->set_alliance_id(alliance_id);
  activity->set_term_id(term_id);
  activity->set_category(research::v1::JOINT_ACTIVITY_CATEGORY_TEACHING_RESEARCH);
  activity->set_type(research::v1::JOINT_ACTIVITY_TYPE_JOINT_SEMINAR);
  activity->set_starts_on(kDayOfTerm);
  activity->set_mode(research::v1::JOINT_ACTIVITY_MODE_OFFLINE);
  activity->set_session_count(1);
}

// Held, and waiting for results. The first school organises it.
inline void FillTest(const std::string& title, const std::string& alliance_id,
                     const std::vector<std::string>& school_ids, research::v1::UnifiedTest* test) {
  test->set_title(title);
  test->set_purpose(research::v1::TEST_PURPOSE_TEACHING_ANALYSIS);
  test->set_organisation_id(school_ids[0]);
  test->set_alliance_id(alliance_id);
  test->set_stage(type::v1::STAGE_SENIOR);
  test->set_grade(type::v1::GRADE_10);
  test->add_subjects(type::v1::SUBJECT_MATHEMATICS);
  test->set_school_year("2023-2024");
  test->set_planned_on(kDayOfTerm);
  test->set_prepared_on(kDayOfTerm);
  test->set_held_on(kDayOfTerm);
  test->set_state(research::v1::UNIFIED_TEST_STATE_HELD);
  for (const std::string& id : school_ids) test->add_participants()->set_organisation_id(id);
}

// Of few pupils the figures are not shown to everybody.
inline void FillResult(const research::v1::UnifiedTest& test, const std::string& school_id, int pupils,
                       research::v1::TestResult* result) {
  result->set_unified_test_id(test.id());
  result->set_organisation_id(test.organisation_id());
  result->set_school_id(school_id);
  result->set_subject(type::v1::SUBJECT_MATHEMATICS);
  result->set_tested_count(pupils);
  result->set_full_score(150);
  result->set_mean_score(90);
}

inline void FillProject(const std::string& title, const std::string& leader,
                        const std::string& organisation_id, research::v1::ResearchProject* project) {
  project->set_title(title);
  project->set_leader_id(leader);
  project->set_organisation_id(organisation_id);
  project->add_levels(research::v1::PROJECT_LEVEL_SCHOOL);
  project->set_applied_on(kDayOfTerm);
}

}  // namespace lianqiao::convergence
