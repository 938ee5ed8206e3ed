// SPDX-License-Identifier: Apache-2.0
// Create by one statement and Update with a rule by Transact, against pgbench doing the same between BEGIN
// and COMMIT, one statement after the other.
#include <fstream>
#include <random>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "lianqiao/registry/v1/funding.pb.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "libs/contract/contract.h"
#include "libs/store/codec.h"
#include "tests/bench/registry/cpu.h"
#include "tests/bench/registry/platform.h"
#include "tests/bench/registry/report.h"

namespace lianqiao::bench {
namespace {

constexpr char kCreate[] = "/lianqiao.registry.v1.FundingService/CreateFunding";
constexpr char kUpdate[] = "/lianqiao.registry.v1.OrganisationService/UpdateOrganisation";
constexpr int kConnections = 4;
constexpr int kOutstanding = 64;
constexpr int kPgbenchClients = 16;
// What a stored state has in bytes.
constexpr int kFundingBytes = 190;
constexpr int kOrganisationBytes = 270;

// A script of this folder with {name} replaced.
absl::StatusOr<std::string> Script(const Platform& platform, const std::string& name,
                                   const std::string& columns, int state_bytes) {
  std::ifstream file("tests/bench/registry/" + name);
  std::stringstream text;
  text << file.rdbuf();
  if (text.str().empty()) return absl::UnavailableError("tests/bench/registry/" + name + " is missing");
  std::string state;
  for (int i = 0; i < state_bytes; ++i) state += "61";
  return absl::StrReplaceAll(
      text.str(),
      {{"{columns}", columns}, {"{state}", state}, {"{last}", absl::StrCat(platform.organisations - 1)}});
}

class Requests {
 public:
  explicit Requests(const Platform& platform) : any_(0, platform.organisations - 1) {}

  std::string Create() {
    registry::v1::CreateFundingRequest request;
    registry::v1::Funding& funding = *request.mutable_funding();
    funding.set_jurisdiction_id(CountyId(static_cast<int>(any_(random_) % 100) + 1));
    funding.set_year(2026);
    funding.set_source(registry::v1::FUNDING_SOURCE_PUBLIC_FUNDS);
    funding.set_payer_level(registry::v1::PAYER_LEVEL_COUNTY);
    funding.set_amount_fen(123450000);
    funding.set_purpose("teachers of the alliance, second half of the year");
    funding.set_allocated_on("2026-09-01");
    request.set_request_id(NextKey());
    return request.SerializeAsString();
  }

  std::string Update() {
    registry::v1::UpdateOrganisationRequest request;
    request.mutable_organisation()->set_id(OrganisationId(any_(random_)));
    request.set_request_id(NextKey());
    request.mutable_organisation()->set_short_name("short " + request.request_id());
    request.mutable_update_mask()->add_paths("short_name");
    return request.SerializeAsString();
  }

 private:
  std::string NextKey() { return absl::StrCat(start_, "-", ++number_); }

  const int64_t start_ = absl::ToUnixMillis(absl::Now());
  uint64_t number_ = 0;
  std::minstd_rand random_{7};
  std::uniform_int_distribution<int64_t> any_;
};

std::string Detail(const std::string& what, const Series& ours, const Series& pgbench) {
  return absl::StrFormat(
      "%s, %d outstanding over %d connections: %s; pgbench -c%d -M prepared, BEGIN to COMMIT: %s; by rate "
      "%.2f",
      what, kOutstanding, kConnections, ours.Text(), kPgbenchClients, pgbench.Text(),
      Series::RateRatio(pgbench, ours));
}

absl::Status Run() {
  ASSIGN_OR_RETURN(const Platform platform, Platform::FromEnvironment());
  const auto contract = contract::Contract::Load({"lianqiao.registry.v1"});
  if (!contract.ok()) return contract.status();
  const std::string columns = store::SelectColumns(*(*contract)->FindKind("organisation"), "t");
  ASSIGN_OR_RETURN(const std::string create_script,
                   Script(platform, "create.pgbench", columns, kFundingBytes));
  ASSIGN_OR_RETURN(const std::string update_script,
                   Script(platform, "update.pgbench", columns, kOrganisationBytes));
  LoadClient client(platform.registry_target(), kConnections, kOutstanding);
  Requests requests(platform);
  Series create;
  Series create_sql;
  Series update;
  Series update_sql;
  for (int round = 0; round <= platform.rounds; ++round) {
    ASSIGN_OR_RETURN(const std::string token, platform.Token("city"));
    const bool warm_up = round == 0;
    const double seconds = warm_up ? 1 : platform.seconds;
    ASSIGN_OR_RETURN(const Measured insert, RunPgbench(platform, "create", create_script, kPgbenchClients));
    ASSIGN_OR_RETURN(const Measured created, RunCalls(platform, &client, kCreate, token, seconds,
                                                      [&](uint64_t) { return requests.Create(); }));
    ASSIGN_OR_RETURN(const Measured change, RunPgbench(platform, "update", update_script, kPgbenchClients));
    ASSIGN_OR_RETURN(const Measured updated, RunCalls(platform, &client, kUpdate, token, seconds,
                                                      [&](uint64_t) { return requests.Update(); }));
    if (warm_up) continue;
    Say(absl::StrFormat("round %d of %d: create %.0f by SQL %.0f, update %.0f by SQL %.0f us each", round,
                        platform.rounds, created.MicrosecondsEach(), insert.MicrosecondsEach(),
                        updated.MicrosecondsEach(), change.MicrosecondsEach()));
    create_sql.Add(insert);
    create.Add(created);
    update_sql.Add(change);
    update.Add(updated);
  }
  Print({"create_one_statement", Series::ProcessorRatio(create_sql, create), "ratio", '>', 0.75,
         Detail("CreateFunding", create, create_sql)});
  Print({"update_transact", Series::ProcessorRatio(update_sql, update), "ratio", '>', 0.55,
         Detail("UpdateOrganisation", update, update_sql)});
  return absl::OkStatus();
}

}  // namespace
}  // namespace lianqiao::bench

int main() {
  const absl::Status status = lianqiao::bench::Run();
  if (!status.ok()) lianqiao::bench::Say(status.ToString());
  return status.ok() ? 0 : 1;
}
