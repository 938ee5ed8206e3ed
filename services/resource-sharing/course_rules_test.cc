// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/course_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lianqiao::resources {
namespace {

using resource::FactRow;
using resource::Facts;
using testing::ElementsAre;
using testing::IsEmpty;

// Also of one column, which FactRow itself would take for a pair of iterators.
FactRow Row(std::initializer_list<std::pair<const std::string, std::string>> values) {
  return FactRow(std::map<std::string, std::string>(values));
}

std::vector<std::string> Refused(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const base::Violation& violation : violations) fields.push_back(violation.field());
  return fields;
}

Facts Known(const std::string& method, const std::string& teaches = "t") {
  Facts facts;
  facts.set_method(method);
  facts.set_today("2026-03-02");
  facts.Add("school", {Row({{"teaches", teaches}})});
  facts.Add("year", {Row({{"starts_on", "2025-09-01"}, {"ends_on", "2026-08-31"}})});
  return facts;
}

TEST(CourseRules, OfASchoolInItsYear) {
  v1::Course course;
  course.set_starts_on("2025-09-01");
  course.set_ends_on("2026-08-31");
  EXPECT_THAT(CheckCourse(nullptr, course, Known("CreateCourse")), IsEmpty());
  EXPECT_THAT(Refused(CheckCourse(nullptr, course, Known("CreateCourse", "f"))), ElementsAre("schoolId"));
  EXPECT_THAT(CheckCourse(&course, course, Known("UpdateCourse", "f")), IsEmpty())
      << "what it was when the course was made counts";
  course.set_starts_on("2025-08-31");
  course.set_ends_on("2026-09-01");
  EXPECT_THAT(Refused(CheckCourse(nullptr, course, Known("CreateCourse"))),
              ElementsAre("startsOn", "endsOn"));
  course.set_starts_on("2026-03-02");
  course.set_ends_on("2026-03-01");
  EXPECT_THAT(Refused(CheckCourse(nullptr, course, Known("CreateCourse"))), ElementsAre("endsOn"));
}

TEST(CourseRules, NoMorePupilsThanPlacesAndCountedWhenItCloses) {
  v1::Course course;
  course.set_pupil_count(50000);
  EXPECT_THAT(CheckCourse(nullptr, course, Known("CreateCourse")), IsEmpty()) << "no places are known";
  course.set_place_count(30);
  course.set_pupil_count(31);
  EXPECT_THAT(Refused(CheckCourse(nullptr, course, Known("CreateCourse"))), ElementsAre("pupilCount"));
  course.set_pupil_count(30);
  EXPECT_THAT(CheckCourse(nullptr, course, Known("CreateCourse")), IsEmpty());
  course.clear_pupil_count();
  EXPECT_THAT(Refused(CheckCourse(&course, course, Known("CloseCourse"))), ElementsAre("pupilCount"));
  course.set_opened_on("2026-03-02");
  course.set_closed_on("2026-03-01");
  EXPECT_THAT(Refused(CheckCourse(&course, course, Known("UpdateCourse"))), ElementsAre("closedOn"));
}

TEST(BrandProjectRules, ARecognitionSaysBySomeLevel) {
  v1::BrandProject project;
  project.set_state(v1::BRAND_PROJECT_STATE_RECOGNISED);
  EXPECT_THAT(Refused(CheckBrandProject(nullptr, project, Known("RecogniseBrandProject"))),
              ElementsAre("level"));
  project.set_level(v1::BRAND_LEVEL_CITY);
  project.set_begun_on("2024-09-01");
  project.set_recognised_on("2025-09-01");
  project.set_ended_on("2026-09-01");
  EXPECT_THAT(CheckBrandProject(nullptr, project, Known("CreateBrandProject")), IsEmpty());
  EXPECT_THAT(Refused(CheckBrandProject(nullptr, project, Known("CreateBrandProject", "f"))),
              ElementsAre("schoolId"));
  project.set_recognised_on("2024-08-31");
  EXPECT_THAT(Refused(CheckBrandProject(nullptr, project, Known("CreateBrandProject"))),
              ElementsAre("recognisedOn"));
  project.set_recognised_on("2026-09-02");
  EXPECT_THAT(Refused(CheckBrandProject(nullptr, project, Known("CreateBrandProject"))),
              ElementsAre("endedOn"));
}

TEST(EquipmentFactsRules, AreCountedInTheirYear) {
  v1::EquipmentFacts facts;
  facts.set_counted_on("2025-10-01");
  facts.set_stem_base_count(1);
  facts.set_stem_partner_count(2);
  EXPECT_THAT(CheckEquipmentFacts(nullptr, facts, Known("CreateEquipmentFacts")), IsEmpty());
  EXPECT_THAT(Refused(CheckEquipmentFacts(nullptr, facts, Known("CreateEquipmentFacts", "f"))),
              ElementsAre("schoolId"));
  facts.set_counted_on("2025-08-31");
  EXPECT_THAT(Refused(CheckEquipmentFacts(nullptr, facts, Known("CreateEquipmentFacts"))),
              ElementsAre("countedOn"));
  facts.set_counted_on("2026-03-03");
  EXPECT_THAT(Refused(CheckEquipmentFacts(nullptr, facts, Known("CreateEquipmentFacts"))),
              ElementsAre("countedOn"));
  facts.set_counted_on("2026-03-02");
  facts.set_stem_base_count(0);
  EXPECT_THAT(Refused(CheckEquipmentFacts(nullptr, facts, Known("CreateEquipmentFacts"))),
              ElementsAre("stemPartnerCount"));
}

}  // namespace
}  // namespace lianqiao::resources
