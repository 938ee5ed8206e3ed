// SPDX-License-Identifier: Apache-2.0
// POST /oauth2/token and /.well-known/jwks.json, answered by identity inside this process.
#pragma once

#include "services/gateway/endpoints.h"
#include "services/gateway/identity/identity_server.h"

namespace lianqiao::gateway {

// `server` outlives the endpoints.
void AddIdentity(identity::IdentityServer* server, Endpoints* endpoints);

}  // namespace lianqiao::gateway
