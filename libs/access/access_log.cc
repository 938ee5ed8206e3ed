// SPDX-License-Identifier: Apache-2.0
#include "libs/access/access_log.h"

#include <algorithm>
#include <chrono>

#include "lianqiao/identity/v1/access_log.pb.h"
#include "libs/access/access_log_rows.h"
#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"

// Made by CMake from migrations/*.sql.
std::vector<lianqiao::postgres::Migration> LianqiaoAccessLogMigrations();

namespace lianqiao::access {

namespace v1 = identity::v1;

std::vector<postgres::Migration> AccessLogMigrations() {
  return LianqiaoAccessLogMigrations();
}

namespace {

constexpr absl::Duration kWriteLimit = absl::Seconds(5);
constexpr std::chrono::seconds kIdle{1};
constexpr absl::Duration kPurgePause = absl::Hours(1);
constexpr absl::Duration kPurgeRetry = absl::Minutes(1);
constexpr int kPurgeRows = 1000;
const postgres::Query kPurge = {"access_log_purge", "SELECT access_log_purge($1, $2)"};

v1::AccessEvent EventOf(AccessEvent event) {
  switch (event) {
    case AccessEvent::kTokenIssued:
      return v1::ACCESS_EVENT_TOKEN_ISSUED;
    case AccessEvent::kTokenRefused:
      return v1::ACCESS_EVENT_TOKEN_REFUSED;
    case AccessEvent::kCallDenied:
      return v1::ACCESS_EVENT_CALL_DENIED;
    case AccessEvent::kPersonalRead:
      return v1::ACCESS_EVENT_PERSONAL_READ;
    case AccessEvent::kExport:
      return v1::ACCESS_EVENT_EXPORT;
    case AccessEvent::kAdministration:
      return v1::ACCESS_EVENT_ADMINISTRATION;
  }
  return v1::ACCESS_EVENT_UNSPECIFIED;
}

v1::AccessLogEntry MessageOf(const std::string& id, absl::Time time, const AccessEntry& entry) {
  v1::AccessLogEntry message;
  message.set_id(id);
  const int64_t seconds = absl::ToUnixSeconds(time);
  message.mutable_time()->set_seconds(seconds);
  message.mutable_time()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  message.set_event(EventOf(entry.event));
  message.set_client_id(entry.client_id);
  message.set_token_id(entry.token_id);
  message.set_acting_person(entry.acting_person);
  message.set_acting_role(entry.acting_role);
  message.set_method(entry.method);
  message.set_permission(entry.permission);
  message.set_kind(entry.kind);
  message.mutable_record_ids()->Add(entry.record_ids.begin(), entry.record_ids.end());
  message.set_reason(entry.reason);
  message.set_peer(entry.peer);
  message.set_request_id(entry.request_id);
  message.set_trace_id(entry.trace_id);
  return message;
}

}  // namespace

AccessEntry MakeAccessEntry(AccessEvent event, const rpc::CallContext& context, const Caller* caller) {
  AccessEntry entry;
  entry.event = event;
  entry.method = context.method;
  entry.peer = context.peer;
  entry.request_id = context.request_id;
  entry.trace_id = context.trace_id;
  if (caller != nullptr) {
    entry.client_id = caller->client_id;
    entry.token_id = caller->token_id;
    entry.acting_person = caller->acting_person;
    entry.acting_role = caller->acting_role;
  }
  return entry;
}

void CutTexts(AccessEntry* entry) {
  for (std::string* text :
       {&entry->client_id, &entry->token_id, &entry->acting_person, &entry->acting_role, &entry->method,
        &entry->permission, &entry->kind, &entry->reason, &entry->peer, &entry->request_id, &entry->trace_id})
    CutText(text);
  if (entry->record_ids.size() > kRecordIdsMax) entry->record_ids.resize(kRecordIdsMax);
  for (std::string& id : entry->record_ids) CutText(&id);
}

AccessLog::AccessLog(Options options) : options_(options), thread_([this] { Write(); }) {}

AccessLog::~AccessLog() {
  Flush(absl::Now() + kWriteLimit);
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
  if (!queue_.empty()) CountDropped(static_cast<int64_t>(queue_.size()));
}

void AccessLog::CountDropped(int64_t entries) {
  const int64_t total = dropped_.fetch_add(entries, std::memory_order_relaxed) + entries;
  // Each doubling, not each entry: a flood must not become a flood of log lines.
  if ((total & (total - 1)) == 0 || entries > 1)
    base::Log(base::Severity::kError, "access_log_dropped", {{"total", std::to_string(total)}});
}

void AccessLog::Record(AccessEntry entry) {
  const absl::Time now = options_.clock->Now();
  CutTexts(&entry);
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() < options_.queue_max) {
      queue_.push_back({base::NewId(now), now, std::move(entry)});
      changed_.notify_all();
      return;
    }
  }
  CountDropped(1);
}

bool AccessLog::Flush(absl::Time deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, absl::ToChronoTime(deadline),
                             [this] { return queue_.empty() && !writing_; });
}

void AccessLog::Write() {
  std::unique_lock lock(mutex_);
  while (true) {
    lock.unlock();
    PurgeSome();
    lock.lock();
    if (!changed_.wait_for(lock, kIdle, [this] { return stopped_ || !queue_.empty(); })) continue;
    if (stopped_) return;
    std::vector<Row> rows;
    while (!queue_.empty() && rows.size() < options_.batch_max) {
      rows.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    writing_ = true;
    lock.unlock();
    const absl::Status stored = Store(rows);
    lock.lock();
    writing_ = false;
    if (stored.ok()) {
      changed_.notify_all();
      continue;
    }
    base::Log(base::Severity::kWarning, "access_log_write_failed", {{"status", stored.ToString()}});
    if (absl::IsInvalidArgument(stored)) {  // It would never go in, and hold up everything behind it.
      CountDropped(static_cast<int64_t>(rows.size()));
      continue;
    }
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) queue_.push_front(std::move(*row));
    changed_.wait_for(lock, absl::ToChronoNanoseconds(options_.pause), [this] { return stopped_; });
  }
}

// A batch, between two writes: what is to be written never waits for all that is old.
void AccessLog::PurgeSome() {
  const absl::Time now = options_.clock->Now();
  if (now < next_purge_) return;
  const absl::Duration kept = std::max(options_.retention, kAccessLogRetentionMin);
  int64_t gone = 0;
  const absl::Status status =
      options_.database->Run(absl::Now() + kWriteLimit, [&](postgres::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(
            const postgres::Result result,
            session.Execute(kPurge, postgres::Parameters().Time(now - kept).Integer(kPurgeRows)));
        gone = result.Integer(0, 0);
        return absl::OkStatus();
      });
  if (!status.ok())
    base::Log(base::Severity::kWarning, "access_log_purge_failed", {{"status", status.ToString()}});
  if (gone < kPurgeRows) next_purge_ = now + (status.ok() ? kPurgePause : kPurgeRetry);
}

absl::Status AccessLog::Store(const std::vector<Row>& rows) {
  // Ids are made when an entry is recorded, so a write that is repeated after an unknown outcome adds
  // nothing.
  std::vector<v1::AccessLogEntry> entries;
  entries.reserve(rows.size());
  for (const Row& row : rows) entries.push_back(MessageOf(row.id, row.time, row.entry));
  return options_.database->Run(absl::Now() + kWriteLimit, [&](postgres::Session& session) {
    return StoreAccessLog(session, entries, options_.forward);
  });
}

}  // namespace lianqiao::access
