// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/profile.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "tools/cli/failure.h"

namespace lianqiao::cli {
absl::StatusOr<std::string> ProfilePath() {
  constexpr char kFile[] = "/lianqiao/credentials.json";
  const char* home = std::getenv("XDG_CONFIG_HOME");
  if (home != nullptr && *home == '/') return absl::StrCat(home, kFile);
  home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return absl::StrCat(home, "/.config", kFile);
  return Failed(absl::StatusCode::kFailedPrecondition, "未设置 XDG_CONFIG_HOME 或 HOME,请给出 --credentials",
                "neither XDG_CONFIG_HOME nor HOME is set; give --credentials");
}

absl::StatusOr<access::Credentials> ReadClient(const std::string& path) {
  absl::StatusOr<access::Credentials> read = access::ReadCredentials(path);
  if (read.ok()) return read;
  return Failed(absl::StatusCode::kFailedPrecondition,
                absl::StrCat("凭据文件 ", path,
                             " 不可用:须存在、权限 0600,内容为含 client_id 与 client_secret 的 JSON"),
                absl::StrCat("the credentials file cannot be used: ", read.status().message(),
                             "; it is JSON with client_id and client_secret, mode 0600"));
}

absl::StatusOr<Profile> ReadProfile(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return absl::NotFoundError(absl::StrCat("there is no file ", path));  // For callers, not for people.
  Profile profile;
  ASSIGN_OR_RETURN(profile.credentials, ReadClient(path));
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
  if (error) return CannotWrite(folder, error);
  access::Credentials credentials = profile.credentials;
  credentials.token_url = profile.gateway;
  return access::WriteCredentials(path, credentials).ok() ? absl::OkStatus() : CannotWrite(path, LastError());
}

}  // namespace lianqiao::cli
