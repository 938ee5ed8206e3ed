// SPDX-License-Identifier: Apache-2.0
// Only for libs/sync.
#pragma once

#include "libs/sync/snapshot.h"

namespace lianqiao::sync {

struct Snapshot {
  std::string cursor;                 // Sealed.
  std::vector<SnapshotToken> tokens;  // One per part.
  int64_t estimated_record_count = 0;
  std::vector<int> diverged;
};

// Reads the heads, then divides what is to be read. With a cursor that diverged only its diverged buckets are
// read; INVALID_ARGUMENT if it is none.
absl::StatusOr<Snapshot> BeginSnapshot(postgres::Statements& statements, const Parts& parts, const View& view,
                                       int partition_count, const std::string& diverged_cursor);

}  // namespace lianqiao::sync
