// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "lianqiao/identity/v1/grant_feed.pb.h"
#include "libs/access/access_log.h"
#include "libs/access/authenticator.h"
#include "libs/access/credentials.h"
#include "libs/access/minute_gate.h"
#include "libs/access/testing/static_authenticator.h"

namespace lianqiao::access {
namespace {

using testing::MakeCaller;
using testing::MakeGrant;

constexpr char kCounty[] = "00000000-0000-7000-8000-0000000000c1";
constexpr char kSchool[] = "00000000-0000-7000-8000-0000000000d1";
constexpr char kAlliance[] = "00000000-0000-7000-8000-0000000000e1";
constexpr char kMember[] = "00000000-0000-7000-8000-0000000000d2";
constexpr char kRead[] = "registry.alliance.read";

const absl::Time kNow = absl::FromUnixSeconds(1700000000);

TEST(PermissionTest, PatternsMatchWholePartsOnly) {
  EXPECT_TRUE(PermissionMatches("registry.alliance.write", "registry.alliance.write"));
  EXPECT_FALSE(PermissionMatches("registry.alliance.write", "registry.alliance.read"));
  EXPECT_FALSE(PermissionMatches("registry.alliance", "registry.alliance.read"));
  EXPECT_FALSE(PermissionMatches("registry.alliance.read.more", "registry.alliance.read"));
  EXPECT_FALSE(PermissionMatches("registry.all", "registry.alliance"));
  EXPECT_TRUE(PermissionMatches("registry.*.read", kRead));
  EXPECT_TRUE(PermissionMatches("registry.*.read", "registry.alliance.personal.read"));
  EXPECT_FALSE(PermissionMatches("registry.*.read", "registry.read"));
  EXPECT_FALSE(PermissionMatches("registry.*.read", "exchange.posting.read"));
  EXPECT_TRUE(PermissionMatches("*.read", kRead));
  EXPECT_FALSE(PermissionMatches("*.read", "registry.alliance.personal"));
  EXPECT_TRUE(PermissionMatches("registry.*", kRead));
  EXPECT_TRUE(PermissionMatches("*", "registry.alliance.personal"));
  EXPECT_TRUE(PermissionMatches("*.personal", "registry.alliance.personal"));
  EXPECT_TRUE(PermissionMatches("registry.*.import", "registry.alliance.import"));
  EXPECT_FALSE(PermissionMatches("registry.*", "registry.alliance.personal")) << "asked for by name only";
  EXPECT_FALSE(PermissionMatches("registry.alliance.*", "registry.alliance.import"));
  EXPECT_FALSE(PermissionMatches("registry.*", "registry.fact_submission.check"));
  EXPECT_TRUE(PermissionMatches("registry.*", "registry.organisation.restructure.write"));
  EXPECT_FALSE(PermissionMatches("*", ""));
}

TEST(PermissionTest, IdentityIsNotReachedByAWildcardMeantForRecords) {
  EXPECT_FALSE(PermissionMatches("*.read", "identity.access_log.read"));
  EXPECT_TRUE(PermissionMatches("identity.*", "identity.access_log.read"));
  EXPECT_TRUE(PermissionMatches("*", "identity.access_log.read"));
  const Caller county = MakeCaller({MakeGrant("*", ScopeKind::kJurisdiction, kCounty)});
  EXPECT_FALSE(county.HasPermission("identity.client.read", kNow));
  EXPECT_TRUE(testing::MakeOperator().HasPermission("identity.client.read", kNow));
}

TEST(PermissionTest, NoWildcardStandsForARestrictedKind) {
  const char rank[] = "research.ranking_record.restricted.read";
  for (const char* pattern : {"*.read", "research.*", "research.*.read", "research.ranking_record.*",
                              "research.ranking_record.*.read", "*.ranking_record.*.read", "research.*.*"})
    EXPECT_FALSE(PermissionMatches(pattern, rank)) << pattern;
  EXPECT_FALSE(PermissionMatches("*.changes", "research.ranking_record.restricted.changes"));
  EXPECT_FALSE(PermissionMatches("*.personal", "research.ranking_record.restricted.personal"));
  EXPECT_FALSE(PermissionMatches("research.*.write", "research.ranking_record.restricted.write"));
  for (const char* pattern :
       {rank, "research.*.restricted.read", "*.restricted.read", "research.ranking_record.restricted.*", "*"})
    EXPECT_TRUE(PermissionMatches(pattern, rank)) << pattern;
  EXPECT_FALSE(PermissionMatches("research.*.restricted.read", "research.ranking_record.restricted.write"));
}

TEST(CallerTest, ScopesOfAllMatchingGrantsAreUnited) {
  const Caller caller = MakeCaller({MakeGrant("registry.*.read", ScopeKind::kOrganisation, kSchool),
                                    MakeGrant("*.read", ScopeKind::kJurisdiction, kCounty),
                                    MakeGrant("*.read", ScopeKind::kJurisdiction, kCounty),
                                    MakeGrant("*.write", ScopeKind::kOrganisation, kMember)});
  const store::Scope scope = caller.ScopeFor(kRead, kNow);
  EXPECT_FALSE(scope.everything);
  EXPECT_EQ(scope.ids, (std::vector<std::string>{kCounty, kSchool}));
  EXPECT_TRUE(caller.ScopeFor("registry.alliance.personal", kNow).empty());
  EXPECT_FALSE(caller.HasPermission("registry.alliance.personal", kNow));
}

TEST(CallerTest, APlatformGrantOrOneOnTheRootCoversEverything) {
  EXPECT_TRUE(testing::MakeOperator().ScopeFor(kRead, kNow).everything);
  const Caller root = MakeCaller({MakeGrant("*", ScopeKind::kJurisdiction, store::kPlatformRootId)});
  EXPECT_TRUE(root.ScopeFor(kRead, kNow).everything);
}

TEST(CallerTest, AGrantHoldsFromItsFirstMomentToBeforeItsLast) {
  Grant grant = MakeGrant("*", ScopeKind::kOrganisation, kSchool, {"sis"});
  grant.valid_from = kNow;
  grant.valid_to = kNow + absl::Seconds(1);
  const Caller caller = MakeCaller({grant});
  EXPECT_TRUE(caller.ScopeFor(kRead, kNow - absl::Nanoseconds(1)).empty());
  EXPECT_FALSE(caller.ScopeFor(kRead, kNow).empty());
  EXPECT_TRUE(caller.MayWriteSourceSystem("sis", kNow));
  EXPECT_TRUE(caller.ScopeFor(kRead, kNow + absl::Seconds(1)).empty());
  EXPECT_FALSE(caller.MayWriteSourceSystem("sis", kNow + absl::Seconds(1)));
}

TEST(CallerTest, SourceSystemsAreThoseOfTheGrants) {
  const Caller caller = MakeCaller({MakeGrant("*", ScopeKind::kOrganisation, kSchool, {"baoji-sis"})});
  EXPECT_TRUE(caller.MayWriteSourceSystem("baoji-sis", kNow));
  EXPECT_FALSE(caller.MayWriteSourceSystem("baoji", kNow));
  EXPECT_TRUE(testing::MakeOperator().MayWriteSourceSystem("anything", kNow));
}

TEST(CallerTest, ADisabledClientMayDoNothing) {
  Caller caller = testing::MakeOperator();
  auto disabled = std::make_shared<ClientGrants>(*caller.grants);
  disabled->disabled = true;
  caller.grants = disabled;
  EXPECT_TRUE(caller.ScopeFor(kRead, kNow).empty());
  EXPECT_FALSE(caller.HasPermission(kRead, kNow));
  EXPECT_FALSE(caller.MayWriteSourceSystem("anything", kNow));
}

TEST(CallerTest, GrantsSurviveTheWayThroughTheFeed) {
  ClientGrants client =
      *MakeCaller({MakeGrant("*.read", ScopeKind::kAlliance, kAlliance, {"a", "b"})}, kMember).grants;
  client.grants[0].valid_to = kNow;
  client.limits = {5, 10, 2};
  identity::v1::ClientAccess access;
  ToProto(client, &access);
  const ClientGrants back = FromProto(access);
  ASSERT_EQ(back.grants.size(), 1u);
  EXPECT_EQ(back.grants[0].scope_kind, ScopeKind::kAlliance);
  EXPECT_EQ(back.grants[0].source_systems, client.grants[0].source_systems);
  EXPECT_EQ(back.grants[0].valid_from, absl::InfinitePast());
  EXPECT_EQ(back.grants[0].valid_to, kNow);
  EXPECT_EQ(back.organisation_id, kMember);
  EXPECT_EQ(back.limits.request_burst, 10);
}

TEST(ScopeTest, AnAllianceCountsOnlyWhereTheClientsOrganisationIsAParty) {
  const Caller caller = MakeCaller({MakeGrant("*", ScopeKind::kAlliance, kAlliance)}, kMember);
  const store::Scope scope = caller.ScopeFor(kRead, kNow);
  EXPECT_TRUE(scope.Covers({kCounty, kAlliance, kMember}));
  EXPECT_FALSE(scope.Covers({kCounty, kAlliance, kSchool}));
  EXPECT_FALSE(scope.Covers({kMember}));
  EXPECT_TRUE(MakeCaller({MakeGrant("*", ScopeKind::kAlliance, kAlliance)}).ScopeFor(kRead, kNow).empty());
}

TEST(ScopeTest, TheSqlSaysTheSameAsCovers) {
  store::Scope scope;
  postgres::Parameters parameters;
  EXPECT_EQ(scope.Sql("scope", &parameters), "FALSE");
  EXPECT_FALSE(scope.Covers({kSchool}));
  scope.ids = {kCounty, kSchool};
  parameters.Text("before");
  EXPECT_EQ(scope.Sql("scope", &parameters), "scope && $2::uuid[]");
  EXPECT_EQ(parameters.values()[1], std::string("{") + kCounty + "," + kSchool + "}");
  scope.alliance_ids = {kAlliance};
  scope.organisation_id = kMember;
  postgres::Parameters both;
  EXPECT_EQ(scope.Sql("parent.write_scope", &both),
            "(parent.write_scope && $1::uuid[] OR (parent.write_scope && $2::uuid[] AND "
            "parent.write_scope @> ARRAY[$3::uuid]))");
  EXPECT_EQ(both.values()[2], kMember);
  scope.everything = true;
  postgres::Parameters none;
  EXPECT_EQ(scope.Sql("scope", &none), "TRUE");
  EXPECT_EQ(none.size(), 0u);
  EXPECT_TRUE(scope.Covers({}));
}

TEST(CredentialsTest, AreReadBackFromAFileThatOnlyItsOwnerMayRead) {
  const std::string path = ::testing::TempDir() + "/credentials.json";
  ASSERT_TRUE(WriteCredentials(path, {"id", "sec\"ret", "http://127.0.0.1/oauth2/token"}).ok());
  struct stat status = {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto read = ReadCredentials(path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->client_secret, "sec\"ret");
  chmod(path.c_str(), 0644);
  EXPECT_EQ(ReadCredentials(path).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReadCredentials(path + ".missing").status().code(), absl::StatusCode::kUnavailable);
}

class AuthenticatorTest : public ::testing::Test {
 protected:
  AuthenticatorTest() {
    key_ = *SigningKey::Generate();
    identity::v1::ListGrantChangesResponse changes;
    auto* published = changes.add_keys();
    published->set_key_id(key_->public_key().key_id);
    published->set_x(key_->public_key().x);
    published->set_y(key_->public_key().y);
    changes.set_epoch("e");
    changes.set_complete(true);
    ToProto(*operator_.grants, changes.add_clients());
    changes_ = changes;
  }
  std::string TokenFor(const std::string& client_id) {
    return IssueToken(TokenProfile(), *key_, client_id, absl::Now())->token;
  }
  absl::StatusOr<Caller> Try(TokenAuthenticator& authenticator, const std::string& header,
                             const std::string& person = "") {
    auto context = std::make_shared<rpc::CallContext>();
    if (!header.empty()) context->metadata[rpc::kAuthorization] = header;
    if (!person.empty()) context->metadata[rpc::kActingPerson] = person;
    absl::StatusOr<Caller> result = absl::UnknownError("no answer");
    authenticator.Authenticate(context, [&](absl::StatusOr<Caller> caller) { result = std::move(caller); });
    return result;
  }
  Caller operator_ = testing::MakeOperator();
  std::shared_ptr<const SigningKey> key_;
  identity::v1::ListGrantChangesResponse changes_;
  TokenVerifier verifier_{TokenProfile()};
  GrantCache grants_{&verifier_};
};

TEST_F(AuthenticatorTest, AnswersAtOnceForAKnownClient) {
  TokenAuthenticator authenticator(&verifier_, &grants_, nullptr);
  ASSERT_TRUE(grants_.Apply(changes_).ok());
  const auto caller = Try(authenticator, "Bearer " + TokenFor(operator_.client_id), "teacher-17");
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->client_id, operator_.client_id);
  EXPECT_EQ(caller->acting_person, "teacher-17");
  EXPECT_TRUE(caller->HasPermission("anything.at.all"));
}

TEST_F(AuthenticatorTest, RefusesWhateverIsNoBearerToken) {
  TokenAuthenticator authenticator(&verifier_, &grants_, nullptr);
  ASSERT_TRUE(grants_.Apply(changes_).ok());
  for (const char* header : {"", "Bearer ", "Basic YTpi", "Bearer x", "Bearer a.b.c"})
    EXPECT_EQ(Try(authenticator, header).status().code(), absl::StatusCode::kUnauthenticated) << header;
}

TEST_F(AuthenticatorTest, RefusesAnActingPersonThatIsAResidentNumber) {
  TokenAuthenticator authenticator(&verifier_, &grants_, nullptr);
  ASSERT_TRUE(grants_.Apply(changes_).ok());
  const std::string header = "Bearer " + TokenFor(operator_.client_id);
  EXPECT_EQ(Try(authenticator, header, "13912345678").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Try(authenticator, header, "\xff\xfe").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(AuthenticatorTest, FetchesAnUnknownClientOnceForAllWhoWait) {
  const Caller late = testing::MakeOperator();
  int fetched = 0;
  std::function<void(absl::StatusOr<ClientGrants>)> answer;
  TokenAuthenticator authenticator(&verifier_, &grants_, [&](const std::string& client_id, auto done) {
    EXPECT_EQ(client_id, late.client_id);
    ++fetched;
    answer = done;
  });
  ASSERT_TRUE(grants_.Apply(changes_).ok());
  auto context = std::make_shared<rpc::CallContext>();
  context->metadata[rpc::kAuthorization] = "Bearer " + TokenFor(late.client_id);
  int answered = 0;
  for (int i = 0; i < 3; ++i)
    authenticator.Authenticate(context, [&](absl::StatusOr<Caller> caller) { answered += caller.ok(); });
  EXPECT_EQ(answered, 0);
  answer(*late.grants);
  EXPECT_EQ(answered, 3);
  EXPECT_TRUE(Try(authenticator, context->Metadata(rpc::kAuthorization)).ok());
  EXPECT_EQ(fetched, 1);
}

TEST_F(AuthenticatorTest, IsUnavailableWithoutNewsFromIdentity) {
  GrantCache stale(&verifier_, absl::Milliseconds(20));
  TokenAuthenticator authenticator(&verifier_, &stale, nullptr);
  const std::string header = "Bearer " + TokenFor(operator_.client_id);
  EXPECT_EQ(Try(authenticator, header).status().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(stale.Apply(changes_).ok());
  EXPECT_TRUE(Try(authenticator, header).ok());
  absl::SleepFor(absl::Milliseconds(40));
  EXPECT_EQ(Try(authenticator, header).status().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(stale.Apply(changes_).ok());
  EXPECT_TRUE(Try(authenticator, header).ok());
}

TEST_F(AuthenticatorTest, ARevokedGrantAndADisabledClientActOnTheNextCall) {
  TokenAuthenticator authenticator(&verifier_, &grants_, nullptr);
  ASSERT_TRUE(grants_.Apply(changes_).ok());
  const std::string header = "Bearer " + TokenFor(operator_.client_id);
  ASSERT_TRUE(Try(authenticator, header)->HasPermission(kRead));
  identity::v1::ListGrantChangesResponse revoked = changes_;
  revoked.set_complete(false);
  revoked.mutable_clients(0)->clear_grants();
  ASSERT_TRUE(grants_.Apply(revoked).ok());
  EXPECT_FALSE(Try(authenticator, header)->HasPermission(kRead));
  revoked.mutable_clients(0)->set_disabled(true);
  ASSERT_TRUE(grants_.Apply(revoked).ok());
  EXPECT_EQ(Try(authenticator, header).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(AuthenticatorTest, AFetchedClientNeverReplacesNewerNews) {
  ASSERT_TRUE(grants_.Apply(changes_).ok());
  ClientGrants old;
  old.client_id = operator_.client_id;
  old.label = "old";
  grants_.Add(old);
  EXPECT_NE(grants_.Find(operator_.client_id)->label, "old");
}

TEST(MinuteGateTest, LetsTheFirstOfEachKeyThroughInAMinute) {
  MinuteGate gate(3);
  const absl::Time minute = absl::FromUnixSeconds(60'000);
  EXPECT_TRUE(gate.Take("a", minute));
  EXPECT_FALSE(gate.Take("a", minute + absl::Seconds(59)));
  EXPECT_TRUE(gate.Take("b", minute));
  EXPECT_TRUE(gate.Take("c", minute));
  EXPECT_FALSE(gate.Take("d", minute)) << "more than it remembers";
  EXPECT_TRUE(gate.Take("a", minute + absl::Seconds(60)));
}

TEST(AccessEntryTest, TextsAreCutBeforeTheyWait) {
  AccessEntry entry;
  entry.client_id = std::string(1 << 20, 'x');
  entry.peer = std::string(255, 'x') + "\xe6\xb5\x8b";
  entry.record_ids.assign(2000, std::string(300, 'y'));
  CutTexts(&entry);
  EXPECT_EQ(entry.client_id.size(), 256u);
  EXPECT_LT(entry.client_id.capacity(), 1024u) << "the memory is given back";
  EXPECT_EQ(entry.peer, std::string(255, 'x')) << "no half characters";
  EXPECT_EQ(entry.record_ids.size(), 1000u);
  EXPECT_EQ(entry.record_ids[0].size(), 256u);
}

}  // namespace
}  // namespace lianqiao::access
