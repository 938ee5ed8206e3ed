// SPDX-License-Identifier: Apache-2.0
// What leaves service, the audit and the history, and what never does: on real writes, years apart.
#include "libs/feed/retention.h"

#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lianqiao/sync/v1/feed.pb.h"
#include "libs/feed/reader.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {
namespace {

using ::testing::HasSubstr;

constexpr feed::Retention kShort = {.feed_days = 10, .audit_days = 184, .history_days = 100};

class RetentionOf : public RegistryWorld {
 protected:
  // The root of all places is as old as its migration says; here it is as young as the rest.
  RetentionOf() {
    EXPECT_TRUE(service_.Query("UPDATE change SET time = " + Time(0)).ok());
    EXPECT_TRUE(service_.Query("UPDATE revision SET time = " + Time(0)).ok());
  }

  void Wait(double days) { service_.clock().Advance(absl::Hours(24) * days); }

  feed::Purged Step(int limit = 1000) {
    feed::Purged purged;
    const absl::Status status = service_.writes().Run(
        absl::Now() + absl::Seconds(30), [&](postgres::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(purged, feed::PurgeSome(session, kShort, service_.clock().Now(), limit));
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return purged;
  }

  // Until there is no more: what an hour's run does.
  feed::Purged Run(int limit = 1000) {
    feed::Purged total;
    for (int steps = 0; steps < 1000; ++steps) {
      const feed::Purged step = Step(limit);
      total.withdrawn += step.withdrawn;
      total.changes += step.changes;
      total.revisions += step.revisions;
      if (!step.more) return total;
    }
    ADD_FAILURE() << "there is always more";
    return total;
  }

  // Two runs, one to tell the readers and one to delete, an hour apart.
  feed::Purged RunTwice(int limit = 1000) {
    feed::Purged total = Run(limit);
    service_.clock().Advance(absl::Hours(1));
    const feed::Purged second = Run(limit);
    total.withdrawn += second.withdrawn;
    total.changes += second.changes;
    total.revisions += second.revisions;
    return total;
  }

  std::string Time(double days_ago) {
    return absl::StrCat("'", absl::FormatTime(service_.clock().Now() - absl::Hours(24) * days_ago),
                        "'::timestamptz");
  }

  // The feed from low_pos on follows from low_digest.
  void ExpectServable() {
    feed::Places places;
    const auto low = service_.Query("SELECT bucket, low_pos, low_digest FROM feed_head");
    for (int i = 0; i < low->rows(); ++i)
      places[static_cast<int>(low->Integer(i, 0))] = {low->Integer(i, 1), low->Bytes(i, 2)};
    const absl::Status status = service_.reads().Run(
        absl::Now() + absl::Seconds(30), [&](postgres::Session& session) -> absl::Status {
          while (true) {
            ASSIGN_OR_RETURN(const auto changes, feed::ReadChanges(session, 1000, &places));
            if (changes.empty()) return absl::OkStatus();
          }
        });
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(Count("SELECT count(*) FROM feed_head JOIN change ON change.bucket = feed_head.bucket"
                    " AND change.pos = low_pos WHERE NOT commit_last OR digest <> low_digest"),
              0);
    EXPECT_EQ(Count("SELECT count(*) FROM feed_head WHERE low_pos > pos"), 0);
  }

  absl::StatusOr<std::string> NameAt(const std::string& id, absl::Time time) {
    type::v1::GetRequest get;
    get.set_id(id);
    get.mutable_read_time()->set_seconds(absl::ToUnixSeconds(time));
    auto school = service_.Call<registry::Organisation>("OrganisationService/GetOrganisation", get);
    // The database's clock is years behind ours: what writes at this moment seems to have begun long ago.
    for (int tries = 0; absl::IsUnavailable(school.status()) && tries < 200; ++tries) {
      absl::SleepFor(absl::Milliseconds(10));
      school = service_.Call<registry::Organisation>("OrganisationService/GetOrganisation", get);
    }
    if (!school.ok()) return school.status();
    return school->short_name();
  }

  absl::Time HorizonTime() {
    return absl::FromUnixSeconds(
        Count("SELECT coalesce(ceil(extract(epoch FROM (SELECT history_horizon FROM"
              " feed_meta ORDER BY started_at DESC LIMIT 1))), 0)::bigint"));
  }
};

TEST_F(RetentionOf, TheFeedEndsExactlyADayAfterItsTimeAndKeepsWholeTransactions) {
  registry::BatchUpsertOrganisationsRequest batch;
  batch.set_source_system("test");
  batch.set_atomic(true);
  for (int i = 0; i < 100; ++i) {
    *batch.add_organisations() = NewSchool(absl::StrCat("学校", i), near_id_).organisation();
    auto* external = batch.mutable_organisations(i)->add_external_ids();
    external->set_system("test");
    external->set_id(absl::StrCat(i));
  }
  ASSERT_TRUE(service_
                  .Call<registry::BatchUpsertOrganisationsResponse>(
                      "OrganisationService/BatchUpsertOrganisations", batch)
                  .ok());
  const int64_t old = Count("SELECT count(*) FROM change");
  Wait(10.99);
  const std::string young = School("新学校", near_id_).id();
  EXPECT_EQ(Run(1).withdrawn, 0) << "what is younger than eleven days";
  Wait(0.02);
  int64_t withdrawn = 0;
  for (bool more = true; more;) {
    const feed::Purged step = Step(1);
    withdrawn += step.withdrawn;
    more = step.more;
    ExpectServable();  // Also in between.
  }
  EXPECT_EQ(withdrawn, old);
  EXPECT_EQ(Count("SELECT sum(pos - low_pos) FROM feed_head"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM change"), old + 1) << "they stay as the audit";
}

TEST_F(RetentionOf, TheScopesOfACursorStayAsLongAsItCanBeValid) {
  sync::v1::ListChangesRequest request;
  const auto list = [&] {
    const auto page = service_.Call<sync::v1::ListChangesResponse>(
        "/lianqiao.sync.v1.FeedService/ListChanges", request, "operator");
    ASSERT_TRUE(page.ok()) << page.status();
    request.set_cursor(page->cursor());
  };
  list();
  Wait(9);
  list();
  Wait(10);
  EXPECT_EQ(Step().scopes, 0) << "it was given out ten days ago";
  Wait(3);
  EXPECT_EQ(Step().scopes, 1);
  EXPECT_EQ(Count("SELECT count(*) FROM feed_scope"), 0);
}

TEST_F(RetentionOf, AYoungChangeAmongOldOnesIsStillServed) {
  for (int i = 0; i < 60; ++i) School(absl::StrCat("学校", i), near_id_);
  Wait(20);
  const auto middle =
      service_.Query("SELECT bucket, max(pos) / 2 FROM change GROUP BY bucket HAVING max(pos) > 3 LIMIT 1");
  ASSERT_EQ(middle->rows(), 1);
  const std::string bucket = absl::StrCat(" WHERE bucket = ", middle->Text(0, 0));
  const std::string where = absl::StrCat(bucket, " AND pos = ", middle->Text(0, 1));
  ASSERT_TRUE(service_.Query(absl::StrCat("UPDATE change SET time = ", Time(10), where)).ok());
  Run(2);
  EXPECT_EQ(Count("SELECT low_pos FROM feed_head" + bucket), middle->Integer(0, 1) - 1);
  ExpectServable();
}

TEST_F(RetentionOf, TheHistoryKeepsWhatHeldAtTheHorizonAndReadersAreToldBeforeAnythingGoes) {
  const auto made = School("学校", near_id_);
  const absl::Time first = service_.clock().Now() + absl::Seconds(1);
  Wait(5);
  auto renamed = Rename(made.id(), "第二名", "");
  ASSERT_TRUE(renamed.ok()) << renamed.status();
  Wait(50);
  RunTwice();
  EXPECT_EQ(HorizonTime(), absl::FromUnixSeconds(0)) << "a young installation has lost nothing";
  EXPECT_EQ(NameAt(made.id(), first).value_or("no answer"), "");
  Wait(60);
  ASSERT_TRUE(Rename(made.id(), "第三名", "").ok());

  const std::string revisions = absl::StrCat("SELECT count(*) FROM revision WHERE id = '", made.id(), "'");
  EXPECT_EQ(Run().revisions, 0) << "readers are told first";
  // The clock goes on by itself, and the horizon is read in whole seconds.
  EXPECT_LT(absl::AbsDuration(HorizonTime() - (service_.clock().Now() - absl::Hours(24) * 101)),
            absl::Seconds(30));
  service_.clock().Advance(absl::Minutes(9));
  EXPECT_EQ(Run().revisions, 0) << "who was told before reads to the end";
  EXPECT_EQ(Count(revisions), 3);
  service_.clock().Advance(absl::Minutes(2));
  EXPECT_GT(Run().revisions, 0);
  EXPECT_EQ(Count(revisions), 2);
  EXPECT_EQ(NameAt(made.id(), HorizonTime()).value_or("no answer"), "第二名");
  EXPECT_EQ(NameAt(made.id(), service_.clock().Now() - absl::Hours(1)).value_or("no answer"), "第二名");
  const auto refused = NameAt(made.id(), HorizonTime() - absl::Seconds(1));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument) << refused.status();
}

TEST_F(RetentionOf, TheAuditGoesWhenItsTimeHasComeAndNeverAHeadOrWhatIsServed) {
  for (int i = 0; i < 40; ++i) School(absl::StrCat("学校", i), near_id_);
  RunTwice();
  const int64_t old = Count("SELECT count(*) FROM change");
  Wait(185.9);
  EXPECT_EQ(RunTwice(3).changes, 0);
  EXPECT_EQ(Count("SELECT count(*) FROM change"), old);
  for (int i = 0; i < 10; ++i) School(absl::StrCat("新学校", i), near_id_);
  Wait(0.2);
  const int64_t deleted = RunTwice(3).changes;
  EXPECT_EQ(deleted, old - Count("SELECT count(*) FROM feed_head WHERE low_pos > 0"))
      << "the change at low_pos stays";
  EXPECT_EQ(Count("SELECT count(*) FROM change"), old + 10 - deleted);
  EXPECT_EQ(Count("SELECT count(*) FROM organisation"),
            Count("SELECT count(*) FROM revision WHERE kind = 'organisation'"))
      << "every record keeps its present revision";
  ExpectServable();
  School("再一所", near_id_);
  ExpectServable();
}

TEST_F(RetentionOf, ABucketThatAnotherProcessWorksOnIsLeftToIt) {
  for (int i = 0; i < 40; ++i) School(absl::StrCat("学校", i), near_id_);
  Run();
  const int64_t served = Count("SELECT pos - low_pos FROM feed_head ORDER BY bucket LIMIT 1");
  ASSERT_GT(served, 0);
  Wait(20);
  const absl::Status status =
      service_.reads().Run(absl::Now() + absl::Seconds(30), [&](postgres::Session& other) {
        return other.Transact([&](postgres::Statements& transaction) {
          RETURN_IF_ERROR(transaction
                              .Execute({"test",
                                        "SELECT FROM purge_place WHERE bucket ="
                                        " (SELECT min(bucket) FROM feed_head) FOR UPDATE",
                                        false},
                                       {})
                              .status());
          Run();
          return absl::OkStatus();
        });
      });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Count("SELECT sum(pos - low_pos) FROM feed_head"), served);
  EXPECT_EQ(Run().withdrawn, served);
}

// Random writes over two years, purged in steps of random size: after each run every promise is checked on
// the tables, and the past that is still offered against what was written.
TEST_F(RetentionOf, RandomYearsAreWhatTheirWritesSay) {
  std::mt19937 random(20261126);
  std::map<std::string, std::vector<std::pair<absl::Time, std::string>>> written;
  std::vector<std::string> ids;
  for (int i = 0; i < 12; ++i) {
    ids.push_back(School(absl::StrCat("学校", i), near_id_).id());
    written[ids.back()].push_back({service_.clock().Now(), ""});
  }
  for (int round = 0; round < 40; ++round) {
    for (int i = static_cast<int>(random() % 4); i > 0; --i) {
      const std::string& id = ids[random() % ids.size()];
      const std::string name = absl::StrCat("名", round, "-", i);
      ASSERT_TRUE(Rename(id, name, "").ok());
      written[id].push_back({service_.clock().Now(), name});
      service_.clock().Advance(absl::Seconds(2));
    }
    Wait(static_cast<double>(random() % 2400) / 100);
    if (random() % 3 == 0) continue;
    RunTwice(1 + static_cast<int>(random() % 20));
    ExpectServable();
    EXPECT_EQ(Count(absl::StrCat("SELECT count(*) FROM change JOIN feed_head USING (bucket) WHERE change.pos"
                                 " <= low_pos AND time >= ",
                                 Time(11))),
              0);
    EXPECT_EQ(Count(absl::StrCat("SELECT count(*) FROM change JOIN feed_head USING (bucket) WHERE change.pos"
                                 " > low_pos AND time < ",
                                 Time(11.1))),
              0);
    EXPECT_EQ(Count(absl::StrCat("SELECT count(*) FROM change JOIN feed_head USING (bucket) WHERE"
                                 " change.pos < low_pos AND time < ",
                                 Time(186.1))),
              0);
    const absl::Time oldest = HorizonTime();
    EXPECT_LE(oldest, service_.clock().Now() - absl::Hours(24) * 101 + absl::Seconds(1));
    for (int probe = 0; probe < 6; ++probe) {
      const auto& [id, states] = *std::next(written.begin(), static_cast<long>(random() % written.size()));
      const absl::Time time =
          std::max(oldest, states.front().first + absl::Seconds(1)) + absl::Hours(random() % 3000);
      if (time > service_.clock().Now() - absl::Hours(1)) continue;
      std::string expected;
      for (const auto& [at, name] : states)
        if (at <= time) expected = name;
      const auto name = NameAt(id, time);
      ASSERT_TRUE(name.ok()) << name.status();
      EXPECT_EQ(*name, expected) << absl::FormatTime(time);
    }
  }
  EXPECT_LT(Count("SELECT count(*) FROM change"), Count("SELECT sum(pos) FROM feed_head"));
  EXPECT_GT(HorizonTime(), absl::FromUnixSeconds(0));
}

TEST(Retention, HasBoundsAndNamesAllThatDoNotHold) {
  EXPECT_TRUE(feed::CheckRetention({}).ok());
  EXPECT_TRUE(feed::CheckRetention(kShort).ok());
  EXPECT_TRUE(feed::CheckRetention({.feed_days = 184, .audit_days = 184, .history_days = 184}).ok());
  const absl::Status status =
      feed::CheckRetention({.feed_days = 0, .audit_days = 183, .history_days = 40000});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  for (const char* part : {"at least 1 day", "at least 184 days", "no more time than the audit", "36500"})
    EXPECT_THAT(status.message(), HasSubstr(part));
  EXPECT_FALSE(feed::CheckRetention({.feed_days = 400, .audit_days = 399, .history_days = 399}).ok());
  EXPECT_FALSE(feed::CheckRetention({.feed_days = 400, .audit_days = 900, .history_days = 399}).ok());
}

}  // namespace
}  // namespace lianqiao::conformance
