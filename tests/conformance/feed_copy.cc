// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/feed_copy.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lianqiao::conformance {

using sync::v1::Change;

std::string ReasonOf(const absl::Status& status) {
  const base::Failure failure = base::FailureOf(status);
  if (failure.violations_size() == 0) return base::ReasonName(failure.reason());
  const auto& arguments = failure.violations(0).arguments();
  const auto reason = arguments.find("reason");
  return reason == arguments.end() ? "" : reason->second;
}

absl::StatusOr<sync::v1::ListChangesResponse> FeedCopy::Page(int page_size, int wait_seconds) {
  sync::v1::ListChangesRequest request;
  request.set_cursor(cursor_);
  for (const std::string& kind : kinds_) request.add_kinds(kind);
  for (const std::string& id : jurisdiction_ids_) request.add_jurisdiction_ids(id);
  request.set_page_size(page_size);
  request.set_wait_seconds(wait_seconds);
  auto page = service_->Call<sync::v1::ListChangesResponse>("/lianqiao.sync.v1.FeedService/ListChanges",
                                                            request, token_);
  if (!page.ok()) return page;
  for (const Change& change : page->changes()) Apply(change);
  EXPECT_FALSE(page->cursor().empty());
  cursor_ = page->cursor();
  return page;
}

std::vector<Change> FeedCopy::CatchUp(int page_size) {
  std::vector<Change> changes;
  for (int round = 0; round < 10000; ++round) {
    const auto page = Page(page_size);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return changes;
    changes.insert(changes.end(), page->changes().begin(), page->changes().end());
    if (!page->has_more()) return changes;
  }
  ADD_FAILURE() << "the feed has no end";
  return changes;
}

void FeedCopy::Apply(const Change& change) {
  if (change.event() == Change::EVENT_SCOPE_CHANGED) return;
  services_.insert(change.service());
  if (change.position() > 0) {
    EXPECT_GT(change.position(), positions_[change.bucket()]) << "twice, or out of order";
    positions_[change.bucket()] = change.position();
  }
  const auto held = held_.find(change.id());
  const int64_t known = std::max(held == held_.end() ? 0 : held->second.first, gone_[change.id()]);
  EXPECT_GE(change.revision(), known) << "a revision went back: " << change.kind() << " " << change.id();
  if (change.event() == Change::EVENT_ENTER || change.event() == Change::EVENT_UPSERT) {
    EXPECT_TRUE(change.has_record());
    held_[change.id()] = {change.revision(), change.record()};
    return;
  }
  EXPECT_FALSE(change.has_record()) << "what goes is told by id and revision only";
  held_.erase(change.id());
  gone_[change.id()] = change.revision();
}

std::map<std::string, int64_t> FeedCopy::Revisions() const {
  std::map<std::string, int64_t> revisions;
  for (const auto& [id, held] : held_) revisions[id] = held.first;
  return revisions;
}

}  // namespace lianqiao::conformance
