// SPDX-License-Identifier: Apache-2.0
// A client's id and secret as they lie in a file: operator.json and the services' own. Written by identity,
// read by services, tools and tests.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lianqiao::access {

struct Credentials {
  std::string client_id;
  std::string client_secret;
  std::string token_url;  // May be empty.
};

// A JSON object of these three names. UNAVAILABLE if it cannot be read, FAILED_PRECONDITION if it is no such
// file or others than its owner may read it.
absl::StatusOr<Credentials> ReadCredentials(const std::string& path);

// Mode 0600, whole or not at all.
absl::Status WriteCredentials(const std::string& path, const Credentials& credentials);

}  // namespace lianqiao::access
