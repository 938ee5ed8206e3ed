// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identity/bootstrap.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lianqiao/identity/v1/client.pb.h"
#include "lianqiao/identity/v1/secret.pb.h"
#include "libs/access/credentials.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "services/gateway/identity/registry_follower.h"

namespace lianqiao::identity {

namespace {

constexpr char kSourceSystem[] = "lianqiao";
constexpr absl::Duration kCallLimit = absl::Seconds(10);

struct Wanted {
  std::string name;  // Also the external id.
  std::string label;
  bool is_service;
  std::vector<std::string> permissions;
  bool any_source_system;
  std::string file;
};

class Founding {
 public:
  Founding(rpc::Client* client, const std::string& authorization)
      : client_(client), metadata_({{rpc::kAuthorization, authorization}}) {}

  absl::StatusOr<access::Credentials> MakeSecret(const std::string& client_id) const {
    RETURN_IF_ERROR(MakeRoomForSecret(client_id));
    v1::IssueSecretRequest request;
    request.set_client_id(client_id);
    v1::IssueSecretResponse response;
    RETURN_IF_ERROR(Call("SecretService/IssueSecret", request, &response));
    return access::Credentials{client_id, response.client_secret(), ""};
  }

  absl::StatusOr<std::string> MakeClient(const Wanted& wanted) const {
    v1::BatchUpsertClientsRequest request;
    request.set_source_system(kSourceSystem);
    request.set_atomic(true);
    v1::Client* client = request.add_clients();
    client->set_label(wanted.label);
    client->set_is_service(wanted.is_service);
    SetExternalId(wanted.name, client->add_external_ids());
    v1::BatchUpsertClientsResponse response;
    RETURN_IF_ERROR(Call("ClientService/BatchUpsertClients", request, &response));
    return OnlyId(response.results());
  }

  absl::Status MakeGrants(const Wanted& wanted, const std::string& client_id) const {
    v1::BatchUpsertGrantsRequest request;
    request.set_source_system(kSourceSystem);
    request.set_atomic(true);
    for (const std::string& permission : wanted.permissions) {
      v1::Grant* grant = request.add_grants();
      grant->set_client_id(client_id);
      grant->set_permission(permission);
      grant->set_scope_kind(v1::GRANT_SCOPE_KIND_PLATFORM);
      if (wanted.any_source_system) grant->add_source_systems("*");
      const bool first = request.grants_size() == 1;
      SetExternalId(first ? wanted.name : wanted.name + "/" + permission, grant->add_external_ids());
    }
    v1::BatchUpsertGrantsResponse response;
    return Call("GrantService/BatchUpsertGrants", request, &response);
  }

 private:
  absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response) const {
    return client_->CallAndWait("/lianqiao.identity.v1." + method, request, response, metadata_,
                                absl::Now() + kCallLimit);
  }

  // The oldest of two living secrets goes: nobody has its file any more.
  absl::Status MakeRoomForSecret(const std::string& client_id) const {
    v1::ListSecretsRequest request;
    request.set_client_id(client_id);
    v1::ListSecretsResponse living;
    RETURN_IF_ERROR(Call("SecretService/ListSecrets", request, &living));
    if (living.secrets_size() < 2) return absl::OkStatus();
    v1::RevokeSecretRequest revoke;
    revoke.set_client_id(client_id);
    revoke.set_secret_id(living.secrets(0).id());
    v1::RevokeSecretResponse revoked;
    return Call("SecretService/RevokeSecret", revoke, &revoked);
  }

  static void SetExternalId(const std::string& name, type::v1::ExternalId* external_id) {
    external_id->set_system(kSourceSystem);
    external_id->set_id(name);
  }

  template <typename Results>
  static absl::StatusOr<std::string> OnlyId(const Results& results) {
    if (results.size() == 1 && results.Get(0).outcome() != type::v1::UpsertResult::REFUSED)
      return results.Get(0).id();
    return absl::FailedPreconditionError("refused: " +
                                         (results.empty() ? std::string() : results.Get(0).message()));
  }

  rpc::Client* const client_;
  const rpc::Client::Metadata metadata_;
};

bool HasSecret(const IdentityServer& server, const Wanted& wanted) {
  const auto credentials = access::ReadCredentials(wanted.file);
  return credentials.ok() && server.Accepts(credentials->client_id, credentials->client_secret);
}

// What an administrator took from the operator stays taken; a service without its grants cannot work.
bool IsComplete(const IdentityServer& server, const Wanted& wanted) {
  if (!HasSecret(server, wanted)) return false;
  if (!wanted.is_service) return true;
  const auto credentials = access::ReadCredentials(wanted.file);
  return credentials.ok() && std::all_of(wanted.permissions.begin(), wanted.permissions.end(),
                                         [&](const std::string& permission) {
                                           return server.Grants(credentials->client_id, permission);
                                         });
}

Wanted OfService(const std::string& service, const BootstrapOptions& options) {
  const std::pair<std::string, std::string> named = absl::StrSplit(service, absl::MaxSplits('=', 1));
  std::vector<std::string> permissions = {"identity.grant_feed.read", "identity.access_log.append"};
  for (const absl::string_view followed : absl::StrSplit(named.second, '+', absl::SkipEmpty())) {
    permissions.push_back(absl::StrCat(followed, ".*.changes"));
    permissions.push_back(absl::StrCat(followed, ".*.scopes"));
  }
  return {named.first, named.first,
          true,        std::move(permissions),
          false,       absl::StrCat(options.secrets_folder, "/", named.first, ".json")};
}

// One client with its grants, and a secret if its file holds none that works.
absl::Status Found(const Founding& founding, const BootstrapOptions& options, const Wanted& wanted) {
  ASSIGN_OR_RETURN(const std::string client_id, founding.MakeClient(wanted));
  RETURN_IF_ERROR(founding.MakeGrants(wanted, client_id));
  if (!HasSecret(*options.server, wanted)) {
    ASSIGN_OR_RETURN(access::Credentials credentials, founding.MakeSecret(client_id));
    if (!wanted.is_service) credentials.token_url = options.token_url;
    RETURN_IF_ERROR(access::WriteCredentials(wanted.file, credentials));
  }
  base::Log(base::Severity::kInfo, "client_founded", {{"name", wanted.name}, {"client_id", client_id}});
  return absl::OkStatus();
}

}  // namespace

absl::Status Bootstrap(const BootstrapOptions& options) {
  std::vector<Wanted> all = {{"operator", "平台运维 operator", false, {"*"}, true, options.operator_file}};
  if (!options.services.empty() || !options.own_permissions.empty())
    mkdir(options.secrets_folder.c_str(), 0700);
  for (const std::string& service : options.services) all.push_back(OfService(service, options));
  if (!options.own_permissions.empty())
    all.push_back({kOwnClient, kOwnClient, true, options.own_permissions, false,
                   absl::StrCat(options.secrets_folder, "/", kOwnClient, ".json")});
  std::vector<Wanted> missing;
  for (const Wanted& wanted : all) {
    if (!IsComplete(*options.server, wanted)) missing.push_back(wanted);
  }
  if (missing.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const IdentityServer::Founder founder, options.server->MakeFounder());
  const Founding founding(options.client, founder.authorization);
  absl::Status status;
  for (const Wanted& wanted : missing) {
    status = Found(founding, options, wanted);
    if (!status.ok()) break;
  }
  founder.forget();
  return status;
}

}  // namespace lianqiao::identity
