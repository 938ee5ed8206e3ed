// SPDX-License-Identifier: Apache-2.0
// Built with ThreadSanitizer: threads that meet for the first time at the plans of the same types.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "libs/json/json.h"
#include "libs/json/testdata/codec.pb.h"

namespace lianqiao::json {
namespace {

constexpr int kThreads = 8;
constexpr int kCalls = 300;

TEST(JsonThreadTest, ThreadsShareThePlansOfManyTypes) {
  const google::protobuf::FileDescriptor* file = testdata::Everything::descriptor()->file();
  testdata::Everything message;
  message.set_string_value("城乡");
  message.mutable_timestamp()->set_seconds(1);
  (*message.mutable_labels())["a"] = "b";
  message.mutable_child()->mutable_any()->PackFrom(testdata::Line());
  message.add_colors(testdata::COLOR_RED);
  const std::string wire = message.SerializeAsString();
  const std::string disordered = wire + wire;
  std::atomic<bool> go = false;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      while (!go) std::this_thread::yield();
      for (int i = 0; i < kCalls; ++i) {
        const auto* other = file->message_type((t + i) % file->message_type_count());
        std::string json;
        std::string back;
        std::vector<base::Violation> violations;
        bool good = WireToJson(other, "", {.always_print_primitive_fields = true}, &json).ok() &&
                    JsonToWire(other, json, {}, &back, &violations).ok();
        json.clear();
        good &= WireToJson(message.GetDescriptor(), i % 4 == 0 ? disordered : wire, {}, &json).ok();
        good &= JsonToWire(message.GetDescriptor(), json, {}, &back, &violations).ok();
        good &= !JsonToWire(message.GetDescriptor(), "{\"nope\":1}", {}, &back, &violations).ok();
        if (!good) ++wrong;
      }
    });
  }
  go = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace lianqiao::json
