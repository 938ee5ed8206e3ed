// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/course_statistics_service.h"

#include <algorithm>

#include "lianqiao/resources/v1/lesson_statistics.pb.h"

namespace lianqiao::resources {
namespace {

using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Reading;

// $1 the place, $2 the school year, in all of them. The row without a category is of all courses.
const NamedQuery& CoursesQuery() {
  static const NamedQuery query{
      "courses_by_category",
      "SELECT c.category, count(*), count(DISTINCT c.category || c.subcategory)"
      " FILTER (WHERE c.subcategory <> ''), coalesce(sum(c.place_count), 0), coalesce(sum(c.pupil_count), 0),"
      " count(DISTINCT c.school_id), count(*) FILTER (WHERE c.is_brand), coalesce(sum(c.venue_count), 0)"
      " FROM {visible:course c} JOIN registry_organisation o ON o.id = c.school_id"
      " AND o.sync_scope && ARRAY[$1::uuid] WHERE c.school_year_id = $2::uuid"
      " AND c.state <> 'COURSE_STATE_CANCELLED' GROUP BY GROUPING SETS ((c.category), ())"};
  return query;
}

// Those that held on a day of the school year; without a first day they held before anybody knows.
const NamedQuery& BrandsQuery() {
  static const NamedQuery query{
      "brand_projects_by_field",
      "SELECT b.field, count(*), count(*) FILTER (WHERE b.recognised_on <= y.ends_on"
      " OR b.recognised_on IS NULL AND b.state = 'BRAND_PROJECT_STATE_RECOGNISED'),"
      " count(DISTINCT b.school_id) FROM {visible:brand_project b} JOIN registry_organisation o"
      " ON o.id = b.school_id AND o.sync_scope && ARRAY[$1::uuid] JOIN registry_school_year y"
      " ON y.id = $2::uuid WHERE b.state <> 'BRAND_PROJECT_STATE_PLANNED'"
      " AND (b.begun_on IS NULL OR b.begun_on <= y.ends_on)"
      " AND CASE WHEN b.ended_on IS NULL THEN b.state <> 'BRAND_PROJECT_STATE_ENDED'"
      " ELSE b.ended_on >= y.starts_on END GROUP BY b.field"};
  return query;
}

const NamedQuery& EquipmentQuery() {
  static const NamedQuery query{
      "equipment_sums",
      "SELECT count(DISTINCT e.school_id), coalesce(sum(e.touch_panel_count), 0),"
      " coalesce(sum(e.recording_room_count), 0), coalesce(sum(e.laboratory_count), 0),"
      " coalesce(sum(e.innovation_laboratory_count), 0),"
      " count(DISTINCT e.school_id) FILTER (WHERE e.innovation_laboratory_count > 0),"
      " coalesce(sum(e.stem_base_count), 0), coalesce(sum(e.terminal_count), 0),"
      " coalesce(sum(e.digital_equipment_value_fen), 0)"
      " FROM {visible:equipment_facts e} JOIN registry_organisation o ON o.id = e.school_id"
      " AND o.sync_scope && ARRAY[$1::uuid] WHERE e.school_year_id = $2::uuid"};
  return query;
}

void SetCourses(const Result& rows, int row, v1::CourseCounts* counts) {
  counts->set_course_count(rows.Integer(row, 1));
  counts->set_subcategory_count(rows.Integer(row, 2));
  counts->set_place_count(rows.Integer(row, 3));
  counts->set_pupil_time_count(rows.Integer(row, 4));
  counts->set_distinct_school_count(rows.Integer(row, 5));
  counts->set_brand_course_count(rows.Integer(row, 6));
  counts->set_venue_count(rows.Integer(row, 7));
}

void AddCategories(const Result& rows, v1::CourseStatistics* statistics) {
  for (int i = 0; i < rows.rows(); ++i) {
    if (rows.IsNull(i, 0)) {
      SetCourses(rows, i, statistics->mutable_courses());
      continue;
    }
    v1::CourseCategory category = v1::COURSE_CATEGORY_UNSPECIFIED;
    v1::CourseCategory_Parse(rows.Text(i, 0), &category);
    v1::CourseCategoryStatistics& entry = *statistics->add_categories();
    entry.set_category(category);
    SetCourses(rows, i, entry.mutable_courses());
  }
  std::sort(statistics->mutable_categories()->begin(), statistics->mutable_categories()->end(),
            [](const auto& a, const auto& b) { return a.category() < b.category(); });
}

void AddBrands(const Result& rows, v1::CourseStatistics* statistics) {
  for (int i = 0; i < rows.rows(); ++i) {
    v1::BrandField field = v1::BRAND_FIELD_UNSPECIFIED;
    v1::BrandField_Parse(rows.Text(i, 0), &field);
    v1::BrandFieldStatistics& entry = *statistics->add_brand_fields();
    entry.set_field(field);
    entry.set_project_count(rows.Integer(i, 1));
    entry.set_recognised_count(rows.Integer(i, 2));
    entry.set_distinct_school_count(rows.Integer(i, 3));
  }
  std::sort(statistics->mutable_brand_fields()->begin(), statistics->mutable_brand_fields()->end(),
            [](const auto& a, const auto& b) { return a.field() < b.field(); });
}

void SetEquipment(const Result& row, v1::EquipmentStatistics* equipment) {
  equipment->set_distinct_school_count(row.Integer(0, 0));
  equipment->set_touch_panel_count(row.Integer(0, 1));
  equipment->set_recording_room_count(row.Integer(0, 2));
  equipment->set_laboratory_count(row.Integer(0, 3));
  equipment->set_innovation_laboratory_count(row.Integer(0, 4));
  equipment->set_innovation_laboratory_school_count(row.Integer(0, 5));
  equipment->set_stem_base_count(row.Integer(0, 6));
  equipment->set_terminal_count(row.Integer(0, 7));
  equipment->set_digital_equipment_value_fen(row.Integer(0, 8));
}

absl::StatusOr<v1::CourseStatistics> GetCourseStatistics(Reading& reading,
                                                         const v1::GetCourseStatisticsRequest& request) {
  static const NamedQuery kYear{"statistics_school_year",
                                "SELECT 1 FROM registry_school_year y WHERE y.id = $1::uuid"};
  ASSIGN_OR_RETURN(const Result year, reading.Query(kYear, Parameters().Text(request.school_year_id())));
  if (year.rows() == 0)
    return base::FailIfAny({base::Refuse("schoolYearId", base::ErrorReason::REFERENCE_NOT_FOUND,
                                         {{"kind", "school_year"}, {"kind_zh", "学年"}})});
  v1::CourseStatistics statistics;
  statistics.set_jurisdiction_id(request.jurisdiction_id());
  statistics.set_school_year_id(request.school_year_id());
  Parameters place_and_year;
  place_and_year.Text(request.jurisdiction_id()).Text(request.school_year_id());
  ASSIGN_OR_RETURN(const Result courses, reading.Query(CoursesQuery(), place_and_year));
  AddCategories(courses, &statistics);
  ASSIGN_OR_RETURN(const Result brands, reading.Query(BrandsQuery(), place_and_year));
  AddBrands(brands, &statistics);
  ASSIGN_OR_RETURN(const Result equipment, reading.Query(EquipmentQuery(), place_and_year));
  SetEquipment(equipment, statistics.mutable_equipment());
  return statistics;
}

}  // namespace

void AddCourseStatistics(resource::Service& service) {
  service.on("lianqiao.resources.v1.CourseStatisticsService", "GetCourseStatistics", GetCourseStatistics);
}

}  // namespace lianqiao::resources
