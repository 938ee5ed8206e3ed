// SPDX-License-Identifier: Apache-2.0
// /openapi.json: OpenAPI 3.1 of everything that the HTTP front serves, from the same routes and descriptors.
#pragma once

#include <string>

#include "services/gateway/comments.h"
#include "services/gateway/route_table.h"

namespace lianqiao::gateway {

struct OpenApiOptions {
  std::string version;
  bool with_identity = true;  // Describes the token endpoint and requires tokens.
};

std::string OpenApiJson(const RouteTable& routes, const Comments& comments, const OpenApiOptions& options);

}  // namespace lianqiao::gateway
