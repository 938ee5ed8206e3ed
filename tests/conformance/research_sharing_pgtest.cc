// SPDX-License-Identifier: Apache-2.0
// A large unified test shared in one call: by a number of statements that does not grow with its results, and
// without anybody seeing a part of them.
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "lianqiao/research/v1/test_result.pb.h"
#include "lianqiao/research/v1/unified_test.pb.h"
#include "lianqiao/sync/v1/feed.pb.h"
#include "tests/conformance/research_world.h"

namespace lianqiao::conformance {
namespace {

namespace research = ::lianqiao::research::v1;

using research::TestResult;
using research::UnifiedTest;

constexpr int kSchools = 500;
constexpr int kSubjects = 29;
// The common test of seed 002 has 14,413: the number of statements is the same, and a sanitised build on a
// busy machine must not run out of the call's 30 seconds.
constexpr int kResults = 3000;
// A call's own: far fewer than records, and no more with more of them.
constexpr int kStatementsMax = 40;

class ResearchSharing : public ResearchWorld {
 protected:
  ResearchSharing() {
    const auto grant = [&](const char* right) {
      return access::testing::MakeGrant(right, access::ScopeKind::kOrganisation, far_school_);
    };
    research_.AddCaller(
        "follower", access::testing::MakeCaller({grant("research.*"), grant("research.test_result.changes")},
                                                far_school_));
  }
  // Held, with results of near_school_ and far_school_ in one subject.
  void HoldTest() {
    UnifiedTest test;
    test.set_title("九年级联考");
    test.set_purpose(research::TEST_PURPOSE_TEACHING_ANALYSIS);
    test.set_organisation_id(near_school_);
    test.set_alliance_id(alliance_id_);
    test.set_stage(type::v1::STAGE_JUNIOR);
    test.set_grade(type::v1::GRADE_9);
    test.set_school_year("2023-2024");
    for (int subject = 1; subject <= kSubjects; ++subject)
      test.add_subjects(static_cast<type::v1::Subject>(subject));
    for (const std::string& school : {near_school_, far_school_})
      test.add_participants()->set_organisation_id(school);
    test_id_ = Must(Make(test, "lead")).id();
    Must(Move<UnifiedTest>("Prepare", test_id_, "lead", "", "2021-01-01"));
    Must(Move<UnifiedTest>("Hold", test_id_, "lead", "", "2024-01-10"));
    near_result_ = Must(Make(NewResult(near_school_, type::v1::SUBJECT_CHINESE), "lead")).id();
    far_result_ = Must(Make(NewResult(far_school_, type::v1::SUBJECT_CHINESE), "lead")).id();
  }
  TestResult NewResult(const std::string& school, type::v1::Subject subject) {
    TestResult result;
    result.set_unified_test_id(test_id_);
    result.set_organisation_id(near_school_);
    result.set_school_id(school);
    result.set_subject(subject);
    result.set_tested_count(40);
    result.set_full_score(100);
    result.set_mean_score(60);
    result.set_standard_deviation(10);
    return result;
  }
  void Run(const std::string& sql) {
    const auto done = research_.Query(sql);
    ASSERT_TRUE(done.ok()) << done.status();
  }
  // More schools like the far one, as the copy of the registry would hold them, and their results, until
  // there are `results` of them; all but the schools' ids is as the engine wrote it for the far one.
  void FillTest(int schools, int results) {
    const std::string own = "ARRAY(SELECT unnest(array_replace(t.$0, '$1', s.id)) ORDER BY 1)";
    const auto scoped = [&](const std::string& name) { return absl::Substitute(own, name, far_school_); };
    const std::string ids =
        absl::StrCat("(SELECT n, md5('school' || n)::uuid AS id FROM generate_series(3, ", schools, ") n) s");
    Run(absl::StrCat(
        "INSERT INTO registry_organisation (id, revision, kind, name, jurisdiction_id, status, stages,"
        " sync_scope, sync_write_scope, sync_service, sync_bucket, sync_step) SELECT s.id, t.revision, "
        "t.kind,"
        " t.name || s.n, t.jurisdiction_id, t.status, t.stages, ",
        scoped("sync_scope"), ", ", scoped("sync_write_scope"),
        ", t.sync_service, t.sync_bucket, t.sync_step FROM registry_organisation t, ", ids, " WHERE t.id = '",
        far_school_, "'"));
    Run(
        absl::StrCat("UPDATE unified_test t SET participants = t.participants || (SELECT jsonb_agg("
                     "jsonb_build_object('organisation_id', s.id)) FROM ",
                     ids, ") WHERE t.id = '", test_id_, "'"));
    Run(absl::StrCat(
        "INSERT INTO test_result SELECT md5('result' || s.n || x.subject)::uuid, t.revision, t.create_time,"
        " t.update_time, t.delete_time, t.bucket, ",
        scoped("scope"), ", ", scoped("write_scope"),
        ", t.external_ids, t.unified_test_id, t.organisation_id, s.id, x.subject, t.tested_count, "
        "t.full_score,"
        " t.mean_score + s.n / 100.0, t.standard_deviation, t.pass_share, t.excellent_share,"
        " t.shared_alliance_id, t.evidence, t.synthetic FROM test_result t, ",
        ids, ", unified_test u, unnest(u.subjects) x(subject) WHERE t.id = '", far_result_, "' AND u.id = '",
        test_id_, "' ORDER BY s.n, x.subject LIMIT ", results - 2));
  }
  int64_t StatementsOf(const std::function<void()>& call) {
    const int64_t before = research_.write_statements();
    call();
    return research_.write_statements() - before;
  }
  // Of results, as the feed tells them to this caller.
  size_t SeenChanges(const std::string& token) {
    sync::v1::ListChangesRequest request;
    request.add_kinds("test_result");
    request.set_page_size(5000);
    std::set<std::string> seen;
    while (true) {
      const auto page = Must(research_.Call<sync::v1::ListChangesResponse>(
          "/lianqiao.sync.v1.FeedService/ListChanges", request, token));
      for (const auto& change : page.changes()) seen.insert(change.id());
      if (!page.has_more()) return seen.size();
      request.set_cursor(page.cursor());
    }
  }
  int64_t Number(const std::string& sql) {
    const auto rows = research_.Query(sql);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? rows->Integer(0, 0) : -1;
  }

  std::string test_id_, near_result_, far_result_;
};

// One transaction: until it commits nobody reads more than before, and then everybody reads all.
TEST_F(ResearchSharing, ALargeTestIsSharedInFewStatements) {
  HoldTest();
  FillTest(kSchools, kResults);
  Must(Move<UnifiedTest>("Analyse", test_id_, "lead"));
  EXPECT_EQ(SeenChanges("follower"), 1) << "its own result";
  EXPECT_TRUE(absl::IsNotFound(Look<TestResult>(near_result_, "member").status()));
  const int64_t statements = StatementsOf([&] { Must(Move<UnifiedTest>("Share", test_id_, "lead")); });
  EXPECT_LT(statements, kStatementsMax);
  EXPECT_EQ(Must(Look<TestResult>(near_result_, "member")).shared_alliance_id(), alliance_id_);
  const std::string scope = "(SELECT sync_scope FROM registry_alliance WHERE id = '" + alliance_id_ + "')";
  EXPECT_EQ(Number("SELECT count(*) FROM test_result WHERE revision = 2 AND shared_alliance_id = '" +
                   alliance_id_ + "' AND scope @> " + scope),
            kResults);
  EXPECT_EQ(Number("SELECT count(*) FROM revision WHERE kind = 'test_result' AND revision = 2"), kResults);
  EXPECT_EQ(SeenChanges("follower"), kResults) << "those that became visible come whole";
}

TEST_F(ResearchSharing, ABatchOfResultsIsEnteredInFewStatements) {
  HoldTest();
  FillTest(kSchools, 2);
  const auto schools = research_.Query(
      "SELECT id FROM registry_organisation WHERE name LIKE '%小学_%' AND id"
      " NOT IN ('" +
      near_school_ + "', '" + far_school_ + "')");
  ASSERT_TRUE(schools.ok() && schools->rows() == kSchools - 2) << schools.status();
  research::BatchUpsertTestResultsRequest batch;
  batch.set_source_system("lead-system");
  for (int i = 0; i < schools->rows(); ++i) {
    TestResult& result = *batch.add_test_results();
    result = NewResult(schools->Text(i, 0), type::v1::SUBJECT_CHINESE);
    result.add_external_ids()->set_system("lead-system");
    result.mutable_external_ids(0)->set_id(absl::StrCat("r", i));
  }
  for (const auto outcome : {type::v1::UpsertResult::CREATED, type::v1::UpsertResult::UPDATED}) {
    const int64_t statements = StatementsOf([&] {
      const auto answer = Must(research_.Call<research::BatchUpsertTestResultsResponse>(
          "TestResultService/BatchUpsertTestResults", batch, "lead"));
      for (const auto& result : answer.results())
        EXPECT_EQ(result.outcome(), outcome) << result.ShortDebugString();
    });
    EXPECT_LT(statements, kStatementsMax);
    for (TestResult& result : *batch.mutable_test_results()) result.set_mean_score(61);
  }
}

}  // namespace
}  // namespace lianqiao::conformance
