// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/combine.h"

#include <gmock/gmock.h>

#include "services/gateway/sync/job_groups.h"
#include "services/gateway/sync/merged_cursor.h"

namespace lianqiao::gateway::sync {
namespace {

namespace v1 = ::lianqiao::sync::v1;
using I = v1::Import;
using E = v1::Export;

I::State ImportState(const std::vector<I::State>& states) {
  std::vector<I> parts;
  for (const I::State state : states) {
    parts.emplace_back();
    parts.back().set_state(state);
  }
  return CombineImports("", parts).state();
}

E::State ExportState(const std::vector<E::State>& states) {
  std::vector<E> parts;
  for (const E::State state : states) {
    parts.emplace_back();
    parts.back().set_state(state);
  }
  return CombineExports("", parts).state();
}

TEST(Combine, AnImportIsAsFarAsTheLeastOfItsParts) {
  EXPECT_EQ(ImportState({I::STATE_QUEUED, I::STATE_QUEUED}), I::STATE_QUEUED);
  EXPECT_EQ(ImportState({I::STATE_QUEUED, I::STATE_SUCCEEDED}), I::STATE_RUNNING);
  EXPECT_EQ(ImportState({I::STATE_RUNNING, I::STATE_FAILED}), I::STATE_RUNNING);
  EXPECT_EQ(ImportState({I::STATE_RECEIVING, I::STATE_RUNNING}), I::STATE_RECEIVING);
  EXPECT_EQ(ImportState({I::STATE_SUCCEEDED, I::STATE_SUCCEEDED}), I::STATE_SUCCEEDED);
  EXPECT_EQ(ImportState({I::STATE_FAILED, I::STATE_FAILED}), I::STATE_FAILED);
  EXPECT_EQ(ImportState({I::STATE_CANCELLED, I::STATE_CANCELLED}), I::STATE_CANCELLED);
  EXPECT_EQ(ImportState({I::STATE_FAILED, I::STATE_SUCCEEDED}), I::STATE_FINISHED_WITH_ERRORS);
  EXPECT_EQ(ImportState({I::STATE_CANCELLED, I::STATE_SUCCEEDED}), I::STATE_FINISHED_WITH_ERRORS);
}

TEST(Combine, HalfAnExportIsNone) {
  EXPECT_EQ(ExportState({E::STATE_QUEUED, E::STATE_QUEUED}), E::STATE_QUEUED);
  EXPECT_EQ(ExportState({E::STATE_SUCCEEDED, E::STATE_QUEUED}), E::STATE_RUNNING);
  EXPECT_EQ(ExportState({E::STATE_SUCCEEDED, E::STATE_SUCCEEDED}), E::STATE_SUCCEEDED);
  EXPECT_EQ(ExportState({E::STATE_SUCCEEDED, E::STATE_FAILED}), E::STATE_FAILED);
  EXPECT_EQ(ExportState({E::STATE_RUNNING, E::STATE_CANCELLED}), E::STATE_CANCELLED);
}

TEST(Combine, CountsAddUpAndTimesSpanTheParts) {
  I one;
  one.set_state(I::STATE_SUCCEEDED);
  one.set_record_count(3);
  one.set_created_count(2);
  one.set_unchanged_count(1);
  one.mutable_create_time()->set_seconds(10);
  one.mutable_start_time()->set_seconds(12);
  one.mutable_end_time()->set_seconds(20);
  one.set_service("a");
  I two = one;
  two.set_service("b");
  two.set_refused_count(4);
  two.mutable_create_time()->set_seconds(9);
  two.mutable_start_time()->set_seconds(15);
  two.clear_end_time();
  I whole = CombineImports("id", {one, two});
  EXPECT_EQ(whole.record_count(), 6);
  EXPECT_EQ(whole.created_count(), 4);
  EXPECT_EQ(whole.refused_count(), 4);
  EXPECT_EQ(whole.create_time().seconds(), 9);
  EXPECT_EQ(whole.start_time().seconds(), 12);
  EXPECT_FALSE(whole.has_end_time()) << "one has not ended";
  EXPECT_EQ(whole.parts_size(), 2);
  two.mutable_end_time()->set_seconds(19);
  EXPECT_EQ(CombineImports("id", {one, two}).end_time().seconds(), 20);
}

TEST(Combine, FilesAndCursorOfAnExportAreTheGateways) {
  E one;
  one.set_state(E::STATE_SUCCEEDED);
  one.set_cursor("cursor of a");
  one.add_files()->set_name("x-0001.ndjson.gz");
  one.set_record_count(2);
  E two = one;
  two.set_cursor("cursor of b");
  NameExport("a", &one);
  NameExport("b", &two);
  EXPECT_EQ(UnpackCursor(one.cursor()), (Cursor{{"a", "cursor of a"}}));
  const E whole = CombineExports("id", {one, two});
  EXPECT_EQ(UnpackCursor(whole.cursor()), (Cursor{{"a", "cursor of a"}, {"b", "cursor of b"}}));
  ASSERT_EQ(whole.files_size(), 2);
  EXPECT_EQ(SplitFileName(whole.files(1).name()),
            std::make_pair(std::string("b"), std::string("x-0001.ndjson.gz")));
  EXPECT_EQ(whole.record_count(), 4);
  two.set_state(E::STATE_RUNNING);
  EXPECT_EQ(CombineExports("id", {one, two}).cursor(), "");
}

TEST(JobGroups, TheSamePartsOfTheSameClientHaveTheSameId) {
  const JobParts parts = {{"a", "1"}, {"b", "2"}};
  EXPECT_EQ(JobGroups::IdOf("client", parts), JobGroups::IdOf("client", parts));
  EXPECT_NE(JobGroups::IdOf("client", parts), JobGroups::IdOf("other", parts));
  EXPECT_NE(JobGroups::IdOf("client", parts), JobGroups::IdOf("client", {{"a", "1"}, {"b", "3"}}));
}

}  // namespace
}  // namespace lianqiao::gateway::sync
