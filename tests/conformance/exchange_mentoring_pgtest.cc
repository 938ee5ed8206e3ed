// SPDX-License-Identifier: Apache-2.0
// Mentor pairs over both services: their steps, who sees and writes them, what is left after an erasure, and
// the pairs of seed 002, counted exactly.
#include <thread>

#include "absl/strings/str_cat.h"
#include "lianqiao/exchange/v1/development_statistics.pb.h"
#include "lianqiao/exchange/v1/mentor_apprentice.pb.h"
#include "lianqiao/exchange/v1/mentor_log_entry.pb.h"
#include "lianqiao/exchange/v1/mentor_pair.pb.h"
#include "lianqiao/registry/v1/cycle.pb.h"
#include "tests/conformance/exchange_world.h"

namespace lianqiao::conformance {
namespace {

using ::testing::HasSubstr;

class ExchangeMentoring : public ExchangeWorld {
 protected:
  exchange::CreateMentorPairRequest NewPair(const exchange::Teacher& mentor,
                                            const std::string& apprentice_school_id) {
    exchange::CreateMentorPairRequest request;
    exchange::MentorPair& pair = *request.mutable_mentor_pair();
    pair.set_mentor_id(mentor.id());
    pair.set_mentor_school_id(mentor.school_id());
    pair.set_apprentice_school_id(apprentice_school_id);
    pair.set_subject(type::v1::SUBJECT_MATHEMATICS);
    pair.set_planned_until(Day(300));
    return request;
  }
  exchange::MentorPair Pair(const exchange::Teacher& mentor, const std::string& apprentice_school_id,
                            const std::string& token = "operator") {
    return Must<exchange::MentorPair>("MentorPairService/CreateMentorPair",
                                      NewPair(mentor, apprentice_school_id), token);
  }
  absl::StatusOr<exchange::MentorApprentice> Join(const std::string& pair_id, const std::string& teacher_id,
                                                  const std::string& token = "operator") {
    exchange::CreateMentorApprenticeRequest request;
    request.mutable_mentor_apprentice()->set_mentor_pair_id(pair_id);
    request.mutable_mentor_apprentice()->set_teacher_id(teacher_id);
    request.mutable_mentor_apprentice()->set_goals("一年内站稳讲台");
    return exchange_.Call<exchange::MentorApprentice>("MentorApprenticeService/CreateMentorApprentice",
                                                      request, token);
  }
  absl::StatusOr<exchange::MentorLogEntry> Log(const exchange::MentorApprentice& apprentice, int days_ago,
                                               const std::string& token = "operator") {
    exchange::CreateMentorLogEntryRequest request;
    exchange::MentorLogEntry& entry = *request.mutable_mentor_log_entry();
    entry.set_mentor_pair_id(apprentice.mentor_pair_id());
    entry.set_mentor_apprentice_id(apprentice.id());
    entry.set_happened_on(Day(-days_ago));
    entry.set_work(exchange::MENTORING_WORK_LESSON_OBSERVATION);
    entry.set_lesson_count(2);
    entry.set_content("听李老师《分数的意义》");
    return exchange_.Call<exchange::MentorLogEntry>("MentorLogEntryService/CreateMentorLogEntry", request,
                                                    token);
  }
  absl::StatusOr<exchange::MentorPair> Take(const std::string& verb, const std::string& id, int days_ago = 0,
                                            const std::string& token = "operator") {
    return Step<exchange::MentorPair>("MentorPair", verb, id, token, Day(-days_ago));
  }
  void Run(const std::string& id) {
    for (const char* verb : {"Sign", "Start"}) {
      const auto taken = Take(verb, id, 100);
      EXPECT_TRUE(taken.ok()) << verb << ": " << taken.status();
    }
  }
  absl::Status GiveResult(const std::string& id, exchange::MentoringResult result) {
    exchange::UpdateMentorPairRequest request;
    request.mutable_mentor_pair()->set_id(id);
    request.mutable_mentor_pair()->set_result(result);
    return exchange_.Call<exchange::MentorPair>("MentorPairService/UpdateMentorPair", request).status();
  }
  absl::StatusOr<exchange::Teacher> Erase(const std::string& teacher_id) {
    type::v1::EraseRequest request;
    request.set_id(teacher_id);
    request.set_reason("本人申请");
    return exchange_.Call<exchange::Teacher>("TeacherService/EraseTeacher", request);
  }
  // Rows and states of the past in which a text stands.
  int64_t Mentions(const std::string& text) {
    int64_t count = 0;
    for (const char* table : {"mentor_pair", "mentor_apprentice", "mentor_log_entry", "idempotency"})
      count +=
          ExchangeCount(absl::StrCat("SELECT count(*) FROM ", table, " t WHERE t::text LIKE '%", text, "%'"));
    return count + ExchangeCount(absl::StrCat("SELECT count(*) FROM revision WHERE position(convert_to('",
                                              text, "', 'UTF8') IN state) > 0"));
  }
};

TEST_F(ExchangeMentoring, APairGoesThroughItsSteps) {
  const auto pair = Pair(Teacher(near_school_), far_rural_);
  EXPECT_EQ(pair.state(), exchange::MENTOR_PAIR_STATE_PROPOSED);
  EXPECT_THAT(base::FailureOf(Take("Sign", pair.id()).status()).ShortDebugString(), HasSubstr("apprentice"));
  const auto apprentice = Join(pair.id(), Teacher(far_rural_).id());
  ASSERT_TRUE(apprentice.ok()) << apprentice.status();
  EXPECT_TRUE(absl::IsFailedPrecondition(Take("Start", pair.id()).status())) << "not signed yet";
  EXPECT_FALSE(Log(*apprentice, 1).ok()) << "it does not run yet";
  Run(pair.id());
  EXPECT_EQ(Read<exchange::MentorPair>("MentorPair", pair.id())->started_on(), Day(-100));
  EXPECT_TRUE(Log(*apprentice, 1).ok());
  EXPECT_THAT(base::FailureOf(Log(*apprentice, 101).status()).ShortDebugString(), HasSubstr("happenedOn"));
  EXPECT_THAT(base::FailureOf(Take("Assess", pair.id()).status()).ShortDebugString(), HasSubstr("result"));
  ASSERT_TRUE(GiveResult(pair.id(), exchange::MENTORING_RESULT_EXCELLENT).ok());
  const auto assessed = Take("Assess", pair.id());
  ASSERT_TRUE(assessed.ok()) << assessed.status();
  EXPECT_EQ(assessed->assessed_on(), Day(0));
  EXPECT_TRUE(absl::IsFailedPrecondition(Take("BreakOff", pair.id()).status()));
  const auto ended = Take("End", pair.id());
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->state(), exchange::MENTOR_PAIR_STATE_ENDED);
  EXPECT_FALSE(Join(pair.id(), Teacher(far_rural_).id()).ok()) << "nobody joins what is over";
  EXPECT_THAT(base::FailureOf(GiveResult(pair.id(), exchange::MENTORING_RESULT_QUALIFIED)).ShortDebugString(),
              HasSubstr("what is assessed or over"));
}

TEST_F(ExchangeMentoring, APairThatStopsEarlierSaysWhy) {
  const auto proposed = Pair(Teacher(near_school_), far_rural_);
  const auto withdrawn = Take("Withdraw", proposed.id());
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  EXPECT_EQ(withdrawn->end_reason(), "说明原因");
  EXPECT_EQ(withdrawn->ended_on(), "") << "it never held";
  const auto running = Pair(Teacher(near_school_), far_rural_);
  ASSERT_TRUE(Join(running.id(), Teacher(far_rural_).id()).ok());
  Run(running.id());
  EXPECT_TRUE(absl::IsInvalidArgument(
      Step<exchange::MentorPair>("MentorPair", "BreakOff", running.id(), "operator", "", "").status()));
  const auto broken = Take("BreakOff", running.id());
  ASSERT_TRUE(broken.ok()) << broken.status();
  EXPECT_EQ(broken->ended_on(), Day(0));
  EXPECT_EQ(broken->result(), exchange::MENTORING_RESULT_UNSPECIFIED);
}

TEST_F(ExchangeMentoring, TeachersAreOfTheSchoolsThatThePairNames) {
  auto request = NewPair(Teacher(near_school_), far_rural_);
  request.mutable_mentor_pair()->set_mentor_school_id(near_rural_);
  const auto elsewhere = exchange_.Call<exchange::MentorPair>("MentorPairService/CreateMentorPair", request);
  EXPECT_THAT(base::FailureOf(elsewhere.status()).ShortDebugString(), HasSubstr("mentorSchoolId"));
  const auto mentor = Teacher(near_school_);
  const auto pair = Pair(mentor, far_rural_);
  EXPECT_THAT(base::FailureOf(Join(pair.id(), Teacher(far_school_).id()).status()).ShortDebugString(),
              HasSubstr("teacherId"));
  const auto own = Pair(mentor, near_school_);
  EXPECT_THAT(base::FailureOf(Join(own.id(), mentor.id()).status()).ShortDebugString(),
              HasSubstr("is the mentor"));
  const auto apprentice = Teacher(near_school_);
  EXPECT_TRUE(Join(own.id(), apprentice.id()).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Join(own.id(), apprentice.id()).status()));
}

// Work that was done is told some days later; what was assessed stands.
TEST_F(ExchangeMentoring, TheLogIsClosedByTheAssessmentOrSomeTimeAfterTheEnd) {
  const auto broken = Pair(Teacher(near_school_), far_rural_);
  const auto first = Join(broken.id(), Teacher(far_rural_).id());
  ASSERT_TRUE(first.ok()) << first.status();
  Run(broken.id());
  ASSERT_TRUE(Take("BreakOff", broken.id(), 30).ok());
  EXPECT_TRUE(Log(*first, 31).ok());
  exchange_.clock().Advance(absl::Hours(24));
  EXPECT_THAT(base::FailureOf(Log(*first, 32).status()).ShortDebugString(), HasSubstr("its log stands"));
  const auto ended = Pair(Teacher(near_school_), far_rural_);
  const auto second = Join(ended.id(), Teacher(far_rural_).id());
  ASSERT_TRUE(second.ok()) << second.status();
  Run(ended.id());
  ASSERT_TRUE(GiveResult(ended.id(), exchange::MENTORING_RESULT_QUALIFIED).ok());
  ASSERT_TRUE(Take("Assess", ended.id(), 2).ok());
  EXPECT_THAT(base::FailureOf(Log(*second, 3).status()).ShortDebugString(), HasSubstr("its log stands"));
  ASSERT_TRUE(Take("End", ended.id(), 1).ok());
  EXPECT_THAT(base::FailureOf(Log(*second, 3).status()).ShortDebugString(), HasSubstr("its log stands"));
}

TEST_F(ExchangeMentoring, APairServesACycleOfItsTime) {
  registry::CreateCycleRequest cycle;
  cycle.mutable_cycle()->set_jurisdiction_id(city_id_);
  cycle.mutable_cycle()->set_alliance_id(alliance_id_);
  cycle.mutable_cycle()->set_number(1);
  cycle.mutable_cycle()->set_starts_on("2019-09-01");
  cycle.mutable_cycle()->set_ends_on("2022-08-31");
  const auto made = service_.Call<registry::Cycle>("CycleService/CreateCycle", cycle);
  ASSERT_TRUE(made.ok()) << made.status();
  exchange_.CatchUp();
  auto request = NewPair(Teacher(near_school_), far_rural_);
  request.mutable_mentor_pair()->set_cycle_id(made->id());
  request.mutable_mentor_pair()->set_state(exchange::MENTOR_PAIR_STATE_RUNNING);
  request.mutable_mentor_pair()->set_started_on("2022-09-01");
  const char* const create = "MentorPairService/CreateMentorPair";
  EXPECT_THAT(
      base::FailureOf(exchange_.Call<exchange::MentorPair>(create, request).status()).ShortDebugString(),
      HasSubstr("cycleId"));
  request.mutable_mentor_pair()->set_started_on("2022-08-31");
  EXPECT_TRUE(exchange_.Call<exchange::MentorPair>(create, request).ok());
}

TEST_F(ExchangeMentoring, BothSchoolsWriteAPairAndNobodyElse) {
  const auto pair = Pair(Teacher(near_school_), far_rural_, "near");
  const auto apprentice = Join(pair.id(), Teacher(far_rural_).id(), "far");
  ASSERT_TRUE(apprentice.ok()) << apprentice.status();
  EXPECT_TRUE(Take("Sign", pair.id(), 100, "school").ok()) << "the mentor's own school";
  EXPECT_TRUE(Take("Start", pair.id(), 100, "far").ok());
  EXPECT_TRUE(Log(*apprentice, 3, "near").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Take("BreakOff", pair.id(), 0, "reader").status()));
  const auto within = Pair(Teacher(near_school_), near_rural_, "near");
  EXPECT_TRUE(absl::IsNotFound(Read<exchange::MentorPair>("MentorPair", within.id(), "far").status()));
  EXPECT_TRUE(absl::IsNotFound(Take("Withdraw", within.id(), 0, "far").status()));
  EXPECT_FALSE(Join(within.id(), Teacher(near_rural_).id(), "far").ok());
  // A party of the alliance reads what was done for it.
  auto request = NewPair(Teacher(near_school_), near_rural_);
  request.mutable_mentor_pair()->set_alliance_id(alliance_id_);
  const auto shared = Must<exchange::MentorPair>("MentorPairService/CreateMentorPair", request);
  EXPECT_TRUE(Read<exchange::MentorPair>("MentorPair", shared.id(), "far").ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Take("Withdraw", shared.id(), 0, "far").status()));
}

TEST_F(ExchangeMentoring, WhatTellsOfAPersonTakesARight) {
  const auto pair = Pair(Teacher(near_school_), near_rural_);
  const auto apprentice = Join(pair.id(), Teacher(near_rural_).id());
  ASSERT_TRUE(apprentice.ok()) << apprentice.status();
  Run(pair.id());
  const auto entry = Log(*apprentice, 1);
  ASSERT_TRUE(entry.ok()) << entry.status();
  const auto masked = Read<exchange::MentorApprentice>("MentorApprentice", apprentice->id(), "clerk");
  ASSERT_TRUE(masked.ok()) << masked.status();
  EXPECT_EQ(masked->goals(), "");
  EXPECT_EQ(masked->teacher_id(), apprentice->teacher_id());
  EXPECT_EQ(Read<exchange::MentorLogEntry>("MentorLogEntry", entry->id(), "clerk")->content(), "");
  EXPECT_EQ(Read<exchange::MentorLogEntry>("MentorLogEntry", entry->id(), "near")->content(),
            "听李老师《分数的意义》");
}

TEST_F(ExchangeMentoring, ASignedPairNeverLosesItsLastApprentice) {
  int signed_count = 0;
  for (int i = 0; i < 8; ++i) {
    const auto pair = Pair(Teacher(near_school_), far_rural_);
    const auto apprentice = Join(pair.id(), Teacher(far_rural_).id());
    ASSERT_TRUE(apprentice.ok()) << apprentice.status();
    absl::Status signing, deletion;
    std::thread signer([&] { signing = Take("Sign", pair.id()).status(); });
    type::v1::DeleteRequest request;
    request.set_id(apprentice->id());
    deletion =
        exchange_.Call<exchange::MentorApprentice>("MentorApprenticeService/DeleteMentorApprentice", request)
            .status();
    signer.join();
    EXPECT_NE(signing.ok(), deletion.ok()) << signing << " and " << deletion;
    signed_count += signing.ok();
  }
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM mentor_pair WHERE state = 'MENTOR_PAIR_STATE_SIGNED'"),
            signed_count);
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM mentor_pair p WHERE state = 'MENTOR_PAIR_STATE_SIGNED'"
                          " AND NOT EXISTS (SELECT 1 FROM mentor_apprentice a WHERE a.mentor_pair_id = p.id"
                          " AND a.delete_time IS NULL)"),
            0);
}

TEST_F(ExchangeMentoring, AnApprenticeIsErasedAloneAndAMentorWithTheWholeLog) {
  const auto mentor = Teacher(near_school_);
  const auto pair = Pair(mentor, far_rural_);
  const auto first = Join(pair.id(), Teacher(far_rural_).id());
  const auto second = Join(pair.id(), Teacher(far_rural_).id());
  ASSERT_TRUE(first.ok() && second.ok());
  Run(pair.id());
  ASSERT_TRUE(Log(*first, 2).ok());
  const auto kept = Log(*second, 1);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_GE(Mentions("分数的意义"), 4);
  const auto erased = Erase(first->teacher_id());
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM mentor_log_entry WHERE content <> ''"), 1);
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM mentor_apprentice WHERE goals <> ''"), 1);
  EXPECT_EQ(Read<exchange::MentorLogEntry>("MentorLogEntry", kept->id())->content(),
            "听李老师《分数的意义》");
  ASSERT_TRUE(Erase(mentor.id()).ok());
  EXPECT_EQ(Mentions("分数的意义"), 0);
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM mentor_apprentice WHERE goals <> ''"), 1)
      << "what tells of the other apprentice stays";
  EXPECT_EQ(ExchangeCount("SELECT count(*) FROM mentor_apprentice WHERE delete_time IS NULL"), 2)
      << "counts stay right";
  EXPECT_TRUE(Take("BreakOff", pair.id()).ok()) << "its course goes on";
}

// Seed 002: the second school district of Wenshan.
class WenshanPairs : public ExchangeMentoring {
 protected:
  std::vector<std::string> Teachers(const std::string& school_id, int count) {
    exchange::BatchUpsertTeachersRequest request;
    request.set_source_system("personnel");
    for (int i = 0; i < count; ++i) *request.add_teachers() = NewTeacher(school_id).teacher();
    for (auto& teacher : *request.mutable_teachers()) {
      auto* external_id = teacher.add_external_ids();
      external_id->set_system("personnel");
      external_id->set_id(teacher.person_ref());
    }
    const auto made =
        Must<exchange::BatchUpsertTeachersResponse>("TeacherService/BatchUpsertTeachers", request);
    std::vector<std::string> ids;
    for (const auto& result : made.results()) ids.push_back(result.id());
    return ids;
  }
  // `sizes`: how many apprentices each pair has, taken from `apprentices` in turn.
  void Load(const std::string& prefix, const std::string& mentor_school, const std::string& apprentice_school,
            const std::vector<std::string>& apprentices, int pair_count, int with_two) {
    const std::vector<std::string> mentors = Teachers(mentor_school, pair_count);
    exchange::BatchUpsertMentorPairsRequest pairs;
    pairs.set_source_system("personnel");
    for (int i = 0; i < pair_count; ++i) {
      exchange::MentorPair& pair = *pairs.add_mentor_pairs();
      pair.set_mentor_id(mentors[static_cast<size_t>(i)]);
      pair.set_mentor_school_id(mentor_school);
      pair.set_apprentice_school_id(apprentice_school);
      pair.set_alliance_id(alliance_id_);
      pair.set_state(exchange::MENTOR_PAIR_STATE_RUNNING);
      pair.set_started_on("2021-09-01");
      auto* external_id = pair.add_external_ids();
      external_id->set_system("personnel");
      external_id->set_id(absl::StrCat(prefix, "-", i));
    }
    const auto made =
        Must<exchange::BatchUpsertMentorPairsResponse>("MentorPairService/BatchUpsertMentorPairs", pairs);
    ASSERT_EQ(made.results_size(), pair_count);
    exchange::BatchUpsertMentorApprenticesRequest members;
    members.set_source_system("personnel");
    size_t next = 0;
    for (int i = 0; i < pair_count; ++i) {
      for (int k = 0; k < (i < with_two ? 2 : 1); ++k) {
        ASSERT_LT(next, apprentices.size());
        exchange::MentorApprentice& apprentice = *members.add_mentor_apprentices();
        apprentice.set_mentor_pair_id(made.results(i).id());
        apprentice.set_teacher_id(apprentices[next]);
        auto* external_id = apprentice.add_external_ids();
        external_id->set_system("personnel");
        external_id->set_id(absl::StrCat(prefix, "-apprentice-", next++));
      }
    }
    EXPECT_EQ(next, apprentices.size());
    const auto joined = Must<exchange::BatchUpsertMentorApprenticesResponse>(
        "MentorApprenticeService/BatchUpsertMentorApprentices", members);
    for (const auto& result : joined.results())
      ASSERT_EQ(result.outcome(), type::v1::UpsertResult::CREATED) << result.ShortDebugString();
  }
  exchange::MentoringStatistics Count(const std::string& from, const std::string& to,
                                      const std::string& alliance = "", const std::string& place = "",
                                      const std::string& token = "operator") {
    exchange::GetDevelopmentStatisticsRequest request;
    request.set_jurisdiction_id(place.empty() ? city_id_ : place);
    request.set_from_date(from);
    request.set_to_date(to);
    request.set_alliance_id(alliance);
    return Must<exchange::DevelopmentStatistics>("DevelopmentStatisticsService/GetDevelopmentStatistics",
                                                 request, token)
        .mentoring();
  }
};

TEST_F(WenshanPairs, AreCountedAsTheSourceCountsThem) {
  // Primary segment: 200 pairs with 81 teachers of 小街 and 134 of 老回龙; 185 have one apprentice, 15 two.
  Load("xiaojie", near_school_, near_rural_, Teachers(near_rural_, 81), 75, 6);
  Load("laohuilong", near_school_, far_rural_, Teachers(far_rural_, 134), 125, 9);
  const auto primary = Count("2021-09-01", "2022-01-31", alliance_id_);
  EXPECT_EQ(primary.pair_count(), 200);
  EXPECT_EQ(primary.distinct_mentor_count(), 200);
  EXPECT_EQ(primary.apprenticeship_count(), 215);
  EXPECT_EQ(primary.distinct_apprentice_count(), 81 + 134);
  ASSERT_EQ(primary.sizes_size(), 2);
  EXPECT_EQ(primary.sizes(0).apprentice_count(), 1);
  EXPECT_EQ(primary.sizes(0).pair_count(), 185);
  EXPECT_EQ(primary.sizes(1).apprentice_count(), 2);
  EXPECT_EQ(primary.sizes(1).pair_count(), 15);
  ASSERT_EQ(primary.schools_size(), 2);
  for (const auto& school : primary.schools())
    EXPECT_EQ(school.distinct_apprentice_count(), school.organisation_id() == near_rural_ ? 81 : 134);
  // Junior segment: 30 pairs of 60 teachers.
  Load("junior", far_school_, far_school_, Teachers(far_school_, 30), 30, 0);
  const auto all = Count("2021-09-01", "2022-01-31");
  EXPECT_EQ(all.pair_count(), 230);
  EXPECT_EQ(all.distinct_teacher_count() - primary.distinct_teacher_count(), 60);
  EXPECT_EQ(primary.distinct_teacher_count(), 415);
  EXPECT_EQ(Count("2021-01-01", "2021-08-31").pair_count(), 0) << "they had not begun";
  // A place counts the pairs of which one school lies there.
  EXPECT_EQ(Count("", "", "", near_id_, "near").pair_count(), 200);
  EXPECT_EQ(Count("", "", "", far_id_, "far").pair_count(), 155);
}

TEST_F(ExchangeMentoring, LogsAreCountedInTheirTime) {
  const auto pair = Pair(Teacher(near_school_), far_rural_);
  const auto first = Join(pair.id(), Teacher(far_rural_).id());
  const auto second = Join(pair.id(), Teacher(far_rural_).id());
  ASSERT_TRUE(first.ok() && second.ok());
  Run(pair.id());
  for (const int days_ago : {1, 10, 50}) ASSERT_TRUE(Log(*first, days_ago).ok());
  ASSERT_TRUE(Log(*second, 10).ok());
  exchange::GetDevelopmentStatisticsRequest request;
  request.set_jurisdiction_id(near_id_);
  request.set_from_date(Day(-10));
  request.set_to_date(Day(0));
  const char* const method = "DevelopmentStatisticsService/GetDevelopmentStatistics";
  const auto counted = Must<exchange::DevelopmentStatistics>(method, request, "near").mentoring();
  EXPECT_EQ(counted.log_entry_count(), 3);
  EXPECT_EQ(counted.lesson_count(), 6);
  request.set_from_date(Day(1));
  EXPECT_TRUE(absl::IsInvalidArgument(
      exchange_.Call<exchange::DevelopmentStatistics>(method, request, "near").status()));
  request.set_from_date("");
  request.set_jurisdiction_id(far_id_);
  EXPECT_FALSE(exchange_.Call<exchange::DevelopmentStatistics>(method, request, "near").ok())
      << "another county's figures";
}

}  // namespace
}  // namespace lianqiao::conformance
