// SPDX-License-Identifier: Apache-2.0
// One page of a full read, as one reader sees it: the heart of ReadSnapshot and of exports.
#pragma once

#include <string>
#include <vector>

#include "lianqiao/sync/v1/feed.pb.h"
#include "libs/sync/tell.h"

namespace lianqiao::sync {

// One stretch of one kind: ids above `after_id` up to and with `to_id` (empty: to the last).
struct SnapshotRange {
  std::string kind;
  std::string after_id;
  std::string to_id;
};

// Up to 2,000 records or about kPageBytes, in order of the ranges; moves the ranges on, and drops them when
// they are read. `buckets` empty: all. True: the next record has to wait for a move under way; what came
// before it is in the page.
absl::StatusOr<bool> ReadSnapshotPage(postgres::Statements& statements, const contract::Contract& contract,
                                      const View& view, const std::vector<int>& buckets,
                                      std::vector<SnapshotRange>* ranges, v1::ReadSnapshotResponse* page,
                                      PersonalReads* personal);

}  // namespace lianqiao::sync
