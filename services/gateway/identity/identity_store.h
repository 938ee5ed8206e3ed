// SPDX-License-Identifier: Apache-2.0
// The named SQL of identity: reading everything, and changes of secrets and keys, which are no resources of
// the engine. Only for services/gateway/identity.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/database.h"
#include "services/gateway/identity/directory.h"

namespace lianqiao::identity {

// Differs after every committed change of clients, grants, secrets and keys.
absl::StatusOr<std::string> ReadStamp(postgres::Statements& statements);
absl::StatusOr<Contents> ReadContents(postgres::Statements& statements, absl::Time now);

// Inside Transact. Orders all changes of secrets and keys; to be called first.
absl::Status RaiseStamp(postgres::Statements& transaction);

// Living secrets of a living client, its row locked. NOT_FOUND if there is no such client.
absl::StatusOr<std::vector<Secret>> LockSecrets(postgres::Statements& transaction,
                                                const std::string& client_id, absl::Time now);
absl::StatusOr<std::vector<Secret>> ReadSecrets(postgres::Statements& statements,
                                                const std::string& client_id, absl::Time now);
absl::Status InsertSecret(postgres::Statements& transaction, const std::string& client_id,
                          const Secret& secret);
// The client's secrets other than `kept` end at `time` at the latest.
absl::Status RevokeOthers(postgres::Statements& transaction, const std::string& client_id,
                          const std::string& kept, absl::Time time);
absl::Status RevokeSecretAt(postgres::Statements& transaction, const std::string& secret_id, absl::Time time);

absl::StatusOr<std::vector<StoredKey>> ReadKeys(postgres::Statements& statements);
absl::Status InsertKey(postgres::Statements& transaction, const StoredKey& key);
// Keys that nobody can hold a token of any more.
absl::Status DeleteKeysBefore(postgres::Statements& transaction, absl::Time active_before);

}  // namespace lianqiao::identity
