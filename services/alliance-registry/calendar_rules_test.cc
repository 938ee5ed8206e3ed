// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/calendar_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lianqiao::registry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Fields(const resource::Violations& violations) {
  std::vector<std::string> fields;
  for (const auto& violation : violations) fields.push_back(violation.field());
  return fields;
}

v1::SchoolYear Year() {
  v1::SchoolYear year;
  year.set_key("2023-2024");
  year.set_starts_on("2023-09-01");
  year.set_ends_on("2024-08-31");
  year.set_statistics_on("2023-09-01");
  year.set_submission_due_on("2023-10-31");
  return year;
}

v1::Term Autumn() {
  v1::Term term;
  term.set_key("2023-2024-1");
  term.set_number(1);
  term.set_starts_on("2023-09-01");
  term.set_ends_on("2024-01-20");
  return term;
}

resource::Facts OfYear() {
  resource::Facts facts;
  facts.Add(
      "school_year",
      {resource::FactRow({{"key", "2023-2024"}, {"starts_on", "2023-09-01"}, {"ends_on", "2024-08-31"}})});
  return facts;
}

TEST(SchoolYearRules, AnOrdinaryYearIsFine) {
  EXPECT_THAT(CheckSchoolYear(nullptr, Year(), {}), IsEmpty());
}

TEST(SchoolYearRules, TheKeyNamesItsYears) {
  v1::SchoolYear year = Year();
  year.set_key("2022-2023");
  EXPECT_THAT(Fields(CheckSchoolYear(nullptr, year, {})), ElementsAre("key"));
}

TEST(SchoolYearRules, DatesAreInOrder) {
  v1::SchoolYear year = Year();
  year.set_statistics_on("2023-08-31");
  EXPECT_THAT(Fields(CheckSchoolYear(nullptr, year, {})), ElementsAre("statisticsOn"));
  year = Year();
  year.set_submission_due_on("2023-08-01");
  EXPECT_THAT(Fields(CheckSchoolYear(nullptr, year, {})), ElementsAre("submissionDueOn"));
}

TEST(SchoolYearRules, AYearRunsFromSeptemberToAugust) {
  v1::SchoolYear year = Year();
  year.set_starts_on("2023-08-15");
  EXPECT_THAT(Fields(CheckSchoolYear(nullptr, year, {})), ElementsAre("startsOn"));
  year = Year();
  year.set_ends_on("2024-07-15");
  EXPECT_THAT(Fields(CheckSchoolYear(nullptr, year, {})), ElementsAre("endsOn"));
}

TEST(TermRules, ATermLiesInItsYearAndCarriesItsKey) {
  EXPECT_THAT(CheckTerm(nullptr, Autumn(), OfYear()), IsEmpty());
  v1::Term term = Autumn();
  term.set_key("2023-2024-2");
  EXPECT_THAT(Fields(CheckTerm(nullptr, term, OfYear())), ElementsAre("key"));
  term = Autumn();
  term.set_starts_on("2023-08-25");
  EXPECT_THAT(Fields(CheckTerm(nullptr, term, OfYear())), ElementsAre("startsOn"));
}

}  // namespace
}  // namespace lianqiao::registry
