// SPDX-License-Identifier: Apache-2.0
// The methods of lianqiao.identity.v1 that the engine does not bind: secrets, keys, the grant feed, the
// caller's own view, tokens over gRPC.
#include <algorithm>
#include <set>

#include "lianqiao/identity/v1/access_log.pb.h"
#include "lianqiao/identity/v1/caller.pb.h"
#include "lianqiao/identity/v1/grant_feed.pb.h"
#include "lianqiao/identity/v1/secret.pb.h"
#include "lianqiao/identity/v1/token.pb.h"
#include "libs/access/access_log_rows.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "services/gateway/identity/access_log_reader.h"
#include "services/gateway/identity/grant_rules.h"
#include "services/gateway/identity/identity_server.h"
#include "services/gateway/identity/identity_store.h"

namespace lianqiao::identity {

using rpc::CallContext;
using Context = std::shared_ptr<const CallContext>;

namespace {

constexpr size_t kLivingSecretsMax = 2;
constexpr absl::Duration kPollMax = absl::Seconds(30);
// A new key is known to every service before the first token is signed with it.
constexpr absl::Duration kKeyLead = absl::Seconds(10);
constexpr absl::Duration kReadLogLimit = absl::Seconds(5);
constexpr absl::Duration kKeysKept = absl::Hours(24);

absl::Status NotFound(const char* kind) {
  return base::Fail(absl::StatusCode::kNotFound, base::ErrorReason::RESOURCE_NOT_FOUND, {{"kind", kind}});
}

// The request, or INVALID_ARGUMENT with every violation of its fields' options.
template <typename Request>
absl::StatusOr<Request> Parse(const std::string& bytes) {
  Request request;
  std::vector<base::Violation> violations;
  if (!request.ParseFromString(bytes)) {
    violations.push_back(base::Refuse("", base::ErrorReason::FIELD_BAD_FORMAT,
                                      {{"expected", Request::descriptor()->full_name()}}));
  } else {
    contract::Validate(request, "", &violations);
  }
  RETURN_IF_ERROR(base::FailIfAny(violations));
  return request;
}

rpc::Reply ReplyOf(const google::protobuf::Message& message) {
  return {message.SerializeAsString(), {}};
}

void SetTime(absl::Time time, google::protobuf::Timestamp* proto) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  proto->set_seconds(seconds);
  proto->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

void Describe(const Secret& secret, v1::ClientSecret* proto) {
  proto->set_id(secret.id);
  SetTime(secret.create_time, proto->mutable_create_time());
  if (secret.revoke_time != absl::InfiniteFuture()) SetTime(secret.revoke_time, proto->mutable_revoke_time());
}

absl::Status TooManySecrets() {
  return base::FailIfAny(
      absl::StatusCode::kFailedPrecondition,
      {base::RefuseRule("clientId", "该接入方已有两个有效密钥,请先撤销其中一个",
                        "the client has two living secrets already; revoke one of them first")});
}

}  // namespace

void IdentityServer::AddMethod(resource::Engine* engine, const std::string& name, Method method) {
  engine->AddRaw(
      "/lianqiao.identity.v1." + name,
      [this, method](const access::Caller& caller, Context context, std::string bytes, rpc::Done done) {
        (this->*method)(caller, std::move(context), bytes, std::move(done));
      });
}

void IdentityServer::AddTo(resource::Engine* engine) {
  resource::Resource<v1::Grant>(*engine).rules(CheckGrant);
  AddMethod(engine, "TokenService/IssueToken", &IdentityServer::IssueTokenMethod);
  AddMethod(engine, "CallerService/WhoAmI", &IdentityServer::WhoAmI);
  AddMethod(engine, "GrantFeedService/ListGrantChanges", &IdentityServer::ListGrantChanges);
  AddMethod(engine, "GrantFeedService/GetClientAccess", &IdentityServer::GetClientAccess);
  AddMethod(engine, "SecretService/IssueSecret", &IdentityServer::IssueSecret);
  AddMethod(engine, "SecretService/RevokeSecret", &IdentityServer::RevokeSecret);
  AddMethod(engine, "SecretService/ListSecrets", &IdentityServer::ListSecrets);
  AddMethod(engine, "KeyService/RotateKeys", &IdentityServer::RotateKeys);
  AddMethod(engine, "AccessLogService/ListAccessLog", &IdentityServer::ListAccessLog);
  AddMethod(engine, "AccessLogService/AppendAccessLog", &IdentityServer::AppendAccessLog);
}

void IdentityServer::Run(postgres::Database* database, const CallContext& context, Body body,
                         rpc::Done done) {
  database->Submit(
      context.deadline,
      [body = std::move(body), done](postgres::Session& session) {
        auto bytes = body(session);
        if (!bytes.ok()) return done(std::move(bytes).status());
        done(rpc::Reply{*std::move(bytes), {}});
      },
      done);
}

void IdentityServer::LogAdministration(const access::Caller& caller, const CallContext& context,
                                       const std::string& permission, const std::string& kind,
                                       const std::string& id) {
  if (options_.access_log == nullptr) return;
  access::AccessEntry entry = access::MakeAccessEntry(access::AccessEvent::kAdministration, context, &caller);
  entry.permission = permission;
  entry.kind = kind;
  entry.record_ids = {id};
  options_.access_log->Record(std::move(entry));
}

void IdentityServer::IssueTokenMethod(const access::Caller& caller, Context context, const std::string& bytes,
                                      rpc::Done done) {
  const auto request = Parse<v1::IssueTokenRequest>(bytes);
  if (!request.ok()) return done(request.status());
  TokenRequest token;
  token.client_id = request->client_id();
  token.client_secret = request->client_secret();
  token.address = context->caller_address;
  token.method = context->method;
  token.request_id = context->request_id;
  token.trace_id = context->trace_id;
  endpoint_->Issue(std::move(token), [done](const TokenAnswer& answer) {
    if (!answer.status.ok()) return done(answer.status);
    v1::IssueTokenResponse response;
    response.set_access_token(answer.access_token);
    response.set_token_type("Bearer");
    response.set_expires_in(answer.expires_in);
    done(ReplyOf(response));
  });
}

void IdentityServer::WhoAmI(const access::Caller& caller, Context context, const std::string& bytes,
                            rpc::Done done) {
  const absl::Time now = options_.clock->Now();
  v1::WhoAmIResponse response;
  access::ToProto(*caller.grants, response.mutable_client());
  std::set<std::string> permissions;
  for (const access::Grant& grant : caller.grants->grants) {
    if (grant.HoldsAt(now)) permissions.insert(grant.permission);
  }
  for (const std::string& permission : permissions) response.add_permissions(permission);
  response.set_acting_person(caller.acting_person);
  response.set_acting_role(caller.acting_role);
  done(ReplyOf(response));
}

void IdentityServer::ListGrantChanges(const access::Caller& caller, Context context, const std::string& bytes,
                                      rpc::Done done) {
  const auto request = Parse<v1::ListGrantChangesRequest>(bytes);
  if (!request.ok()) return done(request.status());
  const absl::Duration wait =
      std::clamp(absl::Milliseconds(request->wait_milliseconds()), absl::ZeroDuration(), kPollMax);
  directory_.ListChanges(*request, options_.clock->Now() + wait, [done](auto changes) {
    if (!changes.ok()) return done(std::move(changes).status());
    done(ReplyOf(*changes));
  });
}

void IdentityServer::GetClientAccess(const access::Caller& caller, Context context, const std::string& bytes,
                                     rpc::Done done) {
  const auto request = Parse<v1::GetClientAccessRequest>(bytes);
  if (!request.ok()) return done(request.status());
  Run(
      options_.reads, *context,
      [this, client_id = request->client_id()](postgres::Session& session) -> absl::StatusOr<std::string> {
        RETURN_IF_ERROR(Load(session, false));
        const auto entry = directory_.Find(client_id);
        if (entry != nullptr) return entry->access.SerializeAsString();
        v1::ClientAccess unknown;
        unknown.set_client_id(client_id);
        unknown.set_disabled(true);
        return unknown.SerializeAsString();
      },
      std::move(done));
}

void IdentityServer::IssueSecret(const access::Caller& caller, Context context, const std::string& bytes,
                                 rpc::Done done) {
  const auto request = Parse<v1::IssueSecretRequest>(bytes);
  if (!request.ok()) return done(request.status());
  const auto body = [this, request = *request, caller,
                     context](postgres::Session& session) -> absl::StatusOr<std::string> {
    const absl::Time now = options_.clock->Now();
    const std::string text = MakeSecret();
    const Secret secret = {base::NewId(now), SelectorOf(text), HashSecret(text), now};
    if (secret.hash.empty())
      return base::Fail(absl::StatusCode::kResourceExhausted, base::ErrorReason::OVERLOADED);
    RETURN_IF_ERROR(session.Transact([&](postgres::Statements& transaction) -> absl::Status {
      RETURN_IF_ERROR(RaiseStamp(transaction));
      ASSIGN_OR_RETURN(const auto living, LockSecrets(transaction, request.client_id(), now));
      if (living.size() >= kLivingSecretsMax) return TooManySecrets();
      if (request.revoke_other_after_seconds() > 0) {
        const absl::Time end = now + absl::Seconds(request.revoke_other_after_seconds());
        RETURN_IF_ERROR(RevokeOthers(transaction, request.client_id(), secret.id, end));
      }
      return InsertSecret(transaction, request.client_id(), secret);
    }));
    LogAdministration(caller, *context, "identity.secret.write", "client", request.client_id());
    RETURN_IF_ERROR(Load(session, false));  // So that it works as soon as the caller holds it.
    v1::IssueSecretResponse response;
    Describe(secret, response.mutable_secret());
    response.set_client_secret(text);
    return response.SerializeAsString();
  };
  Run(options_.writes, *context, body, std::move(done));
}

void IdentityServer::RevokeSecret(const access::Caller& caller, Context context, const std::string& bytes,
                                  rpc::Done done) {
  const auto request = Parse<v1::RevokeSecretRequest>(bytes);
  if (!request.ok()) return done(request.status());
  const auto body = [this, request = *request, caller,
                     context](postgres::Session& session) -> absl::StatusOr<std::string> {
    const absl::Time now = options_.clock->Now();
    v1::RevokeSecretResponse response;
    RETURN_IF_ERROR(session.Transact([&](postgres::Statements& transaction) -> absl::Status {
      RETURN_IF_ERROR(RaiseStamp(transaction));
      ASSIGN_OR_RETURN(const auto living, LockSecrets(transaction, request.client_id(), now));
      const auto found = std::find_if(living.begin(), living.end(),
                                      [&](const Secret& secret) { return secret.id == request.secret_id(); });
      if (found == living.end()) return NotFound("client secret");
      Secret revoked = *found;
      revoked.revoke_time = now;
      Describe(revoked, response.mutable_secret());
      return RevokeSecretAt(transaction, revoked.id, now);
    }));
    LogAdministration(caller, *context, "identity.secret.write", "client", request.client_id());
    RETURN_IF_ERROR(Load(session, false));
    return response.SerializeAsString();
  };
  Run(options_.writes, *context, body, std::move(done));
}

void IdentityServer::ListSecrets(const access::Caller& caller, Context context, const std::string& bytes,
                                 rpc::Done done) {
  const auto request = Parse<v1::ListSecretsRequest>(bytes);
  if (!request.ok()) return done(request.status());
  const auto body = [this, request = *request](postgres::Session& session) -> absl::StatusOr<std::string> {
    RETURN_IF_ERROR(Load(session, false));
    const auto entry = directory_.Find(request.client_id());
    if (entry == nullptr) return NotFound("client");
    ASSIGN_OR_RETURN(const auto living, ReadSecrets(session, request.client_id(), options_.clock->Now()));
    v1::ListSecretsResponse response;
    for (const Secret& secret : living) Describe(secret, response.add_secrets());
    return response.SerializeAsString();
  };
  Run(options_.reads, *context, body, std::move(done));
}

void IdentityServer::RotateKeys(const access::Caller& caller, Context context, const std::string& bytes,
                                rpc::Done done) {
  const auto body = [this, caller, context](postgres::Session& session) -> absl::StatusOr<std::string> {
    const absl::Time now = options_.clock->Now();
    v1::RotateKeysResponse response;
    RETURN_IF_ERROR(session.Transact([&](postgres::Statements& transaction) -> absl::Status {
      RETURN_IF_ERROR(RaiseStamp(transaction));
      ASSIGN_OR_RETURN(const auto keys, ReadKeys(transaction));
      StoredKey next;
      if (!keys.empty() && keys.back().active_time > now) {
        next = keys.back();  // A repetition: the new key is on its way.
      } else {
        ASSIGN_OR_RETURN(const auto key, access::SigningKey::Generate());
        next.public_key = key->public_key();
        ASSIGN_OR_RETURN(next.sealed, key->Seal(master_key_));
        next.active_time = now + kKeyLead;
        RETURN_IF_ERROR(InsertKey(transaction, next));
        // All but the one that signs now, and only if it has been there for long enough.
        const absl::Time old = keys.empty() ? now : std::min(keys.back().active_time, now - kKeysKept);
        RETURN_IF_ERROR(DeleteKeysBefore(transaction, old));
      }
      response.set_key_id(next.public_key.key_id);
      SetTime(next.active_time, response.mutable_active_time());
      return absl::OkStatus();
    }));
    LogAdministration(caller, *context, "identity.key.write", "signing_key", response.key_id());
    RETURN_IF_ERROR(Load(session, false));
    return response.SerializeAsString();
  };
  Run(options_.writes, *context, body, std::move(done));
}

void IdentityServer::ListAccessLog(const access::Caller& caller, Context context, const std::string& bytes,
                                   rpc::Done done) {
  const auto request = Parse<v1::ListAccessLogRequest>(bytes);
  if (!request.ok()) return done(request.status());
  // A reader of a long log has a while for a page, but must not keep a connection that others need.
  options_.reads->Submit(
      std::min(context->deadline, absl::Now() + kReadLogLimit),
      [request = *request, done](postgres::Session& session) {
        v1::ListAccessLogResponse response;
        const absl::Status status = session.Transact([&](postgres::Statements& statements) -> absl::Status {
          ASSIGN_OR_RETURN(response, ReadAccessLog(statements, request));
          return absl::OkStatus();
        });
        if (!status.ok()) return done(status);
        done(ReplyOf(response));
      },
      done);
}

void IdentityServer::AppendAccessLog(const access::Caller& caller, Context context, const std::string& bytes,
                                     rpc::Done done) {
  auto request = Parse<v1::AppendAccessLogRequest>(bytes);
  if (!request.ok()) return done(request.status());
  std::vector<v1::AccessLogEntry> entries(std::make_move_iterator(request->mutable_entries()->begin()),
                                          std::make_move_iterator(request->mutable_entries()->end()));
  Run(
      options_.writes, *context,
      [entries = std::move(entries)](postgres::Session& session) -> absl::StatusOr<std::string> {
        RETURN_IF_ERROR(access::StoreAccessLog(session, entries, access::Forward::kNowhere));
        return v1::AppendAccessLogResponse().SerializeAsString();
      },
      std::move(done));
}

}  // namespace lianqiao::identity
