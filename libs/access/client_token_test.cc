// SPDX-License-Identifier: Apache-2.0
#include "libs/access/client_token.h"

#include <gtest/gtest.h>

#include <atomic>

#include "absl/time/clock.h"
#include "lianqiao/identity/v1/token.pb.h"
#include "libs/base/status.h"
#include "libs/rpc/server.h"

namespace lianqiao::access {
namespace {

// An identity that numbers its tokens and may be told to refuse.
class ClientTokenTest : public ::testing::Test {
 protected:
  ClientTokenTest() : server_(Options()) {
    server_.Bind(kIssueToken, [this](const auto&, const std::string& bytes, const rpc::Done& done) {
      identity::v1::IssueTokenRequest request;
      if (!request.ParseFromString(bytes) || request.client_secret() != "secret")
        return done(base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED));
      if (refuses_)
        return done(base::Fail(absl::StatusCode::kResourceExhausted, base::ErrorReason::RATE_LIMITED));
      identity::v1::IssueTokenResponse response;
      response.set_access_token(std::to_string(++given_));
      response.set_token_type("Bearer");
      response.set_expires_in(seconds_);
      done(rpc::Reply{response.SerializeAsString(), {}});
    });
    EXPECT_TRUE(server_.Start().ok());
    client_ = std::make_unique<rpc::Client>(
        rpc::Client::Options{"127.0.0.1:" + std::to_string(server_.port(0)), 1});
  }

  static rpc::Server::Options Options() {
    rpc::Server::Options options;
    options.listen = {"127.0.0.1:0"};
    return options;
  }
  static absl::Time Soon() { return absl::Now() + absl::Seconds(5); }

  rpc::Server server_;
  std::unique_ptr<rpc::Client> client_;
  std::atomic<int> given_{0}, seconds_{600};
  std::atomic<bool> refuses_{false};
};

TEST_F(ClientTokenTest, IsAskedForOnceAndAgainWhenItIsRefused) {
  ClientToken token(client_.get(), {"client", "secret", ""});
  EXPECT_EQ(*token.Authorization(Soon()), "Bearer 1");
  EXPECT_EQ(*token.Authorization(Soon()), "Bearer 1");
  token.Refused("Bearer 0");
  EXPECT_EQ(*token.Authorization(Soon()), "Bearer 1") << "another one was refused";
  token.Refused("Bearer 1");
  EXPECT_EQ(*token.Authorization(Soon()), "Bearer 2");
}

TEST_F(ClientTokenTest, TheOldOneServesWhileThereIsNoNewOne) {
  seconds_ = 4;
  ClientToken token(client_.get(), {"client", "secret", ""});
  ASSERT_EQ(*token.Authorization(Soon()), "Bearer 1");
  refuses_ = true;
  absl::SleepFor(absl::Milliseconds(2200));  // Beyond half its life.
  EXPECT_EQ(*token.Authorization(Soon()), "Bearer 1");
}

TEST_F(ClientTokenTest, AWrongSecretIsSaid) {
  ClientToken token(client_.get(), {"client", "wrong", ""});
  EXPECT_TRUE(absl::IsUnauthenticated(token.Authorization(Soon()).status()));
}

}  // namespace
}  // namespace lianqiao::access
