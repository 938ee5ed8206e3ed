// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/ledger.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace lianqiao::e2e {
namespace {

// So that a fast machine does not make more than the checks can read in their time.
constexpr int kEntriesMax = 3000;
// After a failure.
constexpr absl::Duration kPause = absl::Milliseconds(30);
constexpr int kBatch = 3;

// Of the record, or of each that a batch created.
std::vector<std::string> IdsOf(const HttpAnswer& answer) {
  const Json json = answer.json();
  std::vector<std::string> ids;
  if (json.Has("/id")) ids.push_back(json.Text("/id"));
  for (size_t i = 0; i < json.Size("/results"); ++i) {
    const std::string result = absl::StrCat("/results/", i);
    EXPECT_EQ(json.Text(result + "/outcome"), "CREATED") << answer.body;
    ids.push_back(json.Text(result + "/id"));
  }
  EXPECT_FALSE(ids.empty()) << answer.body;
  return ids.empty() ? std::vector<std::string>{""} : ids;
}

// As clients do; some of the gateway's connections may still wait for their next try after the last fault.
HttpAnswer Repeat(HttpClient& client, const Entry& entry) {
  HttpAnswer answer;
  for (int tries = 0; tries < 100; ++tries) {
    answer = client.Post(entry.target, entry.body, {"Idempotency-Key: " + entry.key});
    if (answer.status != 503) return answer;
    absl::SleepFor(kPause);
  }
  return answer;
}

}  // namespace

Ledger::Ledger(Platform& platform, const std::string& jurisdiction_id, int writers)
    : platform_(platform), jurisdiction_id_(jurisdiction_id), entries_(writers) {
  for (int writer = 0; writer < writers; ++writer) writers_.emplace_back([this, writer] { Write(writer); });
}

void Ledger::Stop() {
  stopped_ = true;
  for (std::thread& writer : writers_) writer.join();
  writers_.clear();
}

void Ledger::Record(const HttpAnswer& answer) {
  if (answer.status == 200) return;
  const std::string kind = answer.status == 0
                               ? "no answer"
                               : absl::StrCat(answer.status, " ", answer.json().Text("/error/status"));
  const std::string surprise = answer.status == 0 ? "" : WhyNotError(answer, 503, "UNAVAILABLE");
  const std::lock_guard lock(mutex_);
  ++failures_[kind];
  if (!surprise.empty() && surprises_.size() < 5) surprises_.push_back(surprise);
}

Entry Ledger::MakeEntry(int writer, size_t number) const {
  const std::string serial = absl::StrCat(writer, "-", number);
  Entry entry = {absl::StrCat("key-", jurisdiction_id_, "-", serial), "/v1/organisations",
                 SchoolBody("学校" + serial, jurisdiction_id_), 1, ""};
  if (number % 5 != 4) return entry;
  entry.records = kBatch;
  entry.target += ":batchUpsert";
  entry.body = R"({"sourceSystem":"e2e","atomic":true,"organisations":[)";
  for (int i = 0; i < kBatch; ++i) {
    std::string school = SchoolBody(absl::StrCat("学校", serial, "-", i), jurisdiction_id_);
    school.pop_back();
    absl::StrAppend(&entry.body, i > 0 ? "," : "", school, R"(,"externalIds":[{"system":"e2e","id":")",
                    jurisdiction_id_, "-", serial, "-", i, "\"}]}");
  }
  entry.body += "]}";
  return entry;
}

void Ledger::Write(int writer) {
  HttpClient client = platform_.Operator();
  std::vector<Entry>& entries = entries_[writer];
  std::string known;  // Path of a record that was acknowledged.
  while (!stopped_ && static_cast<int>(entries.size()) < kEntriesMax) {
    // The one that was not acknowledged is tried again, as clients do.
    if (entries.empty() || !entries.back().answer.empty())
      entries.push_back(MakeEntry(writer, entries.size()));
    Entry& entry = entries.back();
    const HttpAnswer made = client.Post(entry.target, entry.body, {"Idempotency-Key: " + entry.key});
    Record(made);
    if (made.status == 200) {
      entry.answer = made.body;
      known = "/v1/organisations/" + IdsOf(made).front();
      ++acknowledged_;
    } else {
      absl::SleepFor(kPause);
    }
    if (entries.size() % 4 == 0 && !known.empty()) Record(client.Get(known));
  }
}

bool Ledger::WaitForProgress(int acknowledged) {
  const int target = acknowledged_ + acknowledged;
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while (acknowledged_ < target && absl::Now() < end) absl::SleepFor(absl::Milliseconds(5));
  return acknowledged_ >= target;
}

std::map<std::string, int> Ledger::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

std::vector<std::string> Ledger::surprises() const {
  const std::lock_guard lock(mutex_);
  return surprises_;
}

void Ledger::ExpectEachOnce() {
  Stop();
  HttpClient client = platform_.Operator();
  std::set<std::string> ids;
  int count = 0;
  for (const std::vector<Entry>& entries : entries_) {
    for (const Entry& entry : entries) {
      count += entry.records;
      const HttpAnswer again = Repeat(client, entry);
      ASSERT_EQ(again.status, 200) << entry.key << ": " << again.failure << again.body;
      if (!entry.answer.empty()) {
        ASSERT_EQ(again.body, entry.answer) << entry.key;
      }
      for (const std::string& id : IdsOf(again)) ids.insert(id);
    }
  }
  EXPECT_EQ(static_cast<int>(ids.size()), count) << "two keys share a record";
  const std::string mine =
      absl::StrCat(" FROM alliance_registry.organisation WHERE jurisdiction_id = '", jurisdiction_id_, "'");
  EXPECT_EQ(platform_.Count("SELECT count(*)" + mine), count) << "a key made more than one record";
  EXPECT_EQ(platform_.Count("SELECT count(DISTINCT name)" + mine), count);
  EXPECT_EQ(platform_.Count("SELECT max(revision)" + mine), 1);
}

void ExpectSoundFeed(Platform& platform) {
  EXPECT_EQ(platform.Count(R"sql(
    SELECT count(*) FROM (
      SELECT pos, digest, change_id, revision,
             row_number() OVER walk AS expected,
             lag(digest, 1, '\x0000000000000000'::bytea) OVER walk AS before
      FROM alliance_registry.change WINDOW walk AS (PARTITION BY bucket ORDER BY pos)) AS walked
    WHERE pos <> expected
       OR digest <> substr(sha256(before || uuid_send(change_id) || int8send(revision)), 1, 8))sql"),
            0)
      << "a hole, or a digest that does not follow";
  EXPECT_EQ(platform.Count(R"sql(
    SELECT count(*) FROM alliance_registry.feed_head AS head
    WHERE pos <> (SELECT count(*) FROM alliance_registry.change WHERE bucket = head.bucket)
       OR head_digest <> (SELECT digest FROM alliance_registry.change AS last
                          WHERE last.bucket = head.bucket AND last.pos = head.pos))sql"),
            0)
      << "a head is not at the end of its bucket";
  EXPECT_EQ(platform.Count(R"sql(
    SELECT count(*) FROM alliance_registry.organisation AS record
    WHERE revision <> (SELECT count(*) FROM alliance_registry.change WHERE id = record.id)
       OR revision <> (SELECT count(*) FROM alliance_registry.revision
                       WHERE kind = 'organisation' AND id = record.id))sql"),
            0)
      << "row, revisions and changes do not agree";
  EXPECT_EQ(
      platform.Count("SELECT count(*) FROM alliance_registry.change AS change WHERE NOT EXISTS (SELECT FROM "
                     "alliance_registry.revision WHERE kind = change.kind AND id = change.id AND revision = "
                     "change.revision)"),
      0)
      << "a change without its revision";
}

}  // namespace lianqiao::e2e
