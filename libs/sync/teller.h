// SPDX-License-Identifier: Apache-2.0
// Tells one reader of a page of changes. Only for libs/sync.
#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "libs/sync/changes.h"

namespace lianqiao::sync {

// Appends what is told of the changes, bucket by bucket in whole transactions, until something has to wait or
// the page is full; *places goes on as far as that.
class Teller {
 public:
  Teller(const contract::Contract& contract, const View& view, const feed::Scopes* former,
         const PageState& state, feed::Places* places, Page* page)
      : contract_(contract), view_(view), former_(former), state_(state), places_(places), page_(page) {}

  // What lies behind the places, in order per bucket.
  void TakeAll(const std::vector<feed::ChangeRecord>& changes) {
    int stopped = -1;  // The bucket that goes no further.
    for (const feed::ChangeRecord& change : changes) {
      const auto place = places_->find(change.bucket);
      const bool known = place != places_->end() && change.pos <= place->second.pos;
      if (change.bucket != stopped && !known && !Take(change)) stopped = change.bucket;
    }
  }
  bool full() const { return full_; }
  // Buckets of which a newer state was told than the places cover.
  std::set<int> ahead() const {
    std::set<int> buckets;
    for (const auto& [id, newer] : newer_) buckets.insert(newer.bucket);
    return buckets;
  }

 private:
  // False: this bucket ends here.
  bool Take(const feed::ChangeRecord& change) {
    if (full_) return false;
    if (const contract::Resource* resource = contract_.FindKind(change.kind); resource != nullptr) {
      v1::Change told;
      const Told outcome = Tell(view_, former_, *resource, change, state_, &told, &page_->personal_reads);
      if (outcome == Told::kNotYet) {
        page_->waits = true;
        return Drop();
      }
      if (outcome == Told::kChange) {
        NoteAhead(change, told.revision());
        bytes_ += told.ByteSizeLong();
        *page_->content.add_changes() = std::move(told);
      }
    }
    if (!change.commit_last) return true;
    (*places_)[change.bucket] = {change.pos, change.digest};
    kept_ = page_->content.changes_size();
    full_ = bytes_ >= kPageBytes;
    return true;
  }
  void NoteAhead(const feed::ChangeRecord& change, int64_t told_revision) {
    const auto found = newer_.find(change.id);
    if (told_revision > change.revision) {
      newer_[change.id] = {change.bucket, told_revision};
    } else if (found != newer_.end() && change.revision >= found->second.revision) {
      newer_.erase(found);
    }
  }
  // What was told of a transaction that does not end.
  bool Drop() {
    auto* changes = page_->content.mutable_changes();
    changes->DeleteSubrange(kept_, changes->size() - kept_);
    return false;
  }

  const contract::Contract& contract_;
  const View& view_;
  const feed::Scopes* former_;
  const PageState& state_;
  feed::Places* places_;
  Page* page_;
  struct Newer {
    int bucket = 0;
    int64_t revision = 0;
  };
  std::unordered_map<std::string, Newer> newer_;  // By record.
  size_t bytes_ = 0;
  int kept_ = 0;
  bool full_ = false;
};

}  // namespace lianqiao::sync
