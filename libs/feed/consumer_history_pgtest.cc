// SPDX-License-Identifier: Apache-2.0
// Writers, streams that break, processes that are killed, purges and restores at random; at the end the copy
// is what the reader may see.
#include <atomic>
#include <random>
#include <thread>

#include "libs/base/status.h"
#include "libs/feed/consumer_fixture.h"

namespace lianqiao::feed {
namespace {

class ConsumerHistoryPgTest : public ConsumerFixture {
 protected:
  size_t Pick(size_t count) {
    const std::lock_guard lock(mutex_);
    return std::uniform_int_distribution<size_t>(0, count - 1)(random_);
  }
  bool OneIn(size_t n) { return Pick(n) == 0; }

  // One consumer after the other, each given up after a moment, as if its process were killed.
  void FollowInTurns(const std::atomic<bool>& writing) {
    while (writing) {
      Consumer consumer(Options());
      std::thread killer([&] {
        absl::SleepFor(absl::Milliseconds(OneIn(3) ? 5 : 40));
        while (consumer.batches() == 0 && writing) absl::SleepFor(absl::Milliseconds(1));
        consumer.Stop();
      });
      const absl::Status status = consumer.Follow();
      EXPECT_TRUE(status.ok()) << status;
      killer.join();
      model_.Resume();
    }
  }

  void ChangeVisible(const std::string& id, int turn) {
    if (OneIn(4)) return model_.Delete(id);
    if (OneIn(4)) return model_.Show(id, false);
    if (OneIn(6)) return model_.Grant(id, false);
    model_.Rename(id, absl::StrCat("名", turn));
  }

  void WriteOnce(int turn) {
    const std::string id = ids_[Pick(ids_.size())];
    if (model_.Visible().contains(id)) {
      ChangeVisible(id, turn);
    } else if (OneIn(4)) {
      model_.Undelete(id);
    } else if (OneIn(4)) {
      model_.Show(id, true);
    } else if (OneIn(2)) {
      ids_.push_back(model_.Create(absl::StrCat("县", turn), !OneIn(4)));
    }
    if (OneIn(60)) model_.Purge();
    if (OneIn(80)) backup_ = model_.Backup();
    if (OneIn(90)) {
      model_.Restore(*backup_);
      std::erase_if(ids_, [&](const std::string& known) { return !model_.Knows(known); });
    }
    if (OneIn(5)) absl::SleepFor(absl::Milliseconds(2));
  }

  absl::Status Trouble() {
    if (OneIn(12)) return absl::UnavailableError("cut");
    if (OneIn(40)) return base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED);
    return absl::OkStatus();
  }

  void ExpectSame() {
    const auto held = Held();
    const auto visible = model_.Visible();
    for (const auto& [id, state] : visible) {
      const auto found = held.find(id);
      EXPECT_EQ(found == held.end() ? "missing" : found->second, state) << id;
    }
    EXPECT_EQ(held.size(), visible.size());
  }

  std::mutex mutex_;
  std::mt19937 random_;
  std::vector<std::string> ids_;
  std::shared_ptr<const FeedModel::Copy> backup_;
};

TEST_F(ConsumerHistoryPgTest, EndsInTheSameRecords) {
  for (const unsigned seed : {1u, 2u, 3u, 4u}) {
    SCOPED_TRACE(seed);
    random_.seed(seed);
    model_.OnMessage([&](const std::string&) { return Trouble(); });
    for (const std::string& id : CreateSome(20)) ids_.push_back(id);
    backup_ = model_.Backup();
    std::atomic<bool> writing{true};
    std::thread following([&] { FollowInTurns(writing); });
    for (int turn = 0; turn < 300; ++turn) WriteOnce(turn);
    writing = false;
    following.join();
    model_.OnMessage(nullptr);
    const absl::Status status = CatchUp();
    ASSERT_TRUE(status.ok()) << status;
    ExpectSame();
  }
}

}  // namespace
}  // namespace lianqiao::feed
