// SPDX-License-Identifier: Apache-2.0
// How long search takes over many items. Fills the table of a real service and calls it over gRPC.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "lianqiao/resources/v1/resource_search.pb.h"
#include "services/alliance-registry/registry.h"
#include "services/resource-sharing/resources.h"
#include "tests/bench/statement/statement.h"

namespace lianqiao {
namespace {

namespace v1 = resources::v1;

// The school of the made-up items that asks, and the county whose items are open to it.
constexpr char kSchool[] = "00000000-0000-7000-a000-000000000003";
constexpr char kCounty[] = "00000000-0000-7000-9000-000000000003";
constexpr int kStep = 50000;
constexpr double kMedianMax = 50;  // Milliseconds.

void Fill(testing::TestService& service, int rows) {
  std::ifstream file("tests/bench/resources/fill.sql");
  const std::string sql((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (sql.empty()) bench::Require(absl::NotFoundError("run it in the repository's root"));
  const std::string below = store::BelowId(kCounty);
  for (int from = 1; from <= rows; from += kStep) {
    const int to = std::min(rows, from + kStep - 1);
    bench::Fill(service,
                {absl::StrReplaceAll(
                    sql, {{"$FROM", std::to_string(from)}, {"$TO", std::to_string(to)}, {"$BELOW", below}})});
    std::fprintf(stderr, "%d items\n", to);
  }
  // Where the school lies: what the registry would have told.
  bench::Fill(service, {absl::StrReplaceAll(
                            "INSERT INTO registry_organisation (id, revision, sync_scope, sync_write_scope,"
                            " sync_service, sync_bucket, sync_step) VALUES ('$SCHOOL', 1,"
                            " ARRAY['$SCHOOL', '$COUNTY']::uuid[], '{}', 'registry', 0, 1)",
                            {{"$SCHOOL", kSchool}, {"$COUNTY", kCounty}}),
                        "ANALYZE"});
}

double Percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())))];
}

void Tell(const std::string& what, const std::vector<double>& milliseconds) {
  std::fprintf(stderr, "%-24s p50 %7.1f ms   p95 %7.1f ms   max %7.1f ms\n", what.c_str(),
               Percentile(milliseconds, 0.5), Percentile(milliseconds, 0.95), Percentile(milliseconds, 1));
}

std::vector<double> Measure(testing::TestService& service, int rounds) {
  std::vector<double> all;
  for (const char* words : {"数学", "一次函数", "导学案", "课堂实录 物理", "reading", "read", "四年级 地理",
                            "家国情怀", "同课异构 energy", "美术 fractions", "数", ""}) {
    v1::SearchResourcesRequest request;
    request.set_query(words);
    std::vector<double> taken;
    int matches = 0;
    for (int i = 0; i <= rounds; ++i) {
      const absl::Time start = absl::Now();
      const auto found = service.Call<v1::SearchResourcesResponse>("ResourceSearchService/SearchResources",
                                                                   request, "school");
      bench::Require(found.status());
      matches = found->match_count();
      if (i > 0) taken.push_back(absl::ToDoubleMilliseconds(absl::Now() - start));  // The first is warm-up.
    }
    Tell(absl::StrCat(words, " (", matches, ")"), taken);
    all.insert(all.end(), taken.begin(), taken.end());
  }
  Tell("all", all);
  return all;
}

int Main(int argc, char** argv) {
  const int rows = argc > 1 ? std::atoi(argv[1]) : 1000000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 20;
  testing::TestService registry(registry::RegistryDefinition());
  testing::TestService service(resources::ResourcesDefinition(), {&registry});
  service.CatchUp();
  service.AddCaller("school", access::testing::MakeCaller({access::testing::MakeGrant(
                                  "resources.*.read", access::ScopeKind::kOrganisation, kSchool)}));
  Fill(service, rows);
  const std::vector<double> all = Measure(service, rounds);
  const double median = Percentile(all, 0.5);
  std::printf(
      "{\"name\":\"search_p50\",\"value\":%.1f,\"unit\":\"ms\",\"reach\":\"<= 50\",\"met\":%s,\"detail\":"
      "\"%d items, 12 queries of rare and common words over gRPC, %d rounds; p95 %.1f ms\"}\n",
      median, median <= kMedianMax ? "true" : "false", rows, rounds, Percentile(all, 0.95));
  return 0;
}

}  // namespace
}  // namespace lianqiao

int main(int argc, char** argv) {
  return lianqiao::Main(argc, argv);
}
