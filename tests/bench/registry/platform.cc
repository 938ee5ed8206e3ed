// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/registry/platform.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "lianqiao/identity/v1/token.pb.h"
#include "libs/access/credentials.h"
#include "libs/rpc/client.h"
#include "tests/bench/registry/child.h"
#include "tests/bench/registry/cpu.h"
#include "tests/bench/registry/report.h"

namespace lianqiao::bench {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int Number(const char* name) {
  return std::atoi(Variable(name).c_str());
}

double MedianOf(const std::vector<Measured>& rounds, double (*value)(const Measured&)) {
  std::vector<double> values;
  for (const Measured& round : rounds) values.push_back(value(round));
  return Median(values);
}

// The number behind `label` in the output of pgbench.
double Figure(const std::string& output, const std::string& label) {
  const size_t at = output.find(label);
  return at == std::string::npos ? 0 : std::atof(output.c_str() + at + label.size());
}

}  // namespace

absl::StatusOr<Platform> Platform::FromEnvironment() {
  Platform platform;
  platform.folder = Variable("BENCH_FOLDER");
  platform.programs = Variable("BENCH_BIN");
  platform.sockets = Variable("BENCH_SOCKETS");
  platform.database = Variable("BENCH_DATABASE");
  platform.superuser_database = Variable("BENCH_SUPERUSER_DATABASE");
  platform.grpc_address = Variable("BENCH_GRPC_ADDRESS");
  platform.http_url = Variable("BENCH_HTTP_URL");
  platform.postgres = Number("BENCH_POSTGRES_PID");
  platform.registry = Number("BENCH_REGISTRY_PID");
  platform.gateway = Number("BENCH_GATEWAY_PID");
  platform.organisations = Number("BENCH_ORGANISATIONS");
  platform.rounds = Number("BENCH_ROUNDS");
  platform.seconds = std::atof(Variable("BENCH_SECONDS").c_str());
  platform.port_base = Number("BENCH_PORT_BASE");
  if (platform.sockets.empty() || platform.postgres == 0 || platform.rounds == 0)
    return absl::UnavailableError(
        "this is a scenario of tools/bench, which says where everything is: run that");
  return platform;
}

absl::StatusOr<std::string> Platform::Token(const std::string& name) const {
  const auto credentials = access::ReadCredentials(credentials_file(name));
  if (!credentials.ok()) return credentials.status();
  rpc::Client identity({absl::StrCat("unix:", sockets, "/gateway-internal.sock"), 1});
  identity::v1::IssueTokenRequest request;
  request.set_client_id(credentials->client_id);
  request.set_client_secret(credentials->client_secret);
  identity::v1::IssueTokenResponse response;
  const absl::Status status = identity.CallAndWait("/lianqiao.identity.v1.TokenService/IssueToken", request,
                                                   &response, {}, absl::Now() + absl::Seconds(10));
  if (!status.ok()) return status;
  return response.access_token();
}

std::string CountyId(int n) {
  return absl::StrCat("10000000-0000-7000-8000-", absl::Dec(n, absl::kZeroPad12));
}

std::string OrganisationId(int64_t n) {
  return absl::StrCat("20000000-0000-7000-8000-", absl::Dec(n, absl::kZeroPad12));
}

Meter::Meter(const Platform& platform) : platform_(platform) {
  server_ = ProcessorSeconds(platform.registry);
  gateway_ = ProcessorSeconds(platform.gateway);
  postgres_ = TreeProcessorSeconds(platform.postgres);
}

void Meter::End(Measured* measured) const {
  measured->server = ProcessorSeconds(platform_.registry) - server_;
  measured->gateway = ProcessorSeconds(platform_.gateway) - gateway_;
  measured->postgres = TreeProcessorSeconds(platform_.postgres) - postgres_;
}

absl::StatusOr<Measured> RunPgbench(const Platform& platform, const std::string& name,
                                    const std::string& script, int clients) {
  const std::string file = absl::StrCat(platform.folder, "/", name, ".pgbench");
  std::ofstream(file) << script;
  const int seconds = std::max(1, static_cast<int>(platform.seconds + 0.5));
  const Meter meter(platform);
  const auto finished = RunToEnd({"pgbench", "--no-vacuum", "--protocol=prepared", "--file=" + file,
                                  absl::StrCat("--client=", clients), "--jobs=2",
                                  absl::StrCat("--time=", seconds), platform.database});
  if (!finished.ok()) return finished.status();
  Measured measured;
  meter.End(&measured);
  measured.client = finished->processor_seconds;
  measured.operations = Figure(finished->output, "number of transactions actually processed: ");
  const double rate = Figure(finished->output, "tps = ");
  measured.p50_milliseconds = Figure(finished->output, "latency average = ");
  if (measured.operations <= 0 || rate <= 0) return absl::UnavailableError(finished->output);
  if (Figure(finished->output, "number of failed transactions: ") > 0)
    return absl::UnavailableError(finished->output);
  measured.seconds = measured.operations / rate;
  return measured;
}

absl::StatusOr<Measured> RunCalls(const Platform& platform, LoadClient* client, const std::string& method,
                                  const std::string& token, double seconds,
                                  const std::function<std::string(uint64_t n)>& request) {
  const Meter meter(platform);
  const auto result = client->Run(method, token, seconds, request);
  if (!result.ok()) return result.status();
  Measured measured;
  meter.End(&measured);
  measured.client = result->processor_seconds;
  measured.operations = static_cast<double>(result->operations);
  measured.seconds = result->seconds;
  measured.p50_milliseconds = result->Quantile(0.5);
  measured.p99_milliseconds = result->Quantile(0.99);
  return measured;
}

double Series::Microseconds() const {
  return MedianOf(rounds_, [](const Measured& m) { return m.MicrosecondsEach(); });
}

double Series::Rate() const {
  return MedianOf(rounds_, [](const Measured& m) { return m.Rate(); });
}

std::string Series::Text() const {
  const double client = MedianOf(rounds_, [](const Measured& m) { return m.client / m.operations * 1e6; });
  const double gateway = MedianOf(rounds_, [](const Measured& m) { return m.gateway / m.operations * 1e6; });
  const double server = MedianOf(rounds_, [](const Measured& m) { return m.server / m.operations * 1e6; });
  const double postgres =
      MedianOf(rounds_, [](const Measured& m) { return m.postgres / m.operations * 1e6; });
  const double p50 = MedianOf(rounds_, [](const Measured& m) { return m.p50_milliseconds; });
  const double p99 = MedianOf(rounds_, [](const Measured& m) { return m.p99_milliseconds; });
  std::string text = absl::StrFormat("client %.0f", client);
  if (gateway >= 0.5) absl::StrAppendFormat(&text, " + gateway %.0f", gateway);
  if (server >= 0.5) absl::StrAppendFormat(&text, " + registry %.0f", server);
  absl::StrAppendFormat(&text, " + postgres %.0f = %.0f us each, %.1f k/s, ", postgres, Microseconds(),
                        Rate() / 1000);
  if (p99 > 0) return text + absl::StrFormat("p50 %.1f ms, p99 %.1f ms", p50, p99);
  return text + absl::StrFormat("mean %.1f ms", p50);
}

std::string Series::PartsText() const {
  const double client = MedianOf(rounds_, [](const Measured& m) { return m.client / m.operations * 1e6; });
  const double gateway = MedianOf(rounds_, [](const Measured& m) { return m.gateway / m.operations * 1e6; });
  const double server = MedianOf(rounds_, [](const Measured& m) { return m.server / m.operations * 1e6; });
  const double postgres =
      MedianOf(rounds_, [](const Measured& m) { return m.postgres / m.operations * 1e6; });
  std::string text = absl::StrFormat("client %.1f", client);
  if (gateway >= 0.05) absl::StrAppendFormat(&text, " + gateway %.1f", gateway);
  if (server >= 0.05) absl::StrAppendFormat(&text, " + registry %.1f", server);
  return absl::StrCat(text, absl::StrFormat(" + postgres %.1f = %.1f us each, %.1f k/s", postgres,
                                            Microseconds(), Rate() / 1000));
}

double Series::ProcessorRatio(const Series& other, const Series& ours) {
  std::vector<double> ratios;
  for (size_t i = 0; i < ours.rounds_.size(); ++i)
    ratios.push_back(other.rounds_[i].MicrosecondsEach() / ours.rounds_[i].MicrosecondsEach());
  return Median(ratios);
}

double Series::RateRatio(const Series& other, const Series& ours) {
  std::vector<double> ratios;
  for (size_t i = 0; i < ours.rounds_.size(); ++i)
    ratios.push_back(ours.rounds_[i].Rate() / other.rounds_[i].Rate());
  return Median(ratios);
}

}  // namespace lianqiao::bench
