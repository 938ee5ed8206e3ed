// SPDX-License-Identifier: Apache-2.0
// The tables of a copy: one per kind, with the columns of its contract (all fields, or some) and where in the
// feed each row comes from. The statements that bring a page into them stand here and nowhere else.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/contract/contract.h"
#include "libs/feed/page.h"
#include "libs/postgres/database.h"

namespace lianqiao::feed {

// A kind in the copy. Without fields: all of them.
struct CopiedKind {
  std::string kind;
  std::vector<std::string> fields;
};

// A bucket of a service's feed. Rows that came from the service itself, not by the gateway, name no service.
struct Bucket {
  std::string service;
  int bucket = 0;
};

// A record whose readers or writers are others now; one that is new to the copy had none.
struct MovedScope {
  std::string id;
  std::vector<std::string> scope_before, write_scope_before;
  std::vector<std::string> scope, write_scope;
};
// In the transaction of the batch, under a lock on the rows that were there (FOR UPDATE): whoever copies a
// row's scope under FOR KEY SHARE has either committed or sees the new one.
using ScopeMover = std::function<absl::Status(postgres::Statements& transaction, const std::string& kind,
                                              const std::vector<MovedScope>& moved)>;

// What a page is written as.
struct Stamp {
  int64_t step = 0;           // Of the batch: what `sync_step` of its rows becomes.
  int64_t snapshot_step = 0;  // Of the last snapshot: rows below it were there before.
  int64_t stream_step = 0;    // When this stream of changes began: from here on no revision may decrease.
};

struct TableOptions {
  std::string consumer;                    // Whose tombstones are meant.
  std::string state_prefix = "consumer_";  // Of the state tables (consumer_state.h).
  std::string table_prefix;                // Of the kinds' tables; empty: the kind itself.
  bool keep_former = false;                // Replaced and removed rows move to <table>_former.
  // Rows have `sync_scope` and `sync_write_scope`, as the source tells them. Such a copy is not repaired.
  bool scopes = false;
  ScopeMover moved;  // With `scopes`; may be null.
};

// One kind's table. Immutable; thread-safe.
class Table {
 public:
  Table(const contract::Resource& resource, std::vector<const contract::Field*> fields, bool all_fields,
        const TableOptions& options);

  const std::string& name() const { return name_; }
  const contract::Resource& resource() const { return resource_; }
  bool Copies(const std::string& field) const;
  std::vector<std::string> Ddl() const;
  // What differs from the contract, in no language: "table.column: is ≠ should be", ∅ for what is missing.
  // Empty: nothing.
  absl::StatusOr<std::string> Differences(postgres::Statements& statements) const;

  // Rows of a snapshot: what was there before it is replaced whatever its revision.
  absl::Status PutSnapshot(postgres::Statements& transaction, const Page::Kind& kind,
                           const Stamp& stamp) const;
  // Changes: applied if their revision is at least the one held, tombstones counting as held.
  absl::Status PutChanges(postgres::Statements& transaction, const Page::Kind& kind,
                          const Stamp& stamp) const;
  // Records as they are, whatever is held (a repair). Rows that are new get no bucket.
  absl::Status Replace(postgres::Statements& transaction,
                       const std::vector<std::unique_ptr<contract::Message>>& records,
                       const Stamp& stamp) const;
  absl::Status Remove(postgres::Statements& transaction, const std::vector<std::string>& ids,
                      const Stamp& stamp) const;

  struct Swept {
    std::string last_id;  // Empty: the table's end.
    int64_t removed = 0;
  };
  // Removes what the snapshot did not bring, of these buckets (empty: of all), some thousand rows behind
  // `after_id` at a time.
  absl::StatusOr<Swept> Sweep(postgres::Statements& transaction, const std::string& after_id,
                              const std::vector<Bucket>& buckets, const Stamp& stamp) const;
  // What digest.proto sums up, over the rows in (after_id, to_id]; empty ends are open.
  struct Sum {
    int64_t records = 0;
    std::string sum;  // 16 hex digits.
  };
  absl::StatusOr<Sum> Digest(postgres::Statements& statements, const std::string& after_id,
                             const std::string& to_id) const;
  // By id; for ranges of some hundred rows.
  absl::StatusOr<std::map<std::string, int64_t>> Revisions(postgres::Statements& statements,
                                                           const std::string& after_id,
                                                           const std::string& to_id) const;
  // Whether a row has no bucket, so that it cannot be replaced with its bucket.
  absl::StatusOr<bool> HasStray(postgres::Statements& statements) const;

 private:
  // The columns of some items as array parameters.
  class Columns;
  struct Queries;

  absl::Status Put(postgres::Statements& transaction, const Page::Kind& kind, const Stamp& stamp,
                   bool snapshot) const;
  absl::Status Encode(const Page::Item& item, contract::Message* scratch, Columns* columns) const;
  // What erasure takes from a record goes from its former rows too, by a change or by a snapshot.
  absl::Status EraseFormer(postgres::Statements& transaction, const std::vector<std::string>& erased) const;
  absl::Status TellMoved(postgres::Statements& transaction, const Columns& columns,
                         int64_t snapshot_step) const;
  absl::Status ProveOrder(postgres::Statements& transaction, const std::string& ids,
                          const std::string& revisions, const Stamp& stamp) const;

  const contract::Resource& resource_;
  const std::vector<const contract::Field*> fields_;  // Without id and revision.
  const bool all_fields_;
  const TableOptions options_;
  const std::string name_;
  std::shared_ptr<const Queries> queries_;
};

// All tables of a copy.
class Tables {
 public:
  // INVALID_ARGUMENT names kinds and fields that the contract does not have.
  static absl::StatusOr<std::unique_ptr<Tables>> Make(std::shared_ptr<const contract::Contract> contract,
                                                      const std::vector<CopiedKind>& kinds,
                                                      const TableOptions& options);

  std::vector<std::string> Ddl() const;
  // FAILED_PRECONDITION if a table is missing or is not what the contract says.
  absl::Status Check(postgres::Statements& statements) const;
  absl::Status PutSnapshot(postgres::Statements& transaction, const Page& page, const Stamp& stamp) const;
  absl::Status PutChanges(postgres::Statements& transaction, const Page& page, const Stamp& stamp) const;
  // Null if the copy has no such kind.
  const Table* Find(const std::string& kind) const;
  const std::map<std::string, Table>& all() const { return tables_; }
  const TableOptions& options() const { return options_; }

 private:
  Tables(std::shared_ptr<const contract::Contract> contract, const TableOptions& options)
      : contract_(std::move(contract)), options_(options) {}

  const std::shared_ptr<const contract::Contract> contract_;
  const TableOptions options_;
  std::map<std::string, Table> tables_;  // By kind.
};

}  // namespace lianqiao::feed
