// SPDX-License-Identifier: Apache-2.0
// The epoch of a schema's feed: one life of its data. After a restore or a lost tail, positions and revisions
// are used a second time for other changes; a new epoch tells every cursor to prove that its changes are
// still there (design §6, §9). tools/restore begins one itself; this finds what nobody announced.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/database.h"

namespace lianqiao::feed {

// At the start of a service, as its runtime role, before it serves, and every few seconds from then on: a
// server that takes over may have lost what readers have seen. Compares where the tables lie (cluster,
// timeline of its log, object ids) with where they lay before; if they moved, a new row of
// feed_meta begins an epoch with the same buckets, secret and horizon, and a warning is logged. Answers the
// reason, empty if nothing moved or nothing was known yet. Safe from several processes: the first one does
// it. A server that does not say where it is (no such function, no right to it) is logged and left alone;
// then only digests find a restore. What it cannot see, digests find too: a disk put back to an older state.
absl::StatusOr<std::string> RenewEpoch(postgres::Session& session, absl::Time now);

}  // namespace lianqiao::feed
