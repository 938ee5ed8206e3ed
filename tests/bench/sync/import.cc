// SPDX-License-Identifier: Apache-2.0
// Import of every school's yearly facts as NDJSON against COPY FROM of the same rows into the same two tables
// with their indexes and foreign keys; what alliance-registry holds in memory meanwhile; pages of the changes
// that it made.
#include <chrono>
#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "lianqiao/sync/v1/import.pb.h"
#include "libs/base/status.h"
#include "tests/bench/registry/cpu.h"
#include "tests/bench/registry/report.h"
#include "tests/bench/sync/api.h"
#include "tests/bench/sync/changes_page.h"
#include "tests/bench/sync/copy.h"
#include "tests/bench/sync/facts.h"

namespace lianqiao::bench {
namespace {

constexpr char kKind[] = "school_year_facts";
constexpr char kImport[] = "/lianqiao.sync.v1.ImportService/ImportRecords";
constexpr char kGetImport[] = "/lianqiao.sync.v1.ImportService/GetImport";
constexpr size_t kChunkBytes = 512u << 10;
constexpr int kWarmUpYear = 2001;
constexpr int kYear = 2002;
constexpr int64_t kWarmUpRecords = 10000;
constexpr absl::Duration kPatience = absl::Minutes(30);

struct ImportRun {
  Measured measured;
  double received_seconds = 0;  // Until the whole file was stored durably.
  double staged_seconds = 0;    // Until all lines were read and put in order.
  double peak_mebibytes = 0;    // Of alliance-registry.
};

double Since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The whole file; the import as it was when all of it was stored.
absl::StatusOr<sync::v1::Import> Submit(Api* api, const FactsFile& facts) {
  sync::v1::ImportRecordsRequest first;
  first.mutable_options()->set_format(sync::v1::ImportOptions::FORMAT_NDJSON);
  first.mutable_options()->set_mode(sync::v1::ImportOptions::MODE_CREATE);
  first.mutable_options()->set_kind(kKind);
  ASSIGN_OR_RETURN(const auto stream, api->Open(kImport, first));
  std::ifstream file(facts.path, std::ios::binary);
  std::string content(kChunkBytes, '\0');
  int64_t offset = 0;
  while (file.read(content.data(), kChunkBytes), file.gcount() > 0) {
    sync::v1::ImportRecordsRequest part;
    part.mutable_chunk()->set_offset(offset);
    part.mutable_chunk()->set_content(content.data(), static_cast<size_t>(file.gcount()));
    if (!stream->WriteAndWait(part.SerializeAsString())) break;
    offset += file.gcount();
  }
  stream->WritesDone();
  const auto answer = stream->ReadAndWait();
  if (!answer.has_value()) return stream->status();
  sync::v1::Import import;
  import.ParseFromString(*answer);
  if (offset != facts.bytes) return absl::InternalError("not all of the file was sent");
  return import;
}

bool HasEnded(const sync::v1::Import& import) {
  return import.state() > sync::v1::Import::STATE_RUNNING;
}

absl::StatusOr<ImportRun> RunImport(const Platform& platform, Api* api, const FactsFile& facts) {
  ImportRun run;
  if (!ResetPeakMemory(platform.registry)) return absl::UnavailableError("no right to reset VmHWM");
  const double client = OwnProcessorSeconds();
  const Meter meter(platform);
  const auto start = std::chrono::steady_clock::now();
  ASSIGN_OR_RETURN(sync::v1::Import import, Submit(api, facts));
  run.received_seconds = Since(start);
  sync::v1::GetImportRequest request;
  request.set_id(import.id());
  while (!HasEnded(import)) {
    absl::SleepFor(absl::Milliseconds(100));
    import.Clear();
    RETURN_IF_ERROR(api->Call(kGetImport, request, &import));
    if (run.staged_seconds == 0 && import.record_count() > 0) run.staged_seconds = Since(start);
    if (Since(start) > absl::ToDoubleSeconds(kPatience))
      return absl::DeadlineExceededError("the import does not end: " + import.ShortDebugString());
  }
  run.measured.seconds = Since(start);
  meter.End(&run.measured);
  run.measured.client = OwnProcessorSeconds() - client;
  run.measured.operations = static_cast<double>(facts.records);
  run.peak_mebibytes = PeakMebibytes(platform.registry);
  if (import.state() != sync::v1::Import::STATE_SUCCEEDED || import.created_count() != facts.records)
    return absl::UnavailableError("the import ended as " + import.ShortDebugString());
  return run;
}

// Empty tables of the same columns, defaults, indexes, checks and foreign keys.
absl::Status MakeTables(const Platform& platform) {
  RETURN_IF_ERROR(Sql(platform, "CREATE SCHEMA bench").status());
  for (const std::string table : {kKind, "change", "revision"}) {
    RETURN_IF_ERROR(Sql(platform, absl::StrReplaceAll("CREATE TABLE bench.{t} (LIKE {t} INCLUDING ALL)",
                                                      {{"{t}", table}}))
                        .status());
    ASSIGN_OR_RETURN(
        const std::string keys,
        Sql(platform, absl::StrReplaceAll(
                          "SELECT coalesce(string_agg(format('ALTER TABLE bench.{t} ADD CONSTRAINT %I %s;', "
                          "conname, pg_get_constraintdef(oid)), ' '), 'SELECT') FROM pg_constraint "
                          "WHERE conrelid = '{t}'::regclass AND contype = 'f'",
                          {{"{t}", table}})));
    RETURN_IF_ERROR(Sql(platform, keys).status());
  }
  return absl::OkStatus();
}

struct Copies {
  Measured kind;
  Measured change;
  Measured revision;
};

absl::StatusOr<Measured> CopyTable(const Platform& platform, const std::string& table,
                                   const std::string& which, int64_t rows) {
  const std::string file = absl::StrCat(platform.folder, "/", table, ".copy");
  RETURN_IF_ERROR(
      Copy(platform, absl::StrCat("(SELECT * FROM ", table, " WHERE ", which, ") TO '", file, "'"), rows)
          .status());
  auto copied = Copy(platform, absl::StrCat("bench.", table, " FROM '", file, "'"), rows);
  std::remove(file.c_str());
  return copied;
}

absl::StatusOr<Copies> RunCopies(const Platform& platform, const FactsFile& facts) {
  RETURN_IF_ERROR(MakeTables(platform));
  const std::string year = absl::StrCat("school_year_id = '", facts.school_year_id, "'");
  const std::string its =
      absl::StrCat("kind = '", kKind, "' AND id IN (SELECT id FROM ", kKind, " WHERE ", year, ")");
  Copies copies;
  ASSIGN_OR_RETURN(copies.kind, CopyTable(platform, kKind, year, facts.records));
  ASSIGN_OR_RETURN(copies.change, CopyTable(platform, "change", its, facts.records));
  ASSIGN_OR_RETURN(copies.revision, CopyTable(platform, "revision", its, facts.records));
  RETURN_IF_ERROR(Sql(platform, "DROP SCHEMA bench CASCADE").status());
  return copies;
}

void Report(const FactsFile& facts, const ImportRun& run, const Copies& copies) {
  const Measured& m = run.measured;
  const double ours = m.MicrosecondsEach();
  const double two = copies.kind.MicrosecondsEach() + copies.change.MicrosecondsEach();
  const double copy_seconds = copies.kind.seconds + copies.change.seconds;
  const auto each = [&](double seconds) { return seconds / m.operations * 1e6; };
  Print({"import_copy", two / ours, "ratio", '>', 0.45,
         absl::StrFormat("%d facts of schools, %.0f MB of NDJSON: client %.0f + registry %.0f + postgres "
                         "%.0f = %.0f us each, "
                         "%.1f s or %.1f k/s (received %.1f s, put in order at %.1f s); COPY FROM of the "
                         "same rows, psql and "
                         "postgres: %s %.0f + change %.0f = %.0f us each, %.1f s; by rate %.2f; with the "
                         "revisions, which an "
                         "import writes too and COPY would for another %.0f us, the ratio is %.2f",
                         facts.records, static_cast<double>(facts.bytes) / 1e6, each(m.client),
                         each(m.server), each(m.postgres), ours, m.seconds, m.Rate() / 1000,
                         run.received_seconds, run.staged_seconds, kKind, copies.kind.MicrosecondsEach(),
                         copies.change.MicrosecondsEach(), two, copy_seconds, copy_seconds / m.seconds,
                         copies.revision.MicrosecondsEach(),
                         (two + copies.revision.MicrosecondsEach()) / ours)});
  Print({"import_memory", run.peak_mebibytes, "MiB", '<', 150,
         absl::StrFormat("the most that alliance-registry held resident (VmHWM) while it imported %d records",
                         facts.records)});
}

absl::Status Run() {
  ASSIGN_OR_RETURN(const Platform platform, Platform::FromEnvironment());
  ASSIGN_OR_RETURN(const auto api, Api::Connect(platform, platform.registry_target(), 2));
  ASSIGN_OR_RETURN(
      const FactsFile little,
      PrepareFacts(platform, kWarmUpYear, std::min<int64_t>(kWarmUpRecords, platform.organisations)));
  RETURN_IF_ERROR(RunImport(platform, api.get(), little).status());
  // Autovacuum, which is off here, would have done so by now.
  RETURN_IF_ERROR(Sql(platform, "ANALYZE").status());
  ASSIGN_OR_RETURN(const FactsFile facts, PrepareFacts(platform, kYear, platform.organisations));
  ASSIGN_OR_RETURN(const sync::v1::Feed before, api->source().GetFeed({{kKind}, {}}));
  Say(absl::StrCat("importing ", facts.records, " records"));
  ASSIGN_OR_RETURN(const ImportRun run, RunImport(platform, api.get(), facts));
  std::remove(facts.path.c_str());
  Say(absl::StrFormat("%.1f s; now by COPY", run.measured.seconds));
  ASSIGN_OR_RETURN(const Copies copies, RunCopies(platform, facts));
  Report(facts, run, copies);
  return MeasurePages(platform, api.get(), kKind, before.newest_cursor(), facts.records);
}

}  // namespace
}  // namespace lianqiao::bench

int main() {
  const absl::Status status = lianqiao::bench::Run();
  if (!status.ok()) lianqiao::bench::Say(status.ToString());
  return status.ok() ? 0 : 1;
}
