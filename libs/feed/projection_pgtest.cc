// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/projection.h"

#include <atomic>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/feed/consumer_fixture.h"

namespace lianqiao::feed {
namespace {

class ProjectionPgTest : public ConsumerFixture {
 protected:
  ProjectionPgTest() {
    spec_ = {"exchange-registry", "registry_", {{FeedModel::kKind, {"name", "parent_id", "valid_to"}}}};
    spec_.keeps_former = true;
    const auto ddl = ProjectionDdl(contract_, spec_);
    EXPECT_TRUE(ddl.ok()) << ddl.status();
    for (const std::string& statement : *ddl) Execute(statement);
  }

  std::unique_ptr<Projection> Start() {
    Projection::Options options;
    options.contract = contract_;
    options.source = &model_;
    options.database = database_.get();
    options.observe = [this](const ProjectionLag& lag) { steps_ = lag.step; };
    options.stopped = [](const absl::Status& status) { ADD_FAILURE() << status; };
    auto projection = Projection::Start(spec_, options);
    EXPECT_TRUE(projection.ok()) << projection.status();
    return *std::move(projection);
  }

  std::map<std::string, std::string> Projected() {
    std::map<std::string, std::string> held;
    const auto rows = Sql("SELECT id, revision, name FROM registry_jurisdiction");
    for (int i = 0; rows.ok() && i < rows->rows(); ++i)
      held[rows->Text(i, 0)] = absl::StrCat(rows->Text(i, 1), " ", rows->Text(i, 2));
    return held;
  }

  ProjectionSpec spec_;
  std::atomic<int64_t> steps_{0};
};

TEST_F(ProjectionPgTest, FollowsAndExportsItsLag) {
  const auto ids = CreateSome(20);
  const auto projection = Start();
  ASSERT_TRUE(Eventually([&] { return projection->lag().ready && projection->lag().seconds == 0; }));
  EXPECT_EQ(Projected(), model_.Visible());
  model_.Rename(ids[3], "改名");
  EXPECT_TRUE(Eventually([&] { return Projected() == model_.Visible(); }));
  EXPECT_TRUE(Eventually([&] { return steps_ >= 2; }));
  EXPECT_EQ(Count("SELECT count(*) FROM registry_jurisdiction_former"), 1);
}

TEST_F(ProjectionPgTest, WaitsForWhatWasWritten) {
  const auto ids = CreateSome(5);
  const auto projection = Start();
  ASSERT_TRUE(Eventually([&] { return projection->lag().ready; }));
  for (int i = 0; i < 20; ++i) {
    model_.Rename(ids[0], absl::StrCat("名", i));
    const v1::Change written = model_.ChangeOf(ids[0], v1::Change::EVENT_UPSERT);
    const absl::Status status =
        projection->Wait(written.bucket(), written.position(), absl::Now() + absl::Seconds(5));
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(Projected().at(ids[0]), model_.Visible().at(ids[0]));
  }
  // A change that it never sees is waited for all the same.
  const std::string hidden = model_.Create("看不见", false);
  const v1::Change written = model_.ChangeOf(hidden, v1::Change::EVENT_UPSERT);
  EXPECT_TRUE(projection->Wait(written.bucket(), written.position(), absl::Now() + absl::Seconds(5)).ok());
}

TEST_F(ProjectionPgTest, SaysWhenToComeAgainIfTheOtherServiceIsAway) {
  const auto ids = CreateSome(5);
  const auto projection = Start();
  ASSERT_TRUE(Eventually([&] { return projection->lag().ready; }));
  model_.OnMessage([](const std::string&) { return absl::UnavailableError("away"); });
  model_.Rename(ids[0], "改名");
  const v1::Change written = model_.ChangeOf(ids[0], v1::Change::EVENT_UPSERT);
  // A batch that was under way may still bring it; the next one cannot.
  absl::SleepFor(absl::Milliseconds(200));
  model_.Rename(ids[0], "再改名");
  const v1::Change later = model_.ChangeOf(ids[0], v1::Change::EVENT_UPSERT);
  const absl::Status status =
      projection->Wait(later.bucket(), later.position(), absl::Now() + absl::Milliseconds(300));
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  const base::Failure failure = base::FailureOf(status);
  EXPECT_EQ(failure.reason(), base::ErrorReason::REFERENCE_NOT_YET_VISIBLE);
  EXPECT_GT(failure.retry_after_milliseconds(), 0);
  model_.OnMessage(nullptr);
  EXPECT_TRUE(projection->Wait(later.bucket(), later.position(), absl::Now() + absl::Seconds(5)).ok());
}

TEST_F(ProjectionPgTest, KnowsWhatIsThereAndWhetherThatIsAll) {
  const auto ids = CreateSome(5);
  model_.OnMessage([](const std::string&) { return absl::UnavailableError("away"); });
  auto projection = Start();
  const auto whole = [&] {
    absl::StatusOr<bool> answer = false;
    const absl::Status status =
        database_->Run(absl::Now() + absl::Seconds(10), [&](postgres::Session& session) {
          answer = projection->IsWhole(session);
          return answer.status();
        });
    EXPECT_TRUE(status.ok()) << status;
    return answer.ok() && *answer;
  };
  EXPECT_FALSE(whole());
  model_.OnMessage(nullptr);
  ASSERT_TRUE(Eventually(whole));
  // What one process has read to the end, the next one knows without the followed service.
  projection.reset();
  model_.OnMessage([](const std::string&) { return absl::UnavailableError("away"); });
  projection = Start();
  EXPECT_TRUE(whole());
  EXPECT_FALSE(projection->lag().ready);
  const std::string unknown = base::RandomId();
  const absl::Status status =
      database_->Run(absl::Now() + absl::Seconds(10), [&](postgres::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const auto found, projection->Find(session, FeedModel::kKind, {ids[0], unknown}));
        EXPECT_TRUE(found.at(ids[0]).living);
        EXPECT_TRUE(found.at(ids[0]).successor.empty());
        EXPECT_EQ(found.count(unknown), 0u);
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(ProjectionPgTest, AnswersWhoWaitsWhenItStops) {
  CreateSome(5);
  const auto projection = Start();
  ASSERT_TRUE(Eventually([&] { return projection->lag().ready; }));
  model_.OnMessage([](const std::string&) { return absl::UnavailableError("away"); });
  std::atomic<int> answered{0};
  for (int i = 0; i < 3; ++i)
    projection->Await({{0, 1'000'000}}, absl::InfiniteFuture(), [&](absl::Status status) {
      EXPECT_TRUE(absl::IsUnavailable(status)) << status;
      ++answered;
    });
  projection->Stop();
  EXPECT_EQ(answered, 3);
  EXPECT_TRUE(absl::IsUnavailable(projection->Wait(0, 1'000'000, absl::InfiniteFuture())));
}

TEST_F(ProjectionPgTest, IsTriedAgainAfterItHasStopped) {
  const auto ids = CreateSome(5);
  std::atomic<int> stops{0};
  Projection::Options options;
  options.contract = contract_;
  options.source = &model_;
  options.database = database_.get();
  options.stopped = [&](const absl::Status&) { ++stops; };
  options.again = absl::Milliseconds(50);
  // As while another process follows into the same tables.
  model_.OnMessage([](const std::string&) { return absl::FailedPreconditionError("not now"); });
  const auto projection = Projection::Start(spec_, options);
  ASSERT_TRUE(projection.ok()) << projection.status();
  ASSERT_TRUE(Eventually([&] { return stops >= 2; }));
  model_.OnMessage(nullptr);
  EXPECT_TRUE(Eventually([&] { return Projected() == model_.Visible(); }));
}

}  // namespace
}  // namespace lianqiao::feed
