// SPDX-License-Identifier: Apache-2.0
// What `lianqiao login` stores: the platform's address and the client's credentials, in files that only their
// owner reads, under $XDG_CONFIG_HOME/lianqiao (else ~/.config/lianqiao).
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/access/credentials.h"

namespace lianqiao::cli {

struct Profile {
  std::string gateway;  // gRPC: "127.0.0.1:8081" or "unix:/path".
  access::Credentials credentials;
};

// FAILED_PRECONDITION if neither variable is set.
absl::StatusOr<std::string> ProfileFolder();

// NOT_FOUND if nothing has been stored yet.
absl::StatusOr<Profile> ReadProfile();
absl::Status WriteProfile(const Profile& profile);

}  // namespace lianqiao::cli
