// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identity/access_log_reader.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "libs/base/ids.h"
#include "libs/base/limits.h"
#include "libs/base/status.h"

namespace lianqiao::identity {

using postgres::Parameters;
using postgres::Query;

namespace {

#define LIANQIAO_ACCESS_LOG_SELECT                                                                       \
  "SELECT id, time, event, client_id, acting_person, acting_role, method, permission, kind, record_ids," \
  " reason, peer, request_id, trace_id FROM access_log WHERE time >= $1 AND (time, id) < ($2, $3::uuid)" \
  " AND ($4::text = '' OR event = $4)"
// Two texts, so that each has its index.
const Query kRead = {"identity_read_access_log",
                     LIANQIAO_ACCESS_LOG_SELECT " ORDER BY time DESC, id DESC LIMIT $5"};
const Query kReadOfClient = {"identity_read_access_log_of_client", LIANQIAO_ACCESS_LOG_SELECT
                             " AND client_id = $6 ORDER BY time DESC, id DESC LIMIT $5"};
#undef LIANQIAO_ACCESS_LOG_SELECT

constexpr char kFirstId[] = "00000000-0000-0000-0000-000000000000";
const absl::Time kBegin = absl::FromUnixSeconds(0);
const absl::Time kEnd = absl::FromUnixSeconds(7258118400);  // The year 2200.

absl::Time TimeOr(bool is_set, const google::protobuf::Timestamp& time, absl::Time otherwise) {
  if (!is_set) return otherwise;
  return std::clamp(absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos()), kBegin, kEnd);
}

// Ties a page token to what it was made for; a position alone tells a reader of the log nothing new.
std::string BindingOf(v1::ListAccessLogRequest request) {
  request.clear_page_size();
  request.clear_page_token();
  return base::Hex(base::Sha256(request.SerializeAsString())).substr(0, 16);
}

struct Place {
  absl::Time time;
  std::string id;
};

// "binding.microseconds.id" in base64url.
std::string TokenOf(const std::string& binding, const Place& place) {
  return base::Base64Url(binding + "." + std::to_string(absl::ToUnixMicros(place.time)) + "." + place.id);
}

absl::StatusOr<Place> PlaceOf(const std::string& binding, const std::string& token) {
  const auto refused = base::FailIfAny({base::Refuse("pageToken", base::ErrorReason::PAGE_TOKEN_INVALID)});
  std::string text;
  if (!base::FromBase64Url(token, &text) || text.rfind(binding + ".", 0) != 0) return refused;
  text.erase(0, binding.size() + 1);
  const size_t dot = text.find('.');
  int64_t microseconds = 0;
  if (dot == std::string::npos || !absl::SimpleAtoi(text.substr(0, dot), &microseconds)) return refused;
  Place place = {absl::FromUnixMicros(microseconds), text.substr(dot + 1)};
  if (!base::IsId(place.id) || place.time < kBegin || place.time > kEnd) return refused;
  return place;
}

v1::AccessLogEntry EntryAt(const postgres::Result& result, int row) {
  v1::AccessLogEntry entry;
  entry.set_id(result.Text(row, 0));
  const int64_t microseconds = absl::ToUnixMicros(result.Time(row, 1));
  entry.mutable_time()->set_seconds(microseconds / 1000000);
  entry.mutable_time()->set_nanos(static_cast<int32_t>(microseconds % 1000000) * 1000);
  v1::AccessEvent event = v1::ACCESS_EVENT_UNSPECIFIED;
  v1::AccessEvent_Parse(result.Text(row, 2), &event);
  entry.set_event(event);
  entry.set_client_id(result.Text(row, 3));
  entry.set_acting_person(result.Text(row, 4));
  entry.set_acting_role(result.Text(row, 5));
  entry.set_method(result.Text(row, 6));
  entry.set_permission(result.Text(row, 7));
  entry.set_kind(result.Text(row, 8));
  for (std::string& id : result.TextArray(row, 9)) entry.add_record_ids(std::move(id));
  entry.set_reason(result.Text(row, 10));
  entry.set_peer(result.Text(row, 11));
  entry.set_request_id(result.Text(row, 12));
  entry.set_trace_id(result.Text(row, 13));
  return entry;
}

}  // namespace

absl::StatusOr<v1::ListAccessLogResponse> ReadAccessLog(postgres::Statements& statements,
                                                        const v1::ListAccessLogRequest& request) {
  const int size =
      request.page_size() <= 0 ? base::kPageSizeDefault : std::min(request.page_size(), base::kPageSizeMax);
  const std::string binding = BindingOf(request);
  // The first page begins before `to_time`: no id is lower than the first one.
  Place place = {TimeOr(request.has_to_time(), request.to_time(), kEnd), kFirstId};
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(place, PlaceOf(binding, request.page_token()));
  }
  Parameters parameters;
  parameters.Time(TimeOr(request.has_from_time(), request.from_time(), kBegin))
      .Time(place.time)
      .Text(place.id);
  parameters.Text(request.event() == v1::ACCESS_EVENT_UNSPECIFIED ? ""
                                                                  : v1::AccessEvent_Name(request.event()));
  parameters.Integer(size + 1);
  const bool of_client = !request.client_id().empty();
  if (of_client) parameters.Text(request.client_id());
  ASSIGN_OR_RETURN(const postgres::Result result,
                   statements.Execute(of_client ? kReadOfClient : kRead, parameters));
  v1::ListAccessLogResponse response;
  for (int row = 0; row < std::min(result.rows(), size); ++row)
    *response.add_entries() = EntryAt(result, row);
  if (result.rows() > size)
    response.set_next_page_token(TokenOf(binding, {result.Time(size - 1, 1), result.Text(size - 1, 0)}));
  return response;
}

}  // namespace lianqiao::identity
