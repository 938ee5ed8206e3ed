// SPDX-License-Identifier: Apache-2.0
// Identity on a real database and over real gRPC, with a service that follows it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <future>
#include <set>

#include "lianqiao/identity/v1/access_log.pb.h"
#include "lianqiao/identity/v1/caller.pb.h"
#include "lianqiao/identity/v1/client.pb.h"
#include "lianqiao/identity/v1/grant.pb.h"
#include "lianqiao/identity/v1/secret.pb.h"
#include "lianqiao/identity/v1/token.pb.h"
#include "libs/access/credentials.h"
#include "libs/access/grant_follower.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/testing/postgres.h"
#include "services/gateway/identity/identity_host.h"

namespace lianqiao::identity {
namespace {

class IdentityTest : public ::testing::Test {
 protected:
  IdentityTest() : database_("identity", IdentityMigrations()) {
    folder_ = ::testing::TempDir() + "/identity-" + base::RandomId().substr(0, 8);
    std::filesystem::create_directories(folder_);
    host_ = Open("a");
    client_ = std::make_unique<rpc::Client>(rpc::Client::Options{"unix:" + folder_ + "/a.sock", 1});
    operator_ = *access::ReadCredentials(folder_ + "/operator.json");
    authorization_ = "Bearer " + TokenFor(operator_).access_token;
  }
  ~IdentityTest() override {
    client_.reset();
    host_.reset();
    std::filesystem::remove_all(folder_);
  }
  // One gateway process of possibly several on the same database.
  std::unique_ptr<IdentityHost> Open(const std::string& name) {
    IdentityHost::Options options;
    options.connection = database_.connection();
    options.listen = {"unix:" + folder_ + "/" + name + ".sock"};
    options.master_key_file = folder_ + "/master.key";
    options.readers = options.writers = 2;
    options.bootstrap.operator_file = folder_ + "/operator.json";
    options.bootstrap.token_url = "http://127.0.0.1:8080/oauth2/token";
    options.bootstrap.secrets_folder = folder_ + "/secrets";
    options.bootstrap.services = {"alliance-registry"};
    auto host = IdentityHost::Start(options);
    EXPECT_TRUE(host.ok()) << host.status();
    return host.ok() ? *std::move(host) : nullptr;
  }
  TokenAnswer TokenFor(const access::Credentials& credentials, const std::string& address = "10.0.0.1") {
    std::promise<TokenAnswer> promise;
    TokenRequest request;
    request.client_id = credentials.client_id;
    request.client_secret = credentials.client_secret;
    request.address = address;
    request.method = "/oauth2/token";
    host_->server().IssueToken(request, [&](TokenAnswer answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response, const std::string& authorization) {
    return client_->CallAndWait("/lianqiao.identity.v1." + method, request, response,
                                {{rpc::kAuthorization, authorization}}, absl::Now() + absl::Seconds(10));
  }
  // A client with a secret and, if a permission is given, a grant on the platform.
  access::Credentials MakeClient(const std::string& permission, std::string* grant_id = nullptr) {
    v1::CreateClientRequest create;
    create.mutable_client()->set_label("测试接入方");
    v1::Client client;
    EXPECT_TRUE(Check(Call("ClientService/CreateClient", create, &client, authorization_)));
    if (!permission.empty()) {
      v1::CreateGrantRequest grant;
      grant.mutable_grant()->set_client_id(client.id());
      grant.mutable_grant()->set_permission(permission);
      grant.mutable_grant()->set_scope_kind(v1::GRANT_SCOPE_KIND_PLATFORM);
      v1::Grant made;
      EXPECT_TRUE(Check(Call("GrantService/CreateGrant", grant, &made, authorization_)));
      if (grant_id != nullptr) *grant_id = made.id();
    }
    return {client.id(), IssueSecret(client.id()).client_secret(), ""};
  }
  v1::IssueSecretResponse IssueSecret(const std::string& client_id, int revoke_other_after_seconds = 0) {
    v1::IssueSecretRequest request;
    request.set_client_id(client_id);
    request.set_revoke_other_after_seconds(revoke_other_after_seconds);
    v1::IssueSecretResponse response;
    EXPECT_TRUE(Check(Call("SecretService/IssueSecret", request, &response, authorization_)));
    return response;
  }
  static ::testing::AssertionResult Check(const absl::Status& status) {
    return status.ok() ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << status;
  }

  testing::TestDatabase database_;
  std::string folder_;
  std::unique_ptr<IdentityHost> host_;
  std::unique_ptr<rpc::Client> client_;
  access::Credentials operator_;
  std::string authorization_;
};

// A service of the platform: verifies tokens itself and follows identity.
class Follower {
 public:
  Follower(const std::string& folder, const std::string& socket)
      : channel_(rpc::Client::Options{"unix:" + folder + "/" + socket + ".sock", 1}),
        follower_({.identity = &channel_,
                   .credentials = *access::ReadCredentials(folder + "/secrets/alliance-registry.json"),
                   .grants = &grants_}),
        authenticator_(&verifier_, &grants_, follower_.Fetch()) {}
  bool WaitFresh() { return follower_.WaitFresh(absl::Now() + absl::Seconds(10)); }
  absl::StatusOr<access::Caller> Authenticate(const std::string& authorization) {
    auto context = std::make_shared<rpc::CallContext>();
    context->metadata[rpc::kAuthorization] = authorization;
    std::promise<absl::StatusOr<access::Caller>> promise;
    authenticator_.Authenticate(context,
                                [&](absl::StatusOr<access::Caller> caller) { promise.set_value(caller); });
    return promise.get_future().get();
  }
  // How long until the condition holds; more than the limit if it does not.
  template <typename Condition>
  static absl::Duration TimeUntil(Condition condition, absl::Duration limit = absl::Seconds(5)) {
    const absl::Time start = absl::Now();
    while (!condition() && absl::Now() - start <= limit) absl::SleepFor(absl::Milliseconds(5));
    return absl::Now() - start;
  }

 private:
  rpc::Client channel_;
  access::TokenVerifier verifier_{access::TokenProfile()};
  access::GrantCache grants_{&verifier_};
  access::GrantFollower follower_;
  access::TokenAuthenticator authenticator_;
};

TEST_F(IdentityTest, TheOperatorMayDoEverythingAndItsFileIsPrivate) {
  v1::WhoAmIResponse who;
  ASSERT_TRUE(Check(Call("CallerService/WhoAmI", v1::WhoAmIRequest(), &who, authorization_)));
  EXPECT_EQ(who.client().client_id(), operator_.client_id);
  ASSERT_EQ(who.permissions_size(), 1);
  EXPECT_EQ(who.permissions(0), "*");
  EXPECT_EQ(operator_.token_url, "http://127.0.0.1:8080/oauth2/token");
  EXPECT_EQ(std::filesystem::status(folder_ + "/operator.json").permissions() & std::filesystem::perms::mask,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(IdentityTest, AStartAfterAStartMakesNothingNewAndALostFileGetsANewSecret) {
  host_.reset();
  host_ = Open("a");
  EXPECT_EQ(access::ReadCredentials(folder_ + "/operator.json")->client_secret, operator_.client_secret);
  std::filesystem::remove(folder_ + "/operator.json");
  for (int i = 0; i < 3; ++i) {
    host_.reset();
    host_ = Open("a");
    const auto again = access::ReadCredentials(folder_ + "/operator.json");
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->client_id, operator_.client_id);
    EXPECT_TRUE(TokenFor(*again).status.ok());
    std::filesystem::remove(folder_ + "/operator.json");
  }
}

TEST_F(IdentityTest, WrongSecretsUnknownAndDisabledClientsAnswerAlike) {
  const access::Credentials known = MakeClient("");
  ASSERT_TRUE(TokenFor(known).status.ok());
  const TokenAnswer wrong = TokenFor({known.client_id, MakeSecret(), ""});
  const TokenAnswer unknown = TokenFor({base::RandomId(), known.client_secret, ""});
  const TokenAnswer nonsense = TokenFor({"' OR 1=1 --", std::string(100000, 'x'), ""});
  v1::UpdateClientRequest disable;
  disable.mutable_client()->set_id(known.client_id);
  disable.mutable_client()->set_disabled(true);
  disable.mutable_update_mask()->add_paths("disabled");
  v1::Client client;
  ASSERT_TRUE(Check(Call("ClientService/UpdateClient", disable, &client, authorization_)));
  TokenAnswer disabled;
  EXPECT_LT(Follower::TimeUntil([&] {
              disabled = TokenFor(known);
              return !disabled.status.ok();
            }),
            absl::Seconds(1));
  for (const TokenAnswer& answer : {wrong, unknown, nonsense, disabled}) {
    EXPECT_EQ(answer.status, wrong.status);
    EXPECT_EQ(answer.oauth_error, "invalid_client");
    EXPECT_EQ(answer.access_token, "");
  }
  EXPECT_EQ(wrong.status.code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(IdentityTest, WhatCanBeNoSecretIsRefusedBeforeItIsCounted) {
  const access::Credentials known = MakeClient("");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(TokenFor({known.client_id, std::string(129, 'x'), ""}, "10.6.6.6").oauth_error,
              "invalid_client");
    EXPECT_EQ(TokenFor({std::string(129, 'x'), "secret", ""}, "10.6.6.6").oauth_error, "invalid_client");
  }
  EXPECT_TRUE(TokenFor(known, "10.6.6.6").status.ok());
}

TEST_F(IdentityTest, AttemptsThatWereTurnedAwayAreOneEntryPerAddressAndMinute) {
  const access::Credentials known = MakeClient("");
  int limited = 0;
  for (int i = 0; i < 200; ++i)
    limited += absl::IsResourceExhausted(TokenFor({known.client_id, MakeSecret(), ""}, "10.7.7.7").status);
  ASSERT_GT(limited, 100);
  ASSERT_TRUE(host_->access_log().Flush(absl::Now() + absl::Seconds(10)));
  v1::ListAccessLogRequest request;
  request.set_client_id(known.client_id);
  request.set_event(v1::ACCESS_EVENT_TOKEN_REFUSED);
  request.set_page_size(1000);
  v1::ListAccessLogResponse page;
  ASSERT_TRUE(Check(Call("AccessLogService/ListAccessLog", request, &page, authorization_)));
  int wrong = 0, turned_away = 0;
  for (const auto& entry : page.entries()) ++(entry.reason() == "CLIENT_REFUSED" ? wrong : turned_away);
  EXPECT_EQ(wrong, 200 - limited) << "each secret that was looked at";
  EXPECT_GE(turned_away, 1);
  EXPECT_LE(turned_away, 2) << "a minute may have ended meanwhile";
}

TEST_F(IdentityTest, GuessesThroughTheGatewayDoNotKeepOutOurOwnServices) {
  const auto service = access::ReadCredentials(folder_ + "/secrets/alliance-registry.json");
  ASSERT_TRUE(service.ok()) << service.status();
  const auto issue = [&](const std::string& secret, const rpc::Client::Metadata& metadata) {
    v1::IssueTokenRequest request;
    request.set_client_id(service->client_id);
    request.set_client_secret(secret);
    v1::IssueTokenResponse response;
    return client_->CallAndWait("/lianqiao.identity.v1.TokenService/IssueToken", request, &response, metadata,
                                absl::Now() + absl::Seconds(10));
  };
  int limited = 0;
  for (int i = 0; i < 60; ++i)
    limited += absl::IsResourceExhausted(issue(MakeSecret(), {{rpc::kCallerAddress, "10.9.9.9"}}));
  EXPECT_GT(limited, 20);
  EXPECT_TRUE(absl::IsResourceExhausted(issue(service->client_secret, {{rpc::kCallerAddress, "10.9.9.9"}})));
  EXPECT_TRUE(Check(issue(service->client_secret, {}))) << "straight from the service";
  ASSERT_TRUE(host_->access_log().Flush(absl::Now() + absl::Seconds(10)));
  v1::ListAccessLogRequest request;
  request.set_client_id(service->client_id);
  v1::ListAccessLogResponse page;
  ASSERT_TRUE(Check(Call("AccessLogService/ListAccessLog", request, &page, authorization_)));
  std::set<std::string> peers;
  for (const auto& entry : page.entries()) peers.insert(entry.peer());
  EXPECT_EQ(peers.count("10.9.9.9"), 1u) << "what the gateway said";
}

TEST_F(IdentityTest, WrongSecretsAndUnknownClientsTakeTheSameTime) {
  const access::Credentials known = MakeClient("");
  // Of processor time, which is where a difference would come from.
  std::vector<double> wrong, unknown;
  for (int i = 0; i < 15; ++i) {
    const auto time = [&](const std::string& client_id, const std::string& secret, std::vector<double>* all) {
      const std::clock_t start = std::clock();
      EXPECT_FALSE(TokenFor({client_id, secret, ""}, "10.5.0." + std::to_string(i)).status.ok());
      all->push_back(static_cast<double>(std::clock() - start) * 1000 / CLOCKS_PER_SEC);
    };
    // The right selector with a wrong rest, and a client that is not there.
    time(known.client_id, known.client_secret.substr(0, known.client_secret.size() - 1) + "_", &wrong);
    time(base::RandomId(), MakeSecret(), &unknown);
  }
  std::sort(wrong.begin(), wrong.end());
  std::sort(unknown.begin(), unknown.end());
  EXPECT_GT(unknown[7], 1) << "milliseconds: the decoy is really hashed";
  EXPECT_LT(std::abs(wrong[7] - unknown[7]), 5);
}

TEST_F(IdentityTest, GuessesSlowDownWithoutLockingTheClientOut) {
  const access::Credentials known = MakeClient("");
  ASSERT_TRUE(TokenFor(known, "10.0.0.7").status.ok());
  int limited = 0;
  for (int i = 0; i < 200; ++i)
    limited += absl::IsResourceExhausted(TokenFor({known.client_id, MakeSecret(), ""}, "10.9.9.9").status);
  EXPECT_GT(limited, 150);
  EXPECT_TRUE(TokenFor(known, "10.0.0.7").status.ok());
}

TEST_F(IdentityTest, SecretsOverlapWhileAClientChangesFromOneToTheOther) {
  const access::Credentials first = MakeClient("");
  const access::Credentials second = {first.client_id, IssueSecret(first.client_id, 1).client_secret(), ""};
  EXPECT_TRUE(TokenFor(first).status.ok());
  EXPECT_TRUE(TokenFor(second).status.ok());
  v1::IssueSecretRequest third;
  third.set_client_id(first.client_id);
  v1::IssueSecretResponse response;
  EXPECT_EQ(Call("SecretService/IssueSecret", third, &response, authorization_).code(),
            absl::StatusCode::kFailedPrecondition);
  absl::SleepFor(absl::Milliseconds(1100));
  EXPECT_FALSE(TokenFor(first).status.ok()) << "not even from the memory of right secrets";
  EXPECT_TRUE(TokenFor(second).status.ok());
  v1::ListSecretsRequest list;
  list.set_client_id(first.client_id);
  v1::ListSecretsResponse living;
  ASSERT_TRUE(Check(Call("SecretService/ListSecrets", list, &living, authorization_)));
  ASSERT_EQ(living.secrets_size(), 1);
  v1::RevokeSecretRequest revoke;
  revoke.set_client_id(first.client_id);
  revoke.set_secret_id(living.secrets(0).id());
  v1::RevokeSecretResponse revoked;
  ASSERT_TRUE(Check(Call("SecretService/RevokeSecret", revoke, &revoked, authorization_)));
  EXPECT_FALSE(TokenFor(second).status.ok()) << "at once";
  EXPECT_EQ(Call("SecretService/RevokeSecret", revoke, &revoked, authorization_).code(),
            absl::StatusCode::kNotFound);
}

TEST_F(IdentityTest, ARevokedGrantActsWithinASecondAlsoThroughAnotherProcess) {
  const auto other = Open("b");
  ASSERT_NE(other, nullptr);
  Follower near(folder_, "a"), far(folder_, "b");
  ASSERT_TRUE(near.WaitFresh());
  ASSERT_TRUE(far.WaitFresh());
  std::string grant_id;
  const access::Credentials known = MakeClient("registry.alliance.read", &grant_id);
  const std::string authorization = "Bearer " + TokenFor(known).access_token;
  const auto may = [&](Follower& follower) {
    const auto caller = follower.Authenticate(authorization);
    return caller.ok() && caller->HasPermission("registry.alliance.read");
  };
  EXPECT_LT(Follower::TimeUntil([&] { return may(near) && may(far); }), absl::Seconds(1));
  type::v1::DeleteRequest remove;
  remove.set_id(grant_id);
  v1::Grant gone;
  ASSERT_TRUE(Check(Call("GrantService/DeleteGrant", remove, &gone, authorization_)));
  const absl::Duration took = Follower::TimeUntil([&] { return !may(near) && !may(far); });
  RecordProperty("revoked_grant_milliseconds", std::to_string(absl::ToInt64Milliseconds(took)));
  EXPECT_LT(took, absl::Seconds(1));
  EXPECT_TRUE(near.Authenticate(authorization).ok()) << "the client is still known";
}

TEST_F(IdentityTest, AClientThatAServiceDoesNotKnowYetIsFetched) {
  Follower follower(folder_, "a");
  ASSERT_TRUE(follower.WaitFresh());
  const access::Credentials known = MakeClient("*.read");
  const auto caller = follower.Authenticate("Bearer " + TokenFor(known).access_token);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_TRUE(caller->HasPermission("registry.alliance.read"));
}

TEST_F(IdentityTest, TokensGoOnWorkingWhileIdentityIsAwayForAMoment) {
  Follower follower(folder_, "a");
  ASSERT_TRUE(follower.WaitFresh());
  ASSERT_TRUE(follower.Authenticate(authorization_).ok());
  host_.reset();
  EXPECT_TRUE(follower.Authenticate(authorization_).ok());
  host_ = Open("a");
  const access::Credentials known = MakeClient("*.read");
  const std::string authorization = "Bearer " + TokenFor(known).access_token;
  EXPECT_LT(Follower::TimeUntil([&] { return follower.Authenticate(authorization).ok(); }, absl::Seconds(20)),
            absl::Seconds(20));
}

TEST_F(IdentityTest, RotatedKeysBreakNoToken) {
  Follower follower(folder_, "a");
  ASSERT_TRUE(follower.WaitFresh());
  const std::string before = host_->server().Jwks();
  v1::RotateKeysResponse rotated, repeated;
  ASSERT_TRUE(Check(Call("KeyService/RotateKeys", v1::RotateKeysRequest(), &rotated, authorization_)));
  ASSERT_TRUE(Check(Call("KeyService/RotateKeys", v1::RotateKeysRequest(), &repeated, authorization_)));
  EXPECT_EQ(rotated.key_id(), repeated.key_id()) << "the new key is on its way already";
  EXPECT_EQ(before.find(rotated.key_id()), std::string::npos);
  EXPECT_NE(host_->server().Jwks().find(rotated.key_id()), std::string::npos);
  EXPECT_TRUE(follower.Authenticate(authorization_).ok());
  EXPECT_TRUE(follower.Authenticate("Bearer " + TokenFor(operator_).access_token).ok());
}

TEST_F(IdentityTest, ForgetsAnswersOlderThanAWeek) {
  postgres::Database::Options options;
  options.connection = database_.connection();
  options.search_path = "identity";
  options.workers = 1;
  postgres::Database database(options);
  const auto count = [&] {
    int64_t rows = -1;
    EXPECT_TRUE(Check(database.Run(absl::Now() + absl::Seconds(10), [&](postgres::Session& session) {
      ASSIGN_OR_RETURN(
          const postgres::Result result,
          session.Execute({"count_old", "SELECT count(*) FROM idempotency WHERE request_id = 'old'"}, {}));
      rows = result.Integer(0, 0);
      return absl::OkStatus();
    })));
    return rows;
  };
  host_.reset();
  ASSERT_TRUE(Check(database.Run(absl::Now() + absl::Seconds(10), [&](postgres::Session& session) {
    return session
        .Execute({"insert_old",
                  "INSERT INTO idempotency (client_id, request_id, method, request_hash, answer, bucket, pos,"
                  " create_time) VALUES ('c', 'old', 'm', '', '{}', 0, 0, now() - interval '8 days')"},
                 {})
        .status();
  })));
  ASSERT_EQ(count(), 1);
  host_ = Open("b");
  const absl::Time limit = absl::Now() + absl::Seconds(20);
  while (count() > 0 && absl::Now() < limit) absl::SleepFor(absl::Milliseconds(50));
  EXPECT_EQ(count(), 0);
}

TEST_F(IdentityTest, OnlyItsOwnRightOpensClientsFeedAndAccessLog) {
  const access::Credentials county = MakeClient("*.read");
  const std::string authorization = "Bearer " + TokenFor(county).access_token;
  v1::ListClientsResponse clients;
  EXPECT_EQ(Call("ClientService/ListClients", type::v1::ListRequest(), &clients, authorization).code(),
            absl::StatusCode::kPermissionDenied);
  v1::ListGrantChangesResponse changes;
  EXPECT_EQ(Call("GrantFeedService/ListGrantChanges", v1::ListGrantChangesRequest(), &changes, authorization)
                .code(),
            absl::StatusCode::kPermissionDenied);
  v1::ListAccessLogResponse log;
  EXPECT_EQ(Call("AccessLogService/ListAccessLog", v1::ListAccessLogRequest(), &log, authorization).code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Call("ClientService/ListClients", type::v1::ListRequest(), &clients, "").code(),
            absl::StatusCode::kUnauthenticated);
  ASSERT_TRUE(Check(Call("ClientService/ListClients", type::v1::ListRequest(), &clients, authorization_)));
  EXPECT_GE(clients.clients_size(), 3);
}

TEST_F(IdentityTest, TheAccessLogHoldsTokensRefusalsAndAdministrationAndPagesNewestFirst) {
  const access::Credentials county = MakeClient("*.read");
  TokenFor({county.client_id, MakeSecret(), ""});
  const std::string authorization = "Bearer " + TokenFor(county).access_token;
  v1::ListClientsResponse clients;
  (void)Call("ClientService/ListClients", type::v1::ListRequest(), &clients, authorization);
  ASSERT_TRUE(host_->access_log().Flush(absl::Now() + absl::Seconds(10)));
  v1::ListAccessLogRequest request;
  request.set_page_size(1);
  request.set_client_id(county.client_id);
  std::vector<v1::AccessEvent> events;
  do {
    v1::ListAccessLogResponse page;
    ASSERT_TRUE(Check(Call("AccessLogService/ListAccessLog", request, &page, authorization_)));
    for (const auto& entry : page.entries()) events.push_back(entry.event());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(events, (std::vector<v1::AccessEvent>{v1::ACCESS_EVENT_CALL_DENIED, v1::ACCESS_EVENT_TOKEN_ISSUED,
                                                  v1::ACCESS_EVENT_TOKEN_REFUSED}));
  request.set_page_token("bad");
  v1::ListAccessLogResponse page;
  EXPECT_EQ(Call("AccessLogService/ListAccessLog", request, &page, authorization_).code(),
            absl::StatusCode::kInvalidArgument);
  v1::ListAccessLogRequest administration;
  administration.set_event(v1::ACCESS_EVENT_ADMINISTRATION);
  ASSERT_TRUE(Check(Call("AccessLogService/ListAccessLog", administration, &page, authorization_)));
  EXPECT_GE(page.entries_size(), 3) << "secrets of operator, service and county";
}

TEST_F(IdentityTest, ACallOfADisabledClientIsInTheAccessLogOnceAMinute) {
  const access::Credentials known = MakeClient("*.read");
  const std::string authorization = "Bearer " + TokenFor(known).access_token;
  v1::UpdateClientRequest disable;
  disable.mutable_client()->set_id(known.client_id);
  disable.mutable_client()->set_disabled(true);
  disable.mutable_update_mask()->add_paths("disabled");
  v1::Client client;
  ASSERT_TRUE(Check(Call("ClientService/UpdateClient", disable, &client, authorization_)));
  v1::WhoAmIResponse who;
  const auto refused = [&] {
    return absl::IsUnauthenticated(Call("CallerService/WhoAmI", v1::WhoAmIRequest(), &who, authorization));
  };
  EXPECT_LT(Follower::TimeUntil(refused), absl::Seconds(1));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(refused());
  ASSERT_TRUE(host_->access_log().Flush(absl::Now() + absl::Seconds(10)));
  v1::ListAccessLogRequest request;
  request.set_client_id(known.client_id);
  request.set_event(v1::ACCESS_EVENT_CALL_DENIED);
  v1::ListAccessLogResponse page;
  ASSERT_TRUE(Check(Call("AccessLogService/ListAccessLog", request, &page, authorization_)));
  ASSERT_GE(page.entries_size(), 1);
  EXPECT_LE(page.entries_size(), 2);
  EXPECT_NE(page.entries(0).token_id(), "");
  EXPECT_EQ(page.entries(0).reason(), "UNAUTHENTICATED");
  EXPECT_EQ(page.entries(0).method(), "/lianqiao.identity.v1.CallerService/WhoAmI");
}

// Two readers, and a log that gives no answer.
TEST_F(IdentityTest, ReadersOfTheAccessLogDoNotStopIdentity) {
  const auto other = Open("b");
  ASSERT_NE(other, nullptr);
  postgres::Database::Options options;
  options.connection = database_.owner_connection();
  options.search_path = "identity";
  options.workers = 1;
  std::promise<void> locked, release;
  postgres::Database database(options);
  database.Submit(
      absl::Now() + absl::Seconds(20),
      [&](postgres::Session& session) {
        (void)session.Transact([&](postgres::Statements& statements) {
          const absl::Status lock =
              statements.Execute({"lock_log", "LOCK TABLE access_log IN ACCESS EXCLUSIVE MODE", false}, {})
                  .status();
          EXPECT_TRUE(Check(lock));
          locked.set_value();
          release.get_future().wait();
          return lock;
        });
      },
      [&](const absl::Status& status) { ADD_FAILURE() << status; });
  locked.get_future().wait();
  std::vector<std::future<rpc::Answer>> readers;
  const std::unique_ptr<rpc::Client> near = std::move(client_);
  for (int i = 0; i < 6; ++i) {
    readers.push_back(std::async(std::launch::async, [&] {
      return near->CallAndWait("/lianqiao.identity.v1.AccessLogService/ListAccessLog", "",
                               {{rpc::kAuthorization, authorization_}}, absl::Now() + absl::Seconds(8));
    }));
  }
  absl::SleepFor(absl::Milliseconds(300));
  client_ = std::make_unique<rpc::Client>(rpc::Client::Options{"unix:" + folder_ + "/b.sock", 1});
  const access::Credentials known = MakeClient("*.read");
  EXPECT_LT(Follower::TimeUntil([&] { return host_->server().Grants(known.client_id, "*.read"); }),
            absl::Seconds(1));
  release.set_value();
  for (std::future<rpc::Answer>& reader : readers) reader.wait();
}

TEST_F(IdentityTest, ServicesAndNobodyElseAddToTheAccessLog) {
  v1::AppendAccessLogRequest request;
  v1::AccessLogEntry* entry = request.add_entries();
  entry->set_id(base::NewId(absl::Now()));
  entry->mutable_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
  entry->set_event(v1::ACCESS_EVENT_PERSONAL_READ);
  entry->set_client_id(operator_.client_id);
  entry->set_method("/lianqiao.registry.v1.OrganisationService/GetOrganisation");
  entry->set_kind("organisation");
  entry->add_record_ids("a");
  entry->add_record_ids("b");
  entry->set_token_id("t");
  v1::AppendAccessLogResponse response;
  const std::string reader = "Bearer " + TokenFor(MakeClient("*.read")).access_token;
  EXPECT_EQ(Call("AccessLogService/AppendAccessLog", request, &response, reader).code(),
            absl::StatusCode::kPermissionDenied);
  const auto service = access::ReadCredentials(folder_ + "/secrets/alliance-registry.json");
  ASSERT_TRUE(service.ok()) << service.status();
  const std::string authorization = "Bearer " + TokenFor(*service).access_token;
  for (int i = 0; i < 2; ++i)  // A repetition adds nothing.
    ASSERT_TRUE(Check(Call("AccessLogService/AppendAccessLog", request, &response, authorization)));
  v1::ListAccessLogRequest reads;
  reads.set_event(v1::ACCESS_EVENT_PERSONAL_READ);
  v1::ListAccessLogResponse page;
  ASSERT_TRUE(Check(Call("AccessLogService/ListAccessLog", reads, &page, authorization_)));
  ASSERT_EQ(page.entries_size(), 1);
  EXPECT_EQ(page.entries(0).SerializeAsString(), entry->SerializeAsString());
  entry->clear_event();
  entry->set_id("1");
  EXPECT_EQ(Call("AccessLogService/AppendAccessLog", request, &response, authorization).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(IdentityTest, AServiceGetsAGrantThatItsNewVersionNeeds) {
  const auto service = access::ReadCredentials(folder_ + "/secrets/alliance-registry.json");
  ASSERT_TRUE(service.ok()) << service.status();
  type::v1::ListRequest list;
  list.set_filter("client_id = \"" + service->client_id +
                  "\" AND permission = \"identity.access_log.append\"");
  v1::ListGrantsResponse grants;
  ASSERT_TRUE(Check(Call("GrantService/ListGrants", list, &grants, authorization_)));
  ASSERT_EQ(grants.grants_size(), 1);
  type::v1::DeleteRequest remove;
  remove.set_id(grants.grants(0).id());
  v1::Grant removed;
  ASSERT_TRUE(Check(Call("GrantService/DeleteGrant", remove, &removed, authorization_)));
  ASSERT_TRUE(Check(Call("GrantService/ListGrants", list, &grants, authorization_)));
  ASSERT_EQ(grants.grants_size(), 0);
  const auto second = Open("b");
  ASSERT_NE(second, nullptr);
  ASSERT_TRUE(Check(Call("GrantService/ListGrants", list, &grants, authorization_)));
  EXPECT_EQ(grants.grants_size(), 1);
  const auto kept = access::ReadCredentials(folder_ + "/secrets/alliance-registry.json");
  EXPECT_EQ(kept->client_secret, service->client_secret) << "a secret that works stays";
}

TEST_F(IdentityTest, ADatabaseRestartIsSurvived) {
  Follower follower(folder_, "a");
  ASSERT_TRUE(follower.WaitFresh());
  testing::TestDatabase::StopServer();
  EXPECT_TRUE(follower.Authenticate(authorization_).ok()) << "known clients go on";
  v1::ListClientsResponse clients;
  EXPECT_EQ(Call("ClientService/ListClients", type::v1::ListRequest(), &clients, authorization_).code(),
            absl::StatusCode::kUnavailable);
  testing::TestDatabase::StartServer();
  EXPECT_LT(
      Follower::TimeUntil(
          [&] {
            return Call("ClientService/ListClients", type::v1::ListRequest(), &clients, authorization_).ok();
          },
          absl::Seconds(20)),
      absl::Seconds(20));
  EXPECT_TRUE(follower.Authenticate(authorization_).ok());
}

}  // namespace
}  // namespace lianqiao::identity
