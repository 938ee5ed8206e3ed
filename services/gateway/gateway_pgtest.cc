// SPDX-License-Identifier: Apache-2.0
// The whole gateway with identity on a real database, as a client meets it.
#include "services/gateway/gateway.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/access/credentials.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/testing/postgres.h"
#include "services/gateway/testdata/gateway_fixture.h"

namespace lianqiao::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class GatewayTest : public ::testing::Test {
 protected:
  GatewayTest() : database_("identity", identity::IdentityMigrations()) {
    std::filesystem::create_directories(folder_);
    Start();
    operator_ = *access::ReadCredentials(folder_ + "/operator.json");
  }
  ~GatewayTest() override {
    gateway_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Start() {
    gateway_.reset();
    Gateway::Options options;
    options.http.listen = "127.0.0.1:0";
    options.front.access_log = false;
    options.catalogue.upstreams = {{"lianqiao.registry.v1", "unix:" + folder_ + "/nobody.sock"}};
    options.identity.connection = database_.connection();
    options.identity.listen = {"unix:" + folder_ + "/internal.sock"};
    options.identity.master_key_file = folder_ + "/master.key";
    options.identity.readers = options.identity.writers = 2;
    options.identity.bootstrap.operator_file = folder_ + "/operator.json";
    options.identity.bootstrap.secrets_folder = folder_ + "/secrets";
    auto gateway = Gateway::Start(options);
    ASSERT_TRUE(gateway.ok()) << gateway.status();
    gateway_ = *std::move(gateway);
  }

  Socket::Answer Ask(const std::string& method, const std::string& target, const std::string& headers = "",
                     const std::string& body = "") {
    Socket socket(gateway_->http_port());
    std::string text = absl::StrCat(method, " ", target, " HTTP/1.1\r\nHost: test\r\n", headers);
    if (!body.empty()) absl::StrAppend(&text, "Content-Length: ", body.size(), "\r\n");
    EXPECT_TRUE(socket.Send(absl::StrCat(text, "\r\n", body)));
    return socket.Read();
  }
  Socket::Answer AskForToken(const std::string& secret) {
    const std::string basic = absl::Base64Escape(absl::StrCat(operator_.client_id, ":", secret));
    return Ask("POST", "/oauth2/token",
               absl::StrCat("Authorization: Basic ", basic,
                            "\r\nContent-Type: application/x-www-form-urlencoded\r\n"),
               "grant_type=client_credentials");
  }
  std::string Bearer() {
    const std::string body = AskForToken(operator_.client_secret).body;
    const size_t start = body.find(":\"") + 2;
    return absl::StrCat("Authorization: Bearer ", body.substr(start, body.find('"', start) - start), "\r\n");
  }

  testing::TestDatabase database_;
  const std::string folder_ = absl::StrCat("/tmp/gateway-", base::RandomId().substr(0, 8));
  std::unique_ptr<Gateway> gateway_;
  access::Credentials operator_;
};

TEST_F(GatewayTest, GivesATokenThatOpensTheApi) {
  const Socket::Answer token = AskForToken(operator_.client_secret);
  EXPECT_EQ(token.status, 200);
  EXPECT_EQ(token.headers.at("cache-control"), "no-store");
  EXPECT_THAT(token.body, HasSubstr("\"token_type\":\"Bearer\",\"expires_in\":"));
  const Socket::Answer who = Ask("GET", "/v1/identity:whoami", Bearer());
  EXPECT_EQ(who.status, 200);
  EXPECT_THAT(who.body, HasSubstr(operator_.client_id));
  EXPECT_EQ(Ask("GET", "/v1/identity:whoami").status, 401);
}

TEST_F(GatewayTest, RefusesAWrongSecretInTheWordsOfOAuth) {
  const Socket::Answer answer = AskForToken("wrong");
  EXPECT_EQ(answer.status, 401);
  EXPECT_THAT(answer.body, HasSubstr("\"error\":\"invalid_client\""));
}

TEST_F(GatewayTest, TakesNoLargeFormForAToken) {
  const Socket::Answer answer = AskForToken(std::string(20'000, 'x'));
  EXPECT_EQ(answer.status, 401) << "a header is limited by itself";
  const Socket::Answer form =
      Ask("POST", "/oauth2/token", "Content-Type: application/x-www-form-urlencoded\r\n",
          absl::StrCat("grant_type=client_credentials&client_id=a&client_secret=", std::string(9000, 'x')));
  EXPECT_EQ(form.status, 413);
  EXPECT_THAT(form.body, HasSubstr("BODY_TOO_LARGE"));
}

TEST_F(GatewayTest, ATokenOfOursThatIsRefusedLeavesAnEntry) {
  const std::string bearer = Bearer();
  const std::string path = absl::StrCat("/v1/identity/clients/", operator_.client_id);
  ASSERT_EQ(
      Ask("PATCH", path, absl::StrCat(bearer, "Content-Type: application/json\r\n"), "{\"disabled\":true}")
          .status,
      200);
  const absl::Time limit = absl::Now() + absl::Seconds(5);
  while (Ask("GET", path, absl::StrCat(bearer, "X-Forwarded-For: 10.1.2.3\r\n")).status != 401 &&
         absl::Now() < limit)
    absl::SleepFor(absl::Milliseconds(20));
  gateway_.reset();
  postgres::Database::Options options;
  options.connection = database_.connection();
  options.search_path = "identity";
  options.workers = 1;
  postgres::Database database(options);
  std::string found;
  const absl::Status status =
      database.Run(absl::Now() + absl::Seconds(10), [&](postgres::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const postgres::Result result,
                         session.Execute({"denied",
                                          "SELECT client_id || ' ' || peer || ' ' || method || ' ' ||"
                                          " (token_id <> '')::text FROM access_log"
                                          " WHERE event = 'ACCESS_EVENT_CALL_DENIED'"},
                                         {}));
        if (result.rows() > 0) found = result.Text(0, 0);
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(found, absl::StrCat(operator_.client_id,
                                " 10.1.2.3 /lianqiao.identity.v1.ClientService/GetClient true"));
}

TEST_F(GatewayTest, PublishesItsKeysAndDocuments) {
  EXPECT_THAT(Ask("GET", "/.well-known/jwks.json").body, HasSubstr("\"crv\":\"P-256\""));
  const Socket::Answer openapi = Ask("GET", "/openapi.json");
  EXPECT_EQ(openapi.status, 200);
  EXPECT_THAT(openapi.body, HasSubstr("/v1/organisations"));
  EXPECT_THAT(openapi.body, HasSubstr("Who the token says you are, and what you may do."));
  EXPECT_THAT(Ask("GET", "/v1/vocabulary").body, HasSubstr("lianqiao.registry.v1."));
}

TEST_F(GatewayTest, ATokenSurvivesARestart) {
  const std::string bearer = Bearer();
  Start();
  EXPECT_EQ(Ask("GET", "/v1/identity:whoami", bearer).status, 200);
}

TEST_F(GatewayTest, AServiceThatIsAwayIsUnavailableAndTheRestGoesOn) {
  const std::string bearer = Bearer();
  const Socket::Answer away = Ask("GET", "/v1/organisations", bearer);
  EXPECT_EQ(away.status, 503);
  EXPECT_THAT(away.body, HasSubstr("BACKEND_UNAVAILABLE"));
  EXPECT_THAT(away.body, Not(HasSubstr("nobody.sock")));
  EXPECT_EQ(Ask("GET", "/v1/identity:whoami", bearer).status, 200);
  const Socket::Answer ready = Ask("GET", "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("{\"name\":\"lianqiao.registry.v1\",\"ready\":false}"));
}

TEST_F(GatewayTest, ServesOneFeedForAllServices) {
  EXPECT_EQ(Ask("GET", "/v1/changes").status, 401);
  const std::string bearer = Bearer();
  const Socket::Answer away = Ask("GET", "/v1/changes?kinds=organisation", bearer);
  EXPECT_EQ(away.status, 503);
  EXPECT_THAT(away.body, HasSubstr("\"service\":\"registry\""));
  const Socket::Answer wrong =
      Ask("POST", "/v1/changes", absl::StrCat(bearer, "Content-Type: application/json\r\n"),
          R"({"cursor": "x", "kinds": ["nothing"], "pageSize": 5001})");
  EXPECT_EQ(wrong.status, 400);
  for (const char* part : {"CURSOR_INVALID", "KIND_UNKNOWN", "\"field\":\"pageSize\""})
    EXPECT_THAT(wrong.body, HasSubstr(part));
  for (const char* path : {"/v1/feed", "/v1/digest", "/v1/imports", "/v1/exports",
                           "/v1/revisions/organisation/0191e0a8-0000-7000-8000-000000000001"}) {
    EXPECT_EQ(Ask("GET", path, bearer).status, 503) << path;
    EXPECT_EQ(Ask("GET", path).status, 401) << path;
  }
}

TEST_F(GatewayTest, EveryRouteAnswersNobodyWithout5xx) {
  for (const char* path :
       {"/v1/organisations", "/v1/organisations/x", "/v1/clients", "/v1/identity:whoami"}) {
    EXPECT_THAT(Ask("GET", path).status, ::testing::AnyOf(401, 404)) << path;
  }
}

}  // namespace
}  // namespace lianqiao::gateway
