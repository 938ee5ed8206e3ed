// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/feed/reader.h"
#include "tests/conformance/registry_world.h"

namespace lianqiao::conformance {
namespace {

class Feed : public RegistryWorld {};

absl::Time Soon() {
  return absl::Now() + absl::Seconds(30);
}

TEST_F(Feed, AReaderBesideEightWritersMissesNothingAndEndsAtTheTables) {
  std::atomic<bool> writing{true};
  std::map<std::string, int64_t> held;
  feed::Places places;
  absl::Status reading;
  const auto read = [&] {
    return service_.reads().Run(Soon(), [&](postgres::Session& session) -> absl::Status {
      ASSIGN_OR_RETURN(const auto changes, feed::ReadChanges(session, 50, &places));
      for (const auto& change : changes) {
        if (change.revision <= held[change.id])
          return absl::DataLossError("a revision went back: " + change.id);
        held[change.id] = change.revision;
      }
      return changes.empty() ? absl::OutOfRangeError("head") : absl::OkStatus();
    });
  };
  std::thread reader([&] {
    while (true) {
      const bool last = !writing.load();
      absl::Status status = absl::OkStatus();
      while (status.ok()) status = read();
      if (!absl::IsOutOfRange(status)) reading = status;
      if (last || !reading.ok()) return;
    }
  });
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 8; ++writer) {
    writers.emplace_back([&, writer] {
      std::mt19937 random(static_cast<unsigned>(writer));
      std::vector<std::string> ids;
      for (int i = 0; i < 30; ++i) {
        if (ids.empty() || random() % 3 == 0) {
          ids.push_back(
              School(absl::StrCat("学校", writer, "-", i), random() % 2 == 0 ? near_id_ : far_id_).id());
        } else {
          Rename(ids[random() % ids.size()], absl::StrCat("简称", i), "").IgnoreError();
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  writing = false;
  reader.join();
  ASSERT_TRUE(reading.ok()) << reading;
  const auto rows = service_.Query("SELECT id, revision FROM organisation");
  ASSERT_TRUE(rows.ok());
  for (int i = 0; i < rows->rows(); ++i) EXPECT_EQ(held[rows->Text(i, 0)], rows->Integer(i, 1));
  EXPECT_EQ(Count("SELECT count(*) FROM change"), Count("SELECT sum(pos) FROM feed_head"))
      << "positions are dense";
}

TEST_F(Feed, AHoleOrAChangedRecordIsReportedAndNotSkipped) {
  for (int i = 0; i < 40; ++i) School(absl::StrCat("学校", i), near_id_);
  const auto middle =
      service_.Query("SELECT bucket, max(pos) / 2 FROM change GROUP BY bucket HAVING max(pos) > 3 LIMIT 1");
  ASSERT_EQ(middle->rows(), 1);
  const std::string where =
      absl::StrCat(" WHERE bucket = ", middle->Text(0, 0), " AND pos = ", middle->Text(0, 1));
  const auto read = [&] {
    feed::Places places;
    return service_.reads().Run(Soon(), [&](postgres::Session& session) {
      return feed::ReadChanges(session, 1000, &places).status();
    });
  };
  ASSERT_TRUE(read().ok());
  ASSERT_TRUE(service_.Query("UPDATE change SET revision = revision + 1" + where).ok());
  EXPECT_EQ(read().code(), absl::StatusCode::kDataLoss);
  ASSERT_TRUE(service_.Query("DELETE FROM change" + where).ok());
  EXPECT_EQ(read().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace lianqiao::conformance
