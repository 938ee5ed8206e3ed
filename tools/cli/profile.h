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

// Where login stores by default. FAILED_PRECONDITION if neither variable is set.
absl::StatusOr<std::string> ProfilePath();

// NOT_FOUND if nothing is stored there. The gateway is empty if the file does not say it, as one with
// credentials that login did not write.
absl::StatusOr<Profile> ReadProfile(const std::string& path);
// A client's id and secret; says what is wrong with the file.
absl::StatusOr<access::Credentials> ReadClient(const std::string& path);
// Makes the folder if it is missing.
absl::Status WriteProfile(const Profile& profile, const std::string& path);

}  // namespace lianqiao::cli
