// SPDX-License-Identifier: Apache-2.0
// A small feed in memory with what makes consuming one hard: buckets, deletes, scopes, retention, restores,
// streams that break. Jurisdictions stand for all kinds. Tests of consumers only.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "lianqiao/registry/v1/jurisdiction.pb.h"
#include "libs/feed/source.h"

namespace lianqiao::feed::testing {

class FeedModel final : public Source {
 public:
  static constexpr int kBuckets = 4;
  static constexpr char kKind[] = "jurisdiction";
  static constexpr char kService[] = "registry";

  // The platform's side. Every write is a change of its own.
  std::string Create(const std::string& name, bool visible = true);
  void Rename(const std::string& id, const std::string& name);
  void Delete(const std::string& id);
  void Undelete(const std::string& id);
  // Moves a record into or out of the reader's scope, with a new revision.
  void Show(const std::string& id, bool visible);
  // The reader's grants change: every record of the bucket comes or goes without a new revision.
  void Grant(const std::string& id, bool visible);
  // Forgets all changes up to now: cursors of before have expired.
  void Purge();
  // As it is now; Restore brings it back, as from a backup, and what comes after is another history of
  // another epoch. Streams break.
  struct Copy;
  std::shared_ptr<const Copy> Backup() const;
  void Restore(const Copy& copy);

  // What the reader should hold: id -> "revision name".
  std::map<std::string, std::string> Visible() const;
  int bucket_of(const std::string& id) const;

  // Called before every message of a stream and every call, with its name; a failure is what it ends with.
  void OnMessage(std::function<absl::Status(const std::string& what)> hook);
  // How often a call of this name was made.
  int calls(const std::string& what) const;
  // Sent next instead of what would come: for a feed that breaks its promises.
  void SendNext(v1::WatchChangesResponse batch);
  void SetIncomplete(std::vector<std::string> services);
  // Corrupts nothing of its own: the change that the record's next update would be told with.
  v1::Change ChangeOf(const std::string& id, v1::Change::Event event) const;

  absl::StatusOr<v1::Feed> GetFeed(const Filter& filter) override;
  absl::StatusOr<v1::StartSnapshotResponse> StartSnapshot(const Filter& filter, int partitions,
                                                          const std::string& diverged_cursor) override;
  absl::Status ReadSnapshot(const std::string& token, const VisitSnapshot& visit) override;
  absl::Status Watch(const Filter& filter, const std::string& cursor, int page_size,
                     const VisitChanges& visit) override;
  absl::StatusOr<v1::ListChangesResponse> List(const Filter& filter, const std::string& cursor, int page_size,
                                               int wait_seconds) override;
  absl::StatusOr<v1::Digest> GetDigest(const v1::GetDigestRequest& request) override;
  absl::StatusOr<Records> Fetch(const contract::Resource& resource,
                                const std::vector<std::string>& ids) override;
  void Cancel() override;
  // After a Cancel: for the next consumer.
  void Resume();
  bool Knows(const std::string& id) const;

  struct Record {
    registry::v1::Jurisdiction state;
    int bucket = 0;
    bool visible = true;
    bool deleted = false;
  };
  struct Write {
    std::string id;
    int64_t serial = 0;  // Of the history: another one after a restore.
    bool before = false, after = false;
    bool grant = false;
    std::string operation;
  };
  struct Copy {
    std::map<std::string, Record> records;
    std::vector<std::vector<Write>> buckets{kBuckets};
    std::vector<size_t> low{std::vector<size_t>(kBuckets, 0)};
  };

 private:
  using Places = std::vector<std::pair<size_t, int64_t>>;  // By bucket: position, serial of its change.

  void Change(const std::string& id, const std::string& operation, bool before, bool grant = false);
  int64_t Epoch() const;
  Places Heads() const;
  static std::string Text(const Places& places);
  static Places Parse(const std::string& cursor);
  absl::StatusOr<v1::ListChangesResponse> Page(const std::string& cursor, int page_size) const;
  absl::Status Prove(const Places& places) const;
  void Tell(const Write& write, size_t position, int bucket, v1::ListChangesResponse* page) const;
  absl::Status Ask(const std::string& what);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Copy now_;  // Guarded by mutex_, as everything below.
  int64_t serial_ = 0;
  int64_t epoch_ = 1;
  bool cancelled_ = false;
  std::function<absl::Status(const std::string&)> hook_;
  std::map<std::string, int> calls_;
  std::vector<v1::WatchChangesResponse> next_;
  std::vector<std::string> incomplete_;
};

}  // namespace lianqiao::feed::testing
