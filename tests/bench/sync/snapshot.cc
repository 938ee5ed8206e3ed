// SPDX-License-Identifier: Apache-2.0
// A full snapshot of all organisations over gRPC from the service, and as NDJSON over HTTP from the gateway,
// against COPY TO STDOUT of their table; what both processes hold in memory meanwhile.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include <sys/stat.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "libs/base/status.h"
#include "tests/bench/registry/child.h"
#include "tests/bench/registry/cpu.h"
#include "tests/bench/registry/report.h"
#include "tests/bench/sync/api.h"
#include "tests/bench/sync/copy.h"

namespace lianqiao::bench {
namespace {

constexpr char kKind[] = "organisation";
constexpr char kReadSnapshot[] = "/lianqiao.sync.v1.FeedService/ReadSnapshot";
constexpr int kPartitions = 4;
// More would only take time: one reads every record.
constexpr int kRoundsMax = 3;

using SteadyTime = std::chrono::steady_clock::time_point;

double Since(SteadyTime start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

absl::StatusOr<int64_t> ReadPart(Api* api, const std::string& token) {
  sync::v1::ReadSnapshotRequest request;
  request.set_token(token);
  ASSIGN_OR_RETURN(const auto stream, api->Open(kReadSnapshot, request));
  stream->WritesDone();
  int64_t records = 0;
  while (const auto page = stream->ReadAndWait())
    records += CountField(*page, sync::v1::ReadSnapshotResponse::kRecordsFieldNumber);
  RETURN_IF_ERROR(stream->status());
  return records;
}

absl::StatusOr<Measured> ByGrpc(const Platform& platform, Api* api) {
  const double client = OwnProcessorSeconds();
  const Meter meter(platform);
  const auto start = std::chrono::steady_clock::now();
  ASSIGN_OR_RETURN(const sync::v1::StartSnapshotResponse snapshot,
                   api->source().StartSnapshot({{kKind}, {}}, kPartitions, ""));
  std::atomic<int64_t> records{0};
  std::vector<absl::Status> statuses(snapshot.partition_tokens_size());
  std::vector<std::thread> readers;
  for (int i = 0; i < snapshot.partition_tokens_size(); ++i) {
    readers.emplace_back([&, i] {
      const auto count = ReadPart(api, snapshot.partition_tokens(i));
      statuses[i] = count.status();
      if (count.ok()) records += *count;
    });
  }
  for (std::thread& reader : readers) reader.join();
  Measured measured;
  measured.seconds = Since(start);
  meter.End(&measured);
  measured.client = OwnProcessorSeconds() - client;
  for (const absl::Status& status : statuses) RETURN_IF_ERROR(status);
  measured.operations = static_cast<double>(records);
  if (records != platform.organisations)
    return absl::InternalError(absl::StrCat("the snapshot has ", records.load(), " records"));
  return measured;
}

absl::StatusOr<Measured> ByHttp(const Platform& platform, Api* api) {
  ASSIGN_OR_RETURN(const std::string authorization, api->Authorization());
  const std::string options = platform.folder + "/snapshot.curl";
  std::ofstream(options) << "header = \"Authorization: " << authorization << "\"\n";
  chmod(options.c_str(), 0600);
  const Meter meter(platform);
  const auto start = std::chrono::steady_clock::now();
  // Lines are counted by `wc`, whose time is on our side: a fiftieth of the whole.
  ASSIGN_OR_RETURN(const Finished finished,
                   RunToEnd({"bash", "-c", "set -o pipefail; curl -s -S -f -K \"$0\" \"$1\" | wc -l", options,
                             absl::StrCat(platform.http_url, "/v1/snapshot?kinds=", kKind)}));
  Measured measured;
  measured.seconds = Since(start);
  meter.End(&measured);
  measured.client = finished.processor_seconds;
  int64_t lines = 0;
  if (!absl::SimpleAtoi(absl::StripSuffix(finished.output, "\n"), &lines) || lines < platform.organisations)
    return absl::InternalError(absl::StrCat("the snapshot over HTTP has ", finished.output, " lines"));
  measured.operations = static_cast<double>(platform.organisations);
  return measured;
}

// The highest that each has been, every one from where it was before its run.
struct Peaks {
  double registry = 0;
  double gateway = 0;
  absl::Status Reset(const Platform& platform) const {
    if (ResetPeakMemory(platform.registry) && ResetPeakMemory(platform.gateway)) return absl::OkStatus();
    return absl::UnavailableError("no right to reset VmHWM");
  }
  void Read(const Platform& platform) {
    registry = std::max(registry, PeakMebibytes(platform.registry));
    gateway = std::max(gateway, PeakMebibytes(platform.gateway));
  }
};

absl::Status Run() {
  ASSIGN_OR_RETURN(const Platform platform, Platform::FromEnvironment());
  ASSIGN_OR_RETURN(const auto api, Api::Connect(platform, platform.registry_target(), kPartitions));
  Series copy;
  Series grpc;
  Series http;
  Peaks of_grpc;
  Peaks of_http;
  const std::string all = absl::StrCat(kKind, " TO '/dev/null'");
  RETURN_IF_ERROR(Copy(platform, all, platform.organisations).status());  // Warm-up: the table into memory.
  const int rounds = std::min(platform.rounds, kRoundsMax);
  for (int round = 1; round <= rounds; ++round) {
    ASSIGN_OR_RETURN(const Measured table, Copy(platform, all, platform.organisations));
    RETURN_IF_ERROR(of_grpc.Reset(platform));
    ASSIGN_OR_RETURN(const Measured parts, ByGrpc(platform, api.get()));
    of_grpc.Read(platform);
    RETURN_IF_ERROR(of_http.Reset(platform));
    ASSIGN_OR_RETURN(const Measured lines, ByHttp(platform, api.get()));
    of_http.Read(platform);
    Say(absl::StrFormat("round %d of %d: COPY %.1f, gRPC %.1f, NDJSON %.1f us each", round, rounds,
                        table.MicrosecondsEach(), parts.MicrosecondsEach(), lines.MicrosecondsEach()));
    copy.Add(table);
    grpc.Add(parts);
    http.Add(lines);
  }
  Print({"snapshot_grpc", Series::ProcessorRatio(copy, grpc), "ratio", '>', 0.25,
         absl::StrFormat(
             "%d organisations by ReadSnapshot in %d parts at once from alliance-registry: %s; COPY "
             "TO STDOUT of their table by psql: %s; by rate %.2f",
             platform.organisations, kPartitions, grpc.PartsText(), copy.PartsText(),
             Series::RateRatio(copy, grpc))});
  Print(
      {"snapshot_ndjson", Series::ProcessorRatio(copy, http), "ratio", '>', 0.15,
       absl::StrFormat("GET /v1/snapshot as NDJSON through the gateway in one stream, by curl: %s; the same "
                       "COPY: %s; by rate %.2f",
                       http.PartsText(), copy.PartsText(), Series::RateRatio(copy, http))});
  Print(
      {"snapshot_memory", std::max({of_grpc.registry, of_http.registry, of_http.gateway}), "MiB", '<', 150,
       absl::StrFormat("the most that a process held resident (VmHWM): alliance-registry %.0f MiB over gRPC, "
                       "%.0f for NDJSON; gateway %.0f for NDJSON",
                       of_grpc.registry, of_http.registry, of_http.gateway)});
  return absl::OkStatus();
}

}  // namespace
}  // namespace lianqiao::bench

int main() {
  const absl::Status status = lianqiao::bench::Run();
  if (!status.ok()) lianqiao::bench::Say(status.ToString());
  return status.ok() ? 0 : 1;
}
