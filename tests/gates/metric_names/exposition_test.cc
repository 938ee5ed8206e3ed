// SPDX-License-Identifier: Apache-2.0
// That the gate itself sees what it is there for.
#include "tests/gates/metric_names/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lianqiao::gates {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::vector<std::string> Breaches(const std::string& name, const std::string& type) {
  return BreachesOf(name, Metric{type, "Help", {}, {{}}});
}

TEST(Exposition, ReadsFamiliesWithTheirSeries) {
  const Page page = ReadPage(
      "# HELP a_seconds Time of it\n# TYPE a_seconds histogram\n"
      "a_seconds_count{x=\"1\"} 2\na_seconds_sum{x=\"1\"} 0.5\na_seconds_bucket{x=\"1\",le=\"+Inf\"} 2\n"
      "# HELP b_total Bees\n# TYPE b_total counter\nb_total{path=\"/v1/{id}\",text=\"a \\\"b\\\" c\"} 7\n");
  EXPECT_THAT(page.mistakes, IsEmpty());
  const Metric& seconds = page.metrics.at("a_seconds");
  EXPECT_EQ(seconds.type, "histogram");
  EXPECT_EQ(seconds.help, "Time of it");
  EXPECT_EQ(seconds.series.at("_count").front().value, 2);
  EXPECT_THAT(seconds.label_sets, ElementsAre(ElementsAre("x")));
  const Series& bees = page.metrics.at("b_total").series.at("").front();
  EXPECT_THAT(bees.labels, UnorderedElementsAre(Pair("path", "/v1/{id}"), Pair("text", "a \"b\" c")));
  EXPECT_EQ(bees.value, 7);
}

TEST(Exposition, SeesAFamilyThatComesTwiceAndASeriesWithoutOne) {
  EXPECT_THAT(ReadPage("# HELP a A\n# TYPE a gauge\na 1\n# HELP a A\n# TYPE a gauge\na 2\n").mistakes,
              ElementsAre(HasSubstr("comes twice"), HasSubstr("comes twice")));
  EXPECT_THAT(ReadPage("b 1\n").mistakes, ElementsAre(HasSubstr("no # TYPE")));
}

TEST(Exposition, GoodNamesHaveNoBreaches) {
  EXPECT_THAT(Breaches("grpc_server_handled_total", "counter"), IsEmpty());
  EXPECT_THAT(Breaches("process_cpu_seconds_total", "counter"), IsEmpty());
  EXPECT_THAT(Breaches("lianqiao_query_seconds", "histogram"), IsEmpty());
  EXPECT_THAT(Breaches("gateway_http_connections", "gauge"), IsEmpty());
}

TEST(Exposition, NamesEveryBreachWithTheWayOut) {
  EXPECT_THAT(Breaches("gateway_refused", "counter"), ElementsAre(HasSubstr("ends in _total")));
  EXPECT_THAT(Breaches("gateway_open_total", "gauge"), ElementsAre(HasSubstr("this is a gauge")));
  EXPECT_THAT(Breaches("gateway_latency", "histogram"), ElementsAre(HasSubstr("_seconds or _bytes")));
  EXPECT_THAT(Breaches("gateway_wait_ms", "gauge"), ElementsAre(HasSubstr("measure in seconds")));
  EXPECT_THAT(Breaches("gateway_seconds_waited", "gauge"), ElementsAre(HasSubstr("stands last")));
  EXPECT_THAT(Breaches("gateway_call_count", "gauge"), ElementsAre(HasSubstr("histogram adds")));
  EXPECT_THAT(Breaches("my_calls", "gauge"), ElementsAre(HasSubstr("begin with")));
  EXPECT_THAT(Breaches("gateway_Calls", "gauge"), ElementsAre(HasSubstr("lower_snake_case")));
  const Metric mixed{"gauge", "", {}, {{}, {"instance"}}};
  EXPECT_THAT(BreachesOf("gateway_calls", mixed),
              ElementsAre(HasSubstr("help"), HasSubstr("same labels"), HasSubstr("Prometheus sets")));
}

}  // namespace
}  // namespace lianqiao::gates
