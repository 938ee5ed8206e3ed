// SPDX-License-Identifier: Apache-2.0
#include "libs/access/authenticator.h"

#include <strings.h>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace lianqiao::access {

namespace {

constexpr size_t kActingCharactersMax = 128;

absl::Status Unauthenticated() {
  return base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED);
}

absl::Status IdentityAway() {
  return base::WithRetryAfter(base::Fail(absl::StatusCode::kUnavailable,
                                         base::ErrorReason::BACKEND_UNAVAILABLE, {{"service", "identity"}}),
                              1000);
}

void CheckActing(const char* name, const std::string& value, std::vector<base::Violation>* violations) {
  bool valid = true;
  base::Normalise(value, &valid);
  for (const char c : value) valid = valid && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  if (!valid) {
    violations->push_back(base::Refuse(name, base::ErrorReason::FIELD_BAD_FORMAT, {{"expected", "UTF-8"}}));
  } else if (base::CharacterCount(value) > kActingCharactersMax) {
    violations->push_back(base::Refuse(name, base::ErrorReason::FIELD_TOO_LONG,
                                       {{"max", std::to_string(kActingCharactersMax)}}));
  } else if (base::LooksLikePersonalNumber(value)) {
    violations->push_back(base::Refuse(name, base::ErrorReason::FORBIDDEN_PERSONAL_DATA));
  }
}

}  // namespace

std::string BearerToken(const std::string& authorization) {
  static constexpr char kScheme[] = "Bearer ";
  constexpr size_t kLength = sizeof(kScheme) - 1;
  if (authorization.size() <= kLength || strncasecmp(authorization.data(), kScheme, kLength) != 0) return "";
  return authorization.substr(kLength);
}

absl::Status SetActingPerson(const rpc::CallContext& context, Caller* caller) {
  caller->acting_person = context.Metadata(rpc::kActingPerson);
  caller->acting_role = context.Metadata(rpc::kActingRole);
  if (caller->acting_person.empty() && caller->acting_role.empty()) return absl::OkStatus();
  std::vector<base::Violation> violations;
  CheckActing(rpc::kActingPerson, caller->acting_person, &violations);
  CheckActing(rpc::kActingRole, caller->acting_role, &violations);
  return base::FailIfAny(violations);
}

TokenAuthenticator::TokenAuthenticator(TokenVerifier* verifier, GrantCache* grants, Fetch fetch,
                                       const base::Clock& clock)
    : verifier_(verifier), grants_(grants), fetch_(std::move(fetch)), clock_(clock) {}

void TokenAuthenticator::Complete(const rpc::CallContext& context, const TokenClaims& claims,
                                  std::shared_ptr<const ClientGrants> client, const Done& done) const {
  if (client == nullptr || client->disabled) {
    if (denied_) denied_(context, claims);
    return done(Unauthenticated());
  }
  Caller caller;
  caller.client_id = claims.client_id;
  caller.token_id = claims.token_id;
  caller.is_service = client->is_service;
  caller.grants = std::move(client);
  const absl::Status acting = SetActingPerson(context, &caller);
  if (!acting.ok()) return done(acting);
  done(std::move(caller));
}

void TokenAuthenticator::Authenticate(std::shared_ptr<const rpc::CallContext> context, Done done) {
  const std::string token = BearerToken(context->Metadata(rpc::kAuthorization));
  if (token.empty()) return done(Unauthenticated());
  // Stale grants come before the token: without news of keys a good token may look forged.
  if (!grants_->fresh()) return done(IdentityAway());
  std::string cause;
  TokenClaims expired;
  const auto claims = verifier_->Verify(token, clock_.Now(), &cause, &expired);
  if (!claims.ok()) {
    if (denied_ && !expired.client_id.empty()) denied_(*context, expired);
    base::Log(base::Severity::kInfo, "token_refused",
              {{"cause", cause}, {"method", context->method}, {"request_id", context->request_id}});
    return done(claims.status());
  }
  auto client = grants_->Find((*claims)->client_id);
  if (client != nullptr) return Complete(*context, **claims, std::move(client), done);
  FetchOnce((*claims)->client_id, [this, context, known = *claims, done](const absl::Status& status) {
    if (!status.ok()) return done(status);
    Complete(*context, *known, grants_->Find(known->client_id), done);
  });
}

void TokenAuthenticator::Find(const std::string& client_id, Done done) {
  if (!grants_->fresh()) return done(IdentityAway());
  const auto answer = [client_id](const std::shared_ptr<const ClientGrants>& client, const Done& told) {
    if (client == nullptr || client->disabled) return told(Unauthenticated());
    Caller caller;
    caller.client_id = client_id;
    caller.is_service = client->is_service;
    caller.grants = client;
    told(std::move(caller));
  };
  if (auto client = grants_->Find(client_id)) return answer(client, done);
  FetchOnce(client_id, [this, client_id, answer, done](const absl::Status& status) {
    if (!status.ok()) return done(status);
    answer(grants_->Find(client_id), done);
  });
}

void TokenAuthenticator::FetchOnce(const std::string& client_id,
                                   std::function<void(const absl::Status&)> then) {
  if (fetch_ == nullptr) return then(Unauthenticated());
  {
    const std::lock_guard lock(mutex_);
    Waiting& waiting = fetching_[client_id];
    waiting.push_back(std::move(then));
    if (waiting.size() > 1) return;
  }
  fetch_(client_id, [this, client_id](absl::StatusOr<ClientGrants> client) {
    const absl::Status status = client.ok() ? absl::OkStatus() : IdentityAway();
    if (client.ok()) grants_->Add(*std::move(client));
    Waiting waiting;
    {
      const std::lock_guard lock(mutex_);
      waiting.swap(fetching_[client_id]);
      fetching_.erase(client_id);
    }
    for (const auto& next : waiting) next(status);
  });
}

}  // namespace lianqiao::access
