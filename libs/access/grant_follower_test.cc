// SPDX-License-Identifier: Apache-2.0
#include "libs/access/grant_follower.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>

#include "absl/time/clock.h"
#include "lianqiao/identity/v1/grant_feed.pb.h"
#include "lianqiao/identity/v1/token.pb.h"
#include "libs/base/ids.h"
#include "libs/rpc/server.h"

namespace lianqiao::access {
namespace {

// An identity that gives one token and then no other.
TEST(GrantFollowerTest, FollowsGrantsWhileTheOldTokenRunsThoughItGetsNoNewOne) {
  std::atomic<int> tokens = 0, polls = 0;
  rpc::Server::Options options;
  options.listen = {"127.0.0.1:0"};
  rpc::Server identity(options);
  identity.Bind(
      "/lianqiao.identity.v1.TokenService/IssueToken",
      [&](const std::shared_ptr<const rpc::CallContext>&, const std::string&, const rpc::Done& done) {
        if (++tokens > 1)
          return done(base::Fail(absl::StatusCode::kResourceExhausted, base::ErrorReason::RATE_LIMITED));
        identity::v1::IssueTokenResponse response;
        response.set_access_token("token");
        response.set_token_type("Bearer");
        response.set_expires_in(6);
        done(rpc::Reply{response.SerializeAsString(), {}});
      });
  identity.Bind(
      "/lianqiao.identity.v1.GrantFeedService/ListGrantChanges",
      [&](const std::shared_ptr<const rpc::CallContext>&, const std::string&, const rpc::Done& done) {
        ++polls;
        identity::v1::ListGrantChangesResponse response;
        response.set_epoch("epoch");
        response.set_version(1);
        response.set_complete(true);
        done(rpc::Reply{response.SerializeAsString(), {}});
      });
  ASSERT_TRUE(identity.Start().ok());
  rpc::Client channel({"127.0.0.1:" + std::to_string(identity.port(0)), 1});
  TokenVerifier verifier{TokenProfile()};
  GrantCache grants(&verifier);
  GrantFollower follower({.identity = &channel, .credentials = {"client", "secret", ""}, .grants = &grants});
  const absl::Time limit = absl::Now() + absl::Seconds(5);
  while (tokens < 2 && absl::Now() < limit) absl::SleepFor(absl::Milliseconds(5));
  ASSERT_GE(tokens, 2) << "it asks at half of the token's life";
  const int before = polls;
  absl::SleepFor(absl::Seconds(1));
  EXPECT_GT(polls, before + 1);
  EXPECT_LE(tokens, 3) << "and does not storm whoever said no";
}

}  // namespace
}  // namespace lianqiao::access
