// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/platform.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "libs/postgres/database.h"
#include "libs/testing/cluster.h"

namespace lianqiao::e2e {
namespace {

using ::lianqiao::testing::Cluster;

constexpr char kDatabase[] = "lianqiao";
constexpr absl::Duration kReadyLimit = absl::Seconds(60);
// What the programs promise by default (--drain_seconds), and room for the leak check at their end.
constexpr absl::Duration kStopLimit = absl::Seconds(30);

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "platform under test: %s\n", what.c_str());
  std::exit(1);
}

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::unique_ptr<Platform> shared;

// Takes the shared platform down while a failure of that still fails the binary.
class SharedPlatform : public ::testing::Environment {
 public:
  void TearDown() override { shared.reset(); }
};
const ::testing::Environment* const shared_platform = ::testing::AddGlobalTestEnvironment(new SharedPlatform);

}  // namespace

const std::map<std::string, std::string> kFollowers = {{"teacher-exchange", "lianqiao.exchange.v1"},
                                                       {"teaching-research", "lianqiao.research.v1"},
                                                       {"resource-sharing", "lianqiao.resources.v1"}};

Platform& Platform::Shared() {
  if (shared == nullptr) shared = std::make_unique<Platform>();
  return *shared;
}

Platform::Platform(const Options& options) : folder_("/tmp/lianqiao-e2e-XXXXXX") {
  if (::mkdtemp(folder_.data()) == nullptr) Die("cannot make " + folder_);
  MakeDatabase();
  MakePrograms(options);
  registry_->Start();
  for (const auto& [name, follower] : followers_) follower->Start();
  gateway_->Start();
  WaitReady();
  const Json credentials(ReadFile(folder_ + "/operator.json"));
  operator_token_ = Token(credentials.Text("/client_id"), credentials.Text("/client_secret"));
  if (operator_token_.empty()) Die("no token for the operator");
}

Platform::~Platform() {
  for (Process* process : processes()) process->Signal(SIGTERM);
  for (Process* process : processes()) {
    if (!process->Runs() && process->exit_code() == 0) continue;
    EXPECT_EQ(process->Terminate(kStopLimit), 0) << process->name() << " does not end as it should";
  }
  if (::testing::UnitTest::GetInstance()->Failed()) {
    ShowLogs();
  } else {
    std::filesystem::remove_all(folder_);
  }
}

void Platform::MakeDatabase() {
  Cluster& cluster = Cluster::Instance();
  cluster.Administer(absl::StrCat("DROP DATABASE IF EXISTS ", kDatabase, " WITH (FORCE)"));
  const CommandResult bootstrap =
      RunShell(absl::StrCat("psql -X -q -v ON_ERROR_STOP=1 '", cluster.Connection("postgres", "postgres"),
                            "' -f deploy/postgres/bootstrap.sql"));
  if (bootstrap.exit_code != 0) Die("deploy/postgres/bootstrap.sql: " + bootstrap.output);
}

// The flags of tools/lib/services.sh, but no limit per client: a test must not meet it on a fast machine.
void Platform::MakePrograms(const Options& options) {
  const Cluster& cluster = Cluster::Instance();
  const auto local = [](int port) { return absl::StrCat("127.0.0.1:", port); };
  const std::string http = local(FreePort());
  const std::string gateway_metrics = local(FreePort());
  const std::string registry_metrics = local(FreePort());
  const std::string secrets = folder_ + "/secrets";
  grpc_port_ = FreePort();
  url_ = "http://" + http;
  for (const std::string& address : {registry_metrics, gateway_metrics, http})
    ready_.push_back("http://" + address);
  std::filesystem::create_directory(secrets);
  std::string upstreams = "lianqiao.registry.v1=" + registry_address();
  std::string clients = "alliance-registry";
  for (const std::string& name : options.followers) {
    absl::StrAppend(&upstreams, ",", kFollowers.at(name), "=", address(name));
    absl::StrAppend(&clients, ",", name, "=registry");
    MakeFollower(name);
  }
  std::vector<std::string> registry = {
      ProgramFolder() + "/alliance-registry",
      "--database=" + cluster.Connection("alliance_registry", kDatabase),
      "--owner_database=" + cluster.Connection("alliance_registry_owner", kDatabase),
      "--schema=alliance_registry",
      "--listen=" + registry_address(),
      "--identity=" + internal(),
      "--credentials=" + secrets + "/alliance-registry.json",
      "--metrics_listen=" + registry_metrics};
  std::vector<std::string> gateway = {ProgramFolder() + "/gateway",
                                      "--http_listen=" + http,
                                      "--grpc_listen=" + grpc_address(),
                                      "--internal_listen=" + internal(),
                                      "--database=" + cluster.Connection("identity", kDatabase),
                                      "--owner_database=" + cluster.Connection("identity_owner", kDatabase),
                                      "--schema=identity",
                                      "--upstream=" + upstreams,
                                      "--services=" + clients,
                                      "--metrics_listen=" + gateway_metrics,
                                      "--master_key_file=" + secrets + "/master.key",
                                      "--operator_file=" + folder_ + "/operator.json",
                                      "--service_secret_dir=" + secrets,
                                      "--client_rate=0"};
  registry.insert(registry.end(), options.registry_flags.begin(), options.registry_flags.end());
  gateway.insert(gateway.end(), options.gateway_flags.begin(), options.gateway_flags.end());
  registry_ = std::make_unique<Process>("alliance-registry", registry, folder_ + "/alliance-registry.log");
  gateway_ = std::make_unique<Process>("gateway", gateway, folder_ + "/gateway.log");
}

void Platform::MakeFollower(const std::string& name) {
  const Cluster& cluster = Cluster::Instance();
  const std::string schema = absl::StrReplaceAll(name, {{"-", "_"}});
  const std::string metrics = absl::StrCat("127.0.0.1:", FreePort());
  std::vector<std::string> command = {absl::StrCat(ProgramFolder(), "/", name),
                                      "--database=" + cluster.Connection(schema, kDatabase),
                                      "--owner_database=" + cluster.Connection(schema + "_owner", kDatabase),
                                      "--schema=" + schema,
                                      "--listen=" + address(name),
                                      "--follow=lianqiao.registry.v1=" + registry_address(),
                                      "--identity=" + internal(),
                                      absl::StrCat("--credentials=", folder_, "/secrets/", name, ".json"),
                                      "--metrics_listen=" + metrics};
  if (name == "resource-sharing") command.push_back("--content_dir=" + content_folder());
  followers_[name] = std::make_unique<Process>(name, command, absl::StrCat(folder_, "/", name, ".log"));
  ready_.push_back("http://" + metrics);
}

void Platform::WaitReady() {
  const absl::Time end = absl::Now() + kReadyLimit;
  for (const std::string& url : ready_) {
    HttpClient client(url);
    HttpAnswer answer;
    while ((answer = client.Get("/readyz")).status != 200) {
      const std::vector<Process*> all = processes();
      const bool run = std::all_of(all.begin(), all.end(), [](Process* process) { return process->Runs(); });
      if (absl::Now() < end && run) {
        absl::SleepFor(absl::Milliseconds(10));
        continue;
      }
      ShowLogs();
      Die(absl::StrCat(url, "/readyz: ", answer.status, " ", answer.failure, " ", answer.body));
    }
  }
}

void Platform::ShowLogs() const {
  for (const Process* process : processes()) {
    const CommandResult tail = RunShell("tail -n 15 " + process->log());
    std::fprintf(stderr, "--- end of %s\n%s---\n", process->log().c_str(), tail.output.c_str());
  }
}

std::string Platform::grpc_address() const {
  return absl::StrCat("127.0.0.1:", grpc_port_);
}

std::string Platform::address(const std::string& name) const {
  return absl::StrCat("unix:", folder_, "/", name, ".sock");
}

std::string Platform::registry_address() const {
  return address("alliance-registry");
}

std::string Platform::internal() const {
  return absl::StrCat("unix:", folder_, "/gateway-internal.sock");
}

std::vector<Process*> Platform::processes() const {
  std::vector<Process*> all = {gateway_.get()};
  for (const auto& [name, follower] : followers_) all.push_back(follower.get());
  all.push_back(registry_.get());
  return all;
}

HttpAnswer Platform::AskForToken(const std::string& client_id, const std::string& client_secret) {
  return HttpClient(url_).Post(
      "/oauth2/token", "grant_type=client_credentials",
      {"Content-Type: application/x-www-form-urlencoded",
       "Authorization: Basic " + absl::Base64Escape(absl::StrCat(client_id, ":", client_secret))});
}

std::string Platform::Token(const std::string& client_id, const std::string& client_secret) {
  const HttpAnswer answer = AskForToken(client_id, client_secret);
  EXPECT_EQ(answer.status, 200) << answer.failure << answer.body;
  return answer.json().Text("/access_token");
}

std::string Platform::Sql(const std::string& sql) {
  postgres::Database::Options options;
  options.connection = Cluster::Instance().Connection("postgres", kDatabase);
  options.workers = 1;
  options.name = "test";
  postgres::Database database(options);
  std::string value;
  const absl::Status status =
      database.Run(absl::Now() + absl::Seconds(30), [&](postgres::Session& session) -> absl::Status {
        const auto result = session.Execute({"test", sql, false}, {});
        if (result.ok() && result->rows() > 0 && !result->IsNull(0, 0)) value = result->Text(0, 0);
        return result.status();
      });
  EXPECT_TRUE(status.ok()) << sql << ": " << status;
  return value;
}

void Platform::StopPostgres() {
  Cluster::Instance().StopNow();
}
void Platform::StartPostgres() {
  Cluster::Instance().Start();
}

Places MakePlaces(HttpClient& client) {
  const auto place = [&client](const std::string& rank, const std::string& name, const std::string& parent) {
    const HttpAnswer answer =
        client.Post("/v1/jurisdictions",
                    absl::StrCat(R"({"kind":"JURISDICTION_KIND_)", rank, R"(","level":"JURISDICTION_LEVEL_)",
                                 rank, R"(","name":)", Quoted(name), R"(,"parentId":")", parent, "\"}"));
    EXPECT_EQ(answer.status, 200) << answer.failure << answer.body;
    return answer.json().Text("/id");
  };
  Places places;
  const std::string province = place("PROVINCE", "陕西省", "00000000-0000-7000-8000-000000000001");
  places.city_id = place("CITY", "宝鸡市", province);
  places.near_id = place("COUNTY", "渭滨区", places.city_id);
  places.far_id = place("COUNTY", "凤县", places.city_id);
  return places;
}

std::string SchoolBody(const std::string& name, const std::string& jurisdiction_id) {
  return absl::StrCat(R"({"kind":"ORGANISATION_KIND_SCHOOL","stages":["STAGE_PRIMARY"],"name":)",
                      Quoted(name), R"(,"jurisdictionId":")", jurisdiction_id, "\"}");
}

std::string MakeSchool(HttpClient& client, const std::string& name, const std::string& jurisdiction_id) {
  const HttpAnswer answer = client.Post("/v1/organisations", SchoolBody(name, jurisdiction_id));
  EXPECT_EQ(answer.status, 200) << answer.failure << answer.body;
  return answer.json().Text("/id");
}

Guest MakeGuest(Platform& platform, HttpClient& client, const std::string& permission,
                const std::string& jurisdiction_id) {
  Guest guest;
  const HttpAnswer made = client.Post("/v1/identity/clients", R"({"label":"县教育局平台"})");
  EXPECT_EQ(made.status, 200) << made.failure << made.body;
  guest.client_id = made.json().Text("/id");
  const HttpAnswer secret =
      client.Post(absl::StrCat("/v1/identity/clients/", guest.client_id, ":issueSecret"), "{}");
  EXPECT_EQ(secret.status, 200) << secret.failure << secret.body;
  guest.client_secret = secret.json().Text("/clientSecret");
  const HttpAnswer grant = client.Post(
      "/v1/identity/grants",
      absl::StrCat(R"({"clientId":")", guest.client_id, R"(","permission":")", permission,
                   R"(","scopeKind":"GRANT_SCOPE_KIND_JURISDICTION","scopeId":")", jurisdiction_id, "\"}"));
  EXPECT_EQ(grant.status, 200) << grant.failure << grant.body;
  guest.grant_id = grant.json().Text("/id");
  guest.token = platform.Token(guest.client_id, guest.client_secret);
  HttpClient own(platform.url(), guest.token);
  const absl::Time begin = absl::Now();
  while ((own.Get("/v1/organisations?pageSize=1").status != 200 ||
          !own.Get("/v1/identity:whoami").json().Has("/permissions/0")) &&
         absl::Now() - begin < absl::Seconds(10))
    absl::SleepFor(absl::Milliseconds(10));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(1)) << "a new grant acts within a second";
  return guest;
}

}  // namespace lianqiao::e2e
