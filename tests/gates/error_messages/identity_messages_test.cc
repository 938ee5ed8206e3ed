// SPDX-License-Identifier: Apache-2.0
// The same for identity: clients, their secrets and grants.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "lianqiao/identity/v1/client.pb.h"
#include "lianqiao/identity/v1/grant.pb.h"
#include "lianqiao/identity/v1/secret.pb.h"
#include "lianqiao/identity/v1/token.pb.h"
#include "libs/access/credentials.h"
#include "libs/base/ids.h"
#include "libs/testing/golden.h"
#include "libs/testing/postgres.h"
#include "services/gateway/identity/identity_host.h"
#include "tests/gates/error_messages/bad_requests.h"
#include "tests/gates/error_messages/rendering.h"

namespace lianqiao::gates {
namespace {

constexpr char kCreateClient[] = "ClientService/CreateClient";
constexpr char kUpdateClient[] = "ClientService/UpdateClient";
constexpr char kCreateGrant[] = "GrantService/CreateGrant";
constexpr char kIssueSecret[] = "SecretService/IssueSecret";
constexpr char kRevokeSecret[] = "SecretService/RevokeSecret";
constexpr char kListAccessLog[] = "AccessLogService/ListAccessLog";

std::string Grant(const std::string& rest) {
  return "grant { client_id: '$client$' permission: 'registry.*.read' " + rest + " }";
}

std::vector<BadRequest> ClientsAndGrants() {
  return {
      {"no record", kCreateClient, ""},
      {"required fields missing", kCreateClient, "client {}"},
      {"an organisation that is no id, numbers out of range", kCreateClient,
       "client { label: '平台' organisation_id: '1' requests_per_second: -1 concurrent_requests: 10001 }"},
      {"an id of the client's", kCreateClient, "client { id: '$client$' label: '平台' }"},
      {"immutable field", kUpdateClient,
       "client { id: '$client$' is_service: true } update_mask { paths: 'is_service' }"},
      {"etag of an older revision", kUpdateClient,
       "client { id: '$client$' etag: '\"7\"' label: '乙' } update_mask { paths: 'label' }"},
      {"required field cleared", kUpdateClient, "client { id: '$client$' } update_mask { paths: 'label' }"},
      {"no such record", "ClientService/GetClient", "id: '$nothing$'"},
      {"still referred to", "ClientService/DeleteClient", "id: '$client$'"},
      {"no token", "ClientService/GetClient", "id: '$client$'", ""},
      {"a token that is none", "ClientService/GetClient", "id: '$client$'", "nonsense"},
      {"no right", "ClientService/GetClient", "id: '$client$'", "client"},
      {"required fields missing", kCreateGrant, "grant {}"},
      {"permission of a bad form, unknown kind of scope", kCreateGrant,
       "grant { client_id: '$client$' permission: 'Registry.*' scope_kind: 99 }"},
      {"a client that does not exist", kCreateGrant,
       "grant { client_id: '$nothing$' permission: 'registry.*.read' scope_kind: GRANT_SCOPE_KIND_PLATFORM "
       "}"},
      {"a place on the platform", kCreateGrant,
       Grant("scope_kind: GRANT_SCOPE_KIND_PLATFORM scope_id: '$client$'")},
      {"no place", kCreateGrant, Grant("scope_kind: GRANT_SCOPE_KIND_JURISDICTION")},
      {"a place that is no id", kCreateGrant,
       Grant("scope_kind: GRANT_SCOPE_KIND_JURISDICTION scope_id: '610302'")},
      {"source system of a bad form", kCreateGrant,
       Grant("scope_kind: GRANT_SCOPE_KIND_PLATFORM source_systems: 'A B'")},
      {"moments in the wrong order", kCreateGrant,
       Grant("scope_kind: GRANT_SCOPE_KIND_PLATFORM valid_from { seconds: 1704067200 } valid_to { seconds: "
             "1703980800 }")},
      {"immutable client", "GrantService/UpdateGrant",
       "grant { id: '$grant$' client_id: '$nothing$' } update_mask { paths: 'client_id' }"},
      {"no such record", "GrantService/DeleteGrant", "id: '$nothing$'"},
      {"filter with an unknown field", "GrantService/ListGrants", "filter: 'nmae = \"x\"'"},
  };
}

std::vector<BadRequest> SecretsAndLog() {
  return {
      {"no client", kIssueSecret, ""},
      {"a client that does not exist", kIssueSecret, "client_id: '$nothing$'"},
      {"a third one", kIssueSecret, "client_id: '$client$'"},
      {"a delay out of range", kIssueSecret, "client_id: '$client$' revoke_other_after_seconds: -1"},
      {"no secret", kRevokeSecret, "client_id: '$client$'"},
      {"a secret that does not exist", kRevokeSecret, "client_id: '$client$' secret_id: '$nothing$'"},
      {"a client that is no id", "SecretService/ListSecrets", "client_id: 'x'"},
      {"a wrong secret", "TokenService/IssueToken", "client_id: '$client$' client_secret: 'x'", ""},
      {"no right", "KeyService/RotateKeys", "", "client"},
      {"page size below zero, a client that is no id", kListAccessLog, "page_size: -1 client_id: 'x'"},
      {"page token that is none", kListAccessLog, "page_token: 'abc'"},
      {"no entries", "AccessLogService/AppendAccessLog", ""},
      {"an entry without id, time and event", "AccessLogService/AppendAccessLog", "entries {}"},
  };
}

class IdentityMessages : public ::testing::Test {
 protected:
  IdentityMessages() : database_("identity", identity::IdentityMigrations()) {
    std::filesystem::create_directories(folder_);
    identity::IdentityHost::Options options;
    options.connection = database_.connection();
    options.listen = {"unix:" + folder_ + "/identity.sock"};
    options.master_key_file = folder_ + "/master.key";
    options.readers = options.writers = 2;
    options.bootstrap.operator_file = folder_ + "/operator.json";
    options.bootstrap.secrets_folder = folder_;
    host_ = *identity::IdentityHost::Start(options);
    client_ = std::make_unique<rpc::Client>(rpc::Client::Options{options.listen.front(), 1});
    const auto credentials = *access::ReadCredentials(folder_ + "/operator.json");
    tokens_["operator"] = TokenFor(credentials.client_id, credentials.client_secret);
    tokens_["nonsense"] = "nonsense";
    MakeRecords();
  }
  ~IdentityMessages() override {
    client_.reset();
    host_.reset();
    std::filesystem::remove_all(folder_);
  }

  void MakeRecords() {
    names_["$nothing$"] = "00000000-0000-7000-8000-0000000000ff";
    identity::v1::CreateClientRequest client;
    client.mutable_client()->set_label("测试接入方");
    names_["$client$"] = Must<identity::v1::Client>(kCreateClient, client).id();
    identity::v1::CreateGrantRequest grant;
    grant.mutable_grant()->set_client_id(names_["$client$"]);
    grant.mutable_grant()->set_permission("registry.*.read");
    grant.mutable_grant()->set_scope_kind(identity::v1::GRANT_SCOPE_KIND_PLATFORM);
    names_["$grant$"] = Must<identity::v1::Grant>(kCreateGrant, grant).id();
    identity::v1::IssueSecretRequest issue;
    issue.set_client_id(names_["$client$"]);
    for (int i = 0; i < 2; ++i)
      tokens_["client"] = TokenFor(
          issue.client_id(), Must<identity::v1::IssueSecretResponse>(kIssueSecret, issue).client_secret());
  }

  std::string TokenFor(const std::string& client_id, const std::string& client_secret) {
    identity::v1::IssueTokenRequest request;
    request.set_client_id(client_id);
    request.set_client_secret(client_secret);
    return Must<identity::v1::IssueTokenResponse>("TokenService/IssueToken", request).access_token();
  }
  template <typename Response>
  Response Must(const std::string& method, const google::protobuf::Message& request) {
    Response response;
    const absl::Status status = client_->CallAndWait("/lianqiao.identity.v1." + method, request, &response,
                                                     {{rpc::kAuthorization, Authorization("operator")}},
                                                     absl::Now() + absl::Seconds(20));
    EXPECT_TRUE(status.ok()) << method << ": " << status;
    return response;
  }
  std::string Authorization(const std::string& token) {
    return tokens_[token].empty() ? "" : absl::StrCat("Bearer ", tokens_[token]);
  }

  const std::string folder_ = absl::StrCat("/tmp/identity-messages-", base::RandomId().substr(0, 8));
  testing::TestDatabase database_;
  std::unique_ptr<identity::IdentityHost> host_;
  std::unique_ptr<rpc::Client> client_;
  std::map<std::string, std::string> names_;
  std::map<std::string, std::string> tokens_;
};

TEST_F(IdentityMessages, EveryBadRequestIsAnsweredAsTheGoldenFileSays) {
  std::map<std::string, std::string> readable;
  for (const auto& [name, id] : names_) readable[id] = name;
  std::string all;
  for (const auto& family : {ClientsAndGrants(), SecretsAndLog()}) {
    for (const BadRequest& bad : family) {
      const std::string answer =
          AnswersTo(*client_, "lianqiao.identity.v1.", bad, absl::StrReplaceAll(bad.request, names_),
                    Authorization(bad.token));
      absl::StrAppend(&all, bad.method, ": ", bad.what, "\n", absl::StrReplaceAll(answer, readable), "\n");
    }
  }
  testing::ExpectGolden("errors_identity.txt", all,
                        "a person who reads the new text knows at once what to do");
}

}  // namespace
}  // namespace lianqiao::gates
