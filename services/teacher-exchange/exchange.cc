// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/exchange.h"

#include "services/teacher-exchange/assignment_service.h"
#include "services/teacher-exchange/development_service.h"
#include "services/teacher-exchange/development_statistics.h"
#include "services/teacher-exchange/proposal_service.h"
#include "services/teacher-exchange/quota_service.h"
#include "services/teacher-exchange/registry_copy.h"
#include "services/teacher-exchange/statistics_service.h"
#include "services/teacher-exchange/teacher_service.h"
#include "services/teacher-exchange/vacancy_service.h"

// Made by CMake from migrations/*.sql.
std::vector<lianqiao::postgres::Migration> LianqiaoExchangeMigrations();

namespace lianqiao::exchange {

runtime::Definition ExchangeDefinition() {
  return {"teacher-exchange",
          {"lianqiao.exchange.v1"},
          LianqiaoExchangeMigrations(),
          [](resource::Service& service) {
            AddTeachers(service);
            AddAssignments(service);
            AddProposals(service);
            AddQuotas(service);
            AddMentoring(service);
            AddCommunities(service);
            AddStudios(service);
            AddTrainings(service);
            AddGrowthRecords(service);
            AddTalentProgrammes(service);
            AddDevelopmentStatistics(service);
            AddStatistics(service);
            AddVacancies(service);
          },
          {RegistryCopy()}};
}

}  // namespace lianqiao::exchange
