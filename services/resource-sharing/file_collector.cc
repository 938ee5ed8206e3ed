// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/file_collector.h"

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "services/resource-sharing/file_rules.h"

namespace lianqiao::resources {

using postgres::Parameters;
using postgres::Query;

namespace {

constexpr size_t kUploadsAtOnce = 100;
constexpr size_t kContentsAtOnce = 500;
// The record of an upload is there before the upload, and what is under way is locked: this is only for
// clocks that differ.
constexpr absl::Duration kYoungUpload = absl::Hours(1);
// A commit may still be under way when the process that waited for it, and held the content, is gone.
constexpr absl::Duration kYoungContent = absl::Hours(24);
constexpr absl::Duration kKept = absl::Hours(24 * kUploadDays);

absl::StatusOr<std::set<std::string>> Ask(postgres::Session& session, const Query& query,
                                          const std::vector<std::string>& names, absl::Time since) {
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   session.Execute(query, Parameters().TextArray(names).Time(since)));
  std::set<std::string> found;
  for (int i = 0; i < rows.rows(); ++i) found.insert(rows.Text(i, 0));
  return found;
}

// One bad entry is an operator's matter and keeps nothing else from being collected.
void Tell(const std::string& what, const std::string& name, const absl::Status& status) {
  if (status.ok())
    base::Log(base::Severity::kInfo, what + "_collected", {{"name", name}});
  else
    base::Log(base::Severity::kError, what + "_not_collected",
              {{"name", name}, {"status", status.ToString()}});
}

// Uploads whose bytes are still awaited.
const Query kAwaited{"awaited_uploads",
                     "SELECT id FROM file WHERE id = ANY((SELECT $1::text::uuid[])::uuid[])"
                     " AND state = 'FILE_STATE_UPLOADING' AND delete_time IS NULL"
                     " AND create_time > $2::timestamptz"};
// Contents of files that are there, or were until lately: a backup of the database may still name them.
const Query kNeeded{"needed_contents",
                    "SELECT DISTINCT sha256 FROM file WHERE sha256 = ANY((SELECT $1::text::text[])::text[])"
                    " AND state = 'FILE_STATE_STORED'"
                    " AND (delete_time IS NULL OR delete_time > $2::timestamptz)"};
// A store without a single row belongs to another database, or to one that is being restored.
const Query kAny{"any_stored_file", "SELECT 1 FROM file WHERE state = 'FILE_STATE_STORED' LIMIT 1"};

}  // namespace

absl::StatusOr<bool> FileCollector::CollectSome(content::Store* store, postgres::Session& session,
                                                absl::Time now) {
  ASSIGN_OR_RETURN(const bool more,
                   in_contents_ ? CollectContents(store, session, now) : CollectUploads(store, session, now));
  if (more) return true;
  after_.clear();
  in_contents_ = !in_contents_;
  return in_contents_;
}

absl::StatusOr<bool> FileCollector::CollectUploads(content::Store* store, postgres::Session& session,
                                                   absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<content::UploadEntry> entries,
                   store->ListUploads(after_, kUploadsAtOnce));
  if (entries.empty()) return false;
  std::vector<std::string> ids;
  for (const content::UploadEntry& entry : entries)
    if (base::IsId(entry.name)) ids.push_back(entry.name);
  ASSIGN_OR_RETURN(const std::set<std::string> awaited, Ask(session, kAwaited, ids, now - kKept));
  for (const content::UploadEntry& entry : entries) {
    if (awaited.contains(entry.name) || entry.touched > now - kYoungUpload) continue;
    const auto upload = store->Open(entry.name);
    if (absl::IsAborted(upload.status())) continue;  // It ends by itself, and is looked at in the next round.
    const absl::Status discarded = upload.ok() ? (*upload)->Discard() : upload.status();
    Tell("upload", entry.name, discarded);
  }
  after_ = entries.back().name;
  return true;
}

absl::StatusOr<bool> FileCollector::CollectContents(content::Store* store, postgres::Session& session,
                                                    absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<std::string> keys, store->ListContents(after_, kContentsAtOnce));
  if (keys.empty()) return false;
  ASSIGN_OR_RETURN(const postgres::Result any, session.Execute(kAny, {}));
  if (any.rows() == 0) {
    base::Log(base::Severity::kWarning, "contents_without_rows");
    return false;
  }
  ASSIGN_OR_RETURN(const std::set<std::string> needed, Ask(session, kNeeded, keys, now - kKept));
  for (const std::string& key : keys) {
    if (needed.contains(key)) continue;
    // Asked once more while nobody can begin to hold it.
    absl::Status asked;
    const auto removed = store->Remove(key, now - kYoungContent, [&]() -> absl::StatusOr<bool> {
      const auto still = Ask(session, kNeeded, {key}, now - kKept);
      asked = still.status();
      RETURN_IF_ERROR(asked);
      return !still->empty();
    });
    RETURN_IF_ERROR(asked);
    if (!removed.ok() || *removed) Tell("content", key, removed.status());
  }
  after_ = keys.back();
  return true;
}

}  // namespace lianqiao::resources
