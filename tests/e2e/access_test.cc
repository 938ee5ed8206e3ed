// SPDX-License-Identifier: Apache-2.0
// A client that the operator lets in: it sees its own scope only, and what it may do changes within a second.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/e2e/platform.h"

namespace lianqiao::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kGrantLimit = absl::Seconds(1);

class Access : public ::testing::Test {
 protected:
  // Seconds until `client` gets `status` from `target`, counted from now.
  static double SecondsUntil(HttpClient& client, const std::string& target, int status) {
    const absl::Time begin = absl::Now();
    while (client.Get(target).status != status && absl::Now() - begin < 5 * kGrantLimit)
      absl::SleepFor(absl::Milliseconds(10));
    return absl::ToDoubleSeconds(absl::Now() - begin);
  }

  Platform& platform_ = Platform::Shared();
  HttpClient operator_ = platform_.Operator();
  Places places_ = MakePlaces(operator_);
  std::string near_school_ = MakeSchool(operator_, "渭滨区第一小学", places_.near_id);
  std::string far_school_ = MakeSchool(operator_, "凤县第一小学", places_.far_id);
};

TEST_F(Access, ANewClientSeesItsScopeInGetListFilterBatchAndStatisticsAndNothingElse) {
  const Guest guest = MakeGuest(platform_, operator_, "registry.*", places_.near_id);
  HttpClient client(platform_.url(), guest.token);
  const HttpAnswer who = client.Get("/v1/identity:whoami");
  EXPECT_EQ(who.json().Text("/client/clientId"), guest.client_id) << who.body;
  EXPECT_EQ(who.json().Text("/permissions/0"), "registry.*") << who.body;

  EXPECT_EQ(client.Get("/v1/organisations/" + near_school_).status, 200);
  ExpectError(client.Get("/v1/organisations/" + far_school_), 404, "NOT_FOUND");
  const HttpAnswer list = client.Get("/v1/organisations");
  EXPECT_EQ(list.json().Size("/organisations"), 1u) << list.body;
  EXPECT_THAT(list.body, Not(HasSubstr(far_school_)));
  const auto filtered = [&](const std::string& filter) {
    return client.Get("/v1/organisations?filter=" + Escaped(filter)).body;
  };
  EXPECT_EQ(filtered(absl::StrCat("id = \"", far_school_, "\"")), "{}");
  EXPECT_THAT(filtered(absl::StrCat("name : \"小学\" OR id = \"", far_school_, "\"")),
              AllOf(HasSubstr(near_school_), Not(HasSubstr(far_school_))));
  ExpectError(client.Get(absl::StrCat("/v1/organisations:batchGet?ids=", near_school_, "&ids=", far_school_)),
              404, "NOT_FOUND");
  const std::string statistics = "/v1/registry-statistics?date=2023-12-31&jurisdictionId=";
  EXPECT_EQ(client.Get(statistics + places_.near_id).status, 200);
  ExpectError(client.Get(statistics + places_.far_id), 404, "NOT_FOUND");

  EXPECT_EQ(client.Post("/v1/organisations", SchoolBody("渭滨区第二小学", places_.near_id)).status, 200);
  const HttpAnswer foreign = client.Post("/v1/organisations", SchoolBody("凤县第二小学", places_.far_id));
  EXPECT_GE(foreign.status, 400) << foreign.body;
  EXPECT_LT(foreign.status, 500) << foreign.body;
  ExpectError(client.Patch("/v1/organisations/" + far_school_, R"({"shortName":"x"})"), 404, "NOT_FOUND");
  ExpectError(client.Delete("/v1/organisations/" + far_school_), 404, "NOT_FOUND");
  ExpectError(client.Get("/v1/identity/clients"), 403, "PERMISSION_DENIED");
}

TEST_F(Access, AChangedAndARevokedGrantActWithinASecond) {
  const Guest guest = MakeGuest(platform_, operator_, "registry.*.read", places_.near_id);
  HttpClient client(platform_.url(), guest.token);
  const std::string near = "/v1/organisations/" + near_school_;
  const std::string far = "/v1/organisations/" + far_school_;
  ASSERT_EQ(client.Get(near).status, 200);
  ASSERT_EQ(client.Get(far).status, 404);
  const std::string grant = "/v1/identity/grants/" + guest.grant_id;

  const HttpAnswer moved = operator_.Patch(grant, absl::StrCat(R"({"scopeId":")", places_.far_id, "\"}"));
  ASSERT_EQ(moved.status, 200) << moved.body;
  EXPECT_LT(SecondsUntil(client, far, 200), absl::ToDoubleSeconds(kGrantLimit));
  EXPECT_EQ(client.Get(near).status, 404);

  ASSERT_EQ(operator_.Delete(grant).status, 200);
  EXPECT_LT(SecondsUntil(client, far, 403), absl::ToDoubleSeconds(kGrantLimit));
  ExpectError(client.Get(far), 403, "PERMISSION_DENIED");

  ASSERT_EQ(operator_.Post(grant + ":undelete", "{}").status, 200);
  EXPECT_LT(SecondsUntil(client, far, 200), absl::ToDoubleSeconds(kGrantLimit));
  const HttpAnswer disabled =
      operator_.Patch("/v1/identity/clients/" + guest.client_id, R"({"disabled":true})");
  ASSERT_EQ(disabled.status, 200) << disabled.body;
  EXPECT_LT(SecondsUntil(client, far, 401), absl::ToDoubleSeconds(kGrantLimit));
  const HttpAnswer refused = platform_.AskForToken(guest.client_id, guest.client_secret);
  EXPECT_EQ(refused.status, 401) << refused.body;
  EXPECT_EQ(refused.json().Text("/error"), "invalid_client") << "as RFC 6749 says it";
}

TEST_F(Access, TheAccessLogTellsWhoWasLetInAndWhoWasNot) {
  const Guest guest = MakeGuest(platform_, operator_, "registry.organisation.read", places_.near_id);
  HttpClient client(platform_.url(), guest.token);
  ExpectError(client.Delete("/v1/organisations/" + near_school_), 403, "PERMISSION_DENIED");
  EXPECT_EQ(platform_.AskForToken(guest.client_id, "wrong").status, 401);
  ExpectError(client.Get("/v1/identity/accessLog"), 403, "PERMISSION_DENIED");
  // Written beside the calls, so a moment later.
  const auto log = [&](const std::string& event, const std::string& expected) {
    std::string body;
    for (int tries = 0; tries < 200 && body.find(expected) == std::string::npos; ++tries) {
      if (tries > 0) absl::SleepFor(absl::Milliseconds(50));
      body = operator_
                 .Get(absl::StrCat("/v1/identity/accessLog?clientId=", guest.client_id,
                                   "&event=ACCESS_EVENT_", event))
                 .body;
    }
    EXPECT_THAT(body, HasSubstr(expected));
    return Json(body).Size("/entries");
  };
  EXPECT_EQ(log("TOKEN_ISSUED", "/oauth2/token"), 1u);
  EXPECT_EQ(log("TOKEN_REFUSED", "CLIENT_REFUSED"), 1u);
  log("CALL_DENIED", "AccessLogService/ListAccessLog");
  log("CALL_DENIED", "OrganisationService/DeleteOrganisation");  // A service denied it and sent it on.
}

}  // namespace
}  // namespace lianqiao::e2e
