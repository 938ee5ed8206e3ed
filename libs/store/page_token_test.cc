// SPDX-License-Identifier: Apache-2.0
#include "libs/store/page_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/store/filter_specimen.h"

namespace lianqiao::store {
namespace {

const PageBinding kBinding = {"/x.S/ListY", "name = 'a'", "joined_on", "2024-01-01", "", false};

class PageToken : public ::testing::Test {
 protected:
  bool Reads(const std::string& token, const PageBinding& binding = kBinding) const {
    return ReadPageToken(key_, binding, order_, token).ok();
  }

  const TokenKey key_{"a secret of the installation"};
  const Order order_ = *ParseOrder(Specimen::Get().resource(), "joined_on");
  const OrderValues last_ = {"2024-02-29", "00000000-0000-7000-8000-000000000001"};
};

TEST_F(PageToken, ComesBackAsItWasMade) {
  for (const OrderValues& last :
       {last_, OrderValues{std::nullopt, "i"}, OrderValues{std::string("\0\xff", 2), ""}}) {
    const auto read = ReadPageToken(key_, kBinding, order_, MakePageToken(key_, kBinding, last));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, last);
  }
  EXPECT_EQ(MakePageToken(key_, kBinding, last_), MakePageToken(key_, kBinding, last_));
}

TEST_F(PageToken, BelongsToItsParameters) {
  const std::string token = MakePageToken(key_, kBinding, last_);
  std::vector<PageBinding> others(6, kBinding);
  others[0].method = "/x.S/ListZ";
  others[1].filter = "name = 'b'";
  others[2].order_by = "joined_on desc";
  others[3].valid_on = "";
  others[4].read_time = "2024-01-01T00:00:00Z";
  others[5].show_deleted = true;
  for (const PageBinding& other : others) EXPECT_FALSE(Reads(token, other));
  // Moving text from one parameter to the next makes another binding.
  PageBinding shifted = kBinding;
  shifted.filter += shifted.order_by;
  shifted.order_by.clear();
  EXPECT_FALSE(Reads(token, shifted));
}

TEST_F(PageToken, IsRefusedUnderAnotherKeyOrOrder) {
  const std::string token = MakePageToken(TokenKey("the secret of another place"), kBinding, last_);
  const absl::Status status = ReadPageToken(key_, kBinding, order_, token).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const base::Failure failure = base::FailureOf(status);
  EXPECT_EQ(failure.violations(0).field(), "pageToken");
  EXPECT_EQ(failure.violations(0).reason(), base::ErrorReason::PAGE_TOKEN_INVALID);
  const Order by_id = *ParseOrder(Specimen::Get().resource(), "");
  EXPECT_FALSE(ReadPageToken(key_, kBinding, by_id, MakePageToken(key_, kBinding, last_)).ok());
}

TEST_F(PageToken, TellsNothingOfItsContent) {
  std::string bytes;
  ASSERT_TRUE(base::FromBase64Url(MakePageToken(key_, kBinding, last_), &bytes));
  EXPECT_THAT(bytes, ::testing::Not(::testing::HasSubstr("2024")));
}

TEST_F(PageToken, IsRefusedAfterAnyChange) {
  const std::string token = MakePageToken(key_, kBinding, last_);
  ASSERT_TRUE(Reads(token));
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(Reads(changed)) << i;
    EXPECT_FALSE(Reads(token.substr(0, i))) << i;
  }
  for (const std::string& bad :
       {std::string(), token + "A", token + "=", std::string("!"), std::string(1 << 20, 'A')}) {
    EXPECT_FALSE(Reads(bad));
  }
  std::mt19937 random(7);
  for (int i = 0; i < 1000; ++i) {
    std::string bytes(random() % 80, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    EXPECT_FALSE(Reads(base::Base64Url(bytes)));
  }
}

}  // namespace
}  // namespace lianqiao::store
