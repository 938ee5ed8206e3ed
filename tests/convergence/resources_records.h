// SPDX-License-Identifier: Apache-2.0
// Valid records of resource-sharing, for the world and for its writers.
#pragma once

#include <string>

#include "lianqiao/resources/v1/lesson_reception.pb.h"
#include "lianqiao/resources/v1/lesson_timetable.pb.h"
#include "lianqiao/resources/v1/online_lesson.pb.h"
#include "lianqiao/resources/v1/resource_item.pb.h"
#include "lianqiao/resources/v1/resource_review.pb.h"
#include "lianqiao/resources/v1/resource_version.pb.h"

namespace lianqiao::convergence {

// Recognised by the city, so that it may be opened as far as that. `alliance_id` of the author; may be empty.
inline void FillItem(const std::string& title, const std::string& author_id, const std::string& alliance_id,
                     resources::v1::ResourceAudience audience, resources::v1::ResourceItem* item) {
  item->set_title(title);
  item->set_kind(resources::v1::RESOURCE_KIND_TEACHING_DESIGN);
  item->set_purpose(resources::v1::RESOURCE_PURPOSE_TEACHING);
  item->set_author_organisation_id(author_id);
  item->set_alliance_id(alliance_id);
  item->set_licence(resources::v1::RESOURCE_LICENCE_CC_BY_NC);
  item->set_audience(audience);
  item->set_level(resources::v1::RESOURCE_LEVEL_CITY);
  item->set_url("https://cloud.example.cn/item/1");
}

inline void FillLesson(const std::string& title, const std::string& alliance_id,
                       const resources::v1::BellSchedule& bells, const std::string& teacher_id,
                       const std::string& date, int hour, resources::v1::OnlineLesson* lesson) {
  lesson->set_title(title);
  lesson->set_alliance_id(alliance_id);
  lesson->set_sender_school_id(bells.school_id());
  lesson->set_bell_schedule_id(bells.id());
  lesson->set_lesson_teacher_id(teacher_id);
  lesson->set_mode(resources::v1::LESSON_MODE_DELIVERED);
  lesson->set_subject(type::v1::SUBJECT_MATHEMATICS);
  lesson->set_grade(type::v1::GRADE_4);
  lesson->set_lesson_date(date);
  lesson->set_starts_at((hour < 10 ? "0" : "") + std::to_string(hour) + ":00");
  lesson->set_ends_at((hour < 10 ? "0" : "") + std::to_string(hour) + ":40");
}

inline void FillReception(const std::string& lesson_id, const resources::v1::BellSchedule& bells,
                          resources::v1::LessonReception* reception) {
  reception->set_online_lesson_id(lesson_id);
  reception->set_receiver_school_id(bells.school_id());
  reception->set_bell_schedule_id(bells.id());
  reception->set_class_name("四年级");
  reception->set_room("多媒体室");
}

}  // namespace lianqiao::convergence
