// SPDX-License-Identifier: Apache-2.0
// Random JSON over HTTP, right and wrong, to every route of every service behind the gateway: whatever is
// sent, the answer is never a 5xx.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/gateway/catalogue.h"
#include "tests/conformance/random_http.h"
#include "tests/gates/metric_names/suite.h"

namespace lianqiao::conformance {
namespace {

constexpr int kRequests = 5000;  // With those of random_requests_pgtest.cc: 10,000.
constexpr uint32_t kSeed = 20261126;
constexpr char kRootId[] = "00000000-0000-7000-8000-000000000001";

// One record of most kinds, so that random requests find something. Quotes stand for double quotes; $kind$
// is the record of that kind made last.
struct Seed {
  const char* kind;
  const char* path;
  const char* body;
};
constexpr Seed kSeeds[] = {
    {"jurisdiction", "/v1/jurisdictions",
     "{'kind':'JURISDICTION_KIND_PROVINCE','level':'JURISDICTION_LEVEL_PROVINCE','name':'陕西省',"
     "'parentId':'$jurisdiction$'}"},
    {"jurisdiction", "/v1/jurisdictions",
     "{'kind':'JURISDICTION_KIND_CITY','level':'JURISDICTION_LEVEL_CITY','name':'宝鸡市',"
     "'parentId':'$jurisdiction$'}"},
    {"jurisdiction", "/v1/jurisdictions",
     "{'kind':'JURISDICTION_KIND_COUNTY','level':'JURISDICTION_LEVEL_COUNTY','name':'渭滨区',"
     "'parentId':'$jurisdiction$'}"},
    {"organisation", "/v1/organisations",
     "{'kind':'ORGANISATION_KIND_SCHOOL','name':'一小','jurisdictionId':'$jurisdiction$'}"},
    {"school_year", "/v1/school-years",
     "{'key':'2023-2024','startsOn':'2023-09-01','endsOn':'2024-08-31','statisticsOn':'2023-09-01'}"},
    {"term", "/v1/terms",
     "{'key':'2023-2024-1','schoolYearId':'$school_year$','number':1,'startsOn':'2023-09-01',"
     "'endsOn':'2024-01-20'}"},
    {"fact_submission", "/v1/fact-submissions",
     "{'jurisdictionId':'$jurisdiction$','schoolYearId':'$school_year$'}"},
    {"alliance", "/v1/alliances",
     "{'name':'集团','type':'ALLIANCE_TYPE_EDUCATION_GROUP','jurisdictionId':'$jurisdiction$'}"},
    {"membership", "/v1/memberships",
     "{'allianceId':'$alliance$','organisationId':'$organisation$','role':'MEMBERSHIP_ROLE_MEMBER'}"},
    {"agreement", "/v1/agreements",
     "{'kind':'AGREEMENT_KIND_COOPERATION','title':'协议','jurisdictionId':'$jurisdiction$'}"},
    {"cycle", "/v1/cycles",
     "{'jurisdictionId':'$jurisdiction$','number':1,'startsOn':'2024-01-01','endsOn':'2026-12-31'}"},
    {"development_plan", "/v1/development-plans",
     "{'allianceId':'$alliance$','title':'规划','startsOn':'2024-01-01','endsOn':'2026-12-31'}"},
    {"implementation_plan", "/v1/implementation-plans",
     "{'allianceId':'$alliance$','title':'方案','kind':'IMPLEMENTATION_PLAN_KIND_OVERALL',"
     "'startsOn':'2024-01-01'}"},
    {"annual_plan", "/v1/annual-plans",
     "{'allianceId':'$alliance$','title':'计划','year':2024,'startsOn':'2024-01-01','endsOn':'2024-12-31'}"},
    {"filing", "/v1/filings",
     "{'allianceId':'$alliance$','kind':'FILING_KIND_ALLIANCE','authorityJurisdictionId':'$jurisdiction$',"
     "'year':2024}"},
    {"funding", "/v1/fundings",
     "{'jurisdictionId':'$jurisdiction$','year':2024,'source':'FUNDING_SOURCE_FISCAL',"
     "'payerLevel':'PAYER_LEVEL_COUNTY','amountFen':'1'}"},
    {"county_programme", "/v1/county-programmes", "{'jurisdictionId':'$jurisdiction$','title':'规划'}"},
    {"cooperation_project", "/v1/cooperation-projects",
     "{'allianceId':'$alliance$','title':'送教','year':2024}"},
    {"governing_body", "/v1/governing-bodies",
     "{'kind':'GOVERNING_BODY_KIND_LEADING_GROUP','name':'领导小组','level':'GOVERNANCE_LEVEL_COUNTY',"
     "'jurisdictionId':'$jurisdiction$'}"},
    {"role_holder", "/v1/role-holders",
     "{'personRef':'p-1','role':'HOLDER_ROLE_PRINCIPAL','organisationId':'$organisation$',"
     "'fromOn':'2024-01-01'}"},
    {"client", "/v1/identity/clients", "{'label':'接入方'}"},
    {"access_grant", "/v1/identity/grants",
     "{'clientId':'$client$','permission':'registry.*.read','scopeKind':'GRANT_SCOPE_KIND_PLATFORM'}"}};

class RandomHttpRequests : public ::testing::Test {
 protected:
  RandomHttpRequests() {
    gateway::Catalogue::Options options;
    options.upstreams = {{"lianqiao.registry.v1", "unix:registry"},
                         {"lianqiao.identity.v1", "unix:identity"}};
    catalogue_ = gateway::Catalogue::Load(options).value();
    routes_ = gateway::RouteTable::Build(*catalogue_).value();
    token_ = suite_.OperatorToken();
    generator_.Learn("jurisdiction", kRootId);
    for (const Seed& seed : kSeeds) {
      const std::string body = absl::StrReplaceAll(generator_.WithIds(seed.body), {{"'", "\""}});
      const gateway::Socket::Answer made =
          Send({"POST", seed.path, "Content-Type: application/json\r\n", body});
      EXPECT_EQ(made.status, 200) << seed.path << ": " << made.body;
      LearnFrom(seed.kind, made.body);
    }
  }

  gateway::Socket::Answer Send(const RandomHttp::Call& call) {
    if (socket_ == nullptr) socket_ = std::make_unique<gateway::Socket>(suite_.http_port());
    std::string text = absl::StrCat(call.method, " ", call.target, " HTTP/1.1\r\nHost: test\r\n",
                                    "Authorization: Bearer ", token_, "\r\n", call.headers);
    if (!call.body.empty() || call.method != "GET")
      absl::StrAppend(&text, "Content-Length: ", call.body.size(), "\r\n");
    EXPECT_TRUE(socket_->Send(absl::StrCat(text, "\r\n", call.body)));
    gateway::Socket::Answer answer = socket_->Read();
    const auto connection = answer.headers.find("connection");
    if (answer.status == 0 || (connection != answer.headers.end() && connection->second == "close"))
      socket_.reset();
    return answer;
  }

  // The id of the record that the answer holds, to build on it.
  void LearnFrom(const std::string& kind, const std::string& body) {
    const size_t at = body.find("\"id\":\"");
    if (!kind.empty() && at != std::string::npos) generator_.Learn(kind, body.substr(at + 6, 36));
  }

  gates::Suite suite_{gateway::Guard::Options{{}, {}, 2000}};
  std::unique_ptr<gateway::Catalogue> catalogue_;
  std::unique_ptr<gateway::RouteTable> routes_;
  std::unique_ptr<gateway::Socket> socket_;
  RandomHttp generator_{kSeed};
  std::string token_;
};

TEST_F(RandomHttpRequests, AreNeverAnsweredWithA5xx) {
  std::cout << "seed " << kSeed << "\n";
  std::map<int, int> statuses;
  std::map<std::string, int> reached;  // Requests per route that the service did what they ask.
  const auto& routes = routes_->routes();
  ASSERT_GT(routes.size(), 100u);
  for (int i = 0; i < kRequests; ++i) {
    const gateway::Route& route = *routes[static_cast<size_t>(i) % routes.size()];
    const RandomHttp::Call call = generator_.Next(route);
    const gateway::Socket::Answer answer = Send(call);
    ++statuses[answer.status];
    EXPECT_TRUE(answer.status >= 200 && answer.status < 500)
        << "seed " << kSeed << ", request " << i << " was answered " << answer.status << " " << answer.body
        << "\n"
        << call.method << " " << call.target << "\n"
        << call.headers << "\n"
        << call.body;
    if (answer.status != 200) continue;
    ++reached[route.method->path];
    LearnFrom(RandomHttp::KindOf(route), answer.body);
  }
  for (const auto& [status, count] : statuses) std::cout << "HTTP " << status << ": " << count << "\n";
  std::cout << reached.size() << " of " << routes.size() << " routes did what was asked at least once\n";
  // The requests are worth something: many are right, many are wrong, none was turned away at the door.
  EXPECT_GT(statuses[200], kRequests / 10);
  EXPECT_GT(statuses[400], kRequests / 10);
  EXPECT_GT(reached.size(), routes.size() / 2);
  EXPECT_EQ(statuses[401] + statuses[403] + statuses[429], 0);
}

}  // namespace
}  // namespace lianqiao::conformance
