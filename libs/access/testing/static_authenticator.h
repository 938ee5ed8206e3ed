// SPDX-License-Identifier: Apache-2.0
// Callers by token text, without identity. Tests only.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/access/authenticator.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"

namespace lianqiao::access::testing {

// A client with these grants; its ids are made up.
inline Caller MakeCaller(std::vector<Grant> grants, const std::string& organisation_id = "") {
  auto client = std::make_shared<ClientGrants>();
  client->client_id = base::RandomId();
  client->organisation_id = organisation_id;
  client->grants = std::move(grants);
  Caller caller;
  caller.client_id = client->client_id;
  caller.token_id = base::RandomId();
  caller.grants = std::move(client);
  return caller;
}

inline Grant MakeGrant(const std::string& permission, ScopeKind kind, const std::string& scope_id,
                       std::vector<std::string> source_systems = {}) {
  Grant grant;
  grant.permission = permission;
  grant.scope_kind = kind;
  grant.scope_id = scope_id;
  grant.source_systems = std::move(source_systems);
  return grant;
}

// May do everything everywhere.
inline Caller MakeOperator() {
  return MakeCaller({MakeGrant("*", ScopeKind::kPlatform, "", {"*"})});
}

class StaticAuthenticator : public Authenticator {
 public:
  // The call sends "authorization: Bearer <token>". A caller may be replaced at any time.
  void Add(const std::string& token, Caller caller) {
    const std::lock_guard<std::mutex> lock(mutex_);
    callers_[token] = std::move(caller);
  }
  // Whoever sends it is unknown from now on.
  void Remove(const std::string& token) {
    const std::lock_guard<std::mutex> lock(mutex_);
    callers_.erase(token);
  }

  void Find(const std::string& client_id, Done done) override {
    std::optional<Caller> found;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (const auto& [token, caller] : callers_)
        if (caller.client_id == client_id) found = caller;
    }
    if (found.has_value()) return done(*std::move(found));
    done(base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED));
  }

  void Authenticate(std::shared_ptr<const rpc::CallContext> context, Done done) override {
    Caller caller;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      const auto found = callers_.find(BearerToken(context->Metadata(rpc::kAuthorization)));
      if (found != callers_.end()) caller = found->second;
    }
    if (caller.grants == nullptr)
      return done(base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED));
    const absl::Status acting = SetActingPerson(*context, &caller);
    if (!acting.ok()) return done(acting);
    done(std::move(caller));
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Caller> callers_;  // Guarded by mutex_.
};

}  // namespace lianqiao::access::testing
