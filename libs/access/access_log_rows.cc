// SPDX-License-Identifier: Apache-2.0
#include "libs/access/access_log_rows.h"

#include <algorithm>

#include "libs/base/text.h"

namespace lianqiao::access {

using identity::v1::AccessLogEntry;

#define LIANQIAO_ACCESS_LOG_COLUMNS                                                                         \
  "id, time, event, client_id, token_id, acting_person, acting_role, method, permission, kind, record_ids," \
  " reason, peer, request_id, trace_id"
const char kAccessLogColumns[] = LIANQIAO_ACCESS_LOG_COLUMNS;

namespace {

constexpr size_t kTextBytesMax = 256;

const postgres::Query kInsert = {
    "access_log_insert",
    "INSERT INTO access_log (" LIANQIAO_ACCESS_LOG_COLUMNS
    ", forward_time)"
    " SELECT id, time, event, client_id, token_id, acting_person, acting_role, method, permission, kind,"
    " string_to_array(record_ids, ','), reason, peer, request_id, trace_id,"
    " CASE WHEN $16::boolean THEN NULL ELSE time END"
    " FROM unnest($1::text::uuid[], $2::text::timestamptz[], $3::text::text[], $4::text::text[],"
    " $5::text::text[], $6::text::text[], $7::text::text[], $8::text::text[], $9::text::text[],"
    " $10::text::text[], $11::text::text[], $12::text::text[], $13::text::text[], $14::text::text[],"
    " $15::text::text[]) AS entry (" LIANQIAO_ACCESS_LOG_COLUMNS ") ON CONFLICT (id) DO NOTHING"};
#undef LIANQIAO_ACCESS_LOG_COLUMNS

// Whatever a stranger sent must be storable: bounded, valid UTF-8, without control characters.
std::string Storable(std::string text) {
  CutText(&text);
  bool valid = true;
  base::Normalise(text, &valid);
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (!valid && byte >= 0x80)) c = '?';
  }
  return text;
}

std::string JoinIds(const AccessLogEntry& entry) {
  std::string joined;
  for (int i = 0; i < std::min(entry.record_ids_size(), static_cast<int>(kRecordIdsMax)); ++i) {
    if (i > 0) joined += ',';
    joined += Storable(entry.record_ids(i));
  }
  return joined;
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime(absl::RFC3339_full,
                          absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos()),
                          absl::UTCTimeZone());
}

}  // namespace

void CutText(std::string* text) {
  if (text->size() <= kTextBytesMax) return;
  size_t end = kTextBytesMax;
  while (end > 0 && (static_cast<unsigned char>((*text)[end]) & 0xc0) == 0x80) --end;
  *text = std::string(*text, 0, end);
}

AccessLogEntry AccessLogEntryAt(const postgres::Result& result, int row) {
  AccessLogEntry entry;
  entry.set_id(result.Text(row, 0));
  const int64_t microseconds = absl::ToUnixMicros(result.Time(row, 1));
  entry.mutable_time()->set_seconds(microseconds / 1000000);
  entry.mutable_time()->set_nanos(static_cast<int32_t>(microseconds % 1000000) * 1000);
  identity::v1::AccessEvent event = identity::v1::ACCESS_EVENT_UNSPECIFIED;
  identity::v1::AccessEvent_Parse(result.Text(row, 2), &event);
  entry.set_event(event);
  entry.set_client_id(result.Text(row, 3));
  entry.set_token_id(result.Text(row, 4));
  entry.set_acting_person(result.Text(row, 5));
  entry.set_acting_role(result.Text(row, 6));
  entry.set_method(result.Text(row, 7));
  entry.set_permission(result.Text(row, 8));
  entry.set_kind(result.Text(row, 9));
  for (std::string& id : result.TextArray(row, 10)) entry.add_record_ids(std::move(id));
  entry.set_reason(result.Text(row, 11));
  entry.set_peer(result.Text(row, 12));
  entry.set_request_id(result.Text(row, 13));
  entry.set_trace_id(result.Text(row, 14));
  return entry;
}

absl::Status StoreAccessLog(postgres::Statements& statements, const std::vector<AccessLogEntry>& entries,
                            Forward forward) {
  std::vector<std::vector<std::string>> columns(15);
  for (std::vector<std::string>& column : columns) column.reserve(entries.size());
  for (const AccessLogEntry& entry : entries) {
    const std::string values[] = {entry.id(),
                                  TimeText(entry.time()),
                                  identity::v1::AccessEvent_Name(entry.event()),
                                  Storable(entry.client_id()),
                                  Storable(entry.token_id()),
                                  Storable(entry.acting_person()),
                                  Storable(entry.acting_role()),
                                  Storable(entry.method()),
                                  Storable(entry.permission()),
                                  Storable(entry.kind()),
                                  JoinIds(entry),
                                  Storable(entry.reason()),
                                  Storable(entry.peer()),
                                  Storable(entry.request_id()),
                                  Storable(entry.trace_id())};
    for (size_t i = 0; i < columns.size(); ++i) columns[i].push_back(values[i]);
  }
  postgres::Parameters parameters;
  for (const std::vector<std::string>& column : columns) parameters.TextArray(column);
  parameters.Boolean(forward == Forward::kToIdentity);
  return statements.Execute(kInsert, parameters).status();
}

}  // namespace lianqiao::access
