// SPDX-License-Identifier: Apache-2.0
// Identity inside the gateway process: tokens, keys, the grant feed and the methods of lianqiao.identity.v1
// that are not the engine's. Used by identity_host and, for tokens and limits, by the gateway's fronts.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/access/access_log.h"
#include "libs/access/authenticator.h"
#include "libs/access/denials.h"
#include "libs/access/grant_cache.h"
#include "libs/access/token.h"
#include "libs/postgres/database.h"
#include "libs/resource/engine.h"
#include "services/gateway/identity/directory.h"
#include "services/gateway/identity/token_endpoint.h"

namespace lianqiao::identity {

class IdentityServer {
 public:
  struct Options {
    postgres::Database* reads = nullptr;  // All outlive the server.
    postgres::Database* writes = nullptr;
    // What keeps grants fresh, and fetches unknown clients: of its own, so that long lists do not starve it.
    // Null: `reads`.
    postgres::Database* polls = nullptr;
    access::AccessLog* access_log = nullptr;  // May be null in tests.
    std::string master_key_file;              // Made if it is missing.
    access::TokenProfile profile = {};
    // How often the database is asked for changes that another process made.
    absl::Duration poll = absl::Milliseconds(200);
    const base::Clock* clock = &base::Clock::System();
  };
  // Reads everything once and makes the first signing key. Fails if the database is away or the master key is
  // not the one that the stored keys were sealed with.
  static absl::StatusOr<std::unique_ptr<IdentityServer>> Start(Options options);
  ~IdentityServer();
  // Ends long polls, so that the gRPC server can drain.
  void Close() { directory_.Close(); }

  // Adds rules and own methods; before the engine is bound.
  void AddTo(resource::Engine* engine);

  void IssueToken(TokenRequest request, std::function<void(TokenAnswer)> done) {
    endpoint_->Issue(std::move(request), std::move(done));
  }
  // RFC 7517, for /.well-known/jwks.json.
  std::string Jwks() const { return access::JwksJson(directory_.published_keys()); }
  // Never blocks. The client of a good token with its limits; a client that this process has not read yet
  // comes without limits and grants. UNAUTHENTICATED, or UNAVAILABLE after a long time without the database.
  // `denied` gets the claims of a token that we signed and that is refused all the same.
  absl::StatusOr<std::shared_ptr<const access::ClientGrants>> VerifyToken(const std::string& token,
                                                                          access::TokenClaims* denied);
  access::Denials* denials() { return &denials_; }
  access::Authenticator* authenticator() { return &authenticator_; }

  // A caller that may do everything, known to this process alone, until `forget` is called: for the
  // bootstrap.
  struct Founder {
    std::string authorization;  // "Bearer …"
    std::function<void()> forget;
  };
  absl::StatusOr<Founder> MakeFounder();
  // Whether these credentials would get a token; for the bootstrap, not counted as a guess.
  bool Accepts(const std::string& client_id, const std::string& client_secret) const;
  // Whether the client has a grant of exactly this permission.
  bool Grants(const std::string& client_id, const std::string& permission) const;

 private:
  explicit IdentityServer(Options options, access::MasterKey master_key);

  // Runs on a worker of a database; in order, so that an older reading never replaces a newer one.
  absl::Status Load(postgres::Statements& statements, bool always);
  absl::Status MakeFirstKey(postgres::Session& session);
  absl::Status LoadNow(bool always);
  postgres::Database* polls() const { return options_.polls != nullptr ? options_.polls : options_.reads; }
  void Poll();
  void Publish();  // What the directory holds into this process's own grant cache.

  using Body = std::function<absl::StatusOr<std::string>(postgres::Session&)>;
  void Run(postgres::Database* database, const rpc::CallContext& context, Body body, rpc::Done done);
  // Own methods: bytes in, bytes out; see identity_methods.cc.
  using Method = void (IdentityServer::*)(const access::Caller&, std::shared_ptr<const rpc::CallContext>,
                                          const std::string&, rpc::Done);
  void AddMethod(resource::Engine* engine, const std::string& name, Method method);
  void IssueTokenMethod(const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                        const std::string& bytes, rpc::Done done);
  void WhoAmI(const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
              const std::string& bytes, rpc::Done done);
  void ListGrantChanges(const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                        const std::string& bytes, rpc::Done done);
  void GetClientAccess(const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                       const std::string& bytes, rpc::Done done);
  void IssueSecret(const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                   const std::string& bytes, rpc::Done done);
  void RevokeSecret(const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                    const std::string& bytes, rpc::Done done);
  void ListSecrets(const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                   const std::string& bytes, rpc::Done done);
  void RotateKeys(const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                  const std::string& bytes, rpc::Done done);
  void ListAccessLog(const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                     const std::string& bytes, rpc::Done done);
  void AppendAccessLog(const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                       const std::string& bytes, rpc::Done done);
  void LogAdministration(const access::Caller& caller, const rpc::CallContext& context,
                         const std::string& permission, const std::string& kind, const std::string& id);

  const Options options_;
  const access::MasterKey master_key_;
  Directory directory_;
  std::unique_ptr<TokenEndpoint> endpoint_;
  access::TokenVerifier verifier_;
  access::GrantCache grants_;
  access::TokenAuthenticator authenticator_;
  access::Denials denials_;
  std::mutex load_mutex_;
  std::string stamp_;  // Guarded by load_mutex_.
  std::mutex stop_mutex_;
  std::condition_variable stop_;
  bool stopped_ = false;
  std::thread poller_;
};

}  // namespace lianqiao::identity
