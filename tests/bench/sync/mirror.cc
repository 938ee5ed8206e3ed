// SPDX-License-Identifier: Apache-2.0
// `lianqiao mirror --once` into a database of its own: the first time, then behind a number of changes.
#include <algorithm>
#include <chrono>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "libs/base/status.h"
#include "tests/bench/registry/child.h"
#include "tests/bench/registry/cpu.h"
#include "tests/bench/registry/load.h"
#include "tests/bench/registry/report.h"
#include "tests/bench/sync/copy.h"

namespace lianqiao::bench {
namespace {

constexpr char kUpdate[] = "/lianqiao.registry.v1.OrganisationService/UpdateOrganisation";
constexpr char kKinds[] = "organisation";
constexpr char kDatabase[] = "bench_mirror";
constexpr int64_t kChangesMax = 100000;

struct MirrorRun {
  Measured measured;  // Both databases are in the cluster.
  double mirror_mebibytes = 0;
  double gateway_mebibytes = 0;
  double registry_mebibytes = 0;
  std::string Text() const {
    const auto each = [this](double seconds) { return seconds / measured.operations * 1e6; };
    return absl::StrFormat(
        "mirror %.1f + gateway %.1f + registry %.1f + postgres %.1f (source and copy) us each; at most %.0f, "
        "%.0f "
        "and %.0f MiB resident",
        each(measured.client), each(measured.gateway), each(measured.server), each(measured.postgres),
        mirror_mebibytes, gateway_mebibytes, registry_mebibytes);
  }
};

absl::StatusOr<MirrorRun> RunMirror(const Platform& platform, double records) {
  if (!ResetPeakMemory(platform.registry) || !ResetPeakMemory(platform.gateway))
    return absl::UnavailableError("no right to reset VmHWM");
  const std::string database = absl::StrCat("host=", platform.sockets, " user=postgres dbname=", kDatabase);
  const Meter meter(platform);
  const auto start = std::chrono::steady_clock::now();
  ASSIGN_OR_RETURN(const Finished finished,
                   RunToEnd({absl::StrCat(platform.programs, "/lianqiao"), "mirror", "--once", "--quiet",
                             "--kinds", kKinds, "--database", database, "--gateway", platform.grpc_address,
                             "--credentials", platform.credentials_file("feed")}));
  MirrorRun run;
  run.measured.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  meter.End(&run.measured);
  run.measured.client = finished.processor_seconds;
  run.measured.operations = records;
  run.mirror_mebibytes = finished.peak_mebibytes;
  run.gateway_mebibytes = PeakMebibytes(platform.gateway);
  run.registry_mebibytes = PeakMebibytes(platform.registry);
  return run;
}

// At least so many updates of organisations, any of them; how many it were.
absl::StatusOr<int64_t> Change(const Platform& platform, int64_t count) {
  LoadClient client(platform.registry_target(), 4, 64);
  std::minstd_rand random(11);
  std::uniform_int_distribution<int64_t> any(0, platform.organisations - 1);
  const int64_t run = absl::ToUnixMillis(absl::Now());
  int64_t made = 0;
  const auto request = [&](uint64_t) {
    registry::v1::UpdateOrganisationRequest update;
    update.mutable_organisation()->set_id(OrganisationId(any(random)));
    update.mutable_organisation()->set_short_name(absl::StrCat("short ", run, "-", ++made));
    update.mutable_update_mask()->add_paths("short_name");
    return update.SerializeAsString();
  };
  while (made < count) {
    ASSIGN_OR_RETURN(const std::string token, platform.Token("city"));
    RETURN_IF_ERROR(client.Run(kUpdate, token, 1, request).status());
  }
  return made;
}

absl::StatusOr<std::string> Held(const Platform& platform) {
  ASSIGN_OR_RETURN(
      const Finished finished,
      RunToEnd({"psql", "-X", "-A", "-t", "-d",
                absl::StrCat("host=", platform.sockets, " user=postgres dbname=", kDatabase), "-c",
                "SELECT count(*) || ' records, revisions ' || sum(revision) FROM "
                "lianqiao.organisation"}));
  return finished.output;
}

// The copy holds every record in its newest revision, or there is no figure.
absl::Status Check(const Platform& platform) {
  ASSIGN_OR_RETURN(const std::string held, Held(platform));
  ASSIGN_OR_RETURN(const std::string published,
                   Sql(platform,
                       "SELECT count(*) || ' records, revisions ' || sum(revision) FROM organisation "
                       "WHERE delete_time IS NULL"));
  if (held != published + "\n")
    return absl::DataLossError(absl::StrCat("the mirror holds ", held, "the platform ", published));
  return absl::OkStatus();
}

absl::Status Measure(const Platform& platform) {
  Say("first sync");
  ASSIGN_OR_RETURN(const MirrorRun first, RunMirror(platform, platform.organisations));
  RETURN_IF_ERROR(Check(platform));
  Print({"mirror_first", first.measured.seconds, "s", '<', 60,
         absl::StrFormat("%d organisations into an empty database of the same cluster, %.1f k/s: %s",
                         platform.organisations, first.measured.Rate() / 1000, first.Text())});
  const int64_t wanted = std::min<int64_t>(kChangesMax, platform.organisations / 10);
  Say(absl::StrCat("making ", wanted, " changes"));
  ASSIGN_OR_RETURN(const int64_t changes, Change(platform, wanted));
  ASSIGN_OR_RETURN(const MirrorRun next, RunMirror(platform, static_cast<double>(changes)));
  RETURN_IF_ERROR(Check(platform));
  Print({"mirror_catch_up", next.measured.Rate(), "1/s", '>', 10000,
         absl::StrFormat("%d updates of organisations, from the start of the program to its end %.2f s: %s",
                         changes, next.measured.seconds, next.Text())});
  return absl::OkStatus();
}

absl::Status Run() {
  ASSIGN_OR_RETURN(const Platform platform, Platform::FromEnvironment());
  RETURN_IF_ERROR(Sql(platform, absl::StrCat("CREATE DATABASE ", kDatabase)).status());
  const absl::Status measured = Measure(platform);
  const absl::Status dropped = Sql(platform, absl::StrCat("DROP DATABASE ", kDatabase, " (FORCE)")).status();
  return measured.ok() ? dropped : measured;
}

}  // namespace
}  // namespace lianqiao::bench

int main() {
  const absl::Status status = lianqiao::bench::Run();
  if (!status.ok()) lianqiao::bench::Say(status.ToString());
  return status.ok() ? 0 : 1;
}
