// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identity/token_endpoint.h"

#include "libs/base/status.h"

namespace lianqiao::identity {

using base::ErrorReason;

namespace {

constexpr size_t kCredentialBytesMax = 128;

const Secret* FindSecret(const ClientEntry* entry, const std::string& secret, absl::Time now) {
  const std::string selector = SelectorOf(secret);
  if (entry == nullptr || selector.empty()) return nullptr;
  for (const Secret& candidate : entry->secrets) {
    if (candidate.selector == selector && now < candidate.revoke_time) return &candidate;
  }
  return nullptr;
}

absl::Status Unauthenticated() {
  return base::Fail(absl::StatusCode::kUnauthenticated, ErrorReason::CLIENT_REFUSED);
}

absl::Status Limited(absl::StatusCode code, ErrorReason reason, absl::Duration wait) {
  return base::WithRetryAfter(base::Fail(code, reason), absl::ToInt64Milliseconds(wait));
}

}  // namespace

TokenEndpoint::TokenEndpoint(Options options) : options_(std::move(options)) {}

void TokenEndpoint::Log(access::AccessEvent event, const TokenRequest& request, const std::string& token_id,
                        const absl::Status& status) {
  if (options_.access_log == nullptr) return;
  access::AccessEntry entry;
  entry.event = event;
  entry.client_id = request.client_id;
  entry.token_id = token_id;
  entry.method = request.method;
  entry.peer = request.address.empty() ? "unix:" : request.address;
  entry.request_id = request.request_id;
  entry.trace_id = request.trace_id;
  if (!status.ok()) entry.reason = base::ReasonName(base::FailureOf(status).reason());
  options_.access_log->Record(std::move(entry));
}

void TokenEndpoint::Refuse(const TokenRequest& request, absl::Status status, const std::string& oauth_error,
                           const std::function<void(TokenAnswer)>& done) {
  Log(access::AccessEvent::kTokenRefused, request, "", status);
  Answer(std::move(status), oauth_error, done);
}

void TokenEndpoint::RefuseCheaply(const TokenRequest& request, absl::Status status,
                                  const std::string& oauth_error,
                                  const std::function<void(TokenAnswer)>& done) {
  if (refusals_.Take(request.address, options_.clock->Now()))
    Log(access::AccessEvent::kTokenRefused, request, "", status);
  Answer(std::move(status), oauth_error, done);
}

void TokenEndpoint::Answer(absl::Status status, const std::string& oauth_error,
                           const std::function<void(TokenAnswer)>& done) {
  TokenAnswer answer;
  answer.status = std::move(status);
  answer.oauth_error = oauth_error;
  done(std::move(answer));
}

void TokenEndpoint::Issue(TokenRequest request, std::function<void(TokenAnswer)> done) {
  // Ours have 36 and 56 characters: nothing is worth counting, hashing or queueing that cannot be one.
  if (request.client_id.size() > kCredentialBytesMax || request.client_secret.size() > kCredentialBytesMax)
    return RefuseCheaply(request, Unauthenticated(), "invalid_client", done);
  if (!request.scope.empty()) {
    const auto violation =
        base::Refuse("scope", ErrorReason::FIELD_UNKNOWN_CODE, {{"value", request.scope.substr(0, 100)}});
    return RefuseCheaply(request, base::FailIfAny({violation}), "invalid_scope", done);
  }
  const absl::Time now = options_.clock->Now();
  const auto entry = options_.directory->Find(request.client_id);
  const Secret* secret = FindSecret(entry.get(), request.client_secret, now);
  if (secret != nullptr && recent_.Find(request.client_secret, now) == secret->id)
    return Finish(request, secret->id, done);
  const absl::Duration wait = guesses_.Charge(request.client_id, request.address, now);
  if (wait > absl::ZeroDuration())
    return RefuseCheaply(
        request, Limited(absl::StatusCode::kResourceExhausted, ErrorReason::RATE_LIMITED, wait), "", done);
  const std::string secret_id = secret != nullptr ? secret->id : "";
  auto shared = std::make_shared<const TokenRequest>(std::move(request));
  const bool queued = checker_.Check(secret != nullptr ? secret->hash : checker_.decoy(),
                                     shared->client_secret, [this, shared, secret_id, done](bool matches) {
                                       if (!matches || secret_id.empty())
                                         return Refuse(*shared, Unauthenticated(), "invalid_client", done);
                                       const absl::Time checked = options_.clock->Now();
                                       guesses_.Succeed(shared->client_id, shared->address, checked);
                                       recent_.Remember(shared->client_secret, secret_id, checked);
                                       Finish(*shared, secret_id, done);
                                     });
  if (!queued) {
    RefuseCheaply(*shared,
                  Limited(absl::StatusCode::kResourceExhausted, ErrorReason::OVERLOADED, absl::Seconds(1)),
                  "", done);
  }
}

absl::StatusOr<std::shared_ptr<const access::SigningKey>> TokenEndpoint::CurrentKey(absl::Time now) {
  const std::vector<StoredKey> stored = options_.directory->keys();
  const StoredKey* current = nullptr;
  for (const StoredKey& key : stored) {
    if (key.active_time <= now) current = &key;
  }
  if (current == nullptr) return base::Fail(absl::StatusCode::kInternal, ErrorReason::INTERNAL);
  const std::lock_guard lock(mutex_);
  auto& opened = keys_[current->public_key.key_id];
  if (opened == nullptr) {
    ASSIGN_OR_RETURN(opened, access::SigningKey::FromSealed(current->sealed, *options_.master_key));
  }
  return opened;
}

void TokenEndpoint::Finish(const TokenRequest& request, const std::string& secret_id,
                           const std::function<void(TokenAnswer)>& done) {
  const absl::Time now = options_.clock->Now();
  // Looked up again: the check took its time.
  const auto entry = options_.directory->Find(request.client_id);
  const Secret* secret = FindSecret(entry.get(), request.client_secret, now);
  if (secret == nullptr || secret->id != secret_id || entry->access.disabled())
    return Refuse(request, Unauthenticated(), "invalid_client", done);
  const auto key = CurrentKey(now);
  if (!key.ok()) return Refuse(request, key.status(), "", done);
  const auto issued = access::IssueToken(options_.profile, **key, request.client_id, now);
  if (!issued.ok()) return Refuse(request, issued.status(), "", done);
  Log(access::AccessEvent::kTokenIssued, request, issued->claims.token_id, absl::OkStatus());
  TokenAnswer answer;
  answer.access_token = issued->token;
  answer.expires_in = static_cast<int>(absl::ToInt64Seconds(issued->claims.expires - now));
  done(std::move(answer));
}

}  // namespace lianqiao::identity
