// SPDX-License-Identifier: Apache-2.0
// Communities, studios, trainings, growth records and talent programmes over both services: who sees and
// writes them, what two callers at once cannot break, and the figures of the seeds.
#include <thread>

#include "absl/strings/str_cat.h"
#include "lianqiao/exchange/v1/development_statistics.pb.h"
#include "lianqiao/exchange/v1/growth_event.pb.h"
#include "lianqiao/exchange/v1/growth_record.pb.h"
#include "lianqiao/exchange/v1/research_community.pb.h"
#include "lianqiao/exchange/v1/research_community_member.pb.h"
#include "lianqiao/exchange/v1/studio.pb.h"
#include "lianqiao/exchange/v1/studio_campus.pb.h"
#include "lianqiao/exchange/v1/studio_member.pb.h"
#include "lianqiao/exchange/v1/studio_session.pb.h"
#include "lianqiao/exchange/v1/talent_cohort.pb.h"
#include "lianqiao/exchange/v1/talent_member.pb.h"
#include "lianqiao/exchange/v1/talent_programme.pb.h"
#include "lianqiao/exchange/v1/training.pb.h"
#include "lianqiao/exchange/v1/training_participant.pb.h"
#include "lianqiao/registry/v1/calendar.pb.h"
#include "tests/conformance/exchange_world.h"

namespace lianqiao::conformance {
namespace {

using ::testing::HasSubstr;

std::string Why(const absl::Status& status) {
  return base::FailureOf(status).ShortDebugString();
}

class ExchangeDevelopment : public ExchangeWorld {
 protected:
  exchange::DevelopmentStatistics Count(const std::string& from = "", const std::string& to = "",
                                        const std::string& alliance = "", const std::string& place = "") {
    exchange::GetDevelopmentStatisticsRequest request;
    request.set_jurisdiction_id(place.empty() ? city_id_ : place);
    request.set_from_date(from);
    request.set_to_date(to);
    request.set_alliance_id(alliance);
    return Must<exchange::DevelopmentStatistics>("DevelopmentStatisticsService/GetDevelopmentStatistics",
                                                 request);
  }
  // Both at once.
  template <typename First, typename Second>
  static std::pair<absl::Status, absl::Status> Together(const First& first, const Second& second) {
    absl::Status one, two;
    std::thread other([&] { one = first(); });
    two = second();
    other.join();
    return {one, two};
  }
  absl::Status Erase(const std::string& teacher_id) {
    type::v1::EraseRequest request;
    request.set_id(teacher_id);
    request.set_reason("本人申请");
    return exchange_.Call<exchange::Teacher>("TeacherService/EraseTeacher", request).status();
  }
};

class ExchangeStudios : public ExchangeDevelopment {
 protected:
  exchange::Studio NewStudio(const std::string& token = "near") {
    exchange::CreateStudioRequest request;
    request.mutable_studio()->set_name("渭滨区数学名师工作室");
    request.mutable_studio()->set_kind(exchange::STUDIO_KIND_MASTER_TEACHER);
    request.mutable_studio()->set_host_organisation_id(near_school_);
    request.mutable_studio()->set_level(exchange::DEVELOPMENT_LEVEL_CITY);
    return Must<exchange::Studio>("StudioService/CreateStudio", request, token);
  }
  absl::StatusOr<exchange::StudioMember> Join(const std::string& studio, const std::string& teacher,
                                              exchange::StudioRole role,
                                              const std::string& token = "operator",
                                              const std::string& joined_on = "") {
    exchange::CreateStudioMemberRequest request;
    request.mutable_studio_member()->set_studio_id(studio);
    request.mutable_studio_member()->set_teacher_id(teacher);
    request.mutable_studio_member()->set_role(role);
    request.mutable_studio_member()->set_joined_on(joined_on);
    return exchange_.Call<exchange::StudioMember>("StudioMemberService/CreateStudioMember", request, token);
  }
  absl::Status Cover(const std::string& studio, const std::string& organisation) {
    exchange::CreateStudioCampusRequest request;
    request.mutable_studio_campus()->set_studio_id(studio);
    request.mutable_studio_campus()->set_organisation_id(organisation);
    return exchange_.Call<exchange::StudioCampus>("StudioCampusService/CreateStudioCampus", request).status();
  }
  absl::Status Hold(const std::string& studio, int days_ago, int sessions, int person_times,
                    type::v1::Comparison comparison = type::v1::COMPARISON_UNSPECIFIED) {
    exchange::CreateStudioSessionRequest request;
    exchange::StudioSession& session = *request.mutable_studio_session();
    session.set_studio_id(studio);
    session.set_title("同课异构");
    session.set_held_on(Day(-days_ago));
    if (sessions > 0) session.set_session_count(sessions);
    if (person_times > 0) session.set_person_time_count(person_times);
    session.set_person_time_count_comparison(comparison);
    return exchange_.Call<exchange::StudioSession>("StudioSessionService/CreateStudioSession", request)
        .status();
  }
  absl::Status See(const std::string& studio, const std::string& token) {
    return Read<exchange::Studio>("Studio", studio, token).status();
  }
  absl::Status Describe(const std::string& studio, const std::string& token) {
    exchange::UpdateStudioRequest request;
    request.mutable_studio()->set_id(studio);
    request.mutable_studio()->set_description("由" + token + "改");
    return exchange_.Call<exchange::Studio>("StudioService/UpdateStudio", request, token).status();
  }
};

TEST_F(ExchangeStudios, TheSchoolsOfPresentMembersReadAStudio) {
  const auto studio = NewStudio();
  EXPECT_TRUE(absl::IsNotFound(See(studio.id(), "far")));
  const auto teacher = Teacher(far_school_);
  const auto member = Join(studio.id(), teacher.id(), exchange::STUDIO_ROLE_TRAINEE, "near");
  ASSERT_TRUE(member.ok()) << member.status();
  EXPECT_TRUE(See(studio.id(), "far").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Describe(studio.id(), "far")));
  EXPECT_TRUE(Read<exchange::StudioMember>("StudioMember", member->id(), "far").ok());
  // The teacher moves to another county: the new school reads it, the former one no more.
  exchange::UpdateTeacherRequest move;
  move.mutable_teacher()->set_id(teacher.id());
  move.mutable_teacher()->set_school_id(near_rural_);
  move.mutable_teacher()->set_at_school_since(Day(-5));
  Must<exchange::Teacher>("TeacherService/UpdateTeacher", move);
  EXPECT_TRUE(absl::IsNotFound(See(studio.id(), "far")));
  move.mutable_teacher()->set_school_id(far_rural_);
  move.mutable_teacher()->set_at_school_since(Day(0));
  Must<exchange::Teacher>("TeacherService/UpdateTeacher", move);
  EXPECT_TRUE(See(studio.id(), "far").ok());
  ASSERT_TRUE(Step<exchange::StudioMember>("StudioMember", "End", member->id(), "near").ok());
  EXPECT_TRUE(absl::IsNotFound(See(studio.id(), "far"))) << "no member any more";
}

TEST_F(ExchangeStudios, TheOwnersSchoolWritesAStudio) {
  const auto studio = NewStudio();
  ASSERT_TRUE(Join(studio.id(), Teacher(far_school_).id(), exchange::STUDIO_ROLE_OWNER).ok());
  EXPECT_TRUE(Describe(studio.id(), "far").ok());
  EXPECT_TRUE(Describe(studio.id(), "near").ok());
}

TEST_F(ExchangeStudios, AStudioOpensUnderItsOneOwner) {
  const auto studio = NewStudio();
  const auto activate = [&] { return Step<exchange::Studio>("Studio", "Activate", studio.id()).status(); };
  EXPECT_THAT(Why(activate()), HasSubstr("exactly one"));
  EXPECT_FALSE(Hold(studio.id(), 1, 0, 0).ok()) << "it is not open";
  const std::string first = Teacher(near_school_).id();
  const std::string second = Teacher(near_school_).id();
  const auto [one, two] =
      Together([&] { return Join(studio.id(), first, exchange::STUDIO_ROLE_OWNER).status(); },
               [&] { return Join(studio.id(), second, exchange::STUDIO_ROLE_OWNER).status(); });
  EXPECT_NE(one.ok(), two.ok()) << one << " and " << two;
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM studio_member WHERE role = 'STUDIO_ROLE_OWNER'"), 1);
  EXPECT_TRUE(activate().ok());
  EXPECT_THAT(Why(Join(studio.id(), one.ok() ? second : first, exchange::STUDIO_ROLE_OWNER).status()),
              HasSubstr("role"));
  EXPECT_TRUE(Join(studio.id(), one.ok() ? second : first, exchange::STUDIO_ROLE_MEMBER).ok());
  EXPECT_THAT(Why(Join(studio.id(), one.ok() ? first : second, exchange::STUDIO_ROLE_MEMBER).status()),
              HasSubstr("OVERLAPS"))
      << "the owner is in it already";
}

TEST_F(ExchangeStudios, CoverSchoolsAndCountWhatTheyHold) {
  const auto studio = NewStudio();
  ASSERT_TRUE(Join(studio.id(), Teacher(near_school_).id(), exchange::STUDIO_ROLE_OWNER).ok());
  ASSERT_TRUE(Step<exchange::Studio>("Studio", "Activate", studio.id(), "near", Day(-200)).ok());
  EXPECT_TRUE(Cover(studio.id(), near_rural_).ok());
  EXPECT_TRUE(Cover(studio.id(), far_rural_).ok());
  EXPECT_THAT(Why(Cover(studio.id(), far_rural_)), HasSubstr("OVERLAPS"));
  registry::CreateOrganisationRequest unit = NewSchool("渭滨区教研室", near_id_);
  unit.mutable_organisation()->set_kind(registry::ORGANISATION_KIND_AFFILIATED_BODY);
  unit.mutable_organisation()->clear_stages();
  const auto office = service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", unit);
  ASSERT_TRUE(office.ok()) << office.status();
  exchange_.CatchUp();
  EXPECT_THAT(Why(Cover(studio.id(), office->id())), HasSubstr("organisationId"));
  const auto member =
      Join(studio.id(), Teacher(far_rural_).id(), exchange::STUDIO_ROLE_TRAINEE, "operator", Day(-100));
  ASSERT_TRUE(member.ok()) << member.status();
  EXPECT_TRUE(Hold(studio.id(), 150, 5, 200).ok());
  EXPECT_TRUE(Hold(studio.id(), 20, 0, 80, type::v1::COMPARISON_MORE_THAN).ok());
  EXPECT_TRUE(Hold(studio.id(), 10, 0, 0).ok());
  EXPECT_FALSE(Hold(studio.id(), 201, 0, 0).ok()) << "before it opened";
  const auto all = Count();
  ASSERT_EQ(all.studios_size(), 1);
  EXPECT_EQ(all.studios(0).kind(), exchange::STUDIO_KIND_MASTER_TEACHER);
  EXPECT_EQ(all.studios(0).studio_count(), 1);
  EXPECT_EQ(all.studios(0).distinct_member_count(), 2);
  EXPECT_EQ(all.studios(0).distinct_campus_count(), 2);
  EXPECT_EQ(all.studios(0).session_count(), 7);
  EXPECT_EQ(all.studios(0).person_time_count().value(), 280);
  EXPECT_EQ(all.studios(0).person_time_count().comparison(), type::v1::COMPARISON_MORE_THAN);
  EXPECT_EQ(all.studios(0).person_time_count().record_count(), 2);
  const auto early = Count(Day(-180), Day(-120));
  EXPECT_EQ(early.studios(0).distinct_member_count(), 1) << "the trainee came later";
  EXPECT_EQ(early.studios(0).session_count(), 5);
  EXPECT_EQ(early.studios(0).person_time_count().comparison(), type::v1::COMPARISON_EQUAL);
  EXPECT_EQ(Count("", "", "", far_id_).studios_size(), 0) << "it is kept in the other county";
}

class ExchangeCommunities : public ExchangeDevelopment {
 protected:
  absl::StatusOr<exchange::ResearchCommunity> Found(exchange::ResearchCommunityKind kind,
                                                    const std::string& league = "") {
    exchange::CreateResearchCommunityRequest request;
    request.mutable_research_community()->set_name("宝鸡市名师联盟");
    request.mutable_research_community()->set_kind(kind);
    request.mutable_research_community()->set_jurisdiction_id(city_id_);
    request.mutable_research_community()->set_league_id(league);
    return exchange_.Call<exchange::ResearchCommunity>("ResearchCommunityService/CreateResearchCommunity",
                                                       request, "city");
  }
  absl::StatusOr<exchange::ResearchCommunityMember> Join(const std::string& community,
                                                         const std::string& teacher,
                                                         exchange::CommunityRole role) {
    exchange::CreateResearchCommunityMemberRequest request;
    request.mutable_research_community_member()->set_research_community_id(community);
    request.mutable_research_community_member()->set_teacher_id(teacher);
    request.mutable_research_community_member()->set_role(role);
    request.mutable_research_community_member()->set_joined_on(Day(-30));
    return exchange_.Call<exchange::ResearchCommunityMember>(
        "ResearchCommunityMemberService/CreateResearchCommunityMember", request);
  }
};

TEST_F(ExchangeCommunities, CrossCountiesUnderALeaderWhoseSchoolWrites) {
  const auto league = Found(exchange::RESEARCH_COMMUNITY_KIND_MASTER_TEACHER_LEAGUE);
  ASSERT_TRUE(league.ok()) << league.status();
  const auto community = Found(exchange::RESEARCH_COMMUNITY_KIND_MASTER_LED, league->id());
  ASSERT_TRUE(community.ok()) << community.status();
  EXPECT_THAT(Why(Found(exchange::RESEARCH_COMMUNITY_KIND_MASTER_LED, community->id()).status()),
              HasSubstr("leagueId"));
  const auto see = [&](const std::string& token) {
    return Read<exchange::ResearchCommunity>("ResearchCommunity", community->id(), token).status();
  };
  for (const char* token : {"near", "far", "school"}) EXPECT_TRUE(absl::IsNotFound(see(token))) << token;
  EXPECT_THAT(
      Why(Step<exchange::ResearchCommunity>("ResearchCommunity", "Activate", community->id()).status()),
      HasSubstr("exactly one"));
  ASSERT_TRUE(Join(community->id(), Teacher(far_school_).id(), exchange::COMMUNITY_ROLE_LEADER).ok());
  ASSERT_TRUE(Join(community->id(), Teacher(near_school_).id(), exchange::COMMUNITY_ROLE_MEMBER).ok());
  for (const char* token : {"near", "far", "school"}) EXPECT_TRUE(see(token).ok()) << token;
  EXPECT_TRUE(absl::IsPermissionDenied(
      Step<exchange::ResearchCommunity>("ResearchCommunity", "Activate", community->id(), "near").status()));
  EXPECT_TRUE(
      Step<exchange::ResearchCommunity>("ResearchCommunity", "Activate", community->id(), "far", Day(-30))
          .ok())
      << "the leader's own county";
  const auto counted = Count(Day(-10), Day(0));
  ASSERT_EQ(counted.communities_size(), 1) << "the league is only planned";
  EXPECT_EQ(counted.communities(0).kind(), exchange::RESEARCH_COMMUNITY_KIND_MASTER_LED);
  EXPECT_EQ(counted.communities(0).community_count(), 1);
  EXPECT_EQ(counted.communities(0).distinct_member_count(), 2);
  EXPECT_EQ(Count(Day(-60), Day(-31)).communities_size(), 0) << "before it was founded";
}

class ExchangeTrainings : public ExchangeDevelopment {
 protected:
  ExchangeTrainings() {
    registry::CreateTermRequest request;
    request.mutable_term()->set_key("2026-2027-1");
    request.mutable_term()->set_school_year_id(school_year_id_);
    request.mutable_term()->set_number(1);
    request.mutable_term()->set_starts_on("2026-09-01");
    request.mutable_term()->set_ends_on("2027-01-31");
    const auto term = service_.Call<registry::Term>("TermService/CreateTerm", request);
    EXPECT_TRUE(term.ok()) << term.status();
    term_id_ = term.ok() ? term->id() : "";
    exchange_.CatchUp();
  }
  exchange::CreateTrainingRequest NewTraining(exchange::TrainingKind kind) {
    exchange::CreateTrainingRequest request;
    exchange::Training& training = *request.mutable_training();
    training.set_title("第二学区培训");
    training.set_kind(kind);
    training.set_audience(exchange::TRAINING_AUDIENCE_TOWN_TEACHERS);
    training.set_host_organisation_id(near_school_);
    training.set_alliance_id(alliance_id_);
    training.set_jurisdiction_id(near_id_);
    training.set_term_id(term_id_);
    training.set_started_on("2026-10-12");
    training.set_ended_on("2026-10-14");
    return request;
  }
  exchange::Training Make(const exchange::CreateTrainingRequest& request,
                          const std::string& token = "operator") {
    return Must<exchange::Training>("TrainingService/CreateTraining", request, token);
  }
  absl::Status Take(const std::string& verb, const std::string& id, const std::string& token = "operator") {
    return Step<exchange::Training>("Training", verb, id, token).status();
  }
  void Verify(const exchange::CreateTrainingRequest& request) {
    const std::string id = Make(request).id();
    for (const char* verb : {"Hold", "Report", "Verify"}) {
      const absl::Status taken = Take(verb, id);
      EXPECT_TRUE(taken.ok()) << verb << ": " << taken;
    }
  }
  absl::StatusOr<exchange::TrainingParticipant> Join(const std::string& training, const std::string& teacher,
                                                     const std::string& token = "operator") {
    exchange::CreateTrainingParticipantRequest request;
    request.mutable_training_participant()->set_training_id(training);
    request.mutable_training_participant()->set_teacher_id(teacher);
    request.mutable_training_participant()->set_certificate_number("证字第7号");
    return exchange_.Call<exchange::TrainingParticipant>(
        "TrainingParticipantService/CreateTrainingParticipant", request, token);
  }
  std::string term_id_;
};

TEST_F(ExchangeTrainings, TheAuthorityAndNotTheHostVerifies) {
  const auto training = Make(NewTraining(exchange::TRAINING_KIND_SHADOWING), "school");
  EXPECT_TRUE(absl::IsFailedPrecondition(Take("Report", training.id(), "school"))) << "not held yet";
  EXPECT_TRUE(Take("Hold", training.id(), "school").ok());
  EXPECT_THAT(Why(Take("Report", training.id(), "school")), HasSubstr("distinctPersonCount"));
  exchange::UpdateTrainingRequest figures;
  figures.mutable_training()->set_id(training.id());
  figures.mutable_training()->set_distinct_person_count(80);
  figures.mutable_training()->set_distinct_person_count_comparison(type::v1::COMPARISON_MORE_THAN);
  const auto change = [&](const std::string& token) {
    return exchange_.Call<exchange::Training>("TrainingService/UpdateTraining", figures, token).status();
  };
  ASSERT_TRUE(change("school").ok());
  EXPECT_TRUE(Take("Report", training.id(), "school").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Take("Verify", training.id(), "school")));
  EXPECT_TRUE(absl::IsPermissionDenied(Take("Verify", training.id(), "far"))) << "a party of the alliance";
  figures.mutable_training()->set_day_count(3);
  EXPECT_THAT(Why(change("school")), HasSubstr("what is reported"));
  EXPECT_TRUE(Take("Reject", training.id(), "near").ok());
  EXPECT_TRUE(change("school").ok());
  EXPECT_TRUE(Take("Report", training.id(), "school").ok());
  EXPECT_EQ(Count().unverified_training_count(), 1);
  EXPECT_EQ(Count().trainings_size(), 0);
  EXPECT_TRUE(Take("Verify", training.id(), "near").ok());
  EXPECT_EQ(Count().unverified_training_count(), 0);
  EXPECT_EQ(Count().trainings_size(), 1);
  type::v1::DeleteRequest remove;
  remove.set_id(training.id());
  const auto deleted = [&] {
    return exchange_.Call<exchange::Training>("TrainingService/DeleteTraining", remove).status();
  };
  EXPECT_TRUE(absl::IsFailedPrecondition(deleted()));
  EXPECT_TRUE(absl::IsPermissionDenied(Take("Reject", training.id(), "school")));
  EXPECT_TRUE(Take("Reject", training.id(), "near").ok()) << "it was found false afterwards";
  EXPECT_EQ(Read<exchange::Training>("Training", training.id())->verified_on(), "");
  EXPECT_EQ(Count().trainings_size(), 0);
  EXPECT_TRUE(Take("Report", training.id(), "school").ok());
  EXPECT_TRUE(Take("Reject", training.id(), "near").ok());
  EXPECT_TRUE(deleted().ok());
}

TEST_F(ExchangeTrainings, ABatchOfWhoMayNotImportLeavesWhatWasVerified) {
  auto request = NewTraining(exchange::TRAINING_KIND_SHADOWING);
  request.mutable_training()->set_distinct_person_count(80);
  const auto training = Make(request, "near");
  for (const char* step : {"Hold", "Report", "Verify"}) ASSERT_TRUE(Take(step, training.id(), "near").ok());
  const auto upsert = [&](const char* token) {
    auto verified = Read<exchange::Training>("Training", training.id(), token);
    EXPECT_TRUE(verified.ok()) << verified.status();
    verified->set_distinct_person_count(800);
    exchange::BatchUpsertTrainingsRequest batch;
    *batch.add_trainings() = *verified;
    return Must<exchange::BatchUpsertTrainingsResponse>("TrainingService/BatchUpsertTrainings", batch, token)
        .results(0)
        .outcome();
  };
  EXPECT_EQ(upsert("clerk"), type::v1::UpsertResult::REFUSED);
  EXPECT_EQ(upsert("near"), type::v1::UpsertResult::UPDATED);
}

TEST_F(ExchangeTrainings, WhoHasNoPartInAnAllianceDoesNotWriteForIt) {
  auto request = NewTraining(exchange::TRAINING_KIND_TEACHING);
  request.mutable_training()->set_host_organisation_id(far_school_);
  request.mutable_training()->set_jurisdiction_id(far_id_);
  exchange_.AddCaller(
      "outsider",
      access::testing::MakeCaller(
          {access::testing::MakeGrant("*", access::ScopeKind::kOrganisation, far_school_)}, far_school_));
  EXPECT_THAT(
      Why(exchange_.Call<exchange::Training>("TrainingService/CreateTraining", request, "outsider").status()),
      HasSubstr("allianceId"));
  request.mutable_training()->clear_alliance_id();
  request.mutable_training()->set_jurisdiction_id(near_id_);
  EXPECT_THAT(
      Why(exchange_.Call<exchange::Training>("TrainingService/CreateTraining", request, "outsider").status()),
      HasSubstr("jurisdictionId"))
      << "the host does not choose who verifies";
  request.mutable_training()->set_jurisdiction_id(far_id_);
  const auto own = exchange_.Call<exchange::Training>("TrainingService/CreateTraining", request, "outsider");
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_TRUE(absl::IsNotFound(Read<exchange::Training>("Training", own->id(), "near").status()));
  const auto shared = Make(NewTraining(exchange::TRAINING_KIND_TEACHING));
  EXPECT_TRUE(Read<exchange::Training>("Training", shared.id(), "far").ok()) << "a party of the alliance";
  EXPECT_TRUE(absl::IsNotFound(Read<exchange::Training>("Training", shared.id(), "outsider").status()));
}

TEST_F(ExchangeTrainings, TheFiguresOfTheSecondSchoolDistrict) {
  auto exam = NewTraining(exchange::TRAINING_KIND_COMMON_KNOWLEDGE_TEST);
  exam.mutable_training()->set_audience(exchange::TRAINING_AUDIENCE_WEAK_SUBJECT_TEACHERS);
  exam.mutable_training()->set_distinct_person_count(38);
  exam.mutable_training()->set_person_time_count(38);
  Verify(exam);
  auto several = NewTraining(exchange::TRAINING_KIND_SEVERAL);
  several.mutable_training()->set_audience(exchange::TRAINING_AUDIENCE_ALL_TEACHERS);
  several.mutable_training()->set_training_count(4);
  several.mutable_training()->set_day_count(11);
  several.mutable_training()->set_person_time_count(300);
  several.mutable_training()->set_person_time_count_comparison(type::v1::COMPARISON_MORE_THAN);
  several.mutable_training()->set_reached_pupil_count(1177);
  Verify(several);
  for (const int persons : {30, 50}) {
    auto shadowing = NewTraining(exchange::TRAINING_KIND_SHADOWING);
    shadowing.mutable_training()->set_distinct_person_count(persons);
    if (persons == 50)
      shadowing.mutable_training()->set_distinct_person_count_comparison(type::v1::COMPARISON_MORE_THAN);
    Verify(shadowing);
  }
  Make(NewTraining(exchange::TRAINING_KIND_INDUCTION));  // Planned only.
  const auto counted = Count("2026-09-01", "2027-01-31", alliance_id_);
  ASSERT_EQ(counted.trainings_size(), 3);
  for (const auto& entry : counted.trainings()) {
    const bool is_exam = entry.kind() == exchange::TRAINING_KIND_COMMON_KNOWLEDGE_TEST;
    const bool is_several = entry.kind() == exchange::TRAINING_KIND_SEVERAL;
    EXPECT_EQ(entry.training_count(), is_exam ? 1 : is_several ? 4 : 2);
    EXPECT_EQ(entry.day_count(), is_several ? 11 : 0);
    EXPECT_EQ(entry.person_count().value(), is_exam ? 38 : is_several ? 0 : 80);
    EXPECT_EQ(entry.person_count().comparison(), is_exam      ? type::v1::COMPARISON_EQUAL
                                                 : is_several ? type::v1::COMPARISON_UNSPECIFIED
                                                              : type::v1::COMPARISON_MORE_THAN);
    EXPECT_EQ(entry.reached_pupil_count().value(), is_several ? 1177 : 0);
    EXPECT_EQ(entry.person_time_count().value(), is_exam ? 38 : is_several ? 300 : 0);
  }
  EXPECT_EQ(counted.unverified_training_count(), 1);
  EXPECT_EQ(Count("2026-10-13", "").trainings_size(), 0) << "counted where they began";
  EXPECT_EQ(Count("", "", "", far_id_).trainings_size(), 0);
}

TEST_F(ExchangeTrainings, ParticipantsNeverOutnumberTheFigure) {
  auto request = NewTraining(exchange::TRAINING_KIND_TEACHING);
  request.mutable_training()->set_distinct_person_count(1);
  const auto training = Make(request);
  const std::string first = Teacher(near_school_).id();
  const std::string second = Teacher(far_school_).id();
  const auto [one, two] = Together([&] { return Join(training.id(), first).status(); },
                                   [&] { return Join(training.id(), second).status(); });
  EXPECT_NE(one.ok(), two.ok()) << one << " and " << two;
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM training_participant"), 1);
  exchange::UpdateTrainingRequest figures;
  figures.mutable_training()->set_id(training.id());
  figures.mutable_training()->set_distinct_person_count(0);
  figures.mutable_update_mask()->add_paths("distinct_person_count");
  EXPECT_THAT(Why(exchange_.Call<exchange::Training>("TrainingService/UpdateTraining", figures).status()),
              HasSubstr("distinctPersonCount"));
}

TEST_F(ExchangeTrainings, AParticipantIsReadAtHomeAndErasedWithTheTeacher) {
  auto request = NewTraining(exchange::TRAINING_KIND_TEACHING);
  request.mutable_training()->clear_alliance_id();
  const auto training = Make(request);
  const auto teacher = Teacher(far_school_);
  const auto participant = Join(training.id(), teacher.id());
  ASSERT_TRUE(participant.ok()) << participant.status();
  const auto read = [&](const std::string& token) {
    return Read<exchange::TrainingParticipant>("TrainingParticipant", participant->id(), token);
  };
  EXPECT_TRUE(absl::IsNotFound(Read<exchange::Training>("Training", training.id(), "far").status()));
  ASSERT_TRUE(read("far").ok());
  EXPECT_EQ(read("far")->certificate_number(), "证字第7号");
  EXPECT_EQ(read("clerk")->certificate_number(), "");
  ASSERT_TRUE(Erase(teacher.id()).ok());
  EXPECT_EQ(read("near")->certificate_number(), "");
  EXPECT_TRUE(read("near")->has_erase_time());
  EXPECT_EQ(read("near")->teacher_id(), teacher.id()) << "counts stay right";
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM revision WHERE position(convert_to('证字第7号', 'UTF8') IN"
                          " state) > 0"),
            0);
}

class ExchangeGrowth : public ExchangeDevelopment {
 protected:
  absl::StatusOr<exchange::GrowthRecord> Open(const std::string& teacher, const std::string& token = "near") {
    exchange::CreateGrowthRecordRequest request;
    request.mutable_growth_record()->set_teacher_id(teacher);
    request.mutable_growth_record()->set_school_year_id(school_year_id_);
    request.mutable_growth_record()->set_plan(exchange::GROWTH_PLAN_RURAL_YOUNG_TEACHER);
    request.mutable_growth_record()->set_goals("三年成为骨干");
    return exchange_.Call<exchange::GrowthRecord>("GrowthRecordService/CreateGrowthRecord", request, token);
  }
  absl::StatusOr<exchange::GrowthEvent> Add(const std::string& record, const std::string& day,
                                            const std::string& token = "near") {
    exchange::CreateGrowthEventRequest request;
    request.mutable_growth_event()->set_growth_record_id(record);
    request.mutable_growth_event()->set_kind(exchange::GROWTH_EVENT_KIND_AWARD);
    request.mutable_growth_event()->set_happened_on(day);
    request.mutable_growth_event()->set_title("教学能手");
    request.mutable_growth_event()->add_evidence()->set_title("证书");
    return exchange_.Call<exchange::GrowthEvent>("GrowthEventService/CreateGrowthEvent", request, token);
  }
  absl::Status Note(const std::string& record, const std::string& note) {
    exchange::UpdateGrowthRecordRequest request;
    request.mutable_growth_record()->set_id(record);
    request.mutable_growth_record()->set_yearly_note(note);
    return exchange_.Call<exchange::GrowthRecord>("GrowthRecordService/UpdateGrowthRecord", request, "near")
        .status();
  }
};

TEST_F(ExchangeGrowth, AYearIsWrittenClosedAndReopened) {
  const auto teacher = Teacher(near_rural_);
  const auto record = Open(teacher.id());
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_TRUE(absl::IsAlreadyExists(Open(teacher.id()).status()));
  const auto event = Add(record->id(), "2026-10-08");
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_THAT(Why(Add(record->id(), "2026-08-31").status()), HasSubstr("happenedOn"));
  const auto take = [&](const std::string& verb) {
    return Step<exchange::GrowthRecord>("GrowthRecord", verb, record->id(), "near").status();
  };
  EXPECT_THAT(Why(take("Close")), HasSubstr("yearlyNote"));
  ASSERT_TRUE(Note(record->id(), "进步明显").ok());
  ASSERT_TRUE(take("Close").ok());
  EXPECT_THAT(Why(Note(record->id(), "另一说法")), HasSubstr("reopen"));
  EXPECT_THAT(Why(Add(record->id(), "2026-10-09").status()), HasSubstr("growthRecordId"));
  type::v1::DeleteRequest remove;
  remove.set_id(event->id());
  const auto deleted = [&] {
    return exchange_.Call<exchange::GrowthEvent>("GrowthEventService/DeleteGrowthEvent", remove).status();
  };
  EXPECT_TRUE(absl::IsFailedPrecondition(deleted()));
  ASSERT_TRUE(take("Reopen").ok());
  EXPECT_TRUE(deleted().ok());
}

TEST_F(ExchangeGrowth, GoesWithTheTeacherAndIsErasedWithTheTeacher) {
  const auto teacher = Teacher(near_rural_);
  const auto record = Open(teacher.id());
  ASSERT_TRUE(record.ok()) << record.status();
  const auto event = Add(record->id(), "2026-10-08");
  ASSERT_TRUE(event.ok()) << event.status();
  const auto read = [&](const std::string& token) {
    return Read<exchange::GrowthEvent>("GrowthEvent", event->id(), token);
  };
  EXPECT_TRUE(absl::IsNotFound(read("far").status()));
  EXPECT_FALSE(Open(teacher.id(), "far").ok());
  const auto masked = read("clerk");
  ASSERT_TRUE(masked.ok()) << masked.status();
  EXPECT_EQ(masked->title(), "");
  EXPECT_EQ(masked->evidence_size(), 0);
  exchange::UpdateTeacherRequest move;
  move.mutable_teacher()->set_id(teacher.id());
  move.mutable_teacher()->set_school_id(far_rural_);
  move.mutable_teacher()->set_at_school_since(Day(0));
  Must<exchange::Teacher>("TeacherService/UpdateTeacher", move);
  EXPECT_TRUE(absl::IsNotFound(read("near").status()));
  ASSERT_TRUE(read("far").ok());
  EXPECT_EQ(read("far")->title(), "教学能手");
  ASSERT_TRUE(Erase(teacher.id()).ok());
  EXPECT_EQ(read("far")->title(), "");
  EXPECT_EQ(read("far")->evidence_size(), 0);
  EXPECT_EQ(read("far")->kind(), exchange::GROWTH_EVENT_KIND_AWARD);
  for (const char* text : {"教学能手", "三年成为骨干", "证书"})
    EXPECT_EQ(ExchangeCount(absl::StrCat("SELECT count(*) FROM revision WHERE position(convert_to('", text,
                                         "', 'UTF8') IN state) > 0")),
              0)
        << text;
}

class ExchangeTalent : public ExchangeDevelopment {
 protected:
  absl::StatusOr<exchange::TalentProgramme> Launch(exchange::TalentProgrammeKind kind,
                                                   const std::string& parent = "") {
    exchange::CreateTalentProgrammeRequest request;
    request.mutable_talent_programme()->set_name("大先生培养计划");
    request.mutable_talent_programme()->set_kind(kind);
    request.mutable_talent_programme()->set_jurisdiction_id(city_id_);
    request.mutable_talent_programme()->set_parent_programme_id(parent);
    request.mutable_talent_programme()->set_state(exchange::GROUP_STATE_ACTIVE);
    request.mutable_talent_programme()->set_started_on("2024-01-01");
    return exchange_.Call<exchange::TalentProgramme>("TalentProgrammeService/CreateTalentProgramme", request);
  }
  absl::StatusOr<exchange::TalentCohort> Add(
      const std::string& programme, int batch, exchange::TalentGroup group, int persons,
      type::v1::Comparison comparison = type::v1::COMPARISON_UNSPECIFIED) {
    exchange::CreateTalentCohortRequest request;
    request.mutable_talent_cohort()->set_talent_programme_id(programme);
    request.mutable_talent_cohort()->set_batch_number(batch);
    request.mutable_talent_cohort()->set_target_group(group);
    request.mutable_talent_cohort()->set_distinct_person_count(persons);
    request.mutable_talent_cohort()->set_distinct_person_count_comparison(comparison);
    return exchange_.Call<exchange::TalentCohort>("TalentCohortService/CreateTalentCohort", request);
  }
  absl::StatusOr<exchange::TalentMember> Join(const exchange::TalentCohort& cohort,
                                              const std::string& teacher) {
    exchange::CreateTalentMemberRequest request;
    request.mutable_talent_member()->set_talent_programme_id(cohort.talent_programme_id());
    request.mutable_talent_member()->set_talent_cohort_id(cohort.id());
    request.mutable_talent_member()->set_teacher_id(teacher);
    return exchange_.Call<exchange::TalentMember>("TalentMemberService/CreateTalentMember", request);
  }
};

TEST_F(ExchangeTalent, FiguresOfFutianAndChangyi) {
  const auto whole = Launch(exchange::TALENT_PROGRAMME_KIND_NAMED_TEACHERS);
  ASSERT_TRUE(whole.ok()) << whole.status();
  const auto project = Launch(exchange::TALENT_PROGRAMME_KIND_PRINCIPALS, whole->id());
  ASSERT_TRUE(project.ok()) << project.status();
  EXPECT_THAT(Why(Launch(exchange::TALENT_PROGRAMME_KIND_PRINCIPALS, project->id()).status()),
              HasSubstr("parentProgrammeId"));
  ASSERT_TRUE(Add(project->id(), 1, exchange::TALENT_GROUP_PRINCIPALS_AND_RESERVES, 113).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(
      Add(project->id(), 1, exchange::TALENT_GROUP_PRINCIPALS_AND_RESERVES, 113).status()));
  ASSERT_TRUE(Add(whole->id(), 1, exchange::TALENT_GROUP_TEACHERS, 155).ok());
  ASSERT_TRUE(Add(whole->id(), 1, exchange::TALENT_GROUP_NEW_TEACHERS, 2000).ok());
  ASSERT_TRUE(
      Add(whole->id(), 0, exchange::TALENT_GROUP_NAMED_TEACHERS, 40, type::v1::COMPARISON_MORE_THAN).ok());
  const auto counted = Count();
  ASSERT_EQ(counted.talent_programmes_size(), 4);
  for (const auto& entry : counted.talent_programmes()) {
    const bool principals = entry.target_group() == exchange::TALENT_GROUP_PRINCIPALS_AND_RESERVES;
    const bool teachers = entry.target_group() == exchange::TALENT_GROUP_TEACHERS;
    const bool named = entry.target_group() == exchange::TALENT_GROUP_NAMED_TEACHERS;
    EXPECT_EQ(entry.kind(), principals ? exchange::TALENT_PROGRAMME_KIND_PRINCIPALS
                                       : exchange::TALENT_PROGRAMME_KIND_NAMED_TEACHERS);
    EXPECT_EQ(entry.person_count().value(), principals ? 113 : teachers ? 155 : named ? 40 : 2000);
    EXPECT_EQ(entry.person_count().comparison(),
              named ? type::v1::COMPARISON_MORE_THAN : type::v1::COMPARISON_EQUAL);
    EXPECT_EQ(entry.cohort_count(), 1);
  }
  EXPECT_EQ(Count("2020-01-01", "2023-12-31").talent_programmes_size(), 0) << "not launched yet";
  EXPECT_EQ(Count("", "", alliance_id_).talent_programmes_size(), 0) << "of no alliance";
}

TEST_F(ExchangeTalent, NobodyIsHonouredAfterAFailedYear) {
  const std::string teacher = Teacher(near_school_).id();
  Ethics(teacher, 2025, exchange::ETHICS_OUTCOME_FAILED);
  for (const auto kind :
       {exchange::TALENT_PROGRAMME_KIND_RURAL_TEACHER_HONOURS, exchange::TALENT_PROGRAMME_KIND_NAMED_TEACHERS,
        exchange::TALENT_PROGRAMME_KIND_RURAL_TITLE_QUOTA}) {
    const auto cohort = Add(Launch(kind)->id(), 1, exchange::TALENT_GROUP_TEACHERS, 10);
    ASSERT_TRUE(cohort.ok()) << cohort.status();
    EXPECT_THAT(Why(Join(*cohort, teacher).status()), HasSubstr("teacherId")) << kind;
  }
  const auto open = Add(Launch(exchange::TALENT_PROGRAMME_KIND_BACKBONE_TEACHERS)->id(), 1,
                        exchange::TALENT_GROUP_TEACHERS, 10);
  EXPECT_TRUE(Join(*open, teacher).ok()) << "learning is open to everybody";
}

TEST_F(ExchangeTalent, NobodyBecomesHonouredByAnotherKindOfTheProgramme) {
  const std::string teacher = Teacher(near_school_).id();
  Ethics(teacher, 2025, exchange::ETHICS_OUTCOME_FAILED);
  const auto programme = Launch(exchange::TALENT_PROGRAMME_KIND_BACKBONE_TEACHERS);
  ASSERT_TRUE(programme.ok()) << programme.status();
  const auto turn = [&](exchange::TalentProgrammeKind kind) {
    exchange::UpdateTalentProgrammeRequest request;
    request.mutable_talent_programme()->set_id(programme->id());
    request.mutable_talent_programme()->set_kind(kind);
    return exchange_.Call<exchange::TalentProgramme>("TalentProgrammeService/UpdateTalentProgramme", request)
        .status();
  };
  EXPECT_TRUE(turn(exchange::TALENT_PROGRAMME_KIND_PRINCIPALS).ok()) << "nobody is in it";
  const auto cohort = Add(programme->id(), 1, exchange::TALENT_GROUP_TEACHERS, 10);
  ASSERT_TRUE(cohort.ok()) << cohort.status();
  ASSERT_TRUE(Join(*cohort, teacher).ok());
  EXPECT_THAT(Why(turn(exchange::TALENT_PROGRAMME_KIND_NAMED_TEACHERS)), HasSubstr("kind"));
}

TEST_F(ExchangeTalent, MembersFitTheirCohort) {
  const auto programme = Launch(exchange::TALENT_PROGRAMME_KIND_BACKBONE_TEACHERS);
  ASSERT_TRUE(programme.ok()) << programme.status();
  const auto cohort = Add(programme->id(), 1, exchange::TALENT_GROUP_BACKBONE_TEACHERS, 1);
  ASSERT_TRUE(cohort.ok()) << cohort.status();
  const std::string first = Teacher(near_school_).id();
  const std::string second = Teacher(far_school_).id();
  const auto see = [&](const std::string& token) {
    return Read<exchange::TalentProgramme>("TalentProgramme", programme->id(), token).status();
  };
  EXPECT_TRUE(absl::IsNotFound(see("near")));
  const auto [one, two] =
      Together([&] { return Join(*cohort, first).status(); }, [&] { return Join(*cohort, second).status(); });
  EXPECT_NE(one.ok(), two.ok()) << one << " and " << two;
  EXPECT_EQ(see("near").ok(), one.ok());
  EXPECT_EQ(see("far").ok(), two.ok()) << "the member's own county reads the programme";
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM talent_member WHERE target_group ="
                          " 'TALENT_GROUP_BACKBONE_TEACHERS'"),
            1);
  EXPECT_EQ(Count().talent_programmes(0).distinct_member_count(), 1);
  const auto pupils = Add(programme->id(), 1, exchange::TALENT_GROUP_PUPILS, 60);
  ASSERT_TRUE(pupils.ok()) << pupils.status();
  EXPECT_THAT(Why(Join(*pupils, first).status()), HasSubstr("only figures"));
}

}  // namespace
}  // namespace lianqiao::conformance
