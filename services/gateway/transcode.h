// SPDX-License-Identifier: Apache-2.0
// An HTTP request to the wire bytes of a gRPC request, and the answer back, along a Route. No message
// objects: the body's bytes come from libs/json, path and query values are appended as single fields. Pure
// and thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/status.h"
#include "services/gateway/route_table.h"

namespace lianqiao::gateway {

// What a header says of a field of the request.
struct FieldOfHeader {
  const google::protobuf::FieldDescriptor* field = nullptr;
  const char* header = "";
  std::string value;
  bool wins = false;  // Over the query's; else both are a conflict.
};

struct RequestParts {
  std::string_view query;             // Without '?', still encoded.
  const std::string* body = nullptr;  // JSON text; null or empty: none was sent.
  std::string_view if_match;
  std::string_view idempotency_key;
  std::vector<FieldOfHeader> headers;
};

// Everything that is wrong is appended to *violations; *wire is complete only if nothing was. The status is
// another failure of the body as a whole (too large), else OK.
absl::Status ToRequest(const RouteTable& table, const Match& match, const RequestParts& parts,
                       std::string* wire, std::vector<base::Violation>* violations);

// *etag is the value for the ETag header, with quotes; empty if the response has none.
absl::Status ToResponse(const Route& route, const std::string& wire, std::string* json, std::string* etag);

// Whether an If-None-Match header names this ETag (weak comparison).
bool NamesEtag(std::string_view if_none_match, std::string_view etag);

}  // namespace lianqiao::gateway
