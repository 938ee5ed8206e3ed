// SPDX-License-Identifier: Apache-2.0
// What counts of joint activities, and what does not yet: exact figures of a small world.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lianqiao/research/v1/activity_party.pb.h"
#include "lianqiao/research/v1/activity_statistics.pb.h"
#include "lianqiao/research/v1/joint_activity.pb.h"
#include "tests/conformance/research_world.h"

namespace lianqiao::conformance {
namespace {

namespace research = ::lianqiao::research::v1;
using research::ActivityParty;
using research::ActivityStatistics;
using research::GetActivityStatisticsRequest;
using research::JointActivity;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ResearchStatistics : public ResearchWorld {
 protected:
  JointActivity Activity(research::JointActivityType type, const std::string& starts_on = "2023-10-09") {
    JointActivity activity;
    activity.set_alliance_id(alliance_id_);
    activity.set_category(type == research::JOINT_ACTIVITY_TYPE_SHADOWING_TRAINING
                              ? research::JOINT_ACTIVITY_CATEGORY_TEACHER_EXCHANGE
                              : research::JOINT_ACTIVITY_CATEGORY_TEACHING_RESEARCH);
    activity.set_type(type);
    activity.set_title("活动");
    activity.set_term_id(starts_on < "2024-02-10" ? term_id_ : spring_term_id_);
    activity.set_starts_on(starts_on);
    activity.set_host_organisation_id(near_school_);
    activity.set_mode(research::JOINT_ACTIVITY_MODE_OFFLINE);
    activity.set_session_count(1);
    return activity;
  }
  // In this state, with parties that have confirmed: "o:<id>" or "j:<id>".
  std::string In(JointActivity activity, research::JointActivityState state,
                 const std::vector<std::string>& parties) {
    activity.set_state(state);
    const std::string id = Must(Make(activity)).id();
    for (const std::string& party : parties) Confirmed(id, party);
    return id;
  }
  std::string Confirmed(const std::string& activity_id, const std::string& who) {
    ActivityParty party;
    party.set_joint_activity_id(activity_id);
    who[0] == 'o' ? party.set_organisation_id(who.substr(2)) : party.set_jurisdiction_id(who.substr(2));
    party.set_state(research::ACTIVITY_PARTY_STATE_CONFIRMED);
    return Must(Make(party)).id();
  }
  std::string Verified(const JointActivity& activity) {
    return In(activity, research::JOINT_ACTIVITY_STATE_VERIFIED, {"o:" + near_school_, "o:" + far_school_});
  }
  absl::StatusOr<ActivityStatistics> Ask(const GetActivityStatisticsRequest& request,
                                         const std::string& token = "operator") {
    return research_.Call<ActivityStatistics>("ResearchStatisticsService/GetActivityStatistics", request,
                                              token);
  }
  ActivityStatistics OfTerm(const std::string& jurisdiction, const std::string& token = "operator") {
    GetActivityStatisticsRequest request;
    request.set_jurisdiction_id(jurisdiction);
    request.set_term_id(term_id_);
    return Must(Ask(request, token));
  }
  // "1 UNCOUNTED_REASON_HELD" …
  static std::vector<std::string> Uncounted(const ActivityStatistics& statistics) {
    std::vector<std::string> texts;
    for (const auto& entry : statistics.not_yet_counted())
      texts.push_back(absl::StrCat(entry.totals().activity_count(), " ",
                                   research::UncountedReason_Name(entry.reason()).substr(17)));
    return texts;
  }
  // "WS-01 2+1": counted and not yet counted.
  template <typename Inputs>
  static std::vector<std::string> Rules(const Inputs& inputs) {
    std::vector<std::string> texts;
    for (const auto& input : inputs)
      texts.push_back(absl::StrCat(input.rule(), " ", input.counted_activity_count(), "+",
                                   input.not_yet_counted_activity_count()));
    return texts;
  }
  static std::string Text(const type::v1::ReportedTotal& total) {
    return absl::StrCat(type::v1::Comparison_Name(total.comparison()).substr(11), " ", total.value(), " of ",
                        total.record_count());
  }
};

TEST_F(ResearchStatistics, OnlyWhatIsVerifiedWithTwoPartiesCounts) {
  const auto preparation = Activity(research::JOINT_ACTIVITY_TYPE_COLLECTIVE_PREPARATION);
  Verified(preparation);
  const std::vector<std::string> both = {"o:" + near_school_, "o:" + far_school_};
  In(preparation, research::JOINT_ACTIVITY_STATE_PLANNED, {});
  In(preparation, research::JOINT_ACTIVITY_STATE_HELD, both);
  In(preparation, research::JOINT_ACTIVITY_STATE_REPORTED, both);
  In(preparation, research::JOINT_ACTIVITY_STATE_REPORTED, {});
  In(preparation, research::JOINT_ACTIVITY_STATE_REJECTED, both);
  In(preparation, research::JOINT_ACTIVITY_STATE_CANCELLED, {});
  const std::string lone = In(preparation, research::JOINT_ACTIVITY_STATE_VERIFIED, {"o:" + near_school_});
  ActivityStatistics statistics = OfTerm(city_id_);
  EXPECT_EQ(statistics.counted().activity_count(), 1);
  EXPECT_EQ(statistics.from_on(), "2023-09-01");
  EXPECT_EQ(statistics.to_on(), "2024-01-31");
  EXPECT_THAT(Uncounted(statistics),
              ElementsAre("1 PLANNED", "1 HELD", "2 REPORTED", "1 REJECTED", "1 TOO_FEW_PARTIES"));
  EXPECT_THAT(Rules(statistics.rule_inputs()),
              ElementsAre("BJ-01 1+6", "WS-01 1+6", "WS-02 0+0", "WS-03 0+0", "WS-04 0+0", "WS-05 0+0"));
  ASSERT_EQ(statistics.alliances_size(), 1);
  EXPECT_EQ(statistics.alliances(0).alliance_id(), alliance_id_);
  EXPECT_THAT(Rules(statistics.alliances(0).rule_inputs()), ElementsAre("BJ-01 1+6", "WS-01 1+6"));
  // The second party confirms late: now it counts.
  Confirmed(lone, "o:" + far_school_);
  statistics = OfTerm(city_id_);
  EXPECT_EQ(statistics.counted().activity_count(), 2);
  EXPECT_THAT(Uncounted(statistics), ElementsAre("1 PLANNED", "1 HELD", "2 REPORTED", "1 REJECTED"));
}

TEST_F(ResearchStatistics, UnitsAreAddedEachByItselfWithTheirOperators) {
  JointActivity lectures = Activity(research::JOINT_ACTIVITY_TYPE_LECTURE);
  lectures.set_session_count(5);
  Verified(lectures);
  JointActivity outreach = Activity(research::JOINT_ACTIVITY_TYPE_OUTREACH_LESSON);
  outreach.clear_session_count();
  outreach.set_lesson_count(11);
  outreach.set_person_time_count(300);
  outreach.set_person_time_count_comparison(type::v1::COMPARISON_MORE_THAN);
  Verified(outreach);
  JointActivity preparation = Activity(research::JOINT_ACTIVITY_TYPE_COLLECTIVE_PREPARATION);
  preparation.set_ends_on("2023-10-10");
  preparation.set_day_count(2);
  preparation.set_distinct_person_count(267);
  preparation.set_pupil_count(1177);
  Verified(preparation);
  JointActivity observation = Activity(research::JOINT_ACTIVITY_TYPE_RESEARCH_OBSERVATION);
  observation.set_distinct_person_count(280);
  observation.set_distinct_person_count_comparison(type::v1::COMPARISON_MORE_THAN);
  Verified(observation);
  In(lectures, research::JOINT_ACTIVITY_STATE_REPORTED, {});
  const ActivityStatistics statistics = OfTerm(city_id_);
  const research::ActivityTotals& counted = statistics.counted();
  EXPECT_EQ(counted.activity_count(), 4);
  EXPECT_EQ(Text(counted.session()), "EQUAL 7 of 3");
  EXPECT_EQ(Text(counted.day()), "EQUAL 2 of 1");
  EXPECT_EQ(Text(counted.lesson()), "EQUAL 11 of 1");
  EXPECT_EQ(Text(counted.distinct_person_per_activity()), "MORE_THAN 547 of 2");
  EXPECT_EQ(Text(counted.person_time()), "MORE_THAN 300 of 1");
  EXPECT_EQ(Text(counted.pupil_per_activity()), "EQUAL 1177 of 1");
  ASSERT_EQ(statistics.categories_size(), 1);
  EXPECT_EQ(statistics.categories(0).counted().activity_count(), 4);
  EXPECT_EQ(Text(statistics.categories(0).not_yet_counted().session()), "EQUAL 5 of 1");
  std::map<std::string, int64_t> types;
  for (const auto& entry : statistics.types())
    types[research::JointActivityType_Name(entry.type()).substr(20)] = entry.counted().activity_count();
  EXPECT_EQ(types, (std::map<std::string, int64_t>{{"LECTURE", 1},
                                                   {"OUTREACH_LESSON", 1},
                                                   {"COLLECTIVE_PREPARATION", 1},
                                                   {"RESEARCH_OBSERVATION", 1}}));
}

// One term of the second district of Wenshan, primary segment: 3 preparations, 2 on classroom teaching, an
// experience meeting, a lesson rationale, 2 shadowing trainings.
TEST_F(ResearchStatistics, TheRulesOfWenshanFindTheirInputs) {
  const auto primary = [&](research::JointActivityType type, int count) {
    for (int i = 0; i < count; ++i) {
      JointActivity activity = Activity(type, absl::StrCat("2023-11-0", i + 1));
      activity.add_stages(type::v1::STAGE_PRIMARY);
      Verified(activity);
    }
  };
  primary(research::JOINT_ACTIVITY_TYPE_COLLECTIVE_PREPARATION, 2);
  primary(research::JOINT_ACTIVITY_TYPE_ONLINE_PREPARATION, 1);
  primary(research::JOINT_ACTIVITY_TYPE_CLASSROOM_TEACHING_RESEARCH, 2);
  primary(research::JOINT_ACTIVITY_TYPE_EXPERIENCE_MEETING, 1);
  primary(research::JOINT_ACTIVITY_TYPE_LESSON_RATIONALE, 1);
  primary(research::JOINT_ACTIVITY_TYPE_SHADOWING_TRAINING, 2);
  JointActivity junior = Activity(research::JOINT_ACTIVITY_TYPE_COLLECTIVE_PREPARATION);
  junior.add_stages(type::v1::STAGE_JUNIOR);
  Verified(junior);
  Verified(Activity(research::JOINT_ACTIVITY_TYPE_COLLECTIVE_PREPARATION, "2024-03-04"));
  GetActivityStatisticsRequest request;
  request.set_alliance_id(alliance_id_);
  request.set_term_id(term_id_);
  request.set_stage(type::v1::STAGE_PRIMARY);
  EXPECT_THAT(Rules(Must(Ask(request, "lead")).rule_inputs()),
              ElementsAre("BJ-01 9+0", "WS-01 3+0", "WS-02 2+0", "WS-03 1+0", "WS-04 1+0", "WS-05 2+0"));
  request.clear_stage();
  EXPECT_EQ(Must(Ask(request, "lead")).counted().activity_count(), 10);
  request.clear_term_id();
  request.set_from_on("2023-11-02");
  request.set_to_on("2024-03-04");
  const ActivityStatistics between = Must(Ask(request, "lead"));
  EXPECT_EQ(between.counted().activity_count(), 4) << "the later ones of each two, and the one of spring";
  request.set_alliance_id(county_alliance_id_);
  EXPECT_EQ(Must(Ask(request, "near")).counted().activity_count(), 0);
}

TEST_F(ResearchStatistics, PartiesOfAnAllianceAreItsMembersThroughWhateverBelongsToThem) {
  const std::string near_too = School("渭滨区第二小学", near_id_).id();
  const std::string guest =
      School("太白县小学", Place(registry::JURISDICTION_KIND_COUNTY, registry::JURISDICTION_LEVEL_COUNTY,
                                 "太白县", city_id_)
                               .id())
          .id();
  research_.CatchUp();
  JointActivity activity = Activity(research::JOINT_ACTIVITY_TYPE_JOINT_SEMINAR);
  activity.set_alliance_id(county_alliance_id_);
  const auto verified = research::JOINT_ACTIVITY_STATE_VERIFIED;
  In(activity, verified, {"o:" + near_school_, "o:" + near_too});  // Two schools of one county.
  In(activity, verified, {"j:" + near_id_, "o:" + near_school_});  // A county and its school.
  In(activity, verified, {"o:" + near_school_, "o:" + guest});     // A school of neither county.
  EXPECT_EQ(OfTerm(city_id_).counted().activity_count(), 0);
  In(activity, verified, {"o:" + near_school_, "o:" + far_school_});
  In(activity, verified, {"j:" + near_id_, "o:" + far_school_});
  In(activity, verified, {"j:" + near_id_, "j:" + far_id_});
  const ActivityStatistics statistics = OfTerm(city_id_);
  EXPECT_EQ(statistics.counted().activity_count(), 3);
  EXPECT_THAT(Uncounted(statistics), ElementsAre("3 TOO_FEW_PARTIES"));
}

TEST_F(ResearchStatistics, OnlyWhoWasAMemberThatDayIsAParty) {
  const auto membership =
      service_.Query("SELECT id FROM membership WHERE organisation_id = '" + far_school_ + "'");
  type::v1::TransitionRequest end;
  end.set_id(membership->Text(0, 0));
  end.set_reason("退出");
  end.set_effective_on("2023-10-31");
  const auto ended = service_.Call<registry::Membership>("MembershipService/EndMembership", end);
  ASSERT_TRUE(ended.ok()) << Explain(ended.status());
  research_.CatchUp();
  Verified(Activity(research::JOINT_ACTIVITY_TYPE_LECTURE, "2023-10-31"));
  Verified(Activity(research::JOINT_ACTIVITY_TYPE_LECTURE, "2023-11-01"));
  const ActivityStatistics statistics = OfTerm(city_id_);
  EXPECT_EQ(statistics.counted().activity_count(), 1);
  EXPECT_THAT(Uncounted(statistics), ElementsAre("1 TOO_FEW_PARTIES"));
}

TEST_F(ResearchStatistics, PlacesCountWhatTheirsTakePartInAndReadersWhatTheyRead) {
  const std::string inside = Alliance(registry::ALLIANCE_TYPE_IN_COUNTY, near_id_);
  Join(inside, near_school_, registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  const std::string near_too = School("渭滨区第二小学", near_id_).id();
  Join(inside, near_too, registry::MEMBERSHIP_ROLE_MEMBER);
  research_.CatchUp();
  Verified(Activity(research::JOINT_ACTIVITY_TYPE_LECTURE));
  JointActivity own = Activity(research::JOINT_ACTIVITY_TYPE_LECTURE);
  own.set_alliance_id(inside);
  In(own, research::JOINT_ACTIVITY_STATE_VERIFIED, {"o:" + near_school_, "o:" + near_too});
  EXPECT_EQ(OfTerm(city_id_).counted().activity_count(), 2);
  EXPECT_EQ(OfTerm(near_id_).counted().activity_count(), 2);
  EXPECT_EQ(OfTerm(far_id_).counted().activity_count(), 1) << "its school is a party";
  EXPECT_EQ(OfTerm(near_id_, "near").counted().activity_count(), 2);
  GetActivityStatisticsRequest request;
  request.set_term_id(term_id_);
  request.set_jurisdiction_id(far_id_);
  EXPECT_TRUE(absl::IsNotFound(Ask(request, "near").status())) << "a place out of sight";
  EXPECT_TRUE(absl::IsPermissionDenied(Ask(request, "stranger").status()));
  request.clear_jurisdiction_id();
  request.set_alliance_id(inside);
  EXPECT_EQ(Must(Ask(request, "near")).counted().activity_count(), 1);
  EXPECT_EQ(Must(Ask(request, "far")).counted().activity_count(), 0) << "an alliance out of sight has none";
}

TEST_F(ResearchStatistics, AlliancesComeInPages) {
  std::vector<std::string> ids = {alliance_id_};
  for (int i = 0; i < 4; ++i) {
    ids.push_back(Alliance(registry::ALLIANCE_TYPE_CROSS_COUNTY, city_id_));
    Join(ids.back(), near_school_, registry::MEMBERSHIP_ROLE_LEAD_SCHOOL);
  }
  research_.CatchUp();
  for (const std::string& id : ids) {
    JointActivity activity = Activity(research::JOINT_ACTIVITY_TYPE_LECTURE);
    activity.set_alliance_id(id);
    In(activity, research::JOINT_ACTIVITY_STATE_PLANNED, {});
    In(activity, research::JOINT_ACTIVITY_STATE_PLANNED, {});
  }
  std::sort(ids.begin(), ids.end());
  GetActivityStatisticsRequest request;
  request.set_jurisdiction_id(city_id_);
  request.set_term_id(term_id_);
  request.set_alliance_page_size(2);
  std::vector<std::string> seen;
  for (bool more = true; more;) {
    const ActivityStatistics page = Must(Ask(request, "city"));
    EXPECT_EQ(Uncounted(page).front(), "10 PLANNED") << "totals are of all pages";
    for (const auto& alliance : page.alliances()) {
      seen.push_back(alliance.alliance_id());
      EXPECT_THAT(Rules(alliance.rule_inputs()), ElementsAre("BJ-01 0+2"));
    }
    more = page.more_alliances() && seen.size() < 10;
    if (!seen.empty()) request.set_after_alliance_id(seen.back());
  }
  EXPECT_EQ(seen, ids);
}

TEST_F(ResearchStatistics, AQuestionSaysWhereAndWhen) {
  const auto fields = [&](void (*fill)(GetActivityStatisticsRequest*)) {
    GetActivityStatisticsRequest request;
    request.set_jurisdiction_id(city_id_);
    request.set_term_id(term_id_);
    fill(&request);
    return FieldsOf(Ask(request).status());
  };
  EXPECT_EQ(fields([](auto* request) {}), "");
  EXPECT_EQ(fields([](auto* request) { request->clear_jurisdiction_id(); }), "jurisdictionId");
  EXPECT_EQ(fields([](auto* request) { request->clear_term_id(); }), "termId");
  EXPECT_EQ(fields([](auto* request) { request->set_from_on("2023-09-01"); }), "termId toOn");
  EXPECT_EQ(fields([](auto* request) {
              request->clear_term_id();
              request->set_from_on("2023-09-02");
              request->set_to_on("2023-09-01");
            }),
            "toOn");
  EXPECT_EQ(fields([](auto* request) { request->set_term_id("019aaaaa-0000-7000-8000-000000000000"); }),
            "termId");
}

TEST_F(ResearchStatistics, NothingIsNothing) {
  const ActivityStatistics statistics = OfTerm(city_id_);
  EXPECT_EQ(statistics.counted().activity_count(), 0);
  EXPECT_THAT(statistics.not_yet_counted(), IsEmpty());
  EXPECT_THAT(statistics.types(), IsEmpty());
  EXPECT_EQ(statistics.rule_inputs_size(), 6);
  EXPECT_FALSE(statistics.more_alliances());
}

}  // namespace
}  // namespace lianqiao::conformance
