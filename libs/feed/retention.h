// SPDX-License-Identifier: Apache-2.0
// How long the feed, the audit and the history of a schema are kept (design §6), and the job that lets go of
// what is older, in small steps.
//
// Three promises, each exact: no change younger than `feed` leaves service, no change younger than `audit` is
// deleted, and `read_time` answers exactly back to feed_meta.history_horizon, which is never younger than
// `history`. Ages are those of committed rows (change.time), never of transactions; a day is added to each.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/database.h"

namespace lianqiao::feed {

struct Retention {
  int feed_days = 400;      // Changes are served: feed_head.low_pos is the last one that is not any more.
  int audit_days = 1095;    // Changes below it stay, as the audit of who did what.
  int history_days = 1095;  // Superseded revisions, for read_time and GetRevision.
};

// INVALID_ARGUMENT lists every bound that does not hold: feed ≥ 1, audit ≥ 184 (the law's six months) and
// ≥ feed, history ≥ feed and ≤ audit (a revision without its change has no actor), none above 36,500.
absl::Status CheckRetention(const Retention& retention);

struct Purged {
  int64_t withdrawn = 0;  // Changes that are not served any more.
  int64_t changes = 0;    // Deleted.
  int64_t revisions = 0;  // Deleted.
  int64_t scopes = 0;     // Descriptions that no valid cursor can name any more.
  bool more = false;      // There may be more to do at once.
};

// One step: per bucket one transaction that looks at no more than `limit` changes for each of the three
// promises (more only to finish a transaction's changes), so every row is looked at once in its life and no
// table is scanned. Safe to repeat and from several processes: they take different buckets.
//
// - low_pos rises to the last change of a transaction before which everything is old enough, with its digest.
// - Superseded revisions go by the changes that superseded them, in the order of the feed; purge_place keeps
//   how far. The newest revision at or before the horizon stays, and so does every current one. The horizon
//   is raised first and nothing is deleted for ten minutes: who has looked at it before reads to the end.
// - Changes go once they are neither served nor needed to find superseded revisions.
// - feed_scope keeps what cursors name as long as these can be valid: those changes are served that are as
// old.
absl::StatusOr<Purged> PurgeSome(postgres::Session& session, const Retention& retention, absl::Time now,
                                 int limit = 1000);

}  // namespace lianqiao::feed
