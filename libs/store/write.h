// SPDX-License-Identifier: Apache-2.0
// The write statements (design §5): a record's row, its revision, its change record, its external ids and the
// answer to its request_id commit together or not at all. Used by libs/resource only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/store/codec.h"
#include "libs/store/scope.h"

namespace lianqiao::store {

// Who writes, for the change record.
struct Actor {
  std::string client_id;
  std::string acting_person;
  std::string acting_role;
  std::string request_id;  // Of the call, for tracing; not the idempotency key.
  std::string trace_id;
  absl::Time now;
};

// Empty request_id: the write cannot be repeated safely and stores no answer.
struct IdempotencyKey {
  std::string client_id;
  std::string request_id;
  std::string method;
  std::string request_hash;  // sha256 of the request without request_id.
};

struct Position {
  int bucket = 0;
  int64_t pos = 0;
};
// The last position of each bucket that a write touched; empty: nothing was written.
using Positions = std::vector<Position>;

// One record's change, ready to be written. `record` holds the new state with id, revision and times.
struct Change {
  const Resource* resource = nullptr;
  std::string operation;  // CREATE, UPDATE, DELETE, UNDELETE, MERGE, SPLIT, KEY_CHANGE, ERASE
  const Message* record = nullptr;
  bool insert = false;  // Otherwise the row is updated.
  int bucket = 0;
  std::vector<std::string> changed_fields;
  std::vector<std::string> scope_before;
  std::vector<std::string> scope_after;
  std::vector<std::string> write_scope_after;
  bool external_ids_changed = false;
};

// The stored answer of an earlier call with this key.
struct StoredAnswer {
  std::string method;
  std::string request_hash;
  std::vector<std::string> answer;  // "field:kind:id:revision"
  Positions positions;
};
absl::StatusOr<std::optional<StoredAnswer>> FindAnswer(postgres::Statements& statements,
                                                       const IdempotencyKey& key);
// Keeps the answer of a call that writes no change, so that its repetition does not do more than it did.
absl::Status RememberAnswer(postgres::Statements& transaction, const IdempotencyKey& key,
                            const std::vector<std::string>& answer, const Positions& positions,
                            absl::Time now);
// Before a stored answer is given again: writes to its row, so that this COMMIT waits for the standby behind
// the one that stored it. That one may have been cut off while it waited, and then be on no standby yet.
absl::Status ConfirmAnswer(postgres::Statements& transaction, const IdempotencyKey& key);

// Who may see and write what a create touches.
struct CreateAuthority {
  Scope write;              // Must cover the new row's write_scope.
  std::vector<Scope> read;  // Per reference of References(resource), in order.
};

// Scalar references of a resource to kinds of its own service, in field order.
std::vector<const Field*> References(const Resource& resource);

// Path (a): one statement. nullopt: nothing was written (the key is known, a reference is missing or not
// readable, or the row would not be writable): the caller finds out which in new statements.
absl::StatusOr<std::optional<Position>> CreateInOneStatement(postgres::Session& session, const Change& change,
                                                             const CreateAuthority& authority,
                                                             const Actor& actor, const IdempotencyKey& key,
                                                             const std::string& answer);

// Path (a) for a change of a stored row that keeps its scope, references and external ids: conditional on the
// revision that was read (record's revision - 1). nullopt: the row moved on, or the key is known.
absl::StatusOr<std::optional<Position>> UpdateInOneStatement(postgres::Session& session, const Change& change,
                                                             const Actor& actor, const IdempotencyKey& key,
                                                             const std::string& answer);

// Path (b), inside a transaction, in two steps. Rows and external ids of these changes; kinds in the order in
// which they first appear, so that a parent made in the same transaction is there before its child.
absl::Status WriteRows(postgres::Statements& transaction, const std::vector<Change>& changes);

// The transaction's last statements: heads locked in bucket order, then revisions, change records and the
// answer. Not for an empty list.
absl::StatusOr<Positions> WriteFeed(postgres::Statements& transaction, const std::vector<Change>& changes,
                                    const Actor& actor, const IdempotencyKey& key,
                                    const std::vector<std::string>& answer);

// Chains a bucket's changes: first 8 bytes of sha256(previous ‖ change id, 16 bytes ‖ revision, 8 bytes
// big-endian).
std::string NextDigest(const std::string& previous, const std::string& change_id, int64_t revision);

// Wire bytes in which equal messages are equal, as the revision table keeps them.
std::string StateBytes(const Message& record);

int64_t RevisionOf(const Resource& resource, const Message& record);
// When the record took this state: never before its state of before, whenever the call arrived.
absl::Time UpdateTimeOf(const Resource& resource, const Message& record);
std::string IdOf(const Resource& resource, const Message& record);

}  // namespace lianqiao::store
