// SPDX-License-Identifier: Apache-2.0
// The next page of changes behind a cursor, as one reader sees it: the heart of ListChanges and WatchChanges.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "lianqiao/sync/v1/feed.pb.h"
#include "libs/feed/cursor.h"
#include "libs/sync/tell.h"

namespace lianqiao::sync {

inline constexpr int kChangesDefault = 500;
inline constexpr int kChangesMax = 5000;
// Beyond it a page ends with the transaction that it is in.
inline constexpr size_t kPageBytes = 4u << 20;

// What one process knows of its schema's cursors. Thread-safe.
class CursorStore {
 public:
  explicit CursorStore(std::string service) : service_(std::move(service)) {}
  const std::string& service() const { return service_; }  // "registry"

  // The key of the schema, read once.
  absl::StatusOr<const store::TokenKey*> Key(postgres::Statements& statements);
  // Keeps what a cursor's scope hash stands for; cheap after the first time of a day.
  absl::Status Remember(postgres::Statements& statements, const std::string& description, absl::Time now);
  // NOT_FOUND if it was not kept, e.g. after a restore.
  absl::StatusOr<feed::Scopes> Recall(postgres::Statements& statements, const std::string& scope_hash);

 private:
  const std::string service_;
  std::mutex mutex_;
  std::unique_ptr<store::TokenKey> key_;
  std::set<std::string> remembered_;  // "date|hash"; cleared when it grows.
};

// The cursor in a request: CURSOR_INVALID, CURSOR_FILTER_MISMATCH. Empty text: from the first change on.
absl::StatusOr<feed::Cursor> CursorOf(const store::TokenKey& key, const View& view, const std::string& text);
// One from which to tail after a full read that began when the heads were these.
feed::Cursor SnapshotCursor(const View& view, const feed::Heads& heads);
// One that stands at `places` for this view.
feed::Cursor CursorAt(const View& view, const std::string& epoch, feed::Places places);

struct Page {
  v1::ListChangesResponse content;  // Without the cursor.
  PersonalReads personal_reads;
  // Changes wait for a move under way; ask again in a moment.
  bool waits = false;
};

// Moves *cursor on. OUT_OF_RANGE CURSOR_EXPIRED, FAILED_PRECONDITION CURSOR_DIVERGED, DATA_LOSS FEED_BROKEN.
absl::StatusOr<Page> NextPage(postgres::Statements& statements, CursorStore& cursors,
                              const contract::Contract& contract, const View& view, int page_size,
                              absl::Time now, feed::Cursor* cursor);

// Whether a restore may have lost what the cursor's reader was shown ahead of its places.
bool LostAhead(const feed::Heads& heads, const feed::Cursor& cursor);
// All buckets that the cursor's reader must read again.
absl::StatusOr<std::vector<int>> DivergedBuckets(postgres::Statements& statements, const feed::Heads& heads,
                                                 const feed::Cursor& cursor);

// The failures, with what the reader needs to go on.
absl::Status Diverged(const std::string& service, const std::vector<int>& buckets);
absl::StatusOr<absl::Status> Expired(postgres::Statements& statements, CursorStore& cursors, const View& view,
                                     const feed::Heads& heads, absl::Time now);

}  // namespace lianqiao::sync
