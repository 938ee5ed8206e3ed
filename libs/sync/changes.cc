// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/changes.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/sync/grant_change.h"
#include "libs/sync/teller.h"

namespace lianqiao::sync {
namespace {

// Pages without anything for this reader that one call passes over, so that a narrow reader moves on quickly.
constexpr int kEmptyPagesMax = 20;

absl::Status CheckHeads(postgres::Statements& statements, CursorStore& cursors, const View& view,
                        const feed::Heads& heads, absl::Time now, const feed::Cursor& cursor) {
  const feed::Fit fit = feed::CompareWithHeads(heads, cursor.places);
  if (!fit.diverged.empty() || LostAhead(heads, cursor)) {
    ASSIGN_OR_RETURN(const std::vector<int> diverged, DivergedBuckets(statements, heads, cursor));
    return Diverged(cursors.service(), diverged);
  }
  if (!fit.expired) return absl::OkStatus();
  ASSIGN_OR_RETURN(const absl::Status expired, Expired(statements, cursors, view, heads, now));
  return expired;
}

// What was shown before these heads were read is covered by a place that has come to them.
void Settle(const feed::Heads& heads, feed::Cursor* cursor) {
  for (const auto& [bucket, of_bucket] : heads.buckets) {
    const auto place = cursor->places.find(bucket);
    if (place != cursor->places.end() && place->second == of_bucket.head) cursor->ahead.erase(bucket);
  }
}

absl::StatusOr<Page> TailPage(postgres::Statements& statements, CursorStore& cursors,
                              const contract::Contract& contract, const View& view,
                              const feed::Scopes* former, const feed::Heads& heads, int page_size,
                              feed::Cursor* cursor) {
  Page page;
  feed::Places read = cursor->places;
  ASSIGN_OR_RETURN(feed::ChangePage raw, feed::ReadPage(statements, heads, page_size, &read));
  if (!raw.diverged.empty()) {
    ASSIGN_OR_RETURN(const std::vector<int> diverged, DivergedBuckets(statements, heads, *cursor));
    return Diverged(cursors.service(), diverged);
  }
  ASSIGN_OR_RETURN(const PageState state, ReadPageState(statements, contract, view, former, raw.changes));
  Teller teller(contract, view, former, state, &cursor->places, &page);
  teller.TakeAll(raw.changes);
  page.content.set_has_more(raw.more || page.waits || teller.full());
  Settle(heads, cursor);
  for (const int bucket : teller.ahead()) cursor->ahead.insert(bucket);
  cursor->epoch = heads.epoch;  // Every place that lies below a head was proved just now.
  return page;
}

// Told of everything that a change of grants moved, and at the head since: the former scopes do not matter
// any more.
void Forget(feed::Cursor* cursor) {
  cursor->former_scope.clear();
  cursor->told_kind.clear();
  cursor->told_id.clear();
}

}  // namespace

absl::StatusOr<Page> NextPage(postgres::Statements& statements, CursorStore& cursors,
                              const contract::Contract& contract, const View& view, int page_size,
                              absl::Time now, feed::Cursor* cursor) {
  RETURN_IF_ERROR(cursors.Remember(statements, view.description(), now));
  ASSIGN_OR_RETURN(const feed::Heads heads, feed::ReadFeed(statements));
  RETURN_IF_ERROR(CheckHeads(statements, cursors, view, heads, now, *cursor));
  if (cursor->epoch.empty()) cursor->epoch = heads.epoch;
  if (cursor->scope != view.scope_hash()) {
    // What is told of it is as new as these heads, so every place has to belong to their history.
    if (cursor->epoch != heads.epoch) {
      ASSIGN_OR_RETURN(const std::vector<int> diverged,
                       feed::FindDiverged(statements, heads, cursor->places));
      if (!diverged.empty()) return Diverged(cursors.service(), diverged);
      cursor->epoch = heads.epoch;
    }
    RETURN_IF_ERROR(BeginGrantChange(statements, cursors, view, now, cursor));
    Page page;
    page.content.add_changes()->set_event(v1::Change::EVENT_SCOPE_CHANGED);
    page.content.set_has_more(true);
    return page;
  }
  feed::Scopes former;
  if (!cursor->former_scope.empty()) {
    const auto recalled = cursors.Recall(statements, cursor->former_scope);
    if (absl::IsNotFound(recalled.status())) return Forgotten(cursors.service(), heads);
    ASSIGN_OR_RETURN(former, recalled);
    if (cursor->telling()) return GrantChangePage(statements, contract, view, former, page_size, cursor);
  }
  const feed::Scopes* before = cursor->former_scope.empty() ? nullptr : &former;
  for (int round = 0;; ++round) {
    ASSIGN_OR_RETURN(Page page,
                     TailPage(statements, cursors, contract, view, before, heads, page_size, cursor));
    if (!page.content.has_more()) Forget(cursor);
    if (page.content.changes_size() > 0 || !page.content.has_more() || page.waits || round == kEmptyPagesMax)
      return page;
  }
}

}  // namespace lianqiao::sync
