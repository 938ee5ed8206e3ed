// SPDX-License-Identifier: Apache-2.0
// How long a lesson waits for what its teacher, its class and its room have on the weekday, in all timetables
// of the term. Fills the tables of a real service and runs the statement that the rules ask with.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/alliance-registry/registry.h"
#include "services/teaching-research/research.h"
#include "services/teaching-research/timetable_rules.h"
#include "tests/bench/statement/statement.h"

namespace lianqiao {
namespace {

constexpr char kTerm[] = "00000000-0000-7000-a000-000000000001";
constexpr int kLessons = 1000;  // Of a timetable.
constexpr int kTeachers = 100;  // The same ones in all timetables of the term.
constexpr int kSchools = 10;
constexpr double kMedianMax = 5;  // Milliseconds.

// Number `number` of a kind, in SQL.
std::string Id(int kind, const std::string& number) {
  return absl::StrCat("('00000000-0000-7000-b00", kind, "-' || lpad((", number, ")::text, 12, '0'))::uuid");
}

void Fill(testing::TestService& service, int timetables) {
  const std::string common = " (id, revision, create_time, update_time, bucket, scope, write_scope, ";
  const std::string values = ", 1, now(), now(), 0, '{}', '{}', ";
  const std::string teacher = absl::StrCat("t * ", kTeachers, " + n / 10 % ", kTeachers);
  bench::Fill(
      service,
      {absl::StrCat("INSERT INTO joint_timetable", common, "alliance_id, term_id, state) SELECT ", Id(1, "t"),
                    values, Id(2, "t"), ", '", kTerm,
                    "', 'JOINT_TIMETABLE_STATE_PUBLISHED' FROM generate_series(0, ", timetables - 1, ") t"),
       absl::StrCat("INSERT INTO timetable_teacher", common, "joint_timetable_id, teacher_ref) SELECT ",
                    Id(3, absl::StrCat("t * ", kTeachers, " + n")), values, Id(1, "t"),
                    ", 'teacher-' || n FROM generate_series(0, ", timetables - 1, ") t, generate_series(0, ",
                    kTeachers - 1, ") n"),
       absl::StrCat("INSERT INTO timetable_lesson", common,
                    "joint_timetable_id, weekday, period, timetable_teacher_id, organisation_id, class_name,"
                    " room) SELECT gen_random_uuid()",
                    values, Id(1, "t"), ", 1 + n % 5, 1 + n / 5 % 8, ", Id(3, teacher), ", ",
                    Id(4, absl::StrCat("n / 40 % ", kSchools)),
                    ", t || '-' || n / 40 || '班', t || '-' || n / 40 || '室'", " FROM generate_series(0, ",
                    timetables - 1, ") t, generate_series(0, ", kLessons - 1, ") n"),
       "ANALYZE"});
}

int Main(int argc, char** argv) {
  const int timetables = argc > 1 ? std::max(1, std::atoi(argv[1])) : 20;
  const int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 200;
  testing::TestService registry(registry::RegistryDefinition());
  testing::TestService service(research::ResearchDefinition(), {&registry});
  service.CatchUp();
  Fill(service, timetables);
  // In the order of the fact's fields: a lesson of the first teacher in a class and a room of the first
  // school.
  postgres::Parameters lesson;
  lesson.Text("00000000-0000-7000-b001-000000000000").Text("1").Text("00000000-0000-7000-b005-000000000000");
  lesson.Text("00000000-0000-7000-b003-000000000000").Text("00000000-0000-7000-b004-000000000000");
  lesson.Text("0-0班").Text("0-0室");
  const bench::Timing timing =
      bench::Measure(service, {"lessons", research::LessonFacts().sql}, lesson, rounds);
  bench::PrintMedian(
      "joint_timetable_p50", timing, kMedianMax,
      absl::StrCat(timetables, " timetables of a term with ", kLessons, " lessons and ", kTeachers,
                   " teachers each, ", timing.rows, " in the way, ", rounds, " rounds"));
  return 0;
}

}  // namespace
}  // namespace lianqiao

int main(int argc, char** argv) {
  return lianqiao::Main(argc, argv);
}
