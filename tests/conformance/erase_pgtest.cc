// SPDX-License-Identifier: Apache-2.0
// Personal fields that are erased are gone: from the row, from every stored state, from answers that are
// given again, from what hangs on the record, and they do not come back. And fields that follow from facts.
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/conformance/remarks_world.h"

namespace lianqiao::conformance {
namespace {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;
using ::testing::HasSubstr;

class Erasing : public RemarksWorld {
 protected:
  absl::StatusOr<remarks::Remark> Erase(const std::string& id, const std::string& token = "operator",
                                        const std::string& etag = "") {
    type::v1::EraseRequest request;
    request.set_id(id);
    request.set_etag(etag);
    request.set_reason("本人申请");
    return remarks_.Call<remarks::Remark>("RemarkService/EraseRemark", request, token);
  }
  absl::StatusOr<remarks::Reply> Answer(const std::string& remark, const std::string& request_id) {
    remarks::CreateReplyRequest request;
    request.mutable_reply()->set_remark_id(remark);
    request.mutable_reply()->set_author("李老师");
    request.mutable_reply()->set_text("收到");
    request.set_request_id(request_id);
    return remarks_.Call<remarks::Reply>("ReplyService/CreateReply", request);
  }
  // Rows of the whole schema, history and answers, in which a name stands.
  int64_t Mentions(const std::string& name) {
    int64_t count = 0;
    for (const char* table : {"remark", "reply", "change", "idempotency", "external_id"})
      count += Number(absl::StrCat("SELECT count(*) FROM ", table, " t WHERE t::text LIKE '%", name, "%'"));
    return count + Number(absl::StrCat("SELECT count(*) FROM revision WHERE position(convert_to('", name,
                                       "', 'UTF8') IN state) > 0"));
  }
  int64_t Number(const std::string& sql) {
    const auto result = remarks_.Query(sql);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->Integer(0, 0) : -1;
  }
};

TEST_F(Erasing, LeavesNothingOfThePersonAnywhere) {
  const auto said = Say(near_school_, "near");
  ASSERT_TRUE(said.ok()) << said.status();
  ASSERT_TRUE(Edit(said->id(), "near").ok());
  ASSERT_TRUE(Answer(said->id(), "answer-1").ok());
  ASSERT_GT(Mentions("王老师"), 2);
  ASSERT_GT(Mentions("李老师"), 1);
  const auto erased = Erase(said->id());
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(erased->author(), "");
  EXPECT_TRUE(erased->has_erase_time());
  EXPECT_EQ(erased->text(), "改由near") << "what tells of nobody stays";
  EXPECT_EQ(erased->revision(), 3);
  EXPECT_EQ(Mentions("王老师"), 0);
  EXPECT_EQ(Mentions("李老师"), 0) << "what hangs on it goes with it";
  EXPECT_EQ(Number("SELECT count(*) FROM change WHERE operation = 'ERASE'"), 2);
  EXPECT_EQ(Number("SELECT count(*) FROM revision WHERE kind = 'remark'"), 3)
      << "history stays, without names";
  const auto again = Answer(said->id(), "answer-1");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->author(), "") << "an answer that is given again shows the cleared state";
}

TEST_F(Erasing, DoesNotLetThePersonComeBack) {
  remarks::BatchUpsertRemarksRequest request;
  request.set_source_system("bureau");
  remarks::Remark* remark = request.add_remarks();
  remark->set_organisation_id(near_school_);
  remark->set_author("王老师");
  auto* external_id = remark->add_external_ids();
  external_id->set_system("bureau");
  external_id->set_id("person-17");
  const char* const upsert = "RemarkService/BatchUpsertRemarks";
  const auto first = remarks_.Call<remarks::BatchUpsertRemarksResponse>(upsert, request, "near");
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string id = first->results(0).id();
  ASSERT_TRUE(Erase(id).ok());
  EXPECT_EQ(Mentions("person-17"), 0) << "an id in another system names the person there";
  const auto second = remarks_.Call<remarks::BatchUpsertRemarksResponse>(upsert, request, "near");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->results(0).outcome(), type::v1::UpsertResult::REFUSED);
  EXPECT_THAT(second->results(0).ShortDebugString(), HasSubstr("was erased"));
  EXPECT_EQ(Mentions("王老师"), 0);
  EXPECT_TRUE(Erase(id).ok()) << "once more does no harm";
}

TEST_F(Erasing, RemembersThePersonUnderEveryIdThatEverNamedThem) {
  remarks::BatchUpsertRemarksRequest request;
  request.set_source_system("bureau");
  remarks::Remark* remark = request.add_remarks();
  remark->set_organisation_id(near_school_);
  remark->set_author("王老师");
  remark->add_external_ids()->set_system("bureau");
  remark->mutable_external_ids(0)->set_id("person-17");
  const char* const upsert = "RemarkService/BatchUpsertRemarks";
  const auto first = remarks_.Call<remarks::BatchUpsertRemarksResponse>(upsert, request);
  ASSERT_TRUE(first.ok()) << first.status();
  remark->set_id(first->results(0).id());
  remark->add_external_ids()->set_system("register");
  remark->mutable_external_ids(1)->set_id("r-17");
  request.clear_source_system();
  ASSERT_TRUE(remarks_.Call<remarks::BatchUpsertRemarksResponse>(upsert, request).ok());
  ASSERT_TRUE(Erase(first->results(0).id()).ok());
  // From another source, by Create and in a batch; others are taken.
  remarks::CreateRemarkRequest create;
  create.mutable_remark()->set_organisation_id(near_school_);
  create.mutable_remark()->set_author("王老师");
  create.mutable_remark()->add_external_ids()->set_system("register");
  create.mutable_remark()->mutable_external_ids(0)->set_id("r-17");
  const absl::Status refused = remarks_.Call<remarks::Remark>("RemarkService/CreateRemark", create).status();
  EXPECT_THAT(refused.ToString(), HasSubstr("was erased"));
  ASSERT_EQ(base::FailureOf(refused).violations_size(), 1);
  EXPECT_EQ(base::FailureOf(refused).violations(0).field(), "remark.externalIds[0].id");
  remarks::BatchUpsertRemarksRequest other;
  other.set_source_system("register");
  for (const char* id : {"r-17", "r-18"}) {
    remarks::Remark* again = other.add_remarks();
    again->set_organisation_id(near_school_);
    again->add_external_ids()->set_system("register");
    again->mutable_external_ids(0)->set_id(id);
  }
  const auto second = remarks_.Call<remarks::BatchUpsertRemarksResponse>(upsert, other);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->results(0).outcome(), type::v1::UpsertResult::REFUSED) << second->ShortDebugString();
  EXPECT_EQ(second->results(1).outcome(), type::v1::UpsertResult::CREATED) << second->ShortDebugString();
  EXPECT_EQ(Mentions("王老师"), 0);
  EXPECT_EQ(Mentions("r-17"), 0) << "what is kept of an id is a hash";
}

TEST_F(Erasing, NothingIsHungOnSomebodyErased) {
  const auto said = Say(near_school_, "near");
  ASSERT_TRUE(said.ok()) << said.status();
  ASSERT_TRUE(Erase(said->id()).ok());
  const absl::Status refused = Answer(said->id(), "answer-1").status();
  EXPECT_THAT(refused.ToString(), HasSubstr("was erased"));
  EXPECT_EQ(base::FailureOf(refused).violations(0).field(), "reply.remarkId");
}

// A kind without rules is written by one statement, which has to ask too.
TEST_F(Erasing, HoldsForKindsWithoutRules) {
  const auto said = Say(near_school_, "near");
  ASSERT_TRUE(said.ok()) << said.status();
  const auto reply = Answer(said->id(), "answer-1");
  ASSERT_TRUE(reply.ok()) << reply.status();
  ASSERT_TRUE(Erase(said->id()).ok());
  remarks::UpdateReplyRequest update;
  update.mutable_reply()->set_id(reply->id());
  update.mutable_reply()->set_author("李老师");
  EXPECT_THAT(remarks_.Call<remarks::Reply>("ReplyService/UpdateReply", update).status().ToString(),
              HasSubstr("was erased"));
  EXPECT_EQ(Mentions("李老师"), 0);
}

// The record's course goes on, since nobody could end it otherwise.
TEST_F(Erasing, LetsGoOnWhatTellsOfNobody) {
  const auto said = Say(near_school_, "near");
  ASSERT_TRUE(said.ok()) << said.status();
  ASSERT_TRUE(Erase(said->id()).ok());
  EXPECT_TRUE(Edit(said->id(), "near").ok());
}

TEST_F(Erasing, TakesARightOfItsOwn) {
  const auto said = Say(near_school_, "near");
  ASSERT_TRUE(said.ok()) << said.status();
  for (const auto& [token, place] : {std::make_pair("clerk", near_id_), std::make_pair("stranger", far_id_)})
    remarks_.AddCaller(token, MakeCaller({MakeGrant("test.*", ScopeKind::kJurisdiction, place),
                                          MakeGrant("test.remark.erase", ScopeKind::kJurisdiction, place)}));
  EXPECT_TRUE(absl::IsPermissionDenied(Erase(said->id(), "near").status())) << "test.* does not mean it";
  EXPECT_TRUE(absl::IsNotFound(Erase(said->id(), "stranger").status()));
  EXPECT_TRUE(absl::IsAborted(Erase(said->id(), "clerk", "\"0\"").status()));
  EXPECT_EQ(Look(said->id())->author(), "王老师");
  type::v1::EraseRequest groundless;
  groundless.set_id(said->id());
  EXPECT_THAT(remarks_.Call<remarks::Remark>("RemarkService/EraseRemark", groundless).status().ToString(),
              HasSubstr("reason"));
  EXPECT_TRUE(Erase(said->id(), "clerk").ok());
  ASSERT_TRUE(remarks_.access_log().Flush(absl::Now() + absl::Seconds(10)));
  EXPECT_EQ(Number("SELECT count(*) FROM access_log WHERE reason = '本人申请' AND event = "
                   "'ACCESS_EVENT_ADMINISTRATION'"),
            1);
}

// A copy that keeps what rows were before: erasure overrides it.
TEST_F(Erasing, ReachesWhatFollowersKeepOfThePast) {
  runtime::Follow follow = {"lianqiao.remarktest.v1", {}};
  follow.projection.name = "reader";
  follow.projection.prefix = "copied_";
  follow.projection.kinds = {{"remark", {"author", "text"}}};
  follow.projection.keeps_former = true;
  const auto ddl = runtime::FollowingDdl(follow);
  ASSERT_TRUE(ddl.ok()) << ddl.status();
  testing::TestDatabase database("reader", {{"0010_follow", absl::StrJoin(*ddl, ";\n") + ";"}});
  postgres::Database::Options pool;
  pool.connection = database.connection();
  pool.search_path = database.schema();
  pool.workers = runtime::Following::kWorkers + 1;
  pool.name = "reader";
  postgres::Database reader(pool);
  const auto count = [&](const std::string& sql) {
    int64_t found = -1;
    const absl::Status status = reader.Run(absl::Now() + absl::Seconds(10), [&](postgres::Session& session) {
      const auto rows = session.Execute({"count", sql, false}, {});
      if (rows.ok()) found = rows->Integer(0, 0);
      return rows.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return found;
  };
  const auto said = Say(near_school_, "near");
  ASSERT_TRUE(said.ok()) << said.status();
  runtime::Following::Options options;
  options.address = remarks_.address();
  options.authorize = [](absl::Time) { return std::string("Bearer operator"); };
  options.database = &reader;
  auto following = runtime::Following::Start(follow, std::move(options));
  ASSERT_TRUE(following.ok()) << following.status();
  const auto catch_up = [&] {
    for (absl::Status status = absl::UnknownError(""); !status.ok();)
      status = (*following)
                   ->projection()
                   .Wait(0, std::numeric_limits<int64_t>::max(), absl::Now() + absl::Seconds(5));
  };
  catch_up();
  ASSERT_TRUE(Edit(said->id(), "near").ok());
  catch_up();
  ASSERT_EQ(count("SELECT count(*) FROM copied_remark_former WHERE author = '王老师'"), 1);
  ASSERT_TRUE(Erase(said->id()).ok());
  catch_up();
  EXPECT_EQ(count("SELECT count(*) FROM copied_remark_former WHERE author <> ''"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM copied_remark_former WHERE text <> ''"), 2) << "the rest stays";
  EXPECT_EQ(count("SELECT count(*) FROM copied_remark WHERE author <> ''"), 0);
  (*following)->Stop();
}

TEST_F(Erasing, FieldsThatFollowFromFactsAreThePlatformsOnly) {
  const auto said = Say(near_school_, "near");
  ASSERT_TRUE(said.ok()) << said.status();
  EXPECT_EQ(said->organisation_name(), "渭滨区第一小学");
  ASSERT_TRUE(Rename(near_school_, "渭滨一小", "").ok());
  remarks_.CatchUp();
  EXPECT_EQ(Look(said->id())->organisation_name(), "渭滨区第一小学") << "as of its last write";
  ASSERT_TRUE(Edit(said->id(), "near").ok());
  EXPECT_EQ(Look(said->id())->organisation_name(), "渭滨一小");
}

}  // namespace
}  // namespace lianqiao::conformance
