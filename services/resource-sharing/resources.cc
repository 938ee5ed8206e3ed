// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/resources.h"

#include <memory>

#include "services/resource-sharing/course_service.h"
#include "services/resource-sharing/course_statistics_service.h"
#include "services/resource-sharing/file_collector.h"
#include "services/resource-sharing/file_service.h"
#include "services/resource-sharing/item_files.h"
#include "services/resource-sharing/item_service.h"
#include "services/resource-sharing/lesson_service.h"
#include "services/resource-sharing/lesson_statistics_service.h"
#include "services/resource-sharing/platform_service.h"
#include "services/resource-sharing/registry_copy.h"
#include "services/resource-sharing/remote_classroom_service.h"
#include "services/resource-sharing/search_service.h"
#include "services/resource-sharing/statistics_service.h"

// Made by CMake from migrations/*.sql.
std::vector<lianqiao::postgres::Migration> LianqiaoResourcesMigrations();

namespace lianqiao::resources {
namespace {

runtime::KeepsContent Files() {
  return {AddFiles, [collector = std::make_shared<FileCollector>()](
                        content::Store* store, postgres::Session& session, absl::Time now) {
            return collector->CollectSome(store, session, now);
          }};
}

}  // namespace

runtime::Definition ResourcesDefinition() {
  return {"resource-sharing",
          {"lianqiao.resources.v1"},
          LianqiaoResourcesMigrations(),
          [](resource::Service& service) {
            AddItems(service);
            AddSearch(service);
            AddStatistics(service);
            AddPlatforms(service);
            AddCourses(service);
            AddRemoteClassrooms(service);
            AddOnlineResearch(service);
            AddLessons(service);
            AddLessonStatistics(service);
            AddCourseStatistics(service);
            AddStorageQuotas(service);
            AddItemFiles(service);
          },
          {RegistryCopy()},
          Files()};
}

}  // namespace lianqiao::resources
