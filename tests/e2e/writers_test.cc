// SPDX-License-Identifier: Apache-2.0
// Two writers, one record.
#include <gtest/gtest.h>

#include <array>
#include <barrier>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/e2e/platform.h"

namespace lianqiao::e2e {
namespace {

constexpr int kRounds = 50;

TEST(TwoWriters, WithTheSameEtagOneWinsAndTheOtherGetsAborted) {
  Platform& platform = Platform::Shared();
  HttpClient client = platform.Operator();
  const std::string path =
      "/v1/organisations/" + MakeSchool(client, "渭滨区第一小学", MakePlaces(client).near_id);
  std::string etag = client.Get(path).headers.at("etag");
  std::array<HttpAnswer, 2> answers;
  std::barrier start(3);
  std::barrier end(3);
  const auto write = [&](int writer) {
    HttpClient own = platform.Operator();
    own.Get(path);  // Connected.
    for (int round = 0; round < kRounds; ++round) {
      start.arrive_and_wait();
      answers[writer] = own.Patch(path, absl::StrCat(R"({"shortName":"写者)", writer, "-", round, "\"}"),
                                  {"If-Match: " + etag});
      end.arrive_and_wait();
    }
  };
  std::thread first(write, 0);
  std::thread second(write, 1);
  for (int round = 0; round < kRounds; ++round) {
    start.arrive_and_wait();
    end.arrive_and_wait();
    const int winner = answers[0].status == 200 ? 0 : 1;
    EXPECT_EQ(answers[winner].status, 200) << answers[winner].body;
    ExpectError(answers[1 - winner], 409, "ABORTED");
    const HttpAnswer now = client.Get(path);
    EXPECT_EQ(now.body, answers[winner].body);
    EXPECT_EQ(now.json().Integer("/revision"), round + 2);
    etag = now.headers.at("etag");
  }
  first.join();
  second.join();
}

}  // namespace
}  // namespace lianqiao::e2e
