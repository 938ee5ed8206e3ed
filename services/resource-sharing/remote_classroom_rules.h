// SPDX-License-Identifier: Apache-2.0
// What pairs of remote classrooms and their sessions must satisfy. Pure.
#pragma once

#include "lianqiao/resources/v1/remote_classroom_pair.pb.h"
#include "lianqiao/resources/v1/remote_session.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::resources {

// Facts: "schools" (school: "a" or "b", teaches, party: of the alliance, if one is named), "alliance" (type).
resource::Violations CheckRemoteClassroomPair(const v1::RemoteClassroomPair* before,
                                              const v1::RemoteClassroomPair& after,
                                              const resource::Facts& facts);

// Facts: "pair" (state, in_service_on, out_of_service_on), "lesson" (remote_classroom_pair_id, lesson_date).
resource::Violations CheckRemoteSession(const v1::RemoteSession* before, const v1::RemoteSession& after,
                                        const resource::Facts& facts);

}  // namespace lianqiao::resources
