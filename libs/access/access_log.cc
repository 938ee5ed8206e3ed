// SPDX-License-Identifier: Apache-2.0
#include "libs/access/access_log.h"

#include <algorithm>
#include <chrono>

#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace lianqiao::access {

// The runtime role got its rights by default privileges; its name is not known here.
const char kAccessLogMigration[] = R"sql(
CREATE TABLE access_log (
  id uuid NOT NULL,
  time timestamptz NOT NULL,
  event text NOT NULL,
  client_id text NOT NULL,
  token_id text NOT NULL,
  acting_person text NOT NULL,
  acting_role text NOT NULL,
  method text NOT NULL,
  permission text NOT NULL,
  kind text NOT NULL,
  record_ids text[] NOT NULL,
  reason text NOT NULL,
  peer text NOT NULL,
  request_id text NOT NULL,
  trace_id text NOT NULL,
  CONSTRAINT access_log_key PRIMARY KEY (id)
);
CREATE INDEX access_log_by_time ON access_log (time, id);
CREATE INDEX access_log_by_client ON access_log (client_id, time, id);
DO $body$
DECLARE role_name text;
BEGIN
  FOR role_name IN SELECT DISTINCT pg_get_userbyid(acl.grantee) FROM pg_class, aclexplode(relacl) AS acl
      WHERE pg_class.oid = 'access_log'::regclass AND acl.grantee NOT IN (0, relowner) LOOP
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON access_log FROM %I', role_name);
  END LOOP;
END
$body$;
)sql";

namespace {

constexpr size_t kTextBytesMax = 256;
constexpr size_t kRecordIdsMax = 1000;
constexpr absl::Duration kWriteLimit = absl::Seconds(5);

// Ids are made when an entry is recorded, so a write that is repeated after an unknown outcome adds nothing.
const postgres::Query kInsert = {
    "access_log_insert",
    "INSERT INTO access_log (id, time, event, client_id, token_id, acting_person, acting_role, method, "
    "permission,"
    " kind, record_ids, reason, peer, request_id, trace_id)"
    " SELECT id, time, event, client_id, token_id, acting_person, acting_role, method, permission, kind,"
    " string_to_array(record_ids, ','), reason, peer, request_id, trace_id"
    " FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],"
    " $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[])"
    " AS entry (id, time, event, client_id, token_id, acting_person, acting_role, method, permission, kind,"
    " record_ids, reason, peer, request_id, trace_id)"
    " ON CONFLICT (id) DO NOTHING"};

const char* EventName(AccessEvent event) {
  switch (event) {
    case AccessEvent::kTokenIssued:
      return "ACCESS_EVENT_TOKEN_ISSUED";
    case AccessEvent::kTokenRefused:
      return "ACCESS_EVENT_TOKEN_REFUSED";
    case AccessEvent::kCallDenied:
      return "ACCESS_EVENT_CALL_DENIED";
    case AccessEvent::kPersonalRead:
      return "ACCESS_EVENT_PERSONAL_READ";
    case AccessEvent::kExport:
      return "ACCESS_EVENT_EXPORT";
    case AccessEvent::kAdministration:
      return "ACCESS_EVENT_ADMINISTRATION";
  }
  return "ACCESS_EVENT_UNSPECIFIED";
}

// Whatever a stranger sent must be storable: bounded, valid UTF-8, without control characters.
std::string Storable(std::string text) {
  if (text.size() > kTextBytesMax) {
    size_t end = kTextBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
  }
  bool valid = true;
  base::Normalise(text, &valid);
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (!valid && byte >= 0x80)) c = '?';
  }
  return text;
}

std::string JoinIds(const std::vector<std::string>& ids) {
  std::string joined;
  for (size_t i = 0; i < ids.size() && i < kRecordIdsMax; ++i) {
    if (i > 0) joined += ',';
    joined += Storable(ids[i]);
  }
  return joined;
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
    changed_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
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

absl::Status AccessLog::Store(const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> columns(15);
  for (std::vector<std::string>& column : columns) column.reserve(rows.size());
  for (const Row& row : rows) {
    const AccessEntry& entry = row.entry;
    const std::string values[] = {row.id,
                                  absl::FormatTime(absl::RFC3339_full, row.time, absl::UTCTimeZone()),
                                  EventName(entry.event),
                                  Storable(entry.client_id),
                                  Storable(entry.token_id),
                                  Storable(entry.acting_person),
                                  Storable(entry.acting_role),
                                  Storable(entry.method),
                                  Storable(entry.permission),
                                  Storable(entry.kind),
                                  JoinIds(entry.record_ids),
                                  Storable(entry.reason),
                                  Storable(entry.peer),
                                  Storable(entry.request_id),
                                  Storable(entry.trace_id)};
    for (size_t i = 0; i < columns.size(); ++i) columns[i].push_back(values[i]);
  }
  postgres::Parameters parameters;
  for (const std::vector<std::string>& column : columns) parameters.TextArray(column);
  return options_.database->Run(absl::Now() + kWriteLimit, [&](postgres::Session& session) {
    return session.Execute(kInsert, parameters).status();
  });
}

}  // namespace lianqiao::access
