// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identity/identity_store.h"

#include <unordered_map>

#include "libs/base/status.h"

namespace lianqiao::identity {

using postgres::Parameters;
using postgres::Query;
using postgres::Result;
using postgres::Statements;

namespace {

const Query kReadStamp = {"identity_read_stamp",
                          "SELECT (SELECT version FROM identity_stamp)::text || ' ' ||"
                          " (SELECT coalesce(sum(pos), 0) FROM feed_head)::text"};
const Query kRaiseStamp = {"identity_raise_stamp", "UPDATE identity_stamp SET version = version + 1"};

const Query kReadClients = {"identity_read_clients",
                            "SELECT id, label, coalesce(organisation_id::text, ''), disabled OR delete_time "
                            "IS NOT NULL, requests_per_second,"
                            " request_burst, concurrent_requests, is_service FROM client"};
// Grants whose time is over decide nothing any more; those to come are needed.
const Query kReadGrants = {"identity_read_grants",
                           "SELECT client_id, permission, scope_kind, coalesce(scope_id::text, ''), "
                           "source_systems, valid_from, valid_to"
                           " FROM access_grant WHERE delete_time IS NULL AND (valid_to IS NULL OR valid_to > "
                           "$1) ORDER BY client_id, id"};
const Query kReadAllSecrets = {
    "identity_read_all_secrets",
    "SELECT id, selector, hash, create_time, revoke_time, client_id FROM client_secret"
    " WHERE revoke_time IS NULL OR revoke_time > $1 ORDER BY client_id, id"};
const Query kReadSecrets = {
    "identity_read_secrets",
    "SELECT id, selector, hash, create_time, revoke_time FROM client_secret"
    " WHERE client_id = $1 AND (revoke_time IS NULL OR revoke_time > $2) ORDER BY create_time, id"};
const Query kLockClient = {"identity_lock_client",
                           "SELECT 1 FROM client WHERE id = $1 AND delete_time IS NULL FOR UPDATE"};
const Query kInsertSecret = {
    "identity_insert_secret",
    "INSERT INTO client_secret (id, client_id, selector, hash, create_time) VALUES ($1, $2, $3, $4, $5)"};
const Query kRevokeOthers = {"identity_revoke_others",
                             "UPDATE client_secret SET revoke_time = $3 WHERE client_id = $1 AND id <> $2"
                             " AND (revoke_time IS NULL OR revoke_time > $3)"};
const Query kRevokeSecret = {
    "identity_revoke_secret",
    "UPDATE client_secret SET revoke_time = $2 WHERE id = $1 AND (revoke_time IS NULL OR revoke_time > $2)"};
const Query kReadKeys = {
    "identity_read_keys",
    "SELECT key_id, sealed, x, y, active_time FROM signing_key ORDER BY active_time, key_id"};
const Query kInsertKey = {
    "identity_insert_key",
    "INSERT INTO signing_key (key_id, sealed, x, y, active_time) VALUES ($1, $2, $3, $4, $5)"};
const Query kDeleteKeys = {"identity_delete_keys", "DELETE FROM signing_key WHERE active_time < $1"};

Secret SecretAt(const Result& result, int row) {
  Secret secret = {result.Text(row, 0), result.Text(row, 1), result.Text(row, 2), result.Time(row, 3)};
  if (!result.IsNull(row, 4)) secret.revoke_time = result.Time(row, 4);
  return secret;
}

std::vector<Secret> AllSecrets(const Result& result) {
  std::vector<Secret> secrets;
  for (int row = 0; row < result.rows(); ++row) secrets.push_back(SecretAt(result, row));
  return secrets;
}

void SetTime(const Result& result, int row, int column, google::protobuf::Timestamp* time) {
  const int64_t microseconds = absl::ToUnixMicros(result.Time(row, column));
  time->set_seconds(microseconds >= 0 ? microseconds / 1000000 : (microseconds - 999999) / 1000000);
  time->set_nanos(static_cast<int32_t>(microseconds - time->seconds() * 1000000) * 1000);
}

void AddGrant(const Result& result, int row, v1::ClientAccess* access) {
  v1::EffectiveGrant* grant = access->add_grants();
  grant->set_permission(result.Text(row, 1));
  v1::GrantScopeKind kind = v1::GRANT_SCOPE_KIND_UNSPECIFIED;
  v1::GrantScopeKind_Parse(result.Text(row, 2), &kind);
  grant->set_scope_kind(kind);
  grant->set_scope_id(result.Text(row, 3));
  for (std::string& system : result.TextArray(row, 4)) grant->add_source_systems(std::move(system));
  if (!result.IsNull(row, 5)) SetTime(result, row, 5, grant->mutable_valid_from());
  if (!result.IsNull(row, 6)) SetTime(result, row, 6, grant->mutable_valid_to());
}

std::shared_ptr<ClientEntry> EntryAt(const Result& result, int row) {
  auto entry = std::make_shared<ClientEntry>();
  v1::ClientAccess& access = entry->access;
  access.set_client_id(result.Text(row, 0));
  access.set_label(result.Text(row, 1));
  access.set_organisation_id(result.Text(row, 2));
  access.set_disabled(result.Boolean(row, 3));
  access.set_requests_per_second(static_cast<int32_t>(result.Integer(row, 4)));
  access.set_request_burst(static_cast<int32_t>(result.Integer(row, 5)));
  access.set_concurrent_requests(static_cast<int32_t>(result.Integer(row, 6)));
  access.set_is_service(result.Boolean(row, 7));
  return entry;
}

}  // namespace

absl::StatusOr<std::string> ReadStamp(Statements& statements) {
  ASSIGN_OR_RETURN(const Result result, statements.Execute(kReadStamp, Parameters()));
  return result.rows() == 1 && !result.IsNull(0, 0) ? result.Text(0, 0) : "";
}

absl::Status RaiseStamp(Statements& transaction) {
  return transaction.Execute(kRaiseStamp, Parameters()).status();
}

absl::StatusOr<Contents> ReadContents(Statements& statements, absl::Time now) {
  ASSIGN_OR_RETURN(const Result clients, statements.Execute(kReadClients, Parameters()));
  ASSIGN_OR_RETURN(const Result grants, statements.Execute(kReadGrants, Parameters().Time(now)));
  ASSIGN_OR_RETURN(const Result secrets, statements.Execute(kReadAllSecrets, Parameters().Time(now)));
  std::unordered_map<std::string, std::shared_ptr<ClientEntry>> by_id;
  Contents contents;
  for (int row = 0; row < clients.rows(); ++row) {
    auto entry = EntryAt(clients, row);
    contents.clients.push_back(entry);
    if (!entry->access.disabled()) by_id[entry->access.client_id()] = entry;
  }
  for (int row = 0; row < grants.rows(); ++row) {
    const auto found = by_id.find(grants.Text(row, 0));
    if (found != by_id.end()) AddGrant(grants, row, &found->second->access);
  }
  for (int row = 0; row < secrets.rows(); ++row) {
    const auto found = by_id.find(secrets.Text(row, 5));
    if (found != by_id.end()) found->second->secrets.push_back(SecretAt(secrets, row));
  }
  ASSIGN_OR_RETURN(contents.keys, ReadKeys(statements));
  return contents;
}

absl::StatusOr<std::vector<Secret>> LockSecrets(Statements& transaction, const std::string& client_id,
                                                absl::Time now) {
  ASSIGN_OR_RETURN(const Result client, transaction.Execute(kLockClient, Parameters().Text(client_id)));
  if (client.rows() == 0) {
    return base::Fail(absl::StatusCode::kNotFound, base::ErrorReason::RESOURCE_NOT_FOUND,
                      {{"kind", "client"}});
  }
  return ReadSecrets(transaction, client_id, now);
}

absl::StatusOr<std::vector<Secret>> ReadSecrets(Statements& statements, const std::string& client_id,
                                                absl::Time now) {
  ASSIGN_OR_RETURN(const Result result,
                   statements.Execute(kReadSecrets, Parameters().Text(client_id).Time(now)));
  return AllSecrets(result);
}

absl::Status InsertSecret(Statements& transaction, const std::string& client_id, const Secret& secret) {
  Parameters parameters;
  parameters.Text(secret.id).Text(client_id).Text(secret.selector).Text(secret.hash).Time(secret.create_time);
  return transaction.Execute(kInsertSecret, parameters).status();
}

absl::Status RevokeOthers(Statements& transaction, const std::string& client_id, const std::string& kept,
                          absl::Time time) {
  return transaction.Execute(kRevokeOthers, Parameters().Text(client_id).Text(kept).Time(time)).status();
}

absl::Status RevokeSecretAt(Statements& transaction, const std::string& secret_id, absl::Time time) {
  return transaction.Execute(kRevokeSecret, Parameters().Text(secret_id).Time(time)).status();
}

absl::StatusOr<std::vector<StoredKey>> ReadKeys(Statements& statements) {
  ASSIGN_OR_RETURN(const Result result, statements.Execute(kReadKeys, Parameters()));
  std::vector<StoredKey> keys;
  for (int row = 0; row < result.rows(); ++row) {
    keys.push_back({{result.Text(row, 0), result.Bytes(row, 2), result.Bytes(row, 3)},
                    result.Bytes(row, 1),
                    result.Time(row, 4)});
  }
  return keys;
}

absl::Status InsertKey(Statements& transaction, const StoredKey& key) {
  Parameters parameters;
  parameters.Text(key.public_key.key_id).Bytes(key.sealed).Bytes(key.public_key.x).Bytes(key.public_key.y);
  return transaction.Execute(kInsertKey, parameters.Time(key.active_time)).status();
}

absl::Status DeleteKeysBefore(Statements& transaction, absl::Time active_before) {
  return transaction.Execute(kDeleteKeys, Parameters().Time(active_before)).status();
}

}  // namespace lianqiao::identity
