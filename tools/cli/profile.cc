// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/profile.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status.h"

namespace lianqiao::cli {
absl::StatusOr<std::string> ProfilePath() {
  constexpr char kFile[] = "/lianqiao/credentials.json";
  const char* home = std::getenv("XDG_CONFIG_HOME");
  if (home != nullptr && *home == '/') return absl::StrCat(home, kFile);
  home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return absl::StrCat(home, "/.config", kFile);
  return absl::FailedPreconditionError("neither XDG_CONFIG_HOME nor HOME is set");
}

absl::StatusOr<Profile> ReadProfile(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return absl::NotFoundError(absl::StrCat("there is no file ", path));
  Profile profile;
  ASSIGN_OR_RETURN(profile.credentials, access::ReadCredentials(path));
  // Where tokens come from: the gateway gives them on the port that answers everything else. The platform's
  // own files name its HTTP address there, which is not for us.
  if (!absl::StrContains(profile.credentials.token_url, "://"))
    profile.gateway = profile.credentials.token_url;
  return profile;
}

absl::Status WriteProfile(const Profile& profile, const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot make ", folder, ": ", error.message()));
  access::Credentials credentials = profile.credentials;
  credentials.token_url = profile.gateway;
  return access::WriteCredentials(path, credentials);
}

}  // namespace lianqiao::cli
