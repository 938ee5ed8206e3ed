// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/guard.h"

#include <strings.h>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "services/gateway/http_message.h"

namespace lianqiao::gateway {
namespace {

constexpr int64_t kAwayMilliseconds = 1000;

std::string BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.size() <= kScheme.size() ||
      strncasecmp(authorization.data(), kScheme.data(), kScheme.size()) != 0) {
    return "";
  }
  return std::string(authorization.substr(kScheme.size()));
}

RefusalReason ReasonOf(Refusal refusal) {
  switch (refusal) {
    case Refusal::kRate:
      return RefusalReason::kRate;
    case Refusal::kConcurrency:
      return RefusalReason::kConcurrency;
    case Refusal::kStreams:
      return RefusalReason::kStreams;
    default:
      return RefusalReason::kOverload;
  }
}

}  // namespace

Limit Guard::Effective(const Limit& own) const {
  Limit limit = options_.client;
  if (own.per_second > 0) {
    limit.per_second = own.per_second;
    limit.burst = own.burst;
  }
  if (own.burst > 0) limit.burst = own.burst;
  if (own.concurrent > 0) limit.concurrent = own.concurrent;
  if (own.streams > 0) limit.streams = own.streams;
  return limit;
}

bool Guard::Knows(std::string_view authorization) const {
  const std::string token = BearerToken(authorization);
  return !token.empty() && verify_ != nullptr && verify_(token, {}).ok();
}

Admission Guard::Admit(std::string_view authorization, const CallOrigin& origin, bool needs_token,
                       int64_t now, Place place) {
  Admission admission;
  const std::string token = BearerToken(authorization);
  admission.token_sent = !token.empty();
  absl::StatusOr<KnownClient> client =
      base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED);
  if (admission.token_sent && verify_ != nullptr) client = verify_(token, origin);
  if (needs_token && absl::IsUnavailable(client.status())) {
    // Our own trouble, not a guess: it is not charged, or a good client would be told to slow down.
    metrics_->OnRefused(RefusalReason::kAuthentication);
    const bool says_when = base::FailureOf(client.status()).retry_after_milliseconds() > 0;
    admission.status = says_when ? client.status() : base::WithRetryAfter(client.status(), kAwayMilliseconds);
    return admission;
  }
  if (client.ok()) {
    admission.client_id = std::move(client->client_id);
    admission.decision =
        limiter_.Admit(absl::StrCat("c:", admission.client_id), Effective(client->limit), now, place);
  } else {
    admission.decision = limiter_.Admit("a:" + std::string(origin.address), options_.anonymous, now, place);
  }
  const Limiter::Decision& decision = admission.decision;
  if (decision.refusal != Refusal::kNone) {
    metrics_->OnRefused(ReasonOf(decision.refusal));
    const bool global =
        decision.refusal == Refusal::kGlobalConcurrency || decision.refusal == Refusal::kGlobalStreams;
    admission.status = base::WithRetryAfter(
        base::Fail(global ? absl::StatusCode::kUnavailable : absl::StatusCode::kResourceExhausted,
                   global ? base::ErrorReason::OVERLOADED : base::ErrorReason::RATE_LIMITED),
        decision.retry_after_milliseconds);
  } else if (!client.ok() && needs_token) {
    metrics_->OnRefused(RefusalReason::kAuthentication);
    admission.status = client.status();
  }
  return admission;
}

void AddRateHeaders(const Limiter::Decision& decision, std::string* headers) {
  if (!decision.limited) return;
  absl::StrAppend(headers, "RateLimit-Policy: \"default\";q=", decision.quota, ";w=", decision.window_seconds,
                  "\r\nRateLimit: \"default\";r=", decision.remaining, ";t=", decision.reset_seconds, "\r\n");
}

}  // namespace lianqiao::gateway
