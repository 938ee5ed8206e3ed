// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identity/access_log_reader.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "libs/access/access_log_rows.h"
#include "libs/base/ids.h"
#include "libs/base/limits.h"
#include "libs/base/status.h"

namespace lianqiao::identity {

using postgres::Parameters;
using postgres::Query;

namespace {

// A text of its own for every set of conditions, so that each has its index.
Query ReadQuery(const std::string& name, const std::string& condition) {
  return {name, std::string("SELECT ") + access::kAccessLogColumns +
                    " FROM access_log WHERE time >= $1 AND (time, id) < ($2, $3::uuid)" + condition +
                    " ORDER BY time DESC, id DESC LIMIT $4"};
}

const Query& ReadQueryOf(bool of_client, bool of_event) {
  static const Query kAll = ReadQuery("identity_read_access_log", "");
  static const Query kOfClient = ReadQuery("identity_read_access_log_of_client", " AND client_id = $5");
  static const Query kOfEvent = ReadQuery("identity_read_access_log_of_event", " AND event = $5");
  static const Query kOfBoth =
      ReadQuery("identity_read_access_log_of_client_event", " AND client_id = $5 AND event = $6");
  if (of_client) return of_event ? kOfBoth : kOfClient;
  return of_event ? kOfEvent : kAll;
}

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
  parameters.Integer(size + 1);
  const bool of_client = !request.client_id().empty();
  const bool of_event = request.event() != v1::ACCESS_EVENT_UNSPECIFIED;
  if (of_client) parameters.Text(request.client_id());
  if (of_event) parameters.Text(v1::AccessEvent_Name(request.event()));
  ASSIGN_OR_RETURN(const postgres::Result result,
                   statements.Execute(ReadQueryOf(of_client, of_event), parameters));
  v1::ListAccessLogResponse response;
  for (int row = 0; row < std::min(result.rows(), size); ++row)
    *response.add_entries() = access::AccessLogEntryAt(result, row);
  if (result.rows() > size)
    response.set_next_page_token(TokenOf(binding, {result.Time(size - 1, 1), result.Text(size - 1, 0)}));
  return response;
}

}  // namespace lianqiao::identity
