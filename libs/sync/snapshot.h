// SPDX-License-Identifier: Apache-2.0
// StartSnapshot and ReadSnapshot of one service. Every page is a short statement of its own; the changes are
// read from the heads of before the first page, so that nothing falls between (reliability.md §2.7).
#pragma once

#include "libs/sync/feed_methods.h"
#include "libs/sync/snapshot_page.h"

namespace lianqiao::sync {

// What a token of ReadSnapshot holds.
struct SnapshotToken {
  Filter filter;
  std::string scope;                  // Hash of the scopes that every part is read with.
  std::string cursor;                 // Sealed: where to tail from.
  std::vector<SnapshotRange> ranges;  // What is left to read, in order.
  std::vector<int> buckets;           // Empty: all.
};
std::string SealSnapshot(const store::TokenKey& key, const SnapshotToken& token);
std::optional<SnapshotToken> OpenSnapshot(const store::TokenKey& key, const std::string& text);

resource::RawMethod StartSnapshot(const Parts& parts);
resource::StreamMethod ReadSnapshot(const Parts& parts);

}  // namespace lianqiao::sync
