// SPDX-License-Identifier: Apache-2.0
// Every state moves along these tables and no others. The contract holds the edges; here they stand once
// more, as the domain paper has them, so that a change of one is a decision and no slip.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lianqiao/options/v1/options.pb.h"
#include "lianqiao/registry/v1/agreement.pb.h"
#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/annual_plan.pb.h"
#include "lianqiao/registry/v1/county_programme.pb.h"
#include "lianqiao/registry/v1/fact_submission.pb.h"
#include "lianqiao/registry/v1/filing.pb.h"
#include "lianqiao/registry/v1/implementation_plan.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/registry/v1/plan.pb.h"
#include "lianqiao/registry/v1/project.pb.h"

namespace lianqiao::registry {
namespace {

using google::protobuf::Descriptor;
using testing::ElementsAreArray;

// "Sign: DRAFTED -> SIGNED", in the order of the contract.
std::vector<std::string> TableOf(const Descriptor& record) {
  std::vector<std::string> edges;
  const auto* service = record.file()->FindServiceByName(record.name() + "Service");
  for (int i = 0; i < service->method_count(); ++i) {
    const auto& method = *service->method(i);
    if (!method.options().HasExtension(options::v1::transition)) continue;
    const auto& rule = method.options().GetExtension(options::v1::transition);
    const std::string verb = method.name().substr(0, method.name().size() - record.name().size());
    edges.push_back(absl::StrCat(verb, ": ", absl::StrJoin(rule.from(), " "), " -> ", rule.to()));
  }
  return edges;
}

// Renewing, merging and dissolving are methods of their own: alliance_pgtest walks them.
TEST(TransitionTables, AlliancesAreSignedFiledStartedAndAssessed) {
  EXPECT_THAT(TableOf(*v1::Alliance::descriptor()),
              ElementsAreArray({"Sign: DRAFTED -> AGREEMENT_SIGNED", "File: AGREEMENT_SIGNED -> FILED",
                                "Activate: FILED -> ACTIVE", "Assess: ACTIVE RENEWED -> UNDER_ASSESSMENT"}));
}

TEST(TransitionTables, MembershipsAreProposedAgreedActiveSuspendedAndEnded) {
  EXPECT_THAT(TableOf(*v1::Membership::descriptor()),
              ElementsAreArray({"Agree: PROPOSED -> AGREED", "Decline: PROPOSED AGREED -> WITHDRAWN",
                                "Withdraw: PROPOSED AGREED -> WITHDRAWN", "Activate: AGREED -> ACTIVE",
                                "Suspend: ACTIVE -> SUSPENDED", "Resume: SUSPENDED -> ACTIVE",
                                "End: ACTIVE SUSPENDED -> ENDED"}));
}

TEST(TransitionTables, OrganisationsArePlannedActiveAndClosed) {
  EXPECT_THAT(TableOf(*v1::Organisation::descriptor()),
              ElementsAreArray({"Activate: PLANNED -> ACTIVE", "Close: ACTIVE -> CLOSED",
                                "Abandon: PLANNED -> ABANDONED"}));
}

TEST(TransitionTables, SubmissionsOfFactsGoUpOneStepAtATime) {
  EXPECT_THAT(TableOf(*v1::FactSubmission::descriptor()),
              ElementsAreArray({"Submit: DRAFT -> SUBMITTED", "Check: SUBMITTED -> CITY_CHECKED",
                                "Accept: CITY_CHECKED -> ACCEPTED", "Freeze: ACCEPTED -> FROZEN",
                                "Return: SUBMITTED CITY_CHECKED -> DRAFT"}));
}

TEST(TransitionTables, AgreementsAreSignedInForceAndOver) {
  EXPECT_THAT(TableOf(*v1::Agreement::descriptor()),
              ElementsAreArray({"Sign: DRAFTED -> SIGNED", "Enforce: SIGNED -> IN_FORCE",
                                "Expire: IN_FORCE -> EXPIRED", "Terminate: IN_FORCE -> TERMINATED",
                                "Abandon: DRAFTED SIGNED -> ABANDONED"}));
}

TEST(TransitionTables, PlansAreAgreedFiledAndClosed) {
  for (const Descriptor* plan : {v1::DevelopmentPlan::descriptor(), v1::ImplementationPlan::descriptor(),
                                 v1::AnnualPlan::descriptor()}) {
    EXPECT_THAT(TableOf(*plan), ElementsAreArray({"Agree: DRAFTED -> AGREED", "Reopen: AGREED -> DRAFTED",
                                                  "File: AGREED -> FILED", "Close: AGREED FILED -> CLOSED",
                                                  "Withdraw: DRAFTED -> WITHDRAWN"}))
        << plan->name();
  }
}

TEST(TransitionTables, FilingsAreSubmittedReturnedOrFiled) {
  EXPECT_THAT(TableOf(*v1::Filing::descriptor()),
              ElementsAreArray({"Submit: DRAFT RETURNED -> SUBMITTED", "Return: SUBMITTED -> RETURNED",
                                "Accept: SUBMITTED -> FILED"}));
}

TEST(TransitionTables, ProgrammesAndProjectsBeginAndEnd) {
  EXPECT_THAT(TableOf(*v1::CountyProgramme::descriptor()),
              ElementsAreArray({"Issue: DRAFTED -> IN_FORCE", "End: IN_FORCE -> ENDED"}));
  EXPECT_THAT(TableOf(*v1::CooperationProject::descriptor()),
              ElementsAreArray({"Start: PLANNED -> RUNNING", "Complete: RUNNING -> COMPLETED",
                                "Cancel: PLANNED RUNNING -> CANCELLED"}));
}

}  // namespace
}  // namespace lianqiao::registry
