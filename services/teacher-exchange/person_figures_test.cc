// SPDX-License-Identifier: Apache-2.0
// Figures with operators: how a sum is known, and which records contradict themselves.
#include "services/teacher-exchange/person_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lianqiao/exchange/v1/studio_session.pb.h"
#include "services/teacher-exchange/rules_testing.h"

namespace lianqiao::exchange {
namespace {

using namespace type::v1;  // NOLINT: the names of one enum.
using testing::ElementsAre;
using testing::IsEmpty;

TEST(ReportedTotal, IsExactOnlyIfEveryPartIs) {
  const struct {
    Comparison one, other, sum;
  } cases[] = {{COMPARISON_UNSPECIFIED, COMPARISON_EQUAL, COMPARISON_EQUAL},
               {COMPARISON_EQUAL, COMPARISON_MORE_THAN, COMPARISON_MORE_THAN},
               {COMPARISON_EQUAL, COMPARISON_AT_LEAST, COMPARISON_AT_LEAST},
               {COMPARISON_UNSPECIFIED, COMPARISON_ABOUT, COMPARISON_ABOUT},
               {COMPARISON_AT_LEAST, COMPARISON_AT_LEAST, COMPARISON_AT_LEAST},
               {COMPARISON_AT_LEAST, COMPARISON_MORE_THAN, COMPARISON_MORE_THAN},
               {COMPARISON_AT_MOST, COMPARISON_LESS_THAN, COMPARISON_LESS_THAN},
               {COMPARISON_MORE_THAN, COMPARISON_LESS_THAN, COMPARISON_ABOUT},
               {COMPARISON_AT_LEAST, COMPARISON_AT_MOST, COMPARISON_ABOUT},
               {COMPARISON_ABOUT, COMPARISON_MORE_THAN, COMPARISON_ABOUT}};
  for (const auto& known : cases) {
    for (const auto& [first, second] :
         {std::pair(known.one, known.other), std::pair(known.other, known.one)}) {
      ReportedTotal total;
      resource::AddTo(&total, 30, first, 1);
      resource::AddTo(&total, 50, second, 2);
      EXPECT_EQ(total.comparison(), known.sum) << Comparison_Name(first) << " " << Comparison_Name(second);
      EXPECT_EQ(total.value(), 80);
      EXPECT_EQ(total.record_count(), 3);
    }
  }
}

TEST(ReportedTotal, OfRecordsThatAreSilentIsEmpty) {
  ReportedTotal total;
  resource::AddTo(&total, 0, COMPARISON_UNSPECIFIED, 0);
  EXPECT_EQ(total.comparison(), COMPARISON_UNSPECIFIED);
  EXPECT_EQ(total.record_count(), 0);
}

std::vector<std::string> Refused(const v1::StudioSession& session) {
  resource::Violations violations;
  CheckPersonFigures(session, &violations);
  return FieldsOf(violations);
}

TEST(PersonFigures, AnOperatorStandsBesideANumber) {
  v1::StudioSession session;
  EXPECT_THAT(Refused(session), IsEmpty());
  session.set_distinct_person_count_comparison(COMPARISON_ABOUT);
  session.set_person_time_count_comparison(COMPARISON_EQUAL);
  EXPECT_THAT(Refused(session), ElementsAre("distinctPersonCountComparison", "personTimeCountComparison"));
  session.set_distinct_person_count(0);
  session.set_person_time_count(0);
  EXPECT_THAT(Refused(session), IsEmpty()) << "none at all is a number too";
}

TEST(PersonFigures, NobodyComesLessThanOnce) {
  v1::StudioSession session;
  session.set_distinct_person_count(81);
  session.set_person_time_count(80);
  EXPECT_THAT(Refused(session), ElementsAre("personTimeCount"));
  for (const Comparison comparison : {COMPARISON_MORE_THAN, COMPARISON_AT_LEAST, COMPARISON_ABOUT}) {
    session.set_person_time_count_comparison(comparison);
    EXPECT_THAT(Refused(session), IsEmpty()) << Comparison_Name(comparison);
  }
  session.set_person_time_count_comparison(COMPARISON_LESS_THAN);
  EXPECT_THAT(Refused(session), ElementsAre("personTimeCount"));
  session.set_distinct_person_count_comparison(COMPARISON_AT_MOST);
  EXPECT_THAT(Refused(session), IsEmpty());
}

TEST(PersonFigures, AdmitNoMoreOnRecordThanReported) {
  v1::StudioSession session;
  EXPECT_TRUE(AdmitsOnRecord(session, 1000)) << "nothing is reported";
  session.set_distinct_person_count(38);
  EXPECT_TRUE(AdmitsOnRecord(session, 38));
  EXPECT_FALSE(AdmitsOnRecord(session, 39));
  session.set_distinct_person_count_comparison(COMPARISON_AT_LEAST);
  EXPECT_TRUE(AdmitsOnRecord(session, 39));
  session.set_distinct_person_count_comparison(COMPARISON_LESS_THAN);
  EXPECT_FALSE(AdmitsOnRecord(session, 39));
}

}  // namespace
}  // namespace lianqiao::exchange
