// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identity/registry_follower.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/access/credentials.h"

namespace lianqiao::identity {

namespace {

constexpr absl::Duration kIssueLimit = absl::Seconds(3);

}  // namespace

runtime::Follow RegistryFollow() {
  return {"lianqiao.registry.v1",
          {"identity-registry",
           "registry_",
           {{"jurisdiction", {"replaced_by"}},
            {"organisation", {"replaced_by"}},
            {"alliance", {"replaced_by"}}}}};
}

absl::StatusOr<std::string> OwnToken::Authorization(absl::Time deadline) {
  const std::lock_guard lock(mutex_);
  const absl::Time now = clock_->Now();
  if (now < token_.renew_at) return token_.authorization;
  const auto credentials = access::ReadCredentials(file_);
  if (!credentials.ok())
    return absl::UnavailableError(absl::StrCat("no credentials yet: ", credentials.status().message()));
  TokenRequest request;
  request.client_id = credentials->client_id;
  request.client_secret = credentials->client_secret;
  request.method = access::kIssueToken;
  const auto promise = std::make_shared<std::promise<TokenAnswer>>();
  auto future = promise->get_future();
  server_->IssueToken(std::move(request),
                      [promise](TokenAnswer answer) { promise->set_value(std::move(answer)); });
  const absl::Duration limit = std::min(deadline - now, kIssueLimit);
  if (future.wait_for(absl::ToChronoNanoseconds(limit)) != std::future_status::ready)
    return absl::UnavailableError("a token of our own took too long");
  const TokenAnswer answer = future.get();
  // A file that another start is about to replace is no reason to stop.
  if (!answer.status.ok()) return absl::UnavailableError(answer.status.message());
  const absl::Duration life = absl::Seconds(answer.expires_in);
  token_ = {absl::StrCat("Bearer ", answer.access_token), now + life / 2, now + life};
  return token_.authorization;
}

void OwnToken::Refused(const std::string& authorization) {
  const std::lock_guard lock(mutex_);
  if (token_.authorization == authorization) token_ = access::HeldToken();
}

}  // namespace lianqiao::identity
