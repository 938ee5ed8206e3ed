// SPDX-License-Identifier: Apache-2.0
// The one error shape of the gateway (AIP-193), {"error":{"code","status","message","details"}}, for what
// an upstream answered and for what the gateway refuses itself.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "libs/base/status.h"
#include "libs/rpc/client.h"
#include "services/gateway/http_message.h"

namespace lianqiao::gateway {

// What may be told of a failed upstream call. Details that a service of ours made go through unchanged; a
// foreign service's text only for errors of the caller; what gRPC itself or a bug said becomes a text of the
// catalogue. `service` is what callers know it by: its package, never an address.
google::rpc::Status PublicStatus(const rpc::Answer& answer, const std::string& service,
                                 base::Language language, const std::string& request_id);

// The HTTP status of an error: by its code, but 410 for a cursor that has expired, 409 for one that
// diverged, 413 for an import that is too large.
int HttpStatusOf(const google::rpc::Status& error);
// {"error":{…}}
std::string ErrorJson(const google::rpc::Status& error, int http_status);
// Sets status, body and the headers that belong to the error (Content-Type, Retry-After, WWW-Authenticate).
// `http_status` 0: by the code. `token_sent`: a 401 says that the token itself is at fault.
void RenderError(const google::rpc::Status& error, int http_status, bool token_sent, HttpResponse* response);
void RenderError(const absl::Status& error, int http_status, base::Language language,
                 const std::string& request_id, HttpResponse* response, bool token_sent = false);

// From the names of fields that begin so, in violations and in the message.
void DropPrefix(const std::string& prefix, google::rpc::Status* error);

}  // namespace lianqiao::gateway
