// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/research.h"

#include "services/teaching-research/activity_statistics_service.h"
#include "services/teaching-research/improvement_service.h"
#include "services/teaching-research/joint_activity_service.h"
#include "services/teaching-research/preparation_service.h"
#include "services/teaching-research/ranking_service.h"
#include "services/teaching-research/registry_copy.h"
#include "services/teaching-research/research_record_service.h"
#include "services/teaching-research/timetable_service.h"
#include "services/teaching-research/unified_test_service.h"

// Made by CMake from migrations/*.sql.
std::vector<lianqiao::postgres::Migration> LianqiaoResearchMigrations();

namespace lianqiao::research {

runtime::Definition ResearchDefinition() {
  return {"teaching-research",
          {"lianqiao.research.v1"},
          LianqiaoResearchMigrations(),
          [](resource::Service& service) {
            AddJointActivities(service);
            AddActivityStatistics(service);
            AddPreparation(service);
            AddTimetables(service);
            AddResearchRecords(service);
            AddUnifiedTests(service);
            AddRankings(service);
            AddImprovements(service);
          },
          {RegistryCopy()}};
}

}  // namespace lianqiao::research
