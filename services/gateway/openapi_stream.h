// SPDX-License-Identifier: Apache-2.0
// What the OpenAPI document says of streams. For openapi.cc.
#pragma once

#include <set>

#include "services/gateway/json_text.h"
#include "services/gateway/openapi_schema.h"
#include "services/gateway/route_table.h"

namespace lianqiao::gateway {

// Headers, and the offset of an upload; inside the array of parameters.
void StreamParameters(const Route& route, JsonText* json);
// The members of a streamed answer's `content`: NDJSON and events, or a file.
void StreamContent(const Route& route, Schemas* schemas, JsonText* json);
// The whole `requestBody` of an upload.
void UploadBody(const Route& route, JsonText* json);
// Answers besides 200 and errors, inside the object of responses.
void StreamResponses(const Route& route, JsonText* json);

// Whether the answer has an ETag that If-None-Match is compared with.
bool TakesIfNoneMatch(const Route& route);

}  // namespace lianqiao::gateway
