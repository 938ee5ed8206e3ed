// SPDX-License-Identifier: Apache-2.0
// What teachers, their ethics results and the counts of eligible ones must satisfy, and what a transfer
// leaves behind. Pure.
#pragma once

#include <string>

#include "lianqiao/exchange/v1/ethics_result.pb.h"
#include "lianqiao/exchange/v1/rotation_eligibility.pb.h"
#include "lianqiao/exchange/v1/teacher.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::exchange {

// Whether what holds from one day to another holds on this one; an empty bound is open.
bool HeldOn(const std::string& from, const std::string& until, const std::string& day);

// "former_school": where the stored teacher is, if the written one is at another school.
resource::FactQuery FormerSchoolFacts();
// A new school begins today unless the record says when; the former one is added to the list.
void KeepFormerSchool(v1::Teacher* teacher, const resource::Facts& facts);

resource::Violations CheckTeacher(const v1::Teacher* before, const v1::Teacher& after,
                                  const resource::Facts& facts);
resource::Violations CheckEthicsResult(const v1::EthicsResult* before, const v1::EthicsResult& after,
                                       const resource::Facts& facts);
resource::Violations CheckRotationEligibility(const v1::RotationEligibility* before,
                                              const v1::RotationEligibility& after,
                                              const resource::Facts& facts);

}  // namespace lianqiao::exchange
