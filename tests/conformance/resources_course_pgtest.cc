// SPDX-License-Identifier: Apache-2.0
// Courses, brand projects and equipment facts: whose they are, and their sums.
#include "lianqiao/resources/v1/brand_project.pb.h"
#include "lianqiao/resources/v1/course.pb.h"
#include "lianqiao/resources/v1/equipment_facts.pb.h"
#include "lianqiao/resources/v1/lesson_statistics.pb.h"
#include "libs/base/ids.h"
#include "tests/conformance/lessons_world.h"

namespace lianqiao::conformance {
namespace {

using ::testing::ElementsAre;

class Courses : public LessonsWorld {
 protected:
  resources::CreateCourseRequest NewCourse(const std::string& school, resources::CourseCategory category,
                                           const std::string& subcategory, int places, int pupils) {
    resources::CreateCourseRequest request;
    resources::Course& course = *request.mutable_course();
    course.set_school_id(school);
    course.set_school_year_id(year_id_);
    course.set_name("课程");
    course.set_category(category);
    course.set_subcategory(subcategory);
    course.set_place_count(places);
    course.set_pupil_count(pupils);
    return request;
  }
  resources::Course Make(const resources::CreateCourseRequest& request,
                         const std::string& token = "operator") {
    return Must<resources::Course>("CourseService/CreateCourse", request, token);
  }
  resources::CreateEquipmentFactsRequest NewEquipment(const std::string& school, int panels, int labs) {
    resources::CreateEquipmentFactsRequest request;
    resources::EquipmentFacts& facts = *request.mutable_equipment_facts();
    facts.set_school_id(school);
    facts.set_school_year_id(year_id_);
    facts.set_counted_on(Day());
    facts.set_touch_panel_count(panels);
    facts.set_innovation_laboratory_count(labs);
    facts.set_stem_base_count(1);
    facts.set_digital_equipment_value_fen(120000050);
    return request;
  }
  void Brand(const std::string& school, resources::BrandField field, resources::BrandProjectState state,
             const std::string& begun_on, const std::string& ended_on = "") {
    resources::CreateBrandProjectRequest request;
    resources::BrandProject& project = *request.mutable_brand_project();
    project.set_school_id(school);
    project.set_name("品牌");
    project.set_field(field);
    project.set_level(resources::BRAND_LEVEL_CITY);
    project.set_state(state);
    project.set_begun_on(begun_on);
    project.set_ended_on(ended_on);
    Must<resources::BrandProject>("BrandProjectService/CreateBrandProject", request);
  }
  resources::CourseStatistics Counts(const std::string& place, const std::string& token = "operator") {
    resources::GetCourseStatisticsRequest request;
    request.set_jurisdiction_id(place);
    request.set_school_year_id(year_id_);
    return Must<resources::CourseStatistics>("CourseStatisticsService/GetCourseStatistics", request, token);
  }
};

TEST_F(Courses, ACourseIsItsSchoolsAndReadInTheAllianceThatSharesIt) {
  auto request = NewCourse(near_school_, resources::COURSE_CATEGORY_LABOUR, "种植", 30, 30);
  EXPECT_FALSE(Try<resources::Course>("CourseService/CreateCourse", request, "far-school").ok());
  const auto own = Make(request, "near-school");
  EXPECT_TRUE(Look<resources::Course>("Course", own.id(), "near").ok());
  EXPECT_TRUE(absl::IsNotFound(Look<resources::Course>("Course", own.id(), "far-school").status()));
  request.mutable_course()->set_alliance_id(alliance_id_);
  const auto shared = Make(request, "near-school");
  EXPECT_TRUE(Look<resources::Course>("Course", shared.id(), "far-school").ok());
  EXPECT_TRUE(
      absl::IsPermissionDenied(TryMove<resources::Course>("Course", "Open", shared.id(), "far-school")));
  EXPECT_EQ(Move<resources::Course>("Course", "Open", shared.id(), "near-school").opened_on(), Day());
  EXPECT_EQ(Move<resources::Course>("Course", "Close", shared.id(), "near").closed_on(), Day());
}

TEST_F(Courses, OnlyASchoolHasCourses) {
  registry::CreateOrganisationRequest office;
  office.mutable_organisation()->set_name("渭滨区教育体育局");
  office.mutable_organisation()->set_kind(registry::ORGANISATION_KIND_EDUCATION_BUREAU);
  office.mutable_organisation()->set_jurisdiction_id(near_id_);
  const auto made = service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", office);
  ASSERT_TRUE(made.ok()) << made.status();
  CatchUp();
  const std::string create = "CourseService/CreateCourse";
  auto request = NewCourse(made->id(), resources::COURSE_CATEGORY_MUSIC, "", 30, 30);
  EXPECT_THAT(ViolatedFields(Try<resources::Course>(create, request)), ElementsAre("course.schoolId"));
  request = NewCourse(near_school_, resources::COURSE_CATEGORY_MUSIC, "", 30, 31);
  EXPECT_THAT(ViolatedFields(Try<resources::Course>(create, request)), ElementsAre("course.pupilCount"));
  request.mutable_course()->set_pupil_count(30);
  request.mutable_course()->set_starts_on("1999-09-01");
  EXPECT_THAT(ViolatedFields(Try<resources::Course>(create, request)), ElementsAre("course.startsOn"));
}

TEST_F(Courses, EquipmentIsReportedOncePerSchoolAndYear) {
  const std::string create = "EquipmentFactsService/CreateEquipmentFacts";
  const auto request = NewEquipment(near_school_, 20, 0);
  EXPECT_TRUE(Try<resources::EquipmentFacts>(create, request, "near-school").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Try<resources::EquipmentFacts>(create, request, "near-school")));
  auto late = NewEquipment(near_second_, 20, 0);
  late.mutable_equipment_facts()->set_counted_on("1999-10-01");
  EXPECT_THAT(ViolatedFields(Try<resources::EquipmentFacts>(create, late, "near")),
              ElementsAre("equipmentFacts.countedOn"));
}

TEST_F(Courses, SumsOfTheYear) {
  auto holiday = NewCourse(near_school_, resources::COURSE_CATEGORY_HOLIDAY_CARE, "", 100, 80);
  holiday.mutable_course()->set_venue_count(7);
  holiday.mutable_course()->set_is_brand(true);
  Make(holiday);
  Make(NewCourse(near_school_, resources::COURSE_CATEGORY_LABOUR, "种植", 30, 30));
  Make(NewCourse(near_second_, resources::COURSE_CATEGORY_LABOUR, "种植", 40, 31));
  Make(NewCourse(far_school_, resources::COURSE_CATEGORY_LABOUR, "烹饪", 20, 15));
  const auto cancelled = Make(NewCourse(far_school_, resources::COURSE_CATEGORY_LABOUR, "木工", 20, 15));
  Move<resources::Course>("Course", "Cancel", cancelled.id());
  constexpr auto kRecognised = resources::BRAND_PROJECT_STATE_RECOGNISED;
  Brand(near_school_, resources::BRAND_FIELD_MUSIC, kRecognised, "2020-09-01");
  Brand(near_second_, resources::BRAND_FIELD_MUSIC, resources::BRAND_PROJECT_STATE_BUILDING, Day(-1));
  Brand(far_school_, resources::BRAND_FIELD_FINE_ART, kRecognised, "2020-09-01");
  Brand(far_school_, resources::BRAND_FIELD_MUSIC, resources::BRAND_PROJECT_STATE_ENDED, "2015-09-01",
        "2019-08-31");
  Brand(far_school_, resources::BRAND_FIELD_MUSIC, resources::BRAND_PROJECT_STATE_PLANNED, "");
  for (const auto& request : {NewEquipment(near_school_, 1000, 2), NewEquipment(far_school_, 600, 0)})
    Must<resources::EquipmentFacts>("EquipmentFactsService/CreateEquipmentFacts", request);

  const auto city = Counts(city_id_, "city");
  EXPECT_EQ(city.courses().course_count(), 4);
  EXPECT_EQ(city.courses().place_count(), 190);
  EXPECT_EQ(city.courses().pupil_time_count(), 156);
  EXPECT_EQ(city.courses().distinct_school_count(), 3);
  EXPECT_EQ(city.courses().brand_course_count(), 1);
  EXPECT_EQ(city.courses().venue_count(), 7);
  ASSERT_EQ(city.categories_size(), 2);
  EXPECT_EQ(city.categories(0).category(), resources::COURSE_CATEGORY_HOLIDAY_CARE);
  EXPECT_EQ(city.categories(1).courses().course_count(), 3);
  EXPECT_EQ(city.categories(1).courses().subcategory_count(), 2);
  ASSERT_EQ(city.brand_fields_size(), 2);
  EXPECT_EQ(city.brand_fields(0).field(), resources::BRAND_FIELD_MUSIC);
  EXPECT_EQ(city.brand_fields(0).project_count(), 2);
  EXPECT_EQ(city.brand_fields(0).recognised_count(), 1);
  EXPECT_EQ(city.brand_fields(1).project_count(), 1);
  EXPECT_EQ(city.equipment().distinct_school_count(), 2);
  EXPECT_EQ(city.equipment().touch_panel_count(), 1600);
  EXPECT_EQ(city.equipment().innovation_laboratory_count(), 2);
  EXPECT_EQ(city.equipment().innovation_laboratory_school_count(), 1);
  EXPECT_EQ(city.equipment().stem_base_count(), 2);
  EXPECT_EQ(city.equipment().digital_equipment_value_fen(), 240000100);

  const auto far = Counts(far_id_, "far");
  EXPECT_EQ(far.courses().course_count(), 1);
  EXPECT_EQ(far.equipment().touch_panel_count(), 600);
  resources::GetCourseStatisticsRequest unknown;
  unknown.set_jurisdiction_id(city_id_);
  unknown.set_school_year_id(base::RandomId());
  EXPECT_THAT(ViolatedFields(Try<resources::CourseStatistics>("CourseStatisticsService/GetCourseStatistics",
                                                              unknown, "city")),
              ElementsAre("schoolYearId"));
}

}  // namespace
}  // namespace lianqiao::conformance
