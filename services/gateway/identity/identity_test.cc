// SPDX-License-Identifier: Apache-2.0
// Identity without a database: secrets, guesses, the directory and its waiters, rules.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "absl/strings/str_join.h"
#include "libs/base/ids.h"
#include "services/gateway/identity/directory.h"
#include "services/gateway/identity/grant_rules.h"
#include "services/gateway/identity/guess_limiter.h"
#include "services/gateway/identity/identity_host.h"
#include "services/gateway/identity/registry_follower.h"
#include "services/gateway/identity/secret.h"
#include "services/gateway/identity/token_endpoint.h"

namespace lianqiao::identity {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1700000000);

// Of processor time: other work on the machine must not fail a test.
double Seconds(const std::function<void()>& run) {
  const std::clock_t start = std::clock();
  run();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

TEST(SecretTest, AHashMatchesItsOwnSecretOnly) {
  const std::string secret = MakeSecret();
  const std::string hash = HashSecret(secret);
  EXPECT_EQ(hash.rfind("$argon2id$", 0), 0u);
  EXPECT_EQ(hash.find(secret), std::string::npos);
  EXPECT_TRUE(SecretMatches(hash, secret));
  EXPECT_FALSE(SecretMatches(hash, MakeSecret()));
  EXPECT_FALSE(SecretMatches("", secret));
  EXPECT_EQ(SelectorOf(secret).size(), 12u);
  EXPECT_EQ(SelectorOf("short"), "");
}

TEST(SecretTest, ACheckCostsMilliseconds) {
  const std::string hash = HashSecret(MakeSecret());
  std::vector<double> seconds;
  for (int i = 0; i < 9; ++i) seconds.push_back(Seconds([&] { SecretMatches(hash, "wrong"); }));
  std::sort(seconds.begin(), seconds.end());
  RecordProperty("argon2id_milliseconds", std::to_string(seconds[4] * 1000));
  EXPECT_GT(seconds[4], 0.001);
  EXPECT_LT(seconds[4], 0.1);
}

TEST(SecretTest, TheCheckerAnswersEveryoneAndRefusesAFlood) {
  std::atomic<int> right = 0, wrong = 0;
  int refused = 0;
  const std::string secret = MakeSecret();
  const std::string hash = HashSecret(secret);
  {
    SecretChecker checker;
    for (int i = 0; i < 300; ++i)
      refused += !checker.Check(hash, i % 2 == 0 ? secret : "no",
                                [&](bool matches) { ++(matches ? right : wrong); });
  }
  EXPECT_GT(refused, 100);
  EXPECT_EQ(right + wrong + refused, 300);
}

TEST(SecretTest, ARightSecretIsRememberedForSeconds) {
  RecentSecrets recent;
  const std::string secret = MakeSecret();
  recent.Remember(secret, "id", kNow);
  EXPECT_EQ(recent.Find(secret, kNow + absl::Seconds(29)), "id");
  EXPECT_EQ(recent.Find(secret, kNow + absl::Seconds(31)), "");
  EXPECT_EQ(recent.Find(MakeSecret(), kNow), "");
}

TEST(GuessTest, AThousandGuessesFromOneAddressSlowDown) {
  GuessLimiter limiter;
  int allowed = 0;
  absl::Duration longest;
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration wait = limiter.Charge("client", "10.0.0.1", kNow + i * absl::Milliseconds(10));
    allowed += wait == absl::ZeroDuration();
    longest = std::max(longest, wait);
  }
  EXPECT_LE(allowed, 30);
  EXPECT_GT(longest, absl::Seconds(1));
  EXPECT_EQ(limiter.Charge("other", "10.0.0.2", kNow + absl::Seconds(10)), absl::ZeroDuration());
}

TEST(GuessTest, AThousandGuessesFromFiftyAddressesSlowDownKnownAndUnknownClientsAlike) {
  for (const char* client : {"known", "unknown"}) {
    GuessLimiter limiter;
    int allowed = 0;
    for (int i = 0; i < 1000; ++i)
      allowed += limiter.Charge(client, "10.0.0." + std::to_string(i % 50),
                                kNow + i * absl::Milliseconds(10)) == absl::ZeroDuration();
    EXPECT_LE(allowed, 30) << client;
  }
}

TEST(GuessTest, TheClientItselfStillComesInFromWhereItCameBefore) {
  GuessLimiter limiter;
  ASSERT_EQ(limiter.Charge("client", "10.1.1.1", kNow), absl::ZeroDuration());
  limiter.Succeed("client", "10.1.1.1", kNow);
  for (int i = 0; i < 1000; ++i) limiter.Charge("client", "10.0.0." + std::to_string(i % 50), kNow);
  EXPECT_GT(limiter.Charge("client", "10.2.2.2", kNow), absl::ZeroDuration());
  EXPECT_EQ(limiter.Charge("client", "10.1.1.1", kNow), absl::ZeroDuration());
}

TEST(GuessTest, WhatIsRefusedLeavesNothingBehind) {
  GuessLimiter limiter;
  for (int i = 0; i < 20; ++i) limiter.Charge("client", "10.0.0.1", kNow);
  const size_t before = limiter.accounts();
  for (int i = 0; i < 1000; ++i)
    EXPECT_GT(limiter.Charge("made up " + std::to_string(i), "10.0.0.1", kNow), absl::ZeroDuration());
  for (int i = 0; i < 1000; ++i)
    EXPECT_GT(limiter.Charge("client", "10.1.0." + std::to_string(i), kNow), absl::ZeroDuration());
  EXPECT_EQ(limiter.accounts(), before);
}

TEST(GuessTest, StrangersDoNotKeepOutOurOwnProcesses) {
  GuessLimiter limiter;
  for (int i = 0; i < 1000; ++i) limiter.Charge("service", "10.0.0." + std::to_string(i % 50), kNow);
  EXPECT_GT(limiter.Charge("service", "10.0.1.1", kNow), absl::ZeroDuration());
  EXPECT_EQ(limiter.Charge("service", "", kNow), absl::ZeroDuration());
  int allowed = 0;
  for (int i = 0; i < 1000; ++i) allowed += limiter.Charge("service", "", kNow) == absl::ZeroDuration();
  EXPECT_LE(allowed, 30) << "one of them that has a wrong secret is slowed down all the same";
  EXPECT_EQ(limiter.Charge("other service", "", kNow), absl::ZeroDuration());
}

TEST(GuessTest, GuessesAreForgottenWithTime) {
  GuessLimiter limiter;
  for (int i = 0; i < 100; ++i) limiter.Charge("client", "10.0.0.1", kNow);
  EXPECT_GT(limiter.Charge("client", "10.0.0.1", kNow), absl::ZeroDuration());
  EXPECT_EQ(limiter.Charge("client", "10.0.0.1", kNow + absl::Minutes(1)), absl::ZeroDuration());
}

std::shared_ptr<const ClientEntry> Entry(const std::string& id, const std::string& permission = "*") {
  auto entry = std::make_shared<ClientEntry>();
  entry->access.set_client_id(id);
  entry->access.add_grants()->set_permission(permission);
  return entry;
}

class DirectoryTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::ListGrantChangesResponse> Ask(const std::string& epoch, int64_t since) {
    v1::ListGrantChangesRequest request;
    request.set_epoch(epoch);
    request.set_since_version(since);
    absl::StatusOr<v1::ListGrantChangesResponse> answer = absl::UnknownError("waiting");
    answers_.push_back(std::make_unique<absl::StatusOr<v1::ListGrantChangesResponse>>(answer));
    auto* kept = answers_.back().get();
    directory_.ListChanges(request, kNow + absl::Seconds(5),
                           [kept](auto changes) { *kept = std::move(changes); });
    return *kept;
  }
  std::vector<std::unique_ptr<absl::StatusOr<v1::ListGrantChangesResponse>>> answers_;
  Directory directory_;
};

TEST_F(DirectoryTest, SaysNothingBeforeItKnowsTheDatabase) {
  EXPECT_EQ(Ask("", 0).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(DirectoryTest, GivesEverythingFirstAndThenOnlyWhatChanged) {
  directory_.Install({{Entry("a"), Entry("b")}, {}}, kNow);
  const auto first = Ask("", 0);
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(first->complete());
  EXPECT_EQ(first->clients_size(), 2);
  EXPECT_EQ(Ask(first->epoch(), first->version()).status().message(), "waiting");
  directory_.Install({{Entry("a"), Entry("b", "registry.*.read")}, {}}, kNow);
  const auto& changed = *answers_.back();
  ASSERT_TRUE(changed.ok());
  EXPECT_FALSE(changed->complete());
  ASSERT_EQ(changed->clients_size(), 1);
  EXPECT_EQ(changed->clients(0).client_id(), "b");
  EXPECT_GT(changed->version(), first->version());
  EXPECT_TRUE(Ask("of another process", changed->version())->complete());
  EXPECT_EQ(Ask(first->epoch(), first->version())->clients_size(), 1);
}

TEST_F(DirectoryTest, AnswersEmptyAtTheDeadlineAndAClientThatVanishedAsDisabled) {
  directory_.Install({{Entry("a"), Entry("b")}, {}}, kNow);
  const auto first = Ask("", 0);
  (void)Ask(first->epoch(), first->version());
  directory_.Confirm(kNow + absl::Seconds(4));
  EXPECT_FALSE(answers_.back()->ok());
  directory_.Confirm(kNow + absl::Seconds(6));
  ASSERT_TRUE(answers_.back()->ok());
  EXPECT_EQ((*answers_.back())->clients_size(), 0);
  directory_.Install({{Entry("a")}, {}}, kNow);
  const auto gone = Ask(first->epoch(), first->version());
  ASSERT_EQ(gone->clients_size(), 1);
  EXPECT_TRUE(gone->clients(0).disabled());
}

TEST_F(DirectoryTest, PublishesTheComingTheCurrentAndThePreviousKey) {
  const auto key = [](const char* id, absl::Time time) { return StoredKey{{id, "x", "y"}, "", time}; };
  directory_.Install({{}, {key("old", kNow - absl::Hours(1)), key("new", kNow + absl::Seconds(10))}}, kNow);
  EXPECT_EQ(directory_.published_keys().size(), 2u);
  directory_.Confirm(kNow + absl::Minutes(5));
  EXPECT_EQ(directory_.published_keys().size(), 2u) << "tokens of the old key still run";
  directory_.Confirm(kNow + absl::Minutes(12));
  ASSERT_EQ(directory_.published_keys().size(), 1u);
  EXPECT_EQ(directory_.published_keys()[0].key_id, "new");
}

TEST_F(DirectoryTest, CloseAnswersWhoWaits) {
  directory_.Install({{}, {}}, kNow);
  const auto first = Ask("", 0);
  (void)Ask(first->epoch(), first->version());
  directory_.Close();
  EXPECT_EQ(answers_.back()->status().code(), absl::StatusCode::kUnavailable);
}

TEST(GrantRuleTest, APlatformGrantHasNoScopeIdAndEveryOtherHasOne) {
  v1::Grant grant;
  grant.set_scope_kind(v1::GRANT_SCOPE_KIND_PLATFORM);
  EXPECT_TRUE(CheckGrant(nullptr, grant, {}).empty());
  grant.set_scope_id(base::RandomId());
  EXPECT_EQ(CheckGrant(nullptr, grant, {}).size(), 1u);
  grant.set_scope_kind(v1::GRANT_SCOPE_KIND_ALLIANCE);
  EXPECT_TRUE(CheckGrant(nullptr, grant, {}).empty());
  grant.clear_scope_id();
  EXPECT_EQ(CheckGrant(nullptr, grant, {}).size(), 1u);
}

TEST(GrantRuleTest, ValidityRunsForward) {
  v1::Grant grant;
  grant.set_scope_kind(v1::GRANT_SCOPE_KIND_PLATFORM);
  grant.mutable_valid_from()->set_seconds(100);
  grant.mutable_valid_to()->set_seconds(100);
  EXPECT_EQ(CheckGrant(nullptr, grant, {}).size(), 1u);
  grant.mutable_valid_to()->set_nanos(1);
  EXPECT_TRUE(CheckGrant(nullptr, grant, {}).empty());
}

TEST(FollowedRegistry, ItsTablesAreThoseOfTheMigration) {
  runtime::Follow follow = RegistryFollow();
  follow.projection.keeps_former = true;  // 0016 takes them away.
  const auto ddl = runtime::FollowingDdl(follow);
  ASSERT_TRUE(ddl.ok()) << ddl.status();
  std::string held;
  for (const postgres::Migration& migration : IdentityMigrations())
    if (migration.name == "0015_follow_registry") held = migration.sql;
  // Behind the comment at its head.
  EXPECT_EQ(held.substr(std::min(held.find("CREATE"), held.size())), absl::StrJoin(*ddl, ";\n\n") + ";\n")
      << "another set of kinds or fields is a migration with a prefix of its own";
}

TEST(FollowedRegistry, NeedsTheRightToItsChanges) {
  const auto permissions = runtime::PermissionsToFollow(RegistryFollow());
  ASSERT_TRUE(permissions.ok()) << permissions.status();
  EXPECT_EQ(*permissions,
            (std::vector<std::string>{"registry.jurisdiction.changes", "registry.organisation.changes",
                                      "registry.alliance.changes"}));
}

}  // namespace
}  // namespace lianqiao::identity
