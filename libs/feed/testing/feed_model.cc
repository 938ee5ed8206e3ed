// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/testing/feed_model.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"

namespace lianqiao::feed::testing {

using base::ErrorReason;

namespace {

// Records in one message of a snapshot, so that parts have several.
constexpr size_t kSnapshotPage = 7;
constexpr absl::Duration kHeartbeat = absl::Milliseconds(50);

}  // namespace

std::string FeedModel::Create(const std::string& name, bool visible) {
  const std::lock_guard lock(mutex_);
  const std::string id = base::NewId(base::Clock::System().Now());
  Record& record = now_.records[id];
  record.state.set_id(id);
  record.state.set_name(name);
  record.bucket = base::FeedBucket(id, kBuckets);
  record.visible = visible;
  Change(id, "CREATE", false);
  return id;
}

void FeedModel::Rename(const std::string& id, const std::string& name) {
  const std::lock_guard lock(mutex_);
  Record& record = now_.records.at(id);
  record.state.set_name(name);
  Change(id, "UPDATE", record.visible);
}

void FeedModel::Delete(const std::string& id) {
  const std::lock_guard lock(mutex_);
  Record& record = now_.records.at(id);
  record.deleted = true;
  Change(id, "DELETE", record.visible);
}

void FeedModel::Undelete(const std::string& id) {
  const std::lock_guard lock(mutex_);
  Record& record = now_.records.at(id);
  record.deleted = false;
  Change(id, "UNDELETE", record.visible);
}

void FeedModel::Show(const std::string& id, bool visible) {
  const std::lock_guard lock(mutex_);
  Record& record = now_.records.at(id);
  const bool before = record.visible;
  record.visible = visible;
  Change(id, "UPDATE", before);
}

void FeedModel::Grant(const std::string& id, bool visible) {
  const std::lock_guard lock(mutex_);
  Record& record = now_.records.at(id);
  const bool before = record.visible;
  record.visible = visible;
  Change(id, "", before, true);
}

void FeedModel::Change(const std::string& id, const std::string& operation, bool before, bool grant) {
  Record& record = now_.records.at(id);
  if (!grant) record.state.set_revision(record.state.revision() + 1);
  now_.buckets[static_cast<size_t>(record.bucket)].push_back(
      {id, ++serial_, before, record.visible, grant, operation});
  changed_.notify_all();
}

void FeedModel::Purge() {
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < kBuckets; ++i) now_.low[i] = now_.buckets[i].size();
}

std::shared_ptr<const FeedModel::Copy> FeedModel::Backup() const {
  const std::lock_guard lock(mutex_);
  return std::make_shared<const Copy>(now_);
}

void FeedModel::Restore(const Copy& copy) {
  const std::lock_guard lock(mutex_);
  now_ = copy;
  ++epoch_;
  changed_.notify_all();
}

std::map<std::string, std::string> FeedModel::Visible() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::string> visible;
  for (const auto& [id, record] : now_.records)
    if (record.visible && !record.deleted)
      visible[id] = absl::StrCat(record.state.revision(), " ", record.state.name());
  return visible;
}

int FeedModel::bucket_of(const std::string& id) const {
  return base::FeedBucket(id, kBuckets);
}

void FeedModel::OnMessage(std::function<absl::Status(const std::string&)> hook) {
  const std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
}

int FeedModel::calls(const std::string& what) const {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(what);
  return found == calls_.end() ? 0 : found->second;
}

void FeedModel::SendNext(v1::WatchChangesResponse batch) {
  const std::lock_guard lock(mutex_);
  next_.push_back(std::move(batch));
  changed_.notify_all();
}

void FeedModel::SetIncomplete(std::vector<std::string> services) {
  const std::lock_guard lock(mutex_);
  incomplete_ = std::move(services);
}

void FeedModel::Cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

void FeedModel::Resume() {
  const std::lock_guard lock(mutex_);
  cancelled_ = false;
}

bool FeedModel::Knows(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return now_.records.contains(id);
}

// The hook runs outside the lock: it may write to the model.
absl::Status FeedModel::Ask(const std::string& what) {
  std::function<absl::Status(const std::string&)> hook;
  {
    const std::lock_guard lock(mutex_);
    ++calls_[what];
    if (cancelled_) return absl::CancelledError("cancelled");
    hook = hook_;
  }
  return hook ? hook(what) : absl::OkStatus();
}

int64_t FeedModel::Epoch() const {
  const std::lock_guard lock(mutex_);
  return epoch_;
}

FeedModel::Places FeedModel::Heads() const {
  Places places;
  for (const auto& bucket : now_.buckets)
    places.emplace_back(bucket.size(), bucket.empty() ? 0 : bucket.back().serial);
  return places;
}

std::string FeedModel::Text(const Places& places) {
  std::string text;
  for (const auto& [position, serial] : places) absl::StrAppend(&text, position, ":", serial, ",");
  return text;
}

FeedModel::Places FeedModel::Parse(const std::string& cursor) {
  Places places;
  for (const absl::string_view part : absl::StrSplit(cursor, ',', absl::SkipEmpty())) {
    const std::vector<std::string> pair = absl::StrSplit(part, ':');
    places.emplace_back(std::atoll(pair[0].c_str()), std::atoll(pair[1].c_str()));
  }
  places.resize(kBuckets);
  return places;
}

absl::Status FeedModel::Prove(const Places& places) const {
  std::string diverged;
  for (size_t i = 0; i < kBuckets; ++i) {
    const auto& [position, serial] = places[i];
    const auto& bucket = now_.buckets[i];
    if (position > bucket.size() || (position > 0 && bucket[position - 1].serial != serial))
      absl::StrAppend(&diverged, diverged.empty() ? "" : ",", i);
  }
  if (!diverged.empty())
    return base::Fail(absl::StatusCode::kFailedPrecondition, ErrorReason::CURSOR_DIVERGED,
                      {{"service", kService}, {"buckets", diverged}});
  for (size_t i = 0; i < kBuckets; ++i)
    if (places[i].first < now_.low[i])
      return base::Fail(absl::StatusCode::kOutOfRange, ErrorReason::CURSOR_EXPIRED);
  return absl::OkStatus();
}

void FeedModel::Tell(const Write& write, size_t position, int bucket, v1::ListChangesResponse* page) const {
  const Record& record = now_.records.at(write.id);
  const bool shown = record.visible && !record.deleted;
  if (!write.before && !(write.after && shown)) return;
  v1::Change* change = page->add_changes();
  change->set_event(!record.visible  ? v1::Change::EVENT_LEAVE
                    : record.deleted ? v1::Change::EVENT_DELETE
                    : write.before   ? v1::Change::EVENT_UPSERT
                                     : v1::Change::EVENT_ENTER);
  change->set_kind(kKind);
  change->set_id(write.id);
  change->set_revision(record.state.revision());
  change->set_service(kService);
  change->set_bucket(bucket);
  change->set_operation(write.operation);
  if (!write.grant) change->set_position(static_cast<int64_t>(position));
  if (shown) change->mutable_record()->PackFrom(record.state);
}

v1::Change FeedModel::ChangeOf(const std::string& id, v1::Change::Event event) const {
  const std::lock_guard lock(mutex_);
  const Record& record = now_.records.at(id);
  v1::Change change;
  change.set_event(event);
  change.set_kind(kKind);
  change.set_id(id);
  change.set_revision(record.state.revision());
  change.set_service(kService);
  change.set_bucket(record.bucket);
  change.set_operation("UPDATE");
  change.set_position(static_cast<int64_t>(now_.buckets[static_cast<size_t>(record.bucket)].size()));
  if (event == v1::Change::EVENT_ENTER || event == v1::Change::EVENT_UPSERT)
    change.mutable_record()->PackFrom(record.state);
  return change;
}

absl::StatusOr<v1::ListChangesResponse> FeedModel::Page(const std::string& cursor, int page_size) const {
  Places places = Parse(cursor);
  RETURN_IF_ERROR(Prove(places));
  v1::ListChangesResponse page;
  for (size_t i = 0; i < kBuckets; ++i) {
    auto& [position, serial] = places[i];
    const auto& bucket = now_.buckets[i];
    while (position < bucket.size() && page.changes_size() < page_size) {
      serial = bucket[position].serial;
      ++position;
      Tell(bucket[position - 1], position, static_cast<int>(i), &page);
    }
    if (position < bucket.size()) page.set_has_more(true);
  }
  page.set_cursor(Text(places));
  page.mutable_incomplete_services()->Assign(incomplete_.begin(), incomplete_.end());
  return page;
}

absl::StatusOr<v1::Feed> FeedModel::GetFeed(const Filter&) {
  RETURN_IF_ERROR(Ask("GetFeed"));
  const std::lock_guard lock(mutex_);
  v1::Feed feed;
  feed.add_kinds(kKind);
  (*feed.mutable_epochs())[kService] = absl::StrCat(epoch_);
  feed.set_newest_cursor(Text(Heads()));
  return feed;
}

absl::StatusOr<v1::StartSnapshotResponse> FeedModel::StartSnapshot(const Filter&, int partitions,
                                                                   const std::string& diverged_cursor) {
  RETURN_IF_ERROR(Ask(diverged_cursor.empty() ? "StartSnapshot" : "StartDivergedSnapshot"));
  const std::lock_guard lock(mutex_);
  v1::StartSnapshotResponse response;
  Places places = Heads();
  std::string buckets;
  if (!diverged_cursor.empty()) {
    const Places held = Parse(diverged_cursor);
    v1::DivergedBuckets diverged;
    diverged.set_service(kService);
    for (size_t i = 0; i < kBuckets; ++i) {
      const auto& [position, serial] = held[i];
      const auto& bucket = now_.buckets[i];
      if (position > bucket.size() || (position > 0 && bucket[position - 1].serial != serial)) {
        diverged.add_buckets(static_cast<int>(i));
        absl::StrAppend(&buckets, i, ".");
      } else {
        places[i] = held[i];
      }
    }
    if (diverged.buckets_size() > 0) *response.add_diverged() = diverged;
  }
  response.set_cursor(Text(places));
  for (int i = 0; i < std::max(partitions, 1); ++i)
    response.add_partition_tokens(absl::StrCat(i, "/", std::max(partitions, 1), "/", buckets, "/"));
  response.set_estimated_record_count(static_cast<int64_t>(now_.records.size()));
  return response;
}

absl::Status FeedModel::ReadSnapshot(const std::string& token, const VisitSnapshot& visit) {
  std::vector<std::string> parts = absl::StrSplit(token, '/');  // Part, parts, buckets, after.
  std::vector<std::string> buckets = absl::StrSplit(parts[2], '.', absl::SkipEmpty());
  const int64_t epoch = Epoch();
  while (true) {
    RETURN_IF_ERROR(Ask("ReadSnapshot"));
    v1::ReadSnapshotResponse message;
    bool more = false;
    {
      const std::lock_guard lock(mutex_);
      if (epoch_ != epoch) return absl::UnavailableError("restarted");
      for (auto at = now_.records.upper_bound(parts[3]); at != now_.records.end(); ++at) {
        const auto& [id, record] = *at;
        if (base::FeedBucket(id, std::stoi(parts[1])) != std::stoi(parts[0])) continue;
        if (!buckets.empty() &&
            std::find(buckets.begin(), buckets.end(), absl::StrCat(record.bucket)) == buckets.end())
          continue;
        if (message.records_size() == static_cast<int>(kSnapshotPage)) {
          more = true;
          break;
        }
        parts[3] = id;
        if (!record.visible || record.deleted) continue;
        v1::SnapshotRecord* told = message.add_records();
        told->set_kind(kKind);
        told->set_id(id);
        told->set_revision(record.state.revision());
        told->set_bucket(record.bucket);
        told->set_service(kService);
        told->mutable_record()->PackFrom(record.state);
      }
    }
    if (more) message.set_token(absl::StrCat(parts[0], "/", parts[1], "/", parts[2], "/", parts[3]));
    RETURN_IF_ERROR(visit(std::move(message)));
    if (!more) return absl::OkStatus();
  }
}

absl::Status FeedModel::Watch(const Filter&, const std::string& cursor, int page_size,
                              const VisitChanges& visit) {
  std::string reached = cursor;
  const int64_t epoch = Epoch();
  for (bool first = true;; first = false) {
    RETURN_IF_ERROR(Ask("Watch"));
    v1::WatchChangesResponse batch;
    {
      std::unique_lock lock(mutex_);
      const auto news = [&] { return cancelled_ || !next_.empty() || Text(Heads()) != reached; };
      if (!first) changed_.wait_for(lock, absl::ToChronoNanoseconds(kHeartbeat), news);
      if (cancelled_) return absl::CancelledError("cancelled");
      if (epoch_ != epoch) return absl::UnavailableError("restarted");
      if (!next_.empty()) {
        batch = std::move(next_.front());
        next_.erase(next_.begin());
      } else {
        ASSIGN_OR_RETURN(v1::ListChangesResponse page, Page(reached, page_size));
        *batch.mutable_changes() = std::move(*page.mutable_changes());
        batch.set_cursor(page.cursor());
        batch.set_caught_up(!page.has_more());
        *batch.mutable_incomplete_services() = std::move(*page.mutable_incomplete_services());
      }
      reached = batch.cursor();
    }
    RETURN_IF_ERROR(visit(std::move(batch)));
  }
}

absl::StatusOr<v1::ListChangesResponse> FeedModel::List(const Filter&, const std::string& cursor,
                                                        int page_size, int) {
  RETURN_IF_ERROR(Ask("List"));
  const std::lock_guard lock(mutex_);
  return Page(cursor, page_size);
}

absl::StatusOr<v1::Digest> FeedModel::GetDigest(const v1::GetDigestRequest& request) {
  RETURN_IF_ERROR(Ask("GetDigest"));
  const std::lock_guard lock(mutex_);
  std::vector<const Record*> records;
  for (const auto& [id, record] : now_.records) {
    if (!record.visible || record.deleted || id <= request.after_id()) continue;
    if (request.to_id().empty() || id <= request.to_id()) records.push_back(&record);
  }
  v1::Digest digest;
  digest.set_cursor(Text(Heads()));
  const size_t parts = static_cast<size_t>(std::max(request.part_count(), 1));
  const bool ranged = !request.after_id().empty() || !request.to_id().empty();
  std::string after = request.after_id();
  for (size_t part = 0, at = 0; part < parts; ++part) {
    const size_t end = records.size() * (part + 1) / parts;
    v1::DigestPart* told = digest.add_parts();
    told->set_kind(kKind);
    told->set_after_id(after);
    uint64_t sum = 0;
    for (; at < end; ++at) {
      const registry::v1::Jurisdiction& state = records[at]->state;
      std::string bytes = std::string(kKind) + '\0' + base::IdBytes(state.id());
      for (int shift = 56; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<char>(static_cast<uint64_t>(state.revision()) >> shift));
      uint64_t first = 0;
      for (const unsigned char c : base::Sha256(bytes).substr(0, 8)) first = first << 8 | c;
      sum += first;
      told->set_record_count(told->record_count() + 1);
      v1::DigestRecord* listed = told->add_records();
      listed->set_id(state.id());
      listed->set_revision(state.revision());
      after = state.id();
    }
    if (part + 1 == parts) after = request.to_id();
    told->set_to_id(after);
    if (!ranged || told->record_count() >= 256) told->clear_records();
    told->set_sum(absl::StrCat(absl::Hex(sum, absl::kZeroPad16)));
  }
  return digest;
}

absl::StatusOr<Source::Records> FeedModel::Fetch(const contract::Resource& resource,
                                                 const std::vector<std::string>& ids) {
  RETURN_IF_ERROR(Ask("Fetch"));
  const std::lock_guard lock(mutex_);
  Records records;
  for (const std::string& id : ids) {
    const auto found = now_.records.find(id);
    if (found == now_.records.end() || !found->second.visible || found->second.deleted) continue;
    records.emplace_back(resource.prototype->New());
    records.back()->CopyFrom(found->second.state);
  }
  return records;
}

}  // namespace lianqiao::feed::testing
