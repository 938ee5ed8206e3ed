// SPDX-License-Identifier: Apache-2.0
// What a reader is told when its grants have changed: every record that it sees now and did not before,
// whole; every one that it saw and sees no more, by id (design §6, reliability.md §2.8).
//
// Two rules make it exact. The tail goes on from where the reader was, and until it has reached the head once
// after all was told, a change counts as seen before if the former scopes saw it: what left both while this
// went on is still taken away. And a record that hangs on one that is being moved is waited for.
#pragma once

#include "libs/sync/changes.h"

namespace lianqiao::sync {

// Notes in the cursor what its reader had. A change during a change adds to it.
absl::Status BeginGrantChange(postgres::Statements& statements, CursorStore& cursors, const View& view,
                              absl::Time now, feed::Cursor* cursor);

// The next records to tell of; the cursor says how far.
absl::StatusOr<Page> GrantChangePage(postgres::Statements& statements, const contract::Contract& contract,
                                     const View& view, const feed::Scopes& former, int page_size,
                                     feed::Cursor* cursor);

// CURSOR_DIVERGED in every bucket: nobody knows any more what the reader had.
absl::Status Forgotten(const std::string& service, const feed::Heads& heads);

}  // namespace lianqiao::sync
