// SPDX-License-Identifier: Apache-2.0
// How long a lesson waits for what its school and its teacher have on its day. Fills the tables of a real
// service and runs the statement that the rules ask with.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/alliance-registry/registry.h"
#include "services/resource-sharing/lesson_service.h"
#include "services/resource-sharing/resources.h"
#include "tests/bench/statement/statement.h"

namespace lianqiao {
namespace {

constexpr char kSchool[] = "00000000-0000-7000-a000-000000000003";
constexpr char kDay[] = "2026-03-02";
constexpr int kADay = 40;         // Lessons of a school on one day, and as many receptions.
constexpr double kMedianMax = 5;  // Milliseconds.

void Fill(testing::TestService& service, int lessons) {
  const std::string id = absl::StrCat("'", kSchool, "'::uuid");
  bench::Fill(
      service,
      {absl::StrCat(
           "INSERT INTO bell_schedule (id, revision, create_time, update_time, bucket, scope, write_scope,"
           " school_id) VALUES (",
           id, ", 1, now(), now(), 0, '{}', '{}', ", id, ")"),
       absl::StrCat(
           "INSERT INTO online_lesson (id, revision, create_time, update_time, bucket, scope, write_scope,"
           " sender_school_id, bell_schedule_id, room, class_name, lesson_date, starts_at, ends_at, state, "
           "mode)"
           " SELECT gen_random_uuid(), 1, now(), now(), 0, '{}', '{}', ",
           id, ", ", id, ", 'R' || n % ", kADay, ", 'C' || n % ", kADay, ", date '", kDay, "' + 250 - n / ",
           kADay,
           ", '10:00', '10:40', 'ONLINE_LESSON_STATE_PLANNED', 'LESSON_MODE_LIVE' FROM generate_series(0, ",
           lessons - 1, ") n"),
       "INSERT INTO lesson_reception (id, revision, create_time, update_time, bucket, scope, write_scope,"
       " online_lesson_id, receiver_school_id, room, class_name, confirmed_date, confirmed_from,"
       " confirmed_until, state) SELECT gen_random_uuid(), 1, now(), now(), 0, '{}', '{}', id,"
       " sender_school_id, room, class_name, lesson_date, starts_at, ends_at,"
       " 'LESSON_RECEPTION_STATE_CONFIRMED' FROM online_lesson",
       "ANALYZE"});
}

int Main(int argc, char** argv) {
  const int lessons = argc > 1 ? std::atoi(argv[1]) : 20000;
  const int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 200;
  testing::TestService registry(registry::RegistryDefinition());
  testing::TestService service(resources::ResourcesDefinition(), {&registry});
  service.CatchUp();
  Fill(service, lessons);
  postgres::Parameters none_teaches;
  none_teaches.Text("00000000-0000-7000-a000-000000000009").Text(kSchool).Null().Text(kDay);
  const bench::Timing timing =
      bench::Measure(service, {"taken", resources::TakenByLessonSql()}, none_teaches, rounds);
  bench::PrintMedian("timetable_taken_p50", timing, kMedianMax,
                     absl::StrCat(lessons, " lessons and as many receptions of a school, ", timing.rows,
                                  " on the day, ", rounds, " rounds"));
  return 0;
}

}  // namespace
}  // namespace lianqiao

int main(int argc, char** argv) {
  return lianqiao::Main(argc, argv);
}
