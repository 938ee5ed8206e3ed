// SPDX-License-Identifier: Apache-2.0
// The courses of activities, their parties, preparation and timetables: along these tables and no others. The
// contract holds the edges; here they stand once more, so that a change of one is a decision and no slip.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lianqiao/options/v1/options.pb.h"
#include "lianqiao/research/v1/activity_party.pb.h"
#include "lianqiao/research/v1/joint_activity.pb.h"
#include "lianqiao/research/v1/joint_timetable.pb.h"
#include "lianqiao/research/v1/preparation_group.pb.h"
#include "lianqiao/research/v1/synchronous_plan.pb.h"

namespace lianqiao::research {
namespace {

using google::protobuf::Descriptor;
using testing::ElementsAreArray;

// "Report: HELD REJECTED -> REPORTED", in the order of the contract; with "by party" where not the writers of
// the record decide, and the right where it is one of its own.
std::vector<std::string> TableOf(const Descriptor& record) {
  std::vector<std::string> edges;
  const auto* service = record.file()->FindServiceByName(record.name() + "Service");
  for (int i = 0; i < service->method_count(); ++i) {
    const auto& method = *service->method(i);
    if (!method.options().HasExtension(options::v1::transition)) continue;
    const auto& rule = method.options().GetExtension(options::v1::transition);
    const auto& access = method.options().GetExtension(options::v1::access);
    const std::string verb = method.name().substr(0, method.name().size() - record.name().size());
    std::string edge = absl::StrCat(verb, ": ", absl::StrJoin(rule.from(), " "), " -> ", rule.to());
    if (access.party_fields_size() > 0)
      absl::StrAppend(&edge, " by ", absl::StrJoin(access.party_fields(), " or "));
    if (!access.permission().empty()) absl::StrAppend(&edge, " with ", access.permission());
    edges.push_back(edge);
  }
  return edges;
}

TEST(TransitionTables, ActivitiesAreHeldReportedAndVerifiedBySomebodyElse) {
  EXPECT_THAT(
      TableOf(*v1::JointActivity::descriptor()),
      ElementsAreArray(
          {"Hold: PLANNED -> HELD", "Report: HELD REJECTED -> REPORTED",
           "Verify: REPORTED -> VERIFIED by authority_jurisdiction_id with research.joint_activity.verify",
           "Reject: REPORTED VERIFIED -> REJECTED by authority_jurisdiction_id with "
           "research.joint_activity.verify",
           "Cancel: PLANNED -> CANCELLED"}));
}

TEST(TransitionTables, PartiesConfirmForThemselves) {
  EXPECT_THAT(
      TableOf(*v1::ActivityParty::descriptor()),
      ElementsAreArray({"Confirm: INVITED DECLINED -> CONFIRMED by organisation_id or jurisdiction_id",
                        "Decline: INVITED CONFIRMED -> DECLINED by organisation_id or jurisdiction_id",
                        "Withdraw: INVITED DECLINED -> WITHDRAWN", "Invite: DECLINED WITHDRAWN -> INVITED"}));
}

TEST(TransitionTables, GroupsAreFormedAndDissolved) {
  EXPECT_THAT(TableOf(*v1::PreparationGroup::descriptor()),
              ElementsAreArray({"Form: PLANNED -> ACTIVE", "Dissolve: ACTIVE -> DISSOLVED"}));
}

TEST(TransitionTables, PlansAreAgreedReopenedAndClosed) {
  EXPECT_THAT(
      TableOf(*v1::SynchronousPlan::descriptor()),
      ElementsAreArray({"Agree: DRAFTED -> AGREED", "Reopen: AGREED -> DRAFTED", "Close: AGREED -> CLOSED"}));
}

TEST(TransitionTables, TimetablesArePublishedAndClosed) {
  EXPECT_THAT(TableOf(*v1::JointTimetable::descriptor()),
              ElementsAreArray({"Publish: DRAFTED -> PUBLISHED", "Close: DRAFTED PUBLISHED -> CLOSED"}));
}

}  // namespace
}  // namespace lianqiao::research
