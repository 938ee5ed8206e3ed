// SPDX-License-Identifier: Apache-2.0
// The parts of the OpenAPI document that do not follow from descriptors. For openapi.cc.
#pragma once

#include <string>

#include "services/gateway/route_table.h"

namespace lianqiao::gateway {

std::string InfoJson(const std::string& version);
// Members of "paths" for the gateway's own endpoints.
std::string PlatformPathsJson(bool with_identity);
// A member of "schemas".
std::string ErrorSchemaJson();
std::string ErrorResponseJson(int status);
std::string TokenErrorJson();
// "parameters" that the routes refer to.
std::string ParametersJson(const RouteTable& routes);
std::string HeadersJson();
std::string SuccessHeadersJson(bool etag);
// The answer 304: headers and no body.
std::string NotModifiedJson();
std::string SecuritySchemesJson();

}  // namespace lianqiao::gateway
