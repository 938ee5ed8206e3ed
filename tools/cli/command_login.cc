// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "tools/cli/command.h"
#include "tools/cli/platform.h"
#include "tools/cli/profile.h"
#include "tools/cli/record_text.h"

namespace lianqiao::cli {
namespace {

constexpr size_t kSecretBytesMax = 1024;

absl::StatusOr<access::Credentials> CredentialsOf(const Context& context) {
  const Arguments& arguments = context.arguments;
  if (arguments.Has("credentials") && !arguments.Has("client-id")) {
    if (arguments.Has("secret-file"))
      return WrongUsage("--secret-file 仅用于 --client-id", "--secret-file belongs to --client-id");
    return ReadClient(arguments.Text("credentials"));
  }
  access::Credentials credentials;
  credentials.client_id = arguments.Text("client-id");
  if (credentials.client_id.empty())
    return WrongUsage("请给出 --credentials FILE,或 --client-id 与标准输入的密钥",
                      "give --credentials FILE, or --client-id and the secret on standard input");
  const std::string file = arguments.Has("secret-file") ? arguments.Text("secret-file") : "-";
  ASSIGN_OR_RETURN(const std::string secret, ReadText(file, kSecretBytesMax));
  credentials.client_secret = std::string(absl::StripAsciiWhitespace(secret));
  if (credentials.client_secret.empty()) return WrongUsage("密钥为空", "the secret is empty");
  return credentials;
}

absl::Status Login(Context& context) {
  Profile profile;
  profile.gateway = context.arguments.Text("gateway");
  if (profile.gateway.empty()) return WrongUsage("缺少 --gateway", "--gateway is missing");
  ASSIGN_OR_RETURN(profile.credentials, CredentialsOf(context));
  // Stored only if they work.
  rpc::Client client({profile.gateway, 1});
  access::ClientToken token(&client, profile.credentials);
  RETURN_IF_ERROR(token.Authorization(absl::Now() + absl::Seconds(10)).status());
  std::string path = context.arguments.Has("client-id") ? context.arguments.Text("credentials") : "";
  if (path.empty()) {
    ASSIGN_OR_RETURN(path, ProfilePath());
  }
  RETURN_IF_ERROR(WriteProfile(profile, path));
  if (!context.quiet) std::cerr << context.Say("已登录,凭据保存于 ", "logged in; stored in ") << path << '\n';
  return absl::OkStatus();
}

}  // namespace

Command LoginCommand() {
  return {"login",
          "",
          0,
          0,
          "核对并保存平台地址与客户端凭据(文件权限 0600)\n"
          "--credentials 为已有凭据文件;同时给出 --client-id 时则保存到该文件。",
          "checks and stores the platform's address and the client's credentials (mode 0600)\n"
          "--credentials is a file that holds them or, beside --client-id, the file to store them in.",
          {{"client-id", "ID", "客户端编号;密钥取自 --secret-file 或标准输入",
            "the client's id; its secret comes from --secret-file or standard input"},
           {"secret-file", "FILE", "含密钥的文件", "a file that holds the secret"}},
          Login};
}

}  // namespace lianqiao::cli
