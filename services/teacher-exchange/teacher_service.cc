// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/teacher_service.h"

#include "services/teacher-exchange/teacher_rules.h"

namespace lianqiao::exchange {

void AddTeachers(resource::Service& service) {
  resource::Resource<v1::Teacher>(service)
      .facts(FormerSchoolFacts())
      .derives(KeepFormerSchool)
      .rules(CheckTeacher);
  resource::Resource<v1::EthicsResult>(service).rules(CheckEthicsResult);
  resource::Resource<v1::RotationEligibility>(service).rules(CheckRotationEligibility);
}

}  // namespace lianqiao::exchange
