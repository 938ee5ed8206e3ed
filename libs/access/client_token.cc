// SPDX-License-Identifier: Apache-2.0
#include "libs/access/client_token.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "lianqiao/identity/v1/token.pb.h"
#include "libs/base/status.h"

namespace lianqiao::access {
namespace {

constexpr absl::Duration kCallLimit = absl::Seconds(3);
// After a token was not renewed and the old one still runs.
constexpr absl::Duration kRenewPause = absl::Seconds(5);

}  // namespace

std::string TokenRequest(const Credentials& credentials) {
  identity::v1::IssueTokenRequest request;
  request.set_client_id(credentials.client_id);
  request.set_client_secret(credentials.client_secret);
  return request.SerializeAsString();
}

absl::StatusOr<HeldToken> ReadToken(const std::string& answer, absl::Time now) {
  identity::v1::IssueTokenResponse response;
  if (!response.ParseFromString(answer)) return absl::InternalError("identity sent a malformed token");
  HeldToken token;
  token.authorization = response.token_type() + " " + response.access_token();
  token.renew_at = now + absl::Seconds(response.expires_in()) / 2;
  token.expires = now + absl::Seconds(response.expires_in());
  return token;
}

absl::StatusOr<std::string> ClientToken::Authorization(absl::Time deadline) {
  const std::lock_guard lock(mutex_);
  const absl::Time now = absl::Now();
  if (now < token_.renew_at) return token_.authorization;
  const rpc::Answer answer = identity_->CallAndWait(kIssueToken, TokenRequest(credentials_), {},
                                                    std::min(deadline, now + kCallLimit), true);
  absl::StatusOr<HeldToken> issued =
      answer.status.ok() ? ReadToken(answer.bytes, absl::Now()) : absl::StatusOr<HeldToken>(answer.status);
  if (issued.ok()) {
    token_ = *std::move(issued);
    return token_.authorization;
  }
  if (absl::IsUnauthenticated(issued.status()) || absl::Now() >= token_.expires)
    return std::move(issued).status();
  token_.renew_at = absl::Now() + kRenewPause;
  return token_.authorization;
}

void ClientToken::Refused(const std::string& authorization) {
  const std::lock_guard lock(mutex_);
  if (token_.authorization == authorization) token_ = HeldToken();
}

}  // namespace lianqiao::access
