// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identity/identity_server.h"

#include <algorithm>

#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "services/gateway/identity/identity_store.h"

namespace lianqiao::identity {

namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(20);
constexpr absl::Duration kPollLimit = absl::Seconds(2);

}  // namespace

IdentityServer::IdentityServer(Options options, access::MasterKey master_key)
    : options_(std::move(options)),
      master_key_(std::move(master_key)),
      verifier_(options_.profile),
      grants_(&verifier_),
      authenticator_(
          &verifier_, &grants_,
          // In doubt the database is asked: another process may have made the client just now.
          [this](const std::string& client_id, auto done) {
            polls()->Submit(
                absl::Now() + kPollLimit,
                [this, client_id, done](postgres::Session& session) {
                  const absl::Status loaded = Load(session, false);
                  if (!loaded.ok()) return done(loaded);
                  access::ClientGrants client;
                  client.client_id = client_id;
                  client.disabled = true;
                  const auto entry = directory_.Find(client_id);
                  done(entry == nullptr ? client : access::FromProto(entry->access));
                },
                done);
          },
          *options_.clock),
      denials_(options_.access_log, *options_.clock) {
  authenticator_.SetDenied(
      [this](const auto& context, const auto& claims) { denials_.Record(context, claims); });
}

absl::StatusOr<std::unique_ptr<IdentityServer>> IdentityServer::Start(Options options) {
  ASSIGN_OR_RETURN(access::MasterKey master_key, access::MasterKey::ReadOrCreate(options.master_key_file));
  std::unique_ptr<IdentityServer> server(new IdentityServer(std::move(options), std::move(master_key)));
  const Options& kept = server->options_;
  server->endpoint_ = std::make_unique<TokenEndpoint>(TokenEndpoint::Options{
      kept.profile, &server->directory_, &server->master_key_, kept.access_log, kept.clock});
  RETURN_IF_ERROR(
      kept.writes->Run(absl::Now() + kStartLimit, [&](postgres::Session& session) -> absl::Status {
        RETURN_IF_ERROR(server->MakeFirstKey(session));
        return server->Load(session, true);
      }));
  for (const StoredKey& key : server->directory_.keys()) {
    RETURN_IF_ERROR(access::SigningKey::FromSealed(key.sealed, server->master_key_).status());
  }
  server->poller_ = std::thread([raw = server.get()] { raw->Poll(); });
  return server;
}

IdentityServer::~IdentityServer() {
  {
    const std::lock_guard lock(stop_mutex_);
    stopped_ = true;
  }
  stop_.notify_all();
  if (poller_.joinable()) poller_.join();
  endpoint_.reset();  // Its thread uses the directory.
}

absl::Status IdentityServer::MakeFirstKey(postgres::Session& session) {
  const absl::Time now = options_.clock->Now();
  return session.Transact([&](postgres::Statements& transaction) -> absl::Status {
    RETURN_IF_ERROR(
        RaiseStamp(transaction));  // Two first processes: the second one waits here and sees the key.
    ASSIGN_OR_RETURN(const std::vector<StoredKey> keys, ReadKeys(transaction));
    if (!keys.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto key, access::SigningKey::Generate());
    ASSIGN_OR_RETURN(std::string sealed, key->Seal(master_key_));
    return InsertKey(transaction, {key->public_key(), std::move(sealed), now});
  });
}

absl::Status IdentityServer::Load(postgres::Statements& statements, bool always) {
  const std::lock_guard lock(load_mutex_);
  // The stamp first: what is committed after it is found by the next poll.
  ASSIGN_OR_RETURN(std::string stamp, ReadStamp(statements));
  const absl::Time now = options_.clock->Now();
  if (always || stamp != stamp_) {
    ASSIGN_OR_RETURN(Contents contents, ReadContents(statements, now));
    directory_.Install(std::move(contents), now);
    stamp_ = std::move(stamp);
  } else {
    directory_.Confirm(now);
  }
  Publish();
  return absl::OkStatus();
}

void IdentityServer::Publish() {
  const absl::Status applied = grants_.Apply(directory_.Changes(grants_.epoch(), grants_.version()));
  if (!applied.ok())
    base::Log(base::Severity::kError, "identity_keys_refused", {{"status", applied.ToString()}});
}

absl::Status IdentityServer::LoadNow(bool always) {
  return polls()->Run(absl::Now() + kPollLimit,
                      [&](postgres::Session& session) { return Load(session, always); });
}

void IdentityServer::Poll() {
  bool away = false;
  const auto pause = absl::ToChronoNanoseconds(options_.poll);
  std::unique_lock lock(stop_mutex_);
  while (!stop_.wait_for(lock, pause, [this] { return stopped_; })) {
    lock.unlock();
    const absl::Status loaded = LoadNow(false);
    if (!loaded.ok()) directory_.Doubt();
    if (loaded.ok() == away) {
      base::Log(away ? base::Severity::kInfo : base::Severity::kWarning,
                away ? "identity_database_back" : "identity_database_away", {{"status", loaded.ToString()}});
      away = !away;
    }
    lock.lock();
  }
}

absl::StatusOr<std::shared_ptr<const access::ClientGrants>> IdentityServer::VerifyToken(
    const std::string& token, access::TokenClaims* denied) {
  if (!grants_.fresh()) {
    return base::Fail(absl::StatusCode::kUnavailable, base::ErrorReason::BACKEND_UNAVAILABLE,
                      {{"service", "identity"}});
  }
  ASSIGN_OR_RETURN(const auto claims, verifier_.Verify(token, options_.clock->Now(), nullptr, denied));
  auto client = grants_.Find(claims->client_id);
  if (client == nullptr) {
    auto unknown = std::make_shared<access::ClientGrants>();
    unknown->client_id = claims->client_id;
    return std::shared_ptr<const access::ClientGrants>(std::move(unknown));
  }
  if (client->disabled) {
    *denied = *claims;
    return base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED);
  }
  return client;
}

absl::StatusOr<IdentityServer::Founder> IdentityServer::MakeFounder() {
  const absl::Time now = options_.clock->Now();
  const std::vector<StoredKey> keys = directory_.keys();
  const auto current =
      std::find_if(keys.rbegin(), keys.rend(), [&](const auto& key) { return key.active_time <= now; });
  if (current == keys.rend()) return base::Fail(absl::StatusCode::kInternal, base::ErrorReason::INTERNAL);
  ASSIGN_OR_RETURN(const auto key, access::SigningKey::FromSealed(current->sealed, master_key_));
  access::ClientGrants founder;
  founder.client_id = base::NewId(now);
  founder.label = "founder";
  founder.grants.push_back({"*", access::ScopeKind::kPlatform, "", {"*"}});
  ASSIGN_OR_RETURN(const access::IssuedToken issued,
                   access::IssueToken(options_.profile, *key, founder.client_id, now));
  grants_.Add(founder);
  const auto forget = [this, founder_id = founder.client_id] {
    const std::lock_guard lock(load_mutex_);
    v1::ListGrantChangesResponse changes = directory_.Changes(grants_.epoch(), grants_.version());
    v1::ClientAccess* gone = changes.add_clients();
    gone->set_client_id(founder_id);
    gone->set_disabled(true);
    (void)grants_.Apply(changes);  // The keys are those that it holds.
  };
  return Founder{"Bearer " + issued.token, forget};
}

bool IdentityServer::Accepts(const std::string& client_id, const std::string& client_secret) const {
  const auto entry = directory_.Find(client_id);
  if (entry == nullptr || entry->access.disabled()) return false;
  const std::string selector = SelectorOf(client_secret);
  const absl::Time now = options_.clock->Now();
  return std::any_of(entry->secrets.begin(), entry->secrets.end(), [&](const Secret& secret) {
    return secret.selector == selector && now < secret.revoke_time &&
           SecretMatches(secret.hash, client_secret);
  });
}

bool IdentityServer::Grants(const std::string& client_id, const std::string& permission) const {
  const auto entry = directory_.Find(client_id);
  return entry != nullptr &&
         std::any_of(entry->access.grants().begin(), entry->access.grants().end(),
                     [&](const v1::EffectiveGrant& grant) { return grant.permission() == permission; });
}

}  // namespace lianqiao::identity
