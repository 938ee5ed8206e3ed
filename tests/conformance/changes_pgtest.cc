// SPDX-License-Identifier: Apache-2.0
// ListChanges, GetFeed, digests and revisions of one service, as readers with different scopes see them.
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/sync/v1/digest.pb.h"
#include "lianqiao/sync/v1/revision.pb.h"
#include "libs/base/ids.h"
#include "tests/conformance/feed_copy.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {
namespace {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;
using sync::v1::Change;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Changes : public RegistryWorld {
 protected:
  Changes() {
    for (const auto& [token, id] :
         {std::make_pair("watch-near", near_id_), std::make_pair("watch-far", far_id_)})
      service_.AddCaller(token, MakeCaller({MakeGrant("registry.*.changes", ScopeKind::kJurisdiction, id)}));
  }
  void Grant(const std::string& token, const std::vector<std::string>& jurisdictions) {
    std::vector<access::Grant> grants;
    for (const std::string& id : jurisdictions)
      grants.push_back(MakeGrant("registry.*.changes", ScopeKind::kJurisdiction, id));
    service_.AddCaller(token, MakeCaller(std::move(grants)));
  }
  // What the tables say a reader of these places holds of organisations.
  std::map<std::string, int64_t> Organisations(const std::string& jurisdiction_id) {
    const auto rows = service_.Query("SELECT id, revision FROM organisation WHERE delete_time IS NULL AND '" +
                                     jurisdiction_id + "' = ANY(scope)");
    std::map<std::string, int64_t> revisions;
    for (int i = 0; rows.ok() && i < rows->rows(); ++i) revisions[rows->Text(i, 0)] = rows->Integer(i, 1);
    return revisions;
  }
  void Delete(const std::string& id) {
    type::v1::DeleteRequest request;
    request.set_id(id);
    ASSERT_TRUE(
        service_.Call<registry::Organisation>("OrganisationService/DeleteOrganisation", request).ok());
  }
  void Move(const std::string& id, const std::string& jurisdiction_id) {
    registry::UpdateOrganisationRequest request;
    request.mutable_organisation()->set_id(id);
    request.mutable_organisation()->set_jurisdiction_id(jurisdiction_id);
    const auto moved =
        service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", request);
    ASSERT_TRUE(moved.ok()) << moved.status();
  }
  std::vector<Change::Event> EventsOf(const std::vector<Change>& changes, const std::string& id) {
    std::vector<Change::Event> events;
    for (const Change& change : changes) {
      if (change.id() == id) events.push_back(change.event());
    }
    return events;
  }
};

TEST_F(Changes, AReaderGetsWhatEntersChangesAndLeavesItsScope) {
  FeedCopy near(&service_, "watch-near", {"organisation"});
  FeedCopy far(&service_, "watch-far", {"organisation"});
  const std::string school = School("一小", near_id_).id();
  EXPECT_THAT(EventsOf(near.CatchUp(), school), ElementsAre(Change::EVENT_ENTER));
  EXPECT_EQ(near.Record<registry::Organisation>(school).name(), "一小");
  EXPECT_EQ(near.services(), std::set<std::string>({"registry"}));
  EXPECT_THAT(EventsOf(far.CatchUp(), school), IsEmpty());
  ASSERT_TRUE(Rename(school, "一", "").ok());
  EXPECT_THAT(EventsOf(near.CatchUp(), school), ElementsAre(Change::EVENT_UPSERT));
  Move(school, far_id_);
  const auto left = near.CatchUp();
  EXPECT_THAT(EventsOf(left, school), ElementsAre(Change::EVENT_LEAVE));
  EXPECT_TRUE(left.back().operation().empty()) << "nothing else of what it may not see";
  EXPECT_THAT(EventsOf(far.CatchUp(), school), ElementsAre(Change::EVENT_ENTER));
  Delete(school);
  EXPECT_THAT(EventsOf(far.CatchUp(), school), ElementsAre(Change::EVENT_DELETE));
  EXPECT_THAT(near.CatchUp(), IsEmpty());
  EXPECT_EQ(near.Revisions(), Organisations(near_id_));
  EXPECT_EQ(far.Revisions(), Organisations(far_id_));
}

TEST_F(Changes, AWishForOnePlaceIsKeptLikeAScope) {
  FeedCopy wish(&service_, "operator", {"organisation"}, {near_id_});
  const std::string school = School("一小", near_id_).id();
  const std::string other = School("二小", far_id_).id();
  const auto came = wish.CatchUp();
  EXPECT_THAT(EventsOf(came, school), ElementsAre(Change::EVENT_ENTER));
  EXPECT_THAT(EventsOf(came, other), IsEmpty());
  Move(school, far_id_);
  Move(other, near_id_);
  const auto moved = wish.CatchUp();
  EXPECT_THAT(EventsOf(moved, school), ElementsAre(Change::EVENT_LEAVE));
  EXPECT_THAT(EventsOf(moved, other), ElementsAre(Change::EVENT_ENTER));
  EXPECT_EQ(wish.Revisions(), Organisations(near_id_));
  sync::v1::GetDigestRequest digest;
  digest.add_kinds("organisation");
  digest.add_jurisdiction_ids(near_id_);
  const auto sums =
      service_.Call<sync::v1::Digest>("/lianqiao.sync.v1.DigestService/GetDigest", digest, "operator");
  ASSERT_TRUE(sums.ok()) << sums.status();
  int64_t records = 0;
  for (const auto& part : sums->parts()) records += part.record_count();
  EXPECT_EQ(records, static_cast<int64_t>(Organisations(near_id_).size()));
  // A cursor belongs to its wish.
  FeedCopy elsewhere(&service_, "operator", {"organisation"}, {far_id_});
  elsewhere.SetCursor(wish.cursor());
  EXPECT_EQ(ReasonOf(elsewhere.Page().status()), "CURSOR_FILTER_MISMATCH");
}

TEST_F(Changes, WhatIsNewEntersForWhoeverSeesEverythingToo) {
  const std::string school = School("一小", near_id_).id();
  FeedCopy all(&service_, "operator", {"organisation"});
  EXPECT_THAT(EventsOf(all.CatchUp(), school), ElementsAre(Change::EVENT_ENTER));
}

TEST_F(Changes, EveryAnswerMovesAnIdleReaderOn) {
  FeedCopy far(&service_, "watch-far", {"organisation"});
  far.CatchUp();
  const std::string before = far.cursor();
  School("别处", near_id_);
  EXPECT_THAT(far.CatchUp(), IsEmpty());
  EXPECT_NE(far.cursor(), before);
}

TEST_F(Changes, AChangeOfGrantsIsTold) {
  std::vector<std::string> near_schools, far_schools;
  for (int i = 0; i < 5; ++i) {
    near_schools.push_back(School(absl::StrCat("近", i), near_id_).id());
    far_schools.push_back(School(absl::StrCat("远", i), far_id_).id());
  }
  Grant("moving", {near_id_});
  FeedCopy copy(&service_, "moving");
  copy.CatchUp();
  EXPECT_TRUE(copy.Holds(near_schools[0]));
  EXPECT_TRUE(copy.Holds(near_id_));
  EXPECT_FALSE(copy.Holds(far_schools[0]));
  Grant("moving", {near_id_, far_id_});
  auto told = copy.CatchUp(2);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.front().event(), Change::EVENT_SCOPE_CHANGED);
  for (const std::string& id : far_schools) EXPECT_THAT(EventsOf(told, id), ElementsAre(Change::EVENT_ENTER));
  for (const std::string& id : near_schools) EXPECT_THAT(EventsOf(told, id), IsEmpty());
  // What happens between the change of grants and the next read counts too.
  Grant("moving", {far_id_});
  Move(near_schools[0], city_id_);
  Move(near_schools[1], far_id_);
  Move(far_schools[0], near_id_);
  copy.CatchUp(2);
  EXPECT_EQ(copy.Revisions().count(near_schools[0]), 0u);
  EXPECT_EQ(copy.Revisions().count(near_schools[2]), 0u);
  EXPECT_EQ(copy.Revisions().count(far_schools[0]), 0u);
  EXPECT_TRUE(copy.Holds(near_schools[1]));
  EXPECT_FALSE(copy.Holds(near_id_));
  // And back, without a new revision of anything.
  Grant("moving", {near_id_, far_id_});
  copy.CatchUp(1);
  EXPECT_TRUE(copy.Holds(near_schools[2]));
  EXPECT_TRUE(copy.Holds(near_id_));
  FeedCopy fresh(&service_, "moving");
  fresh.CatchUp();
  EXPECT_EQ(copy.Revisions(), fresh.Revisions());
}

// What was taken away while it was told comes again: the reader holds for certain only what all of its scopes
// saw.
TEST_F(Changes, GrantsThatComeBackWhileTheirLossIsToldLoseNothing) {
  for (int i = 0; i < 6; ++i) School(absl::StrCat("近", i), near_id_);
  School("远", far_id_);
  Grant("moving", {near_id_});
  FeedCopy copy(&service_, "moving");
  copy.CatchUp();
  Grant("moving", {far_id_});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(copy.Page(1).ok());  // Some have left by now.
  Grant("moving", {near_id_});
  copy.CatchUp(2);
  FeedCopy fresh(&service_, "moving");
  fresh.CatchUp();
  EXPECT_EQ(copy.Revisions(), fresh.Revisions());
  EXPECT_GE(fresh.Revisions().size(), 7u);
}

TEST_F(Changes, ForgedForeignAndMismatchedCursorsAreRefused) {
  School("一小", near_id_);
  FeedCopy copy(&service_, "watch-near", {"organisation"});
  copy.CatchUp();
  const std::string good = copy.cursor();
  for (size_t at = 0; at < good.size(); at += 7) {
    std::string bad = good;
    bad[at] = bad[at] == 'A' ? 'B' : 'A';
    copy.SetCursor(bad);
    const auto page = copy.Page();
    ASSERT_FALSE(page.ok()) << at;
    EXPECT_EQ(ReasonOf(page.status()), "CURSOR_INVALID");
  }
  for (const std::string& bad :
       {std::string("x"), good + "A", good.substr(0, good.size() / 2), good + "=", std::string(8000, 'A')}) {
    copy.SetCursor(bad);
    EXPECT_EQ(ReasonOf(copy.Page().status()), "CURSOR_INVALID") << bad.size();
  }
  FeedCopy other(&service_, "watch-near", {"organisation", "alliance"});
  other.SetCursor(good);
  EXPECT_EQ(ReasonOf(other.Page().status()), "CURSOR_FILTER_MISMATCH");
  // Another client's cursor gives no rights: it is told what it sees, and what it does not see leaves.
  FeedCopy far(&service_, "watch-far", {"organisation"});
  far.SetCursor(good);
  far.CatchUp();
  EXPECT_EQ(far.Revisions(), Organisations(far_id_));
}

TEST_F(Changes, ReadingChangesIsARightOfItsOwn) {
  FeedCopy reader(&service_, "reader");
  EXPECT_EQ(reader.Page().status().code(), absl::StatusCode::kPermissionDenied);
  FeedCopy stranger(&service_, "stranger");
  EXPECT_EQ(stranger.Page().status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(base::FailureOf(stranger.Page().status()).arguments().at("permission"), "registry.*.changes");
  FeedCopy two(&service_, "reader", {"alliance", "organisation"});
  EXPECT_EQ(base::FailureOf(two.Page().status()).arguments().at("permission"),
            "registry.alliance.changes, registry.organisation.changes");
  FeedCopy unknown(&service_, "nobody");
  EXPECT_EQ(unknown.Page().status().code(), absl::StatusCode::kUnauthenticated);
  FeedCopy wrong(&service_, "watch-near", {"planet"});
  EXPECT_EQ(ReasonOf(wrong.Page().status()), "KIND_UNKNOWN");
}

TEST_F(Changes, BelowTheRetentionTheReaderIsSentToASnapshot) {
  for (int i = 0; i < 40; ++i) School(absl::StrCat("学校", i), near_id_);
  FeedCopy late(&service_, "watch-near", {"organisation"});
  ASSERT_TRUE(late.Page(1).ok());
  FeedCopy current(&service_, "watch-near", {"organisation"});
  current.CatchUp();
  ASSERT_TRUE(service_.Query("UPDATE feed_head SET low_pos = pos, low_digest = head_digest").ok());
  ASSERT_TRUE(service_.Query("DELETE FROM change").ok());
  const absl::Status expired = late.Page().status();
  EXPECT_EQ(expired.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ReasonOf(expired), "CURSOR_EXPIRED");
  FeedCopy none(&service_, "watch-near", {"organisation"});
  EXPECT_EQ(ReasonOf(none.Page().status()), "CURSOR_EXPIRED") << "an empty cursor too";
  EXPECT_THAT(current.CatchUp(), IsEmpty()) << "at the head nothing is missing";
  const base::Failure failure = base::FailureOf(expired);
  FeedCopy oldest(&service_, "watch-near", {"organisation"});
  oldest.SetCursor(failure.arguments().at("oldest_cursor"));
  EXPECT_TRUE(oldest.Page().ok());
  School("新校", near_id_);
  EXPECT_EQ(current.CatchUp().size(), 1u);
}

TEST_F(Changes, ARestoredDatabaseIsNoticedBucketByBucket) {
  for (int i = 0; i < 40; ++i) School(absl::StrCat("学校", i), near_id_);
  FeedCopy copy(&service_, "watch-near", {"organisation"});
  copy.CatchUp();
  // One bucket goes back by one change, and on with another one.
  const auto bucket = service_.Query("SELECT bucket, pos FROM feed_head ORDER BY pos DESC LIMIT 1");
  ASSERT_EQ(bucket->rows(), 1);
  const std::string where = absl::StrCat(" WHERE bucket = ", bucket->Text(0, 0));
  const std::string last = absl::StrCat(where, " AND pos = ", bucket->Text(0, 1));
  ASSERT_TRUE(service_.Query("DELETE FROM change" + last).ok());
  ASSERT_TRUE(
      service_
          .Query(absl::StrCat("UPDATE feed_head h SET pos = pos - 1, head_digest = (SELECT digest FROM "
                              "change c WHERE c.bucket = h.bucket AND c.pos = h.pos - 1)",
                              where))
          .ok());
  const absl::Status status = copy.Page().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), "CURSOR_DIVERGED");
  EXPECT_EQ(base::FailureOf(status).arguments().at("buckets"), bucket->Text(0, 0));
  sync::v1::StartSnapshotRequest request;
  request.add_kinds("organisation");
  request.set_diverged_cursor(copy.cursor());
  const auto snapshot = service_.Call<sync::v1::StartSnapshotResponse>(
      "/lianqiao.sync.v1.FeedService/StartSnapshot", request, "watch-near");
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  ASSERT_EQ(snapshot->diverged_size(), 1);
  EXPECT_THAT(snapshot->diverged(0).buckets(), ElementsAre(bucket->Integer(0, 0)));
  copy.SetCursor(snapshot->cursor());
  EXPECT_TRUE(copy.Page().ok());
}

TEST_F(Changes, WhatWasShownAheadOfTheCursorIsReadAgainAfterARestore) {
  std::vector<std::string> ids;
  for (int i = 0; i < 12; ++i) ids.push_back(School(absl::StrCat("学校", i), near_id_).id());
  for (const std::string& id : ids) ASSERT_TRUE(Rename(id, "后来", "").ok());
  FeedCopy caught_up(&service_, "watch-near", {"organisation"});
  caught_up.CatchUp();
  // A page behind which there is more: its records are shown as they are, with the new name.
  FeedCopy behind(&service_, "watch-near", {"organisation"});
  ASSERT_TRUE(behind.Page(1).ok());
  const auto held = behind.Revisions();
  ASSERT_FALSE(held.empty());
  ASSERT_EQ(held.begin()->second, 2) << "the state is that of reading";
  // The restore keeps every change up to the cursors: only the epoch tells.
  ASSERT_TRUE(service_
                  .Query("INSERT INTO feed_meta SELECT gen_random_uuid(), buckets, 'restored', token_secret, "
                         "now() + interval '1 second', NULL FROM feed_meta")
                  .ok());
  const absl::Status status = behind.Page(1).status();
  EXPECT_EQ(ReasonOf(status), "CURSOR_DIVERGED") << status;
  EXPECT_THAT(caught_up.CatchUp(), IsEmpty()) << "whoever had caught up goes on";
}

TEST_F(Changes, ALongPollAnswersWithTheFirstChange) {
  FeedCopy copy(&service_, "watch-near", {"organisation"});
  copy.CatchUp();
  std::thread writer([&] {
    absl::SleepFor(absl::Milliseconds(300));
    School("一小", near_id_);
  });
  const absl::Time start = absl::Now();
  const auto page = copy.Page(0, 20);
  writer.join();
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->changes_size(), 1);
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
}

TEST_F(Changes, DigestsAddUpAndFindWhatDiffers) {
  for (int i = 0; i < 300; ++i) School(absl::StrCat("学校", i), near_id_);
  FeedCopy copy(&service_, "watch-near", {"organisation"});
  copy.CatchUp();
  sync::v1::GetDigestRequest request;
  request.add_kinds("organisation");
  request.set_part_count(4);
  const auto ask = [&] {
    const auto digest =
        service_.Call<sync::v1::Digest>("/lianqiao.sync.v1.DigestService/GetDigest", request, "watch-near");
    EXPECT_TRUE(digest.ok()) << digest.status();
    return digest.ok() ? *digest : sync::v1::Digest();
  };
  const auto sum_of = [&](const sync::v1::DigestPart& part) {
    uint64_t sum = 0;
    for (const auto& [id, revision] : copy.Revisions()) {
      if (id <= part.after_id() || id > part.to_id()) continue;
      std::string bytes = std::string("organisation") + '\0' + base::IdBytes(id);
      for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(revision >> shift));
      const std::string hash = base::Sha256(bytes);
      uint64_t value = 0;
      for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<uint8_t>(hash[i]);
      sum += value;
    }
    return absl::StrCat(absl::Hex(sum, absl::kZeroPad16));
  };
  const auto digest = ask();
  ASSERT_EQ(digest.parts_size(), 4);
  int64_t records = 0;
  for (const auto& part : digest.parts()) {
    EXPECT_EQ(part.sum(), sum_of(part));
    records += part.record_count();
  }
  EXPECT_EQ(records, 300);
  EXPECT_EQ(digest.parts(0).after_id(), "00000000-0000-0000-0000-000000000000");
  EXPECT_EQ(digest.parts(3).to_id(), "ffffffff-ffff-ffff-ffff-ffffffffffff");
  request.set_after_id(digest.parts(1).after_id());
  request.set_to_id(digest.parts(1).to_id());
  request.set_part_count(2);
  const auto half = ask();
  ASSERT_EQ(half.parts_size(), 2);
  EXPECT_EQ(half.parts(0).records_size(), half.parts(0).record_count());
  EXPECT_EQ(half.parts(0).sum(), sum_of(half.parts(0)));
  // A caller of another place has sums of its own.
  const auto far = service_.Call<sync::v1::Digest>("/lianqiao.sync.v1.DigestService/GetDigest",
                                                   sync::v1::GetDigestRequest(), "watch-far");
  ASSERT_TRUE(far.ok()) << far.status();
  for (const auto& part : far->parts()) {
    if (part.kind() == "organisation") {
      EXPECT_EQ(part.record_count(), 0);
    }
  }
}

TEST_F(Changes, RevisionsSayWhoChangedWhatAndKeepEveryState) {
  const std::string school = School("一小", near_id_).id();
  ASSERT_TRUE(Rename(school, "甲", "").ok());
  ASSERT_TRUE(Rename(school, "乙", "").ok());
  sync::v1::ListRevisionsRequest list;
  list.set_kind("organisation");
  list.set_id(school);
  list.set_page_size(2);
  const auto page = service_.Call<sync::v1::ListRevisionsResponse>(
      "/lianqiao.sync.v1.RevisionService/ListRevisions", list, "watch-near");
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->revisions_size(), 2);
  EXPECT_EQ(page->revisions(0).revision(), 3);
  EXPECT_EQ(page->revisions(0).operation(), "UPDATE");
  EXPECT_THAT(page->revisions(0).changed_fields(), ElementsAre("short_name"));
  EXPECT_FALSE(page->revisions(0).actor().empty());
  EXPECT_FALSE(page->revisions(0).request_id().empty());
  list.set_page_token(page->next_page_token());
  const auto rest = service_.Call<sync::v1::ListRevisionsResponse>(
      "/lianqiao.sync.v1.RevisionService/ListRevisions", list, "watch-near");
  ASSERT_TRUE(rest.ok()) << rest.status();
  ASSERT_EQ(rest->revisions_size(), 1);
  EXPECT_TRUE(rest->next_page_token().empty());
  sync::v1::GetRevisionRequest get;
  get.set_kind("organisation");
  get.set_id(school);
  get.set_revision(2);
  const auto second =
      service_.Call<sync::v1::Revision>("/lianqiao.sync.v1.RevisionService/GetRevision", get, "watch-near");
  ASSERT_TRUE(second.ok()) << second.status();
  registry::Organisation was;
  ASSERT_TRUE(second->record().UnpackTo(&was));
  EXPECT_EQ(was.short_name(), "甲");
  EXPECT_EQ(was.etag(), "\"2\"");
  EXPECT_EQ(
      service_.Call<sync::v1::Revision>("/lianqiao.sync.v1.RevisionService/GetRevision", get, "watch-far")
          .status()
          .code(),
      absl::StatusCode::kNotFound);
  get.set_revision(77);
  const absl::Status none =
      service_.Call<sync::v1::Revision>("/lianqiao.sync.v1.RevisionService/GetRevision", get, "watch-near")
          .status();
  EXPECT_EQ(none.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(none.message(), ::testing::HasSubstr("revision 77")) << "the record is there";
}

}  // namespace
}  // namespace lianqiao::conformance
