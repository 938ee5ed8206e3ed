// SPDX-License-Identifier: Apache-2.0
// The same of identity, whose records decide what everybody may do: on real tokens, since it makes them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lianqiao/identity/v1/access_log.pb.h"
#include "lianqiao/identity/v1/caller.pb.h"
#include "lianqiao/identity/v1/client.pb.h"
#include "lianqiao/identity/v1/grant.pb.h"
#include "lianqiao/identity/v1/secret.pb.h"
#include "lianqiao/identity/v1/token.pb.h"
#include "libs/access/credentials.h"
#include "libs/base/ids.h"
#include "libs/testing/golden.h"
#include "libs/testing/postgres.h"
#include "services/gateway/identity/identity_host.h"
#include "tests/gates/access_matrix/matrix.h"
#include "tests/gates/access_matrix/requests.h"

namespace lianqiao::gates {
namespace {

using contract::Method;
using contract::Standard;
using identity::v1::GrantScopeKind;

constexpr char kLegend[] =
    "# Every method of identity as every role: on its own client / on somebody else's "
    "(tests/gates/access_matrix).\n";
constexpr char kRoles[] =
    "# nobody: no token. ungranted: a client without grants. operator: * on the platform. service: a service "
    "of the platform.\n"
    "# reader: *.read and *.write on the platform. province, city, county, lead, member, foreign: the same "
    "on their place.\n"
    "# any: * on a county. staff: identity.* on a county. Rights of identity count on the platform only.\n";

struct Role {
  std::string name;
  GrantScopeKind scope_kind = identity::v1::GRANT_SCOPE_KIND_UNSPECIFIED;  // Unspecified: no grant is made.
  std::vector<std::string> permissions = {};
};

const std::vector<Role>& Roles() {
  constexpr auto kPlatform = identity::v1::GRANT_SCOPE_KIND_PLATFORM;
  constexpr auto kPlace = identity::v1::GRANT_SCOPE_KIND_JURISDICTION;
  constexpr auto kSchool = identity::v1::GRANT_SCOPE_KIND_ORGANISATION;
  static const std::vector<std::string> standard = {"*.read", "*.write"};
  static const std::vector<Role> roles = {{"nobody"},
                                          {"ungranted"},
                                          {"operator"},
                                          {"service"},
                                          {"reader", kPlatform, standard},
                                          {"province", kPlace, standard},
                                          {"city", kPlace, standard},
                                          {"county", kPlace, standard},
                                          {"lead", kSchool, standard},
                                          {"member", kSchool, standard},
                                          {"foreign", kSchool, standard},
                                          {"any", kPlace, {"*"}},
                                          {"staff", kPlace, {"identity.*"}}};
  return roles;
}

// Whom a call is about, and the records of it.
struct Subject {
  access::Credentials credentials;
  std::string secret_id;
  std::string grant_id;
};

class IdentityMatrix : public ::testing::Test {
 protected:
  IdentityMatrix() : database_("identity", identity::IdentityMigrations()) {
    std::filesystem::create_directories(folder_);
    identity::IdentityHost::Options options;
    options.connection = database_.connection();
    options.listen = {"unix:" + folder_ + "/identity.sock"};
    options.master_key_file = folder_ + "/master.key";
    options.readers = options.writers = 2;
    options.bootstrap.operator_file = folder_ + "/operator.json";
    options.bootstrap.secrets_folder = folder_;
    options.bootstrap.services = {"alliance-registry"};
    host_ = *identity::IdentityHost::Start(options);
    client_ = std::make_unique<rpc::Client>(rpc::Client::Options{options.listen.front(), 1});
    tokens_["operator"] = TokenFor(*access::ReadCredentials(folder_ + "/operator.json"));
    const auto service = *access::ReadCredentials(folder_ + "/alliance-registry.json");
    tokens_["service"] = TokenFor(service);
    AddSubjects();
    subjects_["service"] = {service, subjects_["spare"].secret_id, subjects_["spare"].grant_id};
  }
  ~IdentityMatrix() override {
    client_.reset();
    host_.reset();
    std::filesystem::remove_all(folder_);
  }

  // A client for every role that has none yet, two to be called about, and deleted records to bring back.
  void AddSubjects() {
    const Role spare{"spare", identity::v1::GRANT_SCOPE_KIND_PLATFORM, {"registry.alliance.read"}};
    subjects_["spare"] = NewSubject(spare);
    subjects_["away"] = NewSubject(spare);
    for (const Role& role : Roles()) {
      if (role.name == "nobody" || tokens_.contains(role.name)) continue;
      Subject& subject = subjects_[role.name] = NewSubject(role);
      if (subject.grant_id.empty()) subject.grant_id = subjects_["spare"].grant_id;
      tokens_[role.name] = TokenFor(subject.credentials);
      AwaitGrants(role);
    }
    deleted_["client"] = NewSubject({"deleted"}).credentials.client_id;
    deleted_["access_grant"] = NewSubject(spare).grant_id;
    Delete<identity::v1::Client>("ClientService/DeleteClient", deleted_["client"]);
    Delete<identity::v1::Grant>("GrantService/DeleteGrant", deleted_["access_grant"]);
  }

  Subject NewSubject(const Role& role) {
    Subject subject;
    identity::v1::CreateClientRequest create;
    create.mutable_client()->set_label(role.name);
    const auto made = Must<identity::v1::Client>("ClientService/CreateClient", create);
    subject.credentials.client_id = made.id();
    for (const std::string& permission : role.permissions) {
      identity::v1::CreateGrantRequest grant;
      grant.mutable_grant()->set_client_id(made.id());
      grant.mutable_grant()->set_permission(permission);
      grant.mutable_grant()->set_scope_kind(role.scope_kind);
      if (role.scope_kind != identity::v1::GRANT_SCOPE_KIND_PLATFORM)
        grant.mutable_grant()->set_scope_id(base::RandomId());
      subject.grant_id = Must<identity::v1::Grant>("GrantService/CreateGrant", grant).id();
    }
    identity::v1::IssueSecretRequest issue;
    issue.set_client_id(made.id());
    const auto issued = Must<identity::v1::IssueSecretResponse>("SecretService/IssueSecret", issue);
    subject.credentials.client_secret = issued.client_secret();
    subject.secret_id = issued.secret().id();
    return subject;
  }
  template <typename Record>
  void Delete(const std::string& method, const std::string& id) {
    type::v1::DeleteRequest request;
    request.set_id(id);
    Must<Record>(method, request);
  }
  // A grant acts within a second.
  void AwaitGrants(const Role& role) {
    identity::v1::WhoAmIResponse who;
    for (int i = 0; i < 500 && who.permissions_size() != static_cast<int>(role.permissions.size()); ++i) {
      if (i > 0) absl::SleepFor(absl::Milliseconds(10));
      EXPECT_TRUE(Invoke("CallerService/WhoAmI", identity::v1::WhoAmIRequest(), &who, role.name).ok());
    }
    EXPECT_EQ(who.permissions_size(), static_cast<int>(role.permissions.size())) << role.name;
  }

  std::string TokenFor(const access::Credentials& credentials) {
    identity::v1::IssueTokenRequest request;
    request.set_client_id(credentials.client_id);
    request.set_client_secret(credentials.client_secret);
    return Must<identity::v1::IssueTokenResponse>("TokenService/IssueToken", request, "nobody")
        .access_token();
  }
  absl::Status Invoke(const std::string& method, const Message& request, Message* response,
                      const std::string& role) {
    rpc::Client::Metadata metadata;
    if (role != "nobody") metadata.emplace_back(rpc::kAuthorization, "Bearer " + tokens_.at(role));
    return client_->CallAndWait("/lianqiao.identity.v1." + method, request, response, metadata,
                                absl::Now() + absl::Seconds(20));
  }
  template <typename Response>
  Response Must(const std::string& method, const Message& request, const std::string& role = "operator") {
    Response response;
    const absl::Status status = Invoke(method, request, &response, role);
    EXPECT_TRUE(status.ok()) << method << ": " << status;
    return response;
  }

  std::string TargetId(const Method& method, const Subject& subject) const {
    const std::string kind = method.resource == nullptr ? "client" : method.resource->kind;
    if (method.standard == Standard::kUndelete) return deleted_.at(kind);
    return kind == "client" ? subject.credentials.client_id : subject.grant_id;
  }

  std::unique_ptr<Message> RequestAbout(const Method& method, const Subject& subject) {
    World world;
    world.year = 2023;
    world.ids["client"] = subject.credentials.client_id;
    const std::string id = TargetId(method, subject);
    std::unique_ptr<Message> stored;
    if (method.standard == Standard::kUpdate || method.standard == Standard::kBatchUpsert) {
      type::v1::GetRequest get;
      get.set_id(id);
      const std::string noun = method.resource->descriptor->name();
      stored = NewMessage(method.resource->descriptor);
      const absl::Status status =
          Invoke(absl::StrCat(noun, "Service/Get", noun), get, stored.get(), "operator");
      EXPECT_TRUE(status.ok()) << method.path << ": " << status;
    }
    auto request = RequestOf(*contract_, method, world, id, stored.get());
    if (auto* create = dynamic_cast<identity::v1::CreateGrantRequest*>(request.get()))
      create->mutable_grant()->set_permission("registry.alliance.read");
    if (auto* append = dynamic_cast<identity::v1::AppendAccessLogRequest*>(request.get())) {
      identity::v1::AccessLogEntry& entry = *append->mutable_entries(0);
      entry.set_id(base::RandomId());
      entry.mutable_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
    }
    if (method.standard != Standard::kCustom) return request;
    const auto set_text = [&](const char* name, const std::string& value) {
      const auto* field = request->GetDescriptor()->FindFieldByName(name);
      if (field != nullptr) request->GetReflection()->SetString(request.get(), field, value);
    };
    set_text("client_id", method.descriptor->name() == "ListAccessLog" ? "" : subject.credentials.client_id);
    set_text("client_secret", subject.credentials.client_secret);
    set_text("secret_id", subject.secret_id);
    return request;
  }

  std::string CallAs(const std::string& role, const Method& method, const Subject& subject) {
    const auto request = RequestAbout(method, subject);
    std::unique_ptr<Message> response = NewMessage(method.descriptor->output_type());
    const absl::Status status =
        Invoke(absl::StrCat(method.descriptor->service()->name(), "/", method.descriptor->name()), *request,
               response.get(), role);
    EXPECT_LE(ShortCode(status.code()).size(), 2u) << method.path << " as " << role << ": " << status << "\n"
                                                   << request->ShortDebugString();
    return AnswerOf(method, status, *response).first;
  }

  // What holds whatever the golden file says.
  static void Judge(const Method& method, const std::string& role, const std::string& both) {
    if (method.access->public_() || role == "operator") return;
    const bool of_services =
        method.permission == "identity.grant_feed.read" || method.permission == "identity.access_log.append";
    if (role == "nobody") {
      EXPECT_EQ(both, "uaua") << method.path << ": a call without a token must be UNAUTHENTICATED";
    } else if (!method.access->any_client() && !(role == "service" && of_services)) {
      EXPECT_EQ(both, "pdpd") << method.path << " as " << role
                              << ": only a right of identity on the whole platform may do this; keep "
                                 "access/caller.cc from counting any other.";
    }
  }

  const std::string folder_ = absl::StrCat("/tmp/identity-matrix-", base::RandomId().substr(0, 8));
  std::shared_ptr<const contract::Contract> contract_ = *contract::Contract::Load({"lianqiao.identity.v1"});
  testing::TestDatabase database_;
  std::unique_ptr<identity::IdentityHost> host_;
  std::unique_ptr<rpc::Client> client_;
  std::map<std::string, std::string> tokens_;   // By role.
  std::map<std::string, Subject> subjects_;     // By role; "spare" for those without a client of their own.
  std::map<std::string, std::string> deleted_;  // By kind.
};

TEST_F(IdentityMatrix, EveryMethodAnswersEveryRoleAsTheGoldenMatrixSays) {
  std::vector<std::string> names;
  for (const Role& role : Roles()) names.push_back(role.name);
  std::string table = absl::StrCat(kLegend, kCodes, kRoles, MatrixHead(names));
  std::vector<const Method*> methods = MethodsByService(*contract_);
  // Tokens come before secrets are revoked.
  std::stable_partition(methods.begin(), methods.end(), [](const auto* m) { return m->access->public_(); });
  for (const Method* method : methods) {
    std::vector<std::string> home, away;
    for (const std::string& role : names) {
      const auto own = subjects_.find(role);
      home.push_back(CallAs(role, *method, own == subjects_.end() ? subjects_["spare"] : own->second));
      away.push_back(CallAs(role, *method, subjects_["away"]));
      Judge(*method, role, home.back() + away.back());
    }
    absl::StrAppend(&table, MatrixLine(*method, home, away));
  }
  testing::ExpectGolden("access_matrix_identity.txt", table,
                        "these answers are the ones that design §8 asks for");
}

TEST_F(IdentityMatrix, WithoutTheRightNothingOfTheRequestIsLookedAt) {
  for (const auto& method : contract_->methods()) {
    if (method->access->public_() || method->access->any_client()) continue;
    for (const char* role : {"ungranted", "reader", "any", "staff"}) {
      const rpc::Answer answer =
          client_->CallAndWait(method->path, "\xff", {{rpc::kAuthorization, "Bearer " + tokens_.at(role)}},
                               absl::Now() + absl::Seconds(20));
      EXPECT_TRUE(absl::IsPermissionDenied(answer.status))
          << method->path << " as " << role << ": " << answer.status;
    }
  }
}

}  // namespace
}  // namespace lianqiao::gates
