// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/profile.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"

namespace lianqiao::cli {
namespace {

constexpr char kFile[] = "/credentials.json";

}  // namespace

absl::StatusOr<std::string> ProfileFolder() {
  const char* home = std::getenv("XDG_CONFIG_HOME");
  if (home != nullptr && *home == '/') return absl::StrCat(home, "/lianqiao");
  home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return absl::StrCat(home, "/.config/lianqiao");
  return absl::FailedPreconditionError("neither XDG_CONFIG_HOME nor HOME is set");
}

absl::StatusOr<Profile> ReadProfile() {
  ASSIGN_OR_RETURN(const std::string folder, ProfileFolder());
  std::error_code error;
  if (!std::filesystem::exists(folder + kFile, error))
    return absl::NotFoundError(absl::StrCat("nothing is stored in ", folder));
  Profile profile;
  ASSIGN_OR_RETURN(profile.credentials, access::ReadCredentials(folder + kFile));
  // Where tokens come from: the gateway gives them on the port that answers everything else.
  profile.gateway = profile.credentials.token_url;
  return profile;
}

absl::Status WriteProfile(const Profile& profile) {
  ASSIGN_OR_RETURN(const std::string folder, ProfileFolder());
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot make ", folder, ": ", error.message()));
  access::Credentials credentials = profile.credentials;
  credentials.token_url = profile.gateway;
  return access::WriteCredentials(folder + kFile, credentials);
}

}  // namespace lianqiao::cli
