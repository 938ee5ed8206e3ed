// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/platform.h"

#include <google/protobuf/descriptor.h>

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/contract/packages.h"
#include "tools/cli/profile.h"

namespace lianqiao::cli {

using google::protobuf::Message;

namespace {

constexpr size_t kMessageBytesMax = 32u << 20;

}  // namespace

absl::StatusOr<std::shared_ptr<const contract::Contract>> LoadContract() {
  std::vector<std::string> packages;
  for (const auto& [package, kinds] : contract::KindsByPackage()) packages.push_back(package);
  return contract::Contract::Load(packages);
}

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

Platform::Platform(std::string gateway, access::Credentials credentials, base::Language language)
    : client_({std::move(gateway), 4, kMessageBytesMax}),
      client_id_(credentials.client_id),
      token_(&client_, std::move(credentials)),
      language_(language) {}

absl::StatusOr<std::unique_ptr<Platform>> Platform::Connect(const Context& context) {
  Profile profile;
  const std::string gateway = context.arguments.Text("gateway");
  const std::string file = context.arguments.Text("credentials");
  if (!file.empty()) {
    // Read below if it is missing: that error says more.
    const auto given = ReadProfile(file);
    if (given.ok()) profile.gateway = given->gateway;
  }
  if (!gateway.empty()) profile.gateway = gateway;
  if (profile.gateway.empty() || file.empty()) {
    ASSIGN_OR_RETURN(const std::string path, ProfilePath());
    auto stored = ReadProfile(path);
    if (absl::IsNotFound(stored.status()))
      return WrongUsage("请先执行 lianqiao login,或给出 --gateway 与 --credentials",
                        "run lianqiao login first, or give --gateway and --credentials");
    RETURN_IF_ERROR(stored.status());
    if (profile.gateway.empty()) profile.gateway = stored->gateway;
    profile.credentials = stored->credentials;
  }
  if (!file.empty()) {
    ASSIGN_OR_RETURN(profile.credentials, ReadClient(file));
  }
  std::unique_ptr<Platform> platform(new Platform(profile.gateway, profile.credentials, context.language));
  ASSIGN_OR_RETURN(platform->contract_, LoadContract());
  return platform;
}

absl::Status Platform::Call(const std::string& path, const Message& request, Message* response,
                            bool repeatable, absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  const char* language = language_ == base::Language::kChinese ? "zh-CN" : "en";
  for (int attempt = 1;; ++attempt) {
    ASSIGN_OR_RETURN(const std::string authorization, token_.Authorization(deadline));
    const rpc::Answer answer = client_.CallAndWait(
        path, request.SerializeAsString(),
        {{rpc::kAuthorization, authorization}, {rpc::kAcceptLanguage, language}}, deadline, repeatable);
    if (absl::IsUnauthenticated(answer.status) && attempt == 1) {
      token_.Refused(authorization);
      continue;
    }
    RETURN_IF_ERROR(answer.status);
    if (!response->ParseFromString(answer.bytes))
      return absl::DataLossError(absl::StrCat("bad answer of ", path));
    return absl::OkStatus();
  }
}

absl::StatusOr<std::unique_ptr<rpc::ClientStream>> Platform::Open(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string authorization, token_.Authorization(absl::Now() + absl::Seconds(30)));
  const char* language = language_ == base::Language::kChinese ? "zh-CN" : "en";
  return client_.Open(path, {{rpc::kAuthorization, authorization}, {rpc::kAcceptLanguage, language}},
                      absl::InfiniteFuture());
}

std::unique_ptr<feed::RpcSource> Platform::NewSource() {
  feed::RpcSource::Options options;
  options.client = &client_;
  options.contract = contract_;
  options.authorize = [this](absl::Time deadline) { return token_.Authorization(deadline); };
  options.refused = [this](const std::string& authorization) { token_.Refused(authorization); };
  options.metadata = {{rpc::kAcceptLanguage, language_ == base::Language::kChinese ? "zh-CN" : "en"}};
  return std::make_unique<feed::RpcSource>(options);
}

absl::StatusOr<const contract::Resource*> Platform::FindKind(const std::string& name) const {
  const std::string wanted = absl::StrReplaceAll(name, {{"-", "_"}});
  std::vector<std::string> kinds;
  for (const auto& resource : contract_->resources()) {
    kinds.push_back(resource->kind);
    const std::string plural = absl::AsciiStrToLower(resource->rule->plural());
    if (wanted == resource->kind || absl::StrReplaceAll(wanted, {{"_", ""}}) == plural) return resource.get();
  }
  const std::string known = absl::StrJoin(kinds, ", ");
  return WrongUsage(absl::StrCat("没有类别 ", name, ";现有 ", known),
                    absl::StrCat("there is no kind ", name, "; there are ", known));
}

absl::StatusOr<std::vector<std::string>> Platform::Kinds(const std::vector<std::string>& names) const {
  std::vector<std::string> kinds;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const contract::Resource* resource, FindKind(name));
    kinds.push_back(resource->kind);
  }
  return kinds;
}

absl::StatusOr<const contract::Method*> Platform::FindMethod(const contract::Resource& resource,
                                                             contract::Standard standard) const {
  for (const auto& method : contract_->methods())
    if (method->resource == &resource && method->standard == standard) return method.get();
  return Failed(absl::StatusCode::kUnimplemented, absl::StrCat(resource.kind, " 不支持此操作"),
                absl::StrCat(resource.kind, " has no such method"));
}

}  // namespace lianqiao::cli
