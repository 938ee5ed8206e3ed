// SPDX-License-Identifier: Apache-2.0
// One Get of an organisation over gRPC against pgbench doing that select, and the same Get as JSON through
// the gateway against the one over gRPC.
#include <fstream>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/contract/contract.h"
#include "libs/store/codec.h"
#include "tests/bench/registry/child.h"
#include "tests/bench/registry/cpu.h"
#include "tests/bench/registry/platform.h"
#include "tests/bench/registry/report.h"

namespace lianqiao::bench {
namespace {

constexpr char kGet[] = "/lianqiao.registry.v1.OrganisationService/GetOrganisation";
constexpr int kConnections = 4;
constexpr int kOutstanding = 64;
constexpr int kPgbenchClients = 16;

absl::StatusOr<std::string> SelectScript(const Platform& platform) {
  const auto contract = contract::Contract::Load({"lianqiao.registry.v1"});
  if (!contract.ok()) return contract.status();
  const contract::Resource& organisation = *(*contract)->FindKind("organisation");
  return absl::StrCat(
      "\\set n random(0, ", platform.organisations - 1, ")\nSELECT ", store::SelectColumns(organisation, "t"),
      " FROM organisation t WHERE t.id = ('20000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid;\n");
}

std::string WriteWrkScript(const Platform& platform, const std::string& token) {
  const std::string file = absl::StrCat(platform.folder, "/get.lua");
  std::ofstream(file)
      << "wrk.headers['Authorization'] = 'Bearer " << token << "'\n"
      << "function setup(thread) thread:set('seed', os.time()) end\n"
      << "function init(args) math.randomseed(seed) end\n"
      << "function request()\n  return wrk.format('GET', string.format("
      << "'/v1/organisations/20000000-0000-7000-8000-%012d', math.random(0, " << platform.organisations - 1
      << ")))\nend\n"
      << "function done(summary, latency)\n  local e = summary.errors\n"
      << "  io.write(string.format('RESULT %d %d %d %d %d\\n', summary.requests, summary.duration,\n"
      << "    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), "
         "latency:percentile(99)))\nend\n";
  return file;
}

absl::StatusOr<Measured> RunWrk(const Platform& platform, const std::string& token, double seconds) {
  const std::string script = WriteWrkScript(platform, token);
  const Meter meter(platform);
  const int whole_seconds = std::max(1, static_cast<int>(seconds + 0.5));
  const auto finished = RunToEnd({"wrk", "-t1", absl::StrCat("-c", kOutstanding),
                                  absl::StrCat("-d", whole_seconds, "s"), "-s", script, platform.http_url});
  if (!finished.ok()) return finished.status();
  Measured measured;
  meter.End(&measured);
  measured.client = finished->processor_seconds;
  const size_t at = finished->output.find("RESULT ");
  double microseconds = 0;
  double errors = 0;
  double p50 = 0;
  double p99 = 0;
  if (at == std::string::npos || std::sscanf(finished->output.c_str() + at, "RESULT %lf %lf %lf %lf %lf",
                                             &measured.operations, &microseconds, &errors, &p50, &p99) != 5)
    return absl::UnavailableError(finished->output);
  if (errors > 0 || measured.operations == 0)
    return absl::UnavailableError("wrk met errors:\n" + finished->output);
  measured.seconds = microseconds / 1e6;
  measured.p50_milliseconds = p50 / 1000;
  measured.p99_milliseconds = p99 / 1000;
  return measured;
}

absl::Status Run() {
  ASSIGN_OR_RETURN(const Platform platform, Platform::FromEnvironment());
  ASSIGN_OR_RETURN(const std::string script, SelectScript(platform));
  LoadClient client(platform.registry_target(), kConnections, kOutstanding);
  std::minstd_rand random(42);
  std::uniform_int_distribution<int64_t> any(0, platform.organisations - 1);
  const auto request = [&](uint64_t) {
    type::v1::GetRequest get;
    get.set_id(OrganisationId(any(random)));
    return get.SerializeAsString();
  };
  Series pgbench;
  Series grpc;
  Series json;
  for (int round = 0; round <= platform.rounds; ++round) {
    ASSIGN_OR_RETURN(const std::string token, platform.Token("city"));
    const bool warm_up = round == 0;
    const double seconds = warm_up ? 1 : platform.seconds;
    ASSIGN_OR_RETURN(const Measured select, RunPgbench(platform, "get", script, kPgbenchClients));
    ASSIGN_OR_RETURN(const Measured call, RunCalls(platform, &client, kGet, token, seconds, request));
    ASSIGN_OR_RETURN(const Measured page, RunWrk(platform, token, seconds));
    if (warm_up) continue;
    Say(absl::StrFormat("round %d of %d: pgbench %.0f, gRPC %.0f, JSON %.0f us each", round, platform.rounds,
                        select.MicrosecondsEach(), call.MicrosecondsEach(), page.MicrosecondsEach()));
    pgbench.Add(select);
    grpc.Add(call);
    json.Add(page);
  }
  Print({"unary_get", Series::ProcessorRatio(pgbench, grpc), "ratio", '>', 0.38,
         absl::StrFormat(
             "Get of an organisation over gRPC, %d outstanding over %d connections: %s; pgbench -c%d -M "
             "prepared, same select: %s; by rate %.2f",
             kOutstanding, kConnections, grpc.Text(), kPgbenchClients, pgbench.Text(),
             Series::RateRatio(pgbench, grpc))});
  Print({"json_get", Series::ProcessorRatio(grpc, json), "ratio", '>', 0.45,
         absl::StrFormat(
             "the same Get as JSON through the gateway, %d connections of wrk: %s; against the row above: "
             "%s; by rate %.2f",
             kOutstanding, json.Text(), grpc.Text(), Series::RateRatio(grpc, json))});
  return absl::OkStatus();
}

}  // namespace
}  // namespace lianqiao::bench

int main() {
  const absl::Status status = lianqiao::bench::Run();
  if (!status.ok()) lianqiao::bench::Say(status.ToString());
  return status.ok() ? 0 : 1;
}
