// SPDX-License-Identifier: Apache-2.0
// What talent programmes, their cohorts and members must satisfy. Pure.
#pragma once

#include "lianqiao/exchange/v1/talent_cohort.pb.h"
#include "lianqiao/exchange/v1/talent_member.pb.h"
#include "lianqiao/exchange/v1/talent_programme.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::exchange {

// Facts: "whole" (parent_programme_id; where one is named), "projects" (a row if it has a project).
resource::Violations CheckTalentProgramme(const v1::TalentProgramme* before, const v1::TalentProgramme& after,
                                          const resource::Facts& facts);

// Facts: "group" (state of the programme), "members" (one row: count).
resource::Violations CheckTalentCohort(const v1::TalentCohort* before, const v1::TalentCohort& after,
                                       const resource::Facts& facts);

// The group of a member is its cohort's. Facts: "cohort" (talent_programme_id, target_group,
// distinct_person_count, comparison), "other_members" (one row: count), "group", "ethics" (of programmes that
// are an award or a title).
void DeriveTalentMember(v1::TalentMember* member, const resource::Facts& facts);
resource::Violations CheckTalentMember(const v1::TalentMember* before, const v1::TalentMember& after,
                                       const resource::Facts& facts);

}  // namespace lianqiao::exchange
