// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/metric_names/suite.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "libs/access/credentials.h"
#include "libs/base/ids.h"
#include "libs/resource/engine.h"
#include "services/alliance-registry/registry.h"

namespace lianqiao::gates {
namespace {

template <typename T>
T Required(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "metric_names: the suite does not start: %s\n", value.status().ToString().c_str());
  std::abort();
}

gateway::Gateway::Options GatewayOptions(const std::string& folder, const std::string& database,
                                         gateway::Guard::Options guard,
                                         const std::vector<Follower>& followers) {
  gateway::Gateway::Options options;
  options.guard = guard;
  options.http.listen = "127.0.0.1:0";
  options.front.access_log = false;
  options.grpc_listen = "unix:" + folder + "/grpc.sock";
  options.catalogue.upstreams = {{"lianqiao.registry.v1", "unix:" + folder + "/registry.sock"}};
  options.identity.connection = database;
  options.identity.listen = {"unix:" + folder + "/identity.sock"};
  options.identity.master_key_file = folder + "/master.key";
  options.identity.readers = options.identity.writers = 2;
  options.identity.bootstrap.operator_file = folder + "/operator.json";
  options.identity.bootstrap.secrets_folder = folder;
  options.identity.bootstrap.services = {"alliance-registry"};
  for (const Follower& follower : followers) {
    const runtime::Definition definition = follower.definition();
    options.catalogue.upstreams.emplace_back(definition.packages[0],
                                             absl::StrCat("unix:", folder, "/", follower.name, ".sock"));
    options.identity.bootstrap.services.push_back(definition.name + "=registry");
  }
  return options;
}

// `name` of its socket, `client` of its credentials.
runtime::Process::Options ServiceOptions(const std::string& folder, const testing::TestDatabase& database,
                                         const std::string& name, const std::string& client) {
  runtime::Process::Options options;
  options.database = database.connection();
  options.schema = database.schema();
  options.listen = absl::StrCat("unix:", folder, "/", name, ".sock");
  options.identity = "unix:" + folder + "/identity.sock";
  options.credentials = Required(access::ReadCredentials(absl::StrCat(folder, "/", client, ".json")));
  options.readers = options.writers = 2;
  return options;
}

std::string NewFolder() {
  const std::string folder = absl::StrCat("/tmp/metrics-", base::RandomId().substr(0, 8));
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace

Suite::Suite(gateway::Guard::Options guard, const std::vector<Follower>& followers)
    : folder_(NewFolder()),
      identity_database_("identity", identity::IdentityMigrations()),
      registry_database_("alliance_registry",
                         resource::WithEngine(registry::RegistryDefinition().migrations)),
      gateway_(Required(gateway::Gateway::Start(
          GatewayOptions(folder_, identity_database_.connection(), guard, followers)))),
      registry_(Required(runtime::Process::Start(
          registry::RegistryDefinition(),
          ServiceOptions(folder_, registry_database_, "registry", "alliance-registry")))) {
  for (const Follower& follower : followers) {
    const runtime::Definition definition = follower.definition();
    follower_databases_.push_back(std::make_unique<testing::TestDatabase>(
        absl::StrReplaceAll(definition.name, {{"-", "_"}}), resource::WithEngine(definition.migrations)));
    runtime::Process::Options options =
        ServiceOptions(folder_, *follower_databases_.back(), follower.name, definition.name);
    options.content_dir = folder_ + "/content";
    options.follow["lianqiao.registry.v1"] = "unix:" + folder_ + "/registry.sock";
    followers_.push_back(Required(runtime::Process::Start(definition, options)));
  }
}

Suite::~Suite() {
  for (auto& follower : followers_) follower->Drain(absl::Seconds(5));
  followers_.clear();
  registry_->Drain(absl::Seconds(5));
  registry_.reset();
  gateway_.reset();
  std::filesystem::remove_all(folder_);
}

gateway::Socket::Answer Suite::Send(const std::string& method, const std::string& target,
                                    const std::string& headers, const std::string& body) {
  gateway::Socket socket(gateway_->http_port());
  std::string text = absl::StrCat(method, " ", target, " HTTP/1.1\r\nHost: test\r\n", headers);
  if (!body.empty()) absl::StrAppend(&text, "Content-Length: ", body.size(), "\r\n");
  EXPECT_TRUE(socket.Send(absl::StrCat(text, "\r\n", body)));
  return socket.Read();
}

gateway::Socket::Answer Suite::Ask(const std::string& method, const std::string& target,
                                   const std::string& token, const std::string& body) {
  std::string headers = token.empty() ? "" : absl::StrCat("Authorization: Bearer ", token, "\r\n");
  if (!body.empty()) headers += "Content-Type: application/json\r\n";
  return Send(method, target, headers, body);
}

std::string Suite::OperatorToken() {
  const access::Credentials credentials = Required(access::ReadCredentials(folder_ + "/operator.json"));
  const std::string basic =
      absl::Base64Escape(absl::StrCat(credentials.client_id, ":", credentials.client_secret));
  const gateway::Socket::Answer answer = Send(
      "POST", "/oauth2/token",
      absl::StrCat("Authorization: Basic ", basic, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"),
      "grant_type=client_credentials");
  const size_t start = answer.body.find(":\"") + 2;
  return answer.body.substr(start, answer.body.find('"', start) - start);
}

}  // namespace lianqiao::gates
