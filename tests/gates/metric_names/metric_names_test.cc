// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "libs/contract/contract.h"
#include "libs/testing/golden.h"
#include "tests/gates/metric_names/exposition.h"
#include "tests/gates/metric_names/suite.h"

namespace lianqiao::gates {
namespace {

constexpr char kReadme[] = "deploy/prometheus/README.md";

class MetricNames : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    suite_ = new Suite(gateway::Guard::Options(), Followers());
    *registry_at_start_ = ReadPage(suite_->RegistryMetrics());
    for (size_t i = 0; i < Followers().size(); ++i)
      followers_at_start_->push_back(ReadPage(suite_->FollowerMetrics(i)));
    *gateway_at_start_ = ReadPage(suite_->GatewayMetrics());
    SendCalls();
    // The heads of the feed are looked at every few seconds.
    const absl::Time limit = absl::Now() + absl::Seconds(30);
    do {
      *registry_ = ReadPage(suite_->RegistryMetrics());
    } while (!registry_->metrics.contains("lianqiao_feed_head_position") && absl::Now() < limit);
    *gateway_ = ReadPage(suite_->GatewayMetrics());
    for (size_t i = 0; i < Followers().size(); ++i)
      followers_->push_back(ReadPage(suite_->FollowerMetrics(i)));
  }
  static void TearDownTestSuite() {
    delete suite_;
    suite_ = nullptr;
  }

  // Good, bad and hostile ones.
  static void SendCalls() {
    const std::string token = suite_->OperatorToken();
    const std::string province =
        R"({"kind":"JURISDICTION_KIND_PROVINCE","level":"JURISDICTION_LEVEL_PROVINCE","name":"陕西省",)"
        R"("parentId":"00000000-0000-7000-8000-000000000001"})";
    EXPECT_EQ(suite_->Ask("POST", "/v1/jurisdictions", token, province).status, 200);
    EXPECT_EQ(suite_->Ask("GET", "/v1/jurisdictions", token).status, 200);
    EXPECT_EQ(suite_->Ask("GET", "/v1/changes", token).status, 200);
    EXPECT_EQ(suite_->Ask("GET", "/v1/organisations?filter=name%3D%22x%22", token).status, 200);
    EXPECT_EQ(suite_->Ask("GET", "/v1/organisations", "nonsense").status, 401);
    EXPECT_EQ(suite_->Ask("GET", "/v1/organisations/1%22%7D", token).status, 400);
    EXPECT_EQ(suite_->Ask("GET", "/hostile%22%7D/path", token).status, 404);
  }

  static std::vector<std::pair<std::string, const Page*>> Pages() {
    std::vector<std::pair<std::string, const Page*>> pages = {{"alliance-registry", registry_},
                                                              {"gateway", gateway_}};
    for (size_t i = 0; i < Followers().size(); ++i)
      pages.emplace_back(Followers()[i].definition().name, &(*followers_)[i]);
    return pages;
  }

  static inline Suite* suite_ = nullptr;
  static inline Page* const registry_at_start_ = new Page;
  static inline Page* const gateway_at_start_ = new Page;
  static inline std::vector<Page>* const followers_at_start_ = new std::vector<Page>;
  static inline std::vector<Page>* const followers_ = new std::vector<Page>;
  static inline Page* const registry_ = new Page;
  static inline Page* const gateway_ = new Page;
};

TEST_F(MetricNames, AreTheGoldenOnes) {
  std::string text;
  for (const auto& [service, page] : Pages()) {
    EXPECT_THAT(page->mistakes, ::testing::IsEmpty()) << service;
    for (const auto& [name, metric] : page->metrics) {
      for (const auto& labels : metric.label_sets)
        absl::StrAppend(&text, service, " ", name, " ", metric.type, " {", absl::StrJoin(labels, ","), "}\n");
    }
  }
  testing::ExpectGolden(
      "metrics.txt", text,
      "a metric is new (or an old one may go: dashboards and alerts outside of this repository name it)");
}

TEST_F(MetricNames, FollowTheConventions) {
  for (const auto& [service, page] : Pages()) {
    for (const auto& [name, metric] : page->metrics) {
      for (const std::string& breach : BreachesOf(name, metric))
        ADD_FAILURE() << service << ": " << name << ": " << breach
                      << " (rename it where it is made: libs/runtime or "
                      << "services/gateway/metrics.cc)";
    }
  }
}

TEST_F(MetricNames, AreExplainedToOperators) {
  std::stringstream readme;
  readme << std::ifstream(kReadme).rdbuf();
  std::set<std::string> explained;
  for (std::string line; std::getline(readme, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    const std::string name = line.substr(3, line.find('`', 3) - 3);
    EXPECT_TRUE(explained.insert(name).second) << kReadme << " explains " << name << " twice: delete a row";
    // | `name` | labels | meaning |
    EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 4) << kReadme << ": " << line;
  }
  std::map<std::string, std::set<std::string>> labels;
  for (const auto& [service, page] : Pages()) {
    for (const auto& [name, metric] : page->metrics)
      labels[name].insert(metric.label_sets.begin()->begin(), metric.label_sets.begin()->end());
  }
  for (const auto& [name, set] : labels) {
    EXPECT_TRUE(explained.contains(name)) << "add a row to " << kReadme << ": | `" << name << "` | "
                                          << absl::StrJoin(set, ", ") << " | what it tells an operator |";
  }
  for (const std::string& name : explained)
    EXPECT_TRUE(labels.contains(name))
        << kReadme << " explains " << name << ", which nobody exports: delete the row";
}

// The methods of the packages, as their series' labels name them.
std::set<std::string> MethodsOf(const std::string& package, bool streams = true) {
  std::set<std::string> methods;
  // With those that every service and the gateway serve.
  const auto contract = contract::Contract::Load({package, "lianqiao.sync.v1"}).value();
  for (const auto& method : contract->methods()) {
    const auto& descriptor = *method->descriptor;
    if (!streams && (descriptor.client_streaming() || descriptor.server_streaming())) continue;
    methods.insert(absl::StrCat(descriptor.service()->full_name(), "/", descriptor.name()));
  }
  return methods;
}

std::set<std::string> MethodsOn(const Page& page, const std::string& metric, const std::string& suffix) {
  std::set<std::string> methods;
  for (const Series& series : page.metrics.at(metric).series.at(suffix))
    methods.insert(series.labels.at("grpc_service") + "/" + series.labels.at("grpc_method"));
  return methods;
}

TEST_F(MetricNames, EveryMethodStandsAtZeroBeforeItsFirstCall) {
  constexpr char kWay[] = "hand its path to ServiceMetrics::AddMethods when it is bound";
  EXPECT_EQ(MethodsOn(*registry_at_start_, "grpc_server_handling_seconds", "_count"),
            MethodsOf("lianqiao.registry.v1", false))
      << kWay;
  EXPECT_EQ(MethodsOn(*registry_at_start_, "grpc_server_handled_total", ""),
            MethodsOf("lianqiao.registry.v1"))
      << kWay;
  for (size_t i = 0; i < Followers().size(); ++i)
    EXPECT_EQ(MethodsOn((*followers_at_start_)[i], "grpc_server_handled_total", ""),
              MethodsOf("lianqiao." + Followers()[i].name + ".v1"))
        << kWay;
  EXPECT_EQ(MethodsOn(*gateway_at_start_, "grpc_server_handling_seconds", "_count"),
            MethodsOf("lianqiao.identity.v1", false))
      << kWay;
  std::map<std::string, std::string> types;
  for (const Series& series : registry_at_start_->metrics.at("grpc_server_handled_total").series.at(""))
    types[series.labels.at("grpc_method")] = series.labels.at("grpc_type");
  EXPECT_EQ(types["GetDigest"], "unary");
  EXPECT_EQ(types["WatchChanges"], "server_stream");
  EXPECT_EQ(types["ImportRecords"], "client_stream");
  for (const char* pool : {"read", "write"}) {
    const auto& refused = registry_at_start_->metrics.at("lianqiao_pool_refused_total").series.at("");
    EXPECT_EQ(std::count_if(refused.begin(), refused.end(),
                            [&](const Series& s) { return s.labels.at("pool") == pool; }),
              3)
        << "ServiceMetrics::ObservePool makes one per reason";
  }
}

TEST_F(MetricNames, CallsAreCounted) {
  const auto value = [](const Page& page, const std::string& name,
                        const std::map<std::string, std::string>& labels) {
    for (const Series& series : page.metrics.at(name).series.at(""))
      if (std::includes(series.labels.begin(), series.labels.end(), labels.begin(), labels.end()))
        return series.value;
    return -1.0;
  };
  EXPECT_EQ(value(*registry_, "grpc_server_handled_total",
                  {{"grpc_method", "ListJurisdictions"}, {"grpc_code", "OK"}}),
            1);
  EXPECT_EQ(value(*gateway_, "gateway_http_requests_total",
                  {{"route", "/v1/jurisdictions"}, {"method", "GET"}, {"status", "200"}}),
            1);
  EXPECT_EQ(value(*gateway_, "gateway_http_requests_total", {{"route", "none"}, {"status", "404"}}), 1);
  EXPECT_EQ(value(*gateway_, "gateway_refused_total", {{"reason", "authentication"}}), 1);
  EXPECT_EQ(value(*gateway_, "gateway_upstream_connected", {{"upstream", "lianqiao.registry.v1"}}), 1);
  EXPECT_GE(value(*registry_, "lianqiao_feed_head_position", {}), 1);
  EXPECT_EQ(value(*registry_, "lianqiao_pool_connected", {{"pool", "read"}}), 2);
  EXPECT_GT(value(*registry_, "process_resident_memory_bytes", {}), 1e6);
}

TEST_F(MetricNames, LabelsHoldNothingThatARequestBrought) {
  for (const auto& [service, page] : Pages()) {
    for (const auto& [name, metric] : page->metrics) {
      for (const auto& [suffix, all] : metric.series) {
        for (const Series& series : all) {
          for (const auto& [label, text] : series.labels)
            EXPECT_THAT(text, ::testing::AllOf(::testing::Not(::testing::HasSubstr("hostile")),
                                               ::testing::MatchesRegex("[A-Za-z0-9_./{}=*:-]+")))
                << service << " " << name << "{" << label
                << "}: take label values from routes, methods, codes and fixed words, or the page grows "
                   "without end";
        }
      }
    }
  }
}

}  // namespace
}  // namespace lianqiao::gates
