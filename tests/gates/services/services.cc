// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/services/services.h"

#include "services/resource-sharing/resources.h"
#include "services/teacher-exchange/exchange.h"
#include "services/teaching-research/research.h"

namespace lianqiao::gates {

const std::vector<Follower>& Followers() {
  static const std::vector<Follower> followers = {
      {"exchange",
       exchange::ExchangeDefinition,
       {"exchange.assignment.approve", "exchange.support_team.approve"},
       {"/lianqiao.exchange.v1.ExchangeStatisticsService/GetExchangeStatistics",
        "/lianqiao.exchange.v1.DevelopmentStatisticsService/GetDevelopmentStatistics",
        "/lianqiao.exchange.v1.AssignmentProposalService/ProposeAssignments"}},
      {"research",
       research::ResearchDefinition,
       {"research.joint_activity.verify", "research.research_project.approve",
        "research.ranking_record.restricted.read"},
       {"/lianqiao.research.v1.ResearchStatisticsService/GetActivityStatistics"}},
      {"resources",
       resources::ResourcesDefinition,
       {"resources.resource_item.feature"},
       {"/lianqiao.resources.v1.ResourceStatisticsService/GetResourceStatistics",
        "/lianqiao.resources.v1.ResourceSearchService/SearchResources",
        "/lianqiao.resources.v1.RemoteClassroomStatisticsService/GetRemoteClassroomStatistics",
        "/lianqiao.resources.v1.OnlineLessonStatisticsService/GetOnlineLessonStatistics",
        "/lianqiao.resources.v1.CourseStatisticsService/GetCourseStatistics"}},
  };
  return followers;
}

std::vector<Follower> RegistryAndFollowers() {
  std::vector<Follower> all = {{"registry", nullptr}};
  all.insert(all.end(), Followers().begin(), Followers().end());
  return all;
}

}  // namespace lianqiao::gates
