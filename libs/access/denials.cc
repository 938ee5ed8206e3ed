// SPDX-License-Identifier: Apache-2.0
#include "libs/access/denials.h"

#include "libs/base/status.h"

namespace lianqiao::access {

void Denials::Record(const rpc::CallContext& context, const TokenClaims& claims) {
  if (log_ == nullptr || !gate_.Take(claims.client_id, clock_.Now())) return;
  AccessEntry entry = MakeAccessEntry(AccessEvent::kCallDenied, context, nullptr);
  entry.client_id = claims.client_id;
  entry.token_id = claims.token_id;
  entry.reason = base::ReasonName(base::ErrorReason::UNAUTHENTICATED);
  log_->Record(std::move(entry));
}

}  // namespace lianqiao::access
