// SPDX-License-Identifier: Apache-2.0
// teacher-exchange: two teachers in every school, half of them nominated for another one.
#include "tests/convergence/exchange_records.h"
#include "tests/convergence/maker.h"

namespace lianqiao::convergence {

void FillExchange(Installation* installation, World* world) {
  Maker maker(installation, world);
  const size_t schools = world->school_ids.size();
  for (size_t i = 0; i < 2 * schools; ++i) {
    const std::string person = absl::StrCat("world-", i, "-p");
    exchange::v1::CreateTeacherRequest request;
    FillTeacher(person, world->school_ids[i % schools], request.mutable_teacher());
    const auto teacher =
        maker.Keep<exchange::v1::Teacher>("teacher", "TeacherService/CreateTeacher", request);
    world->persons[{"teacher", teacher.id()}] = person;
    if (i % 2 != 0) continue;
    exchange::v1::CreateAssignmentRequest nominate;
    FillAssignment(teacher.id(), teacher.school_id(), world->school_ids[(i + 1) % schools],
                   nominate.mutable_assignment());
    if (i % 4 == 0) nominate.mutable_assignment()->set_alliance_id(world->alliance_ids[0]);
    maker.Keep<exchange::v1::Assignment>("assignment", "AssignmentService/CreateAssignment", nominate);
  }
}

}  // namespace lianqiao::convergence
