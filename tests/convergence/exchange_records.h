// SPDX-License-Identifier: Apache-2.0
// Valid records of teacher-exchange, for the world and for its writers.
#pragma once

#include <string>

#include "absl/time/clock.h"
#include "lianqiao/exchange/v1/assignment.pb.h"
#include "lianqiao/exchange/v1/teacher.pb.h"
#include "libs/base/clock.h"

namespace lianqiao::convergence {

inline void FillTeacher(const std::string& person, const std::string& school_id,
                        exchange::v1::Teacher* teacher) {
  teacher->set_person_ref(person);
  teacher->set_school_id(school_id);
  teacher->set_at_school_since("2016-09-01");
  teacher->add_stages(type::v1::STAGE_PRIMARY);
  teacher->add_subjects(type::v1::SUBJECT_MATHEMATICS);
}

// Support teaching for a year, of a share of the week that leaves room for others.
inline void FillAssignment(const std::string& teacher_id, const std::string& from_school_id,
                           const std::string& to_school_id, exchange::v1::Assignment* assignment) {
  assignment->set_teacher_id(teacher_id);
  assignment->set_type(exchange::v1::ASSIGNMENT_TYPE_SUPPORT_TEACHING);
  assignment->set_from_school_id(from_school_id);
  assignment->set_to_school_id(to_school_id);
  assignment->set_host_role(exchange::v1::HOST_ROLE_TEACHER);
  assignment->set_subject(type::v1::SUBJECT_MATHEMATICS);
  assignment->set_stage(type::v1::STAGE_PRIMARY);
  assignment->set_planned_from(base::BusinessDate(absl::Now()));
  assignment->set_planned_until(base::BusinessDate(absl::Now() + absl::Hours(24 * 365)));
  assignment->set_weekly_share_percent(20);
}

}  // namespace lianqiao::convergence
