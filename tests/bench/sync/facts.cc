// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sync/facts.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "libs/base/status.h"
#include "libs/store/scope.h"
#include "tests/bench/sync/copy.h"

namespace lianqiao::bench {
namespace {

constexpr int kCounties = 100;

std::string YearId(int year) {
  return absl::StrFormat("30000000-0000-7000-8000-%012d", year);
}

std::string SubmissionId(int year, int county) {
  return absl::StrFormat("30000000-0000-7000-8000-%08d%04d", year, county);
}

// As fill.sql does: rows without history, so that nothing of it is in the feed.
absl::Status WriteYear(const Platform& platform, int year) {
  const std::string sql = absl::StrReplaceAll(
      R"(INSERT INTO school_year (id, revision, create_time, update_time, bucket, scope, write_scope, key,
                                  starts_on, ends_on, statistics_on)
         VALUES ('{id}', 1, now(), now(), 0, '{{root}}', '{{root}}', '{year}-{next}', '{year}-09-01',
                 '{next}-08-31', '{year}-10-01');
         INSERT INTO fact_submission (id, revision, create_time, update_time, bucket, scope, write_scope,
                                      jurisdiction_id, school_year_id, state)
         SELECT ('30000000-0000-7000-8000-' || lpad('{year}', 8, '0') || lpad(n::text, 4, '0'))::uuid,
                1, now(), now(), n % 16, j.scope, j.write_scope, j.id, '{id}', 'FACT_SUBMISSION_STATE_DRAFT'
         FROM generate_series(1, {counties}) n
         JOIN jurisdiction j ON j.id = ('10000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid)",
      {{"{id}", YearId(year)},
       {"{root}", store::kPlatformRootId},
       {"{year}", absl::StrCat(year)},
       {"{next}", absl::StrCat(year + 1)},
       {"{counties}", absl::StrCat(kCounties)}});
  return Sql(platform, sql).status();
}

// All the figures that a primary school reports, without one that is implausible.
std::string Line(int year, int64_t school) {
  const int64_t pupils = 240 + school % 100;
  return absl::StrFormat(
      R"({"submissionId":"%s","organisationId":"%s","schoolYearId":"%s","stage":"STAGE_PRIMARY",)"
      R"("pupils":%d,"classes":8,"largestClassPupils":45,"classesOver45":0,"classesOver50":0,)"
      R"("fullTimeTeachers":%d,"overDegreeTeachers":17,"backboneTeachers":4,"peArtsTeachers":5,)"
      R"("teachingRoomsArea":%d.5,"sportsArea":3500,"equipmentValue":652300,"multimediaClassrooms":10,)"
      R"("classrooms":12,"connectedClassrooms":10,"digitalCampus":true,"publicFunds":512000,)"
      R"("trainingSpend":31000,"leastPeLessonsPerWeek":5,"siteArea":9800,"buildingArea":5200,)"
      R"("source":"yearly education statistics"})"
      "\n",
      SubmissionId(year, static_cast<int>(school % kCounties) + 1), OrganisationId(school), YearId(year),
      pupils, 18 + school % 7, 2800 + school % 400);
}

}  // namespace

absl::StatusOr<FactsFile> PrepareFacts(const Platform& platform, int year, int64_t records) {
  RETURN_IF_ERROR(WriteYear(platform, year));
  FactsFile facts;
  facts.path = absl::StrCat(platform.folder, "/facts-", year, ".ndjson");
  facts.school_year_id = YearId(year);
  facts.records = records;
  std::ofstream file(facts.path);
  for (int64_t i = 0; i < records; ++i) {
    const std::string line = Line(year, i);
    file << line;
    facts.bytes += static_cast<int64_t>(line.size());
  }
  file.close();
  if (!file) return absl::UnavailableError("cannot write " + facts.path);
  return facts;
}

}  // namespace lianqiao::bench
