// SPDX-License-Identifier: Apache-2.0
// The gateway's own endpoints: health, metrics, documents, Swagger UI. Filled by main before the server
// starts.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "libs/rpc/client.h"
#include "services/gateway/endpoints.h"

namespace lianqiao::gateway {

struct NamedUpstream {
  std::string name;  // A package or service, never an address.
  rpc::Client* client = nullptr;
};

// {"ready":…,"upstreams":[…]}; also for the health listener.
std::string ReadinessJson(const std::vector<NamedUpstream>& upstreams, bool* ready);

// /healthz and /readyz.
void AddHealth(std::vector<NamedUpstream> upstreams, Endpoints* endpoints);

// /metrics for a loopback peer that forwards for nobody; to everyone else there is no such path.
void AddMetrics(std::function<std::string()> text, Endpoints* endpoints);

// /docs: Swagger UI from the files of npm's swagger-ui-dist in `folder`; without them a page with a link.
void AddDocs(const std::string& folder, Endpoints* endpoints);

}  // namespace lianqiao::gateway
