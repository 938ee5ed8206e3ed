// SPDX-License-Identifier: Apache-2.0
// The first clients of an installation, made through the public methods: the operator and one per service.
// Safe to repeat and to be killed at any step: what is there is found by its external id.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/rpc/client.h"
#include "services/gateway/identity/identity_server.h"

namespace lianqiao::identity {

struct BootstrapOptions {
  IdentityServer* server = nullptr;
  rpc::Client* client = nullptr;      // To the same server.
  std::string operator_file;          // Gets the operator's credentials; mode 0600.
  std::string token_url;              // Written beside them.
  std::string secrets_folder;         // Gets <service>.json of each service; made if it is missing.
  // "alliance-registry", or with those that it follows "supervision-evaluation=registry+exchange": it gets
  // `registry.*.changes` and `registry.*.scopes` on the whole platform, since it stamps records by theirs.
  std::vector<std::string> services;
  // What identity itself may do elsewhere, on the whole platform: "registry.organisation.changes", …; empty:
  // it has no client of its own.
  std::vector<std::string> own_permissions;
};

// Does nothing for a client whose file holds credentials that work; a service also gets the grants that its
// version of the platform needs and that it lacks. A file that was lost gets a new secret.
absl::Status Bootstrap(const BootstrapOptions& options);

}  // namespace lianqiao::identity
