// SPDX-License-Identifier: Apache-2.0
// What one worker has in the database while it works on an import: its lease, the blocks, the errors. Every
// statement says whose lease it is: a worker that was given up writes nothing any more.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/bulk/import_row.h"
#include "libs/bulk/staged.h"
#include "libs/postgres/database.h"

namespace lianqiao::bulk {

struct LineError {
  int64_t line = 0;
  std::string kind;
  std::string record;
  absl::StatusCode code = absl::StatusCode::kInvalidArgument;
  base::Failure failure;
};
LineError ErrorOf(int64_t line, const std::string& kind, const std::string& record,
                  const absl::Status& status);

// CANCELLED with this: the lease is another's, or the import is to be cancelled.
absl::Status LeaseLost();
bool IsLeaseLost(const absl::Status& status);

class Ledger {
 public:
  Ledger(std::string import_id, std::string lease_id)
      : import_id_(std::move(import_id)), lease_id_(std::move(lease_id)) {}

  // The next import that waits, with a lease of its own; nullopt: there is none. Inside a transaction.
  static absl::StatusOr<std::optional<ImportRow>> Take(postgres::Statements& transaction,
                                                       const std::string& lease_id, absl::Time now);

  // Says that the work goes on and adds to the counts. LeaseLost if it must not.
  absl::Status Progress(postgres::Statements& transaction, const Counts& counts, absl::Time now) const;

  // Begins staging anew: what an earlier worker left is deleted.
  absl::Status Clear(postgres::Statements& transaction, absl::Time now) const;
  absl::Status AddBlocks(postgres::Statements& transaction, const std::vector<Block>& blocks,
                         int first_number) const;
  absl::Status AddErrors(postgres::Statements& transaction, const std::vector<LineError>& errors) const;
  absl::Status RemoveBlock(postgres::Statements& transaction, int number) const;
  // All lines are read and ordered.
  absl::Status Staged(postgres::Statements& transaction, int64_t records,
                      const std::vector<std::string>& header) const;

  // Numbers of blocks that are not done, in the order in which they are written.
  absl::StatusOr<std::vector<int>> Waiting(postgres::Statements& statements) const;
  // Numbers of all blocks, in order of number.
  absl::StatusOr<std::vector<int>> All(postgres::Statements& statements) const;
  // nullopt: done by now. With `lock` nobody else can do it until the transaction ends.
  absl::StatusOr<std::optional<Block>> Load(postgres::Statements& statements, int number, bool lock) const;
  absl::Status Done(postgres::Statements& transaction, int number) const;
  absl::StatusOr<int> NextNumber(postgres::Statements& statements) const;
  // Lines refused so far, a page of them behind `after`.
  static absl::StatusOr<std::vector<int64_t>> Refused(postgres::Statements& statements,
                                                      const std::string& import_id, int64_t after);

  // Ends the import; blocks that it leaves are purged with it.
  // False: it had ended before.
  absl::StatusOr<bool> End(postgres::Statements& transaction, v1::Import::State state,
                           const base::Failure& problem, absl::Time now) const;
  // Lets another worker begin at `from`.
  absl::Status Release(postgres::Statements& transaction, absl::Time from) const;

  const std::string& import_id() const { return import_id_; }

 private:
  const std::string import_id_;
  const std::string lease_id_;
};

}  // namespace lianqiao::bulk
