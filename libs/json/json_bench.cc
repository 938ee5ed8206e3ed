// SPDX-License-Identifier: Apache-2.0
// The codec against protobuf's json_util in one run: prints rows as tests/bench/README.md asks. Each figure
// is the median of interleaved rounds of this thread's CPU time; run it in an optimised build.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver_util.h"
#include "libs/json/json.h"
#include "libs/json/testdata/codec.pb.h"

namespace lianqiao::json {
namespace {

using google::protobuf::util::BinaryToJsonString;
using google::protobuf::util::JsonStringToMessage;
using google::protobuf::util::JsonToBinaryString;
using google::protobuf::util::MessageToJsonString;

constexpr int kRounds = 11;
constexpr int kIterations = 2000;
constexpr double kReach = 6;
constexpr char kTypeUrl[] = "type.googleapis.com/lianqiao.json.testdata.Plan";

testdata::Plan SamplePlan() {
  testdata::Plan plan;
  plan.set_id("0190b3c4-5d6e-7f80-9123-456789abcdef");
  plan.set_name("宝鸡市陈仓区城乡教育联盟");
  plan.set_level(testdata::LEVEL_COUNTY);
  plan.set_revision(1234567890123);
  plan.set_member_count(13);
  plan.set_confirmed(true);
  plan.set_coverage_ratio(0.8731);
  plan.set_lead_organisation_id("0190b3c4-5d6e-7f80-9123-0123456789ab");
  plan.set_school_year("2023-2024");
  plan.set_starts_on("2023-09-01");
  plan.set_ends_on("2026-08-31");
  plan.mutable_place()->set_division_code("610304");
  plan.mutable_place()->set_address("Xiguan Road 12");
  plan.mutable_place()->set_longitude(107.3872);
  plan.mutable_place()->set_latitude(34.3546);
  plan.mutable_owner()->set_person_id("p-7719");
  plan.mutable_owner()->set_role("principal");
  plan.mutable_owner()->set_acting(true);
  for (int i = 0; i < 2; ++i) {
    testdata::Line* line = plan.add_lines();
    line->set_line_id("line-" + std::to_string(i));
    line->set_subject(i == 0 ? "physics" : "英语");
    line->set_hours(36 + i);
    line->set_cost_cents(1250000 + i);
  }
  (*plan.mutable_labels())["source"] = "city";
  plan.mutable_create_time()->set_seconds(1700000000);
  plan.mutable_create_time()->set_nanos(123000000);
  plan.mutable_update_time()->set_seconds(1700003600);
  plan.set_etag("\x01\x02\x03\x04\x05\x06\x07\x08");
  plan.add_stages(1);
  plan.add_stages(2);
  plan.set_attachment_count(4);
  return plan;
}

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void Check(bool good) {
  if (good) return;
  std::fprintf(stderr, "a conversion failed\n");
  std::exit(1);
}

// Microseconds per call of each subject, in turns.
std::map<std::string, double> Measure(const std::map<std::string, std::function<void()>>& subjects) {
  std::map<std::string, std::vector<double>> rounds;
  for (int round = 0; round < kRounds; ++round) {
    for (const auto& [name, run] : subjects) {
      const double begin = CpuSeconds();
      for (int i = 0; i < kIterations; ++i) run();
      rounds[name].push_back((CpuSeconds() - begin) * 1e6 / kIterations);
    }
  }
  std::map<std::string, double> medians;
  for (auto& [name, times] : rounds) {
    std::nth_element(times.begin(), times.begin() + kRounds / 2, times.end());
    medians[name] = times[kRounds / 2];
  }
  return medians;
}

// `reach` 0: only reported.
void PrintRow(const char* name, const std::map<std::string, double>& times, const std::string& subject,
              double reach, const std::string& size) {
  const double ours = times.at(subject);
  const double theirs = times.at(subject + "_theirs");
  const double ratio = theirs / ours;
  char reach_text[32] = "";
  const char* met = ratio >= reach ? "true" : "false";
  if (reach == 0) met = "null";
  if (reach > 0) std::snprintf(reach_text, sizeof reach_text, ">= %g", reach);
  std::printf(
      "{\"name\":\"%s\",\"value\":%.2f,\"unit\":\"ratio\",\"reach\":\"%s\",\"met\":%s,"
      "\"detail\":\"ours %.2f us, json_util of protobuf %s %.2f us; %s\"}\n",
      name, ratio, reach_text, met, ours,
      google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION).c_str(), theirs, size.c_str());
}

void Run() {
  const testdata::Plan plan = SamplePlan();
  const std::string wire = plan.SerializeAsString();
  std::string json;
  Check(WireToJson(testdata::Plan::descriptor(), wire, {}, &json).ok());
  std::string theirs;
  Check(MessageToJsonString(plan, &theirs).ok());
  Check(json == theirs);
  const std::unique_ptr<google::protobuf::util::TypeResolver> resolver(
      google::protobuf::util::NewTypeResolverForDescriptorPool(
          "type.googleapis.com", google::protobuf::DescriptorPool::generated_pool()));
  testdata::Plan read;
  const auto times = Measure({
      {"wire_out",
       [&] {
         std::string out;
         Check(WireToJson(testdata::Plan::descriptor(), wire, {}, &out).ok());
       }},
      {"wire_out_theirs",
       [&] {
         std::string out;
         Check(BinaryToJsonString(resolver.get(), kTypeUrl, wire, &out).ok());
       }},
      {"wire_in",
       [&] {
         std::string out;
         Check(JsonToWire(testdata::Plan::descriptor(), json, {}, &out, nullptr).ok());
       }},
      {"wire_in_theirs",
       [&] {
         std::string out;
         Check(JsonToBinaryString(resolver.get(), kTypeUrl, json, &out).ok());
       }},
      {"message_out",
       [&] {
         std::string out;
         Check(MessageToJson(plan, {}, &out).ok());
       }},
      {"message_out_theirs",
       [&] {
         std::string out;
         Check(MessageToJsonString(plan, &out).ok());
       }},
      {"message_in", [&] { Check(JsonToMessage(json, {}, &read, nullptr).ok()); }},
      {"message_in_theirs",
       [&] {
         read.Clear();
         Check(JsonStringToMessage(json, &read).ok());
       }},
  });
  const std::string size =
      std::to_string(json.size()) + " B JSON, " + std::to_string(wire.size()) + " B wire";
  PrintRow("json_codec_out", times, "wire_out", kReach, size);
  PrintRow("json_codec_in", times, "wire_in", kReach, size);
  PrintRow("json_message_out", times, "message_out", 0, size);
  PrintRow("json_message_in", times, "message_in", 0, size);
}

}  // namespace
}  // namespace lianqiao::json

int main() {
  lianqiao::json::Run();
  return 0;
}
