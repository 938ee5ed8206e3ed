// SPDX-License-Identifier: Apache-2.0
// The private installation that tools/bench started, as its environment describes it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/registry/load.h"

namespace lianqiao::bench {

struct Platform {
  std::string folder;              // Of this run; private.
  std::string programs;            // build/release/bin
  std::string sockets;             // Holds PostgreSQL's and ours.
  std::string database;            // libpq string of the role of alliance-registry
  std::string superuser_database;  // libpq string: whoever started the bench, as superuser
  std::string http_url;
  std::string grpc_address;  // Of the gateway.
  pid_t postgres = 0;
  pid_t registry = 0;
  pid_t gateway = 0;
  int organisations = 0;
  int rounds = 0;
  double seconds = 0;
  int port_base = 0;

  // UNAVAILABLE if the scenario was not started by tools/bench.
  static absl::StatusOr<Platform> FromEnvironment();
  std::string registry_target() const { return "unix:" + sockets + "/alliance-registry.sock"; }
  // Of the client in <folder>/<name>.json.
  std::string credentials_file(const std::string& name) const { return folder + "/" + name + ".json"; }
  // A fresh token of the client in <folder>/<name>.json; lives ten minutes.
  absl::StatusOr<std::string> Token(const std::string& name) const;
};

std::string CountyId(int n);
std::string OrganisationId(int64_t n);

// Operations and processor seconds of each part, of one configuration in one round.
struct Measured {
  double operations = 0;
  double seconds = 0;
  double client = 0;
  double server = 0;  // alliance-registry
  double gateway = 0;
  double postgres = 0;
  double p50_milliseconds = 0;
  double p99_milliseconds = 0;
  double MicrosecondsEach() const { return (client + server + gateway + postgres) / operations * 1e6; }
  double Rate() const { return operations / seconds; }
};

// Reads the processor time of the servers before and after.
class Meter {
 public:
  explicit Meter(const Platform& platform);
  void End(Measured* measured) const;

 private:
  const Platform& platform_;
  double server_ = 0;
  double gateway_ = 0;
  double postgres_ = 0;
};

// pgbench -M prepared with this script.
absl::StatusOr<Measured> RunPgbench(const Platform& platform, const std::string& name,
                                    const std::string& script, int clients);
absl::StatusOr<Measured> RunCalls(const Platform& platform, LoadClient* client, const std::string& method,
                                  const std::string& token, double seconds,
                                  const std::function<std::string(uint64_t n)>& request);

// Rounds of one configuration; medians over them.
class Series {
 public:
  void Add(const Measured& measured) { rounds_.push_back(measured); }
  double Microseconds() const;
  double Rate() const;
  // "client 17 + registry 29 + postgres 12 us/op, 24.1 k/s, p50 2.1 ms, p99 4.0 ms"
  std::string Text() const;
  // The same without latencies and with tenths: "client 1.2 + registry 8.9 + postgres 3.1 = 13.2 us each, 61
  // k/s".
  std::string PartsText() const;
  // Medians over the rounds of (ours by that of the other): processor time and rate.
  static double ProcessorRatio(const Series& other, const Series& ours);
  static double RateRatio(const Series& other, const Series& ours);

 private:
  std::vector<Measured> rounds_;
};

}  // namespace lianqiao::bench
