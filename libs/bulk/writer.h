// SPDX-License-Identifier: Apache-2.0
// The second half of a job: writes block after block, each in one transaction with what the report says of
// it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/bulk/job_environment.h"
#include "libs/bulk/ledger.h"
#include "libs/resource/bulk_unit.h"

namespace lianqiao::bulk {

// Not the record's fault; it is tried again, perhaps by another worker.
bool IsPassing(const absl::Status& status);

class Writer {
 public:
  // `lines` from the stager, or null: they are made from the blocks.
  Writer(const JobEnvironment& environment, const ImportRow& row, const Ledger& ledger,
         std::unique_ptr<Lines> lines);

  // Writes a block, of an atomic import all of them; true: there are no more. An error that IsClients ends
  // the import.
  absl::StatusOr<bool> Step();

 private:
  // A block's records and what becomes of them.
  struct Work {
    int number = 0;
    Block block;
    const contract::Resource* resource = nullptr;
    std::vector<StagedRecord> records;
    std::vector<resource::UpsertItem> items;  // One per record.
    std::vector<resource::UpsertItem*> all;

    Counts CountsOf() const;
    std::vector<LineError> Errors() const;
  };

  absl::Status Load();
  absl::Status LoadRefused();
  absl::StatusOr<std::optional<Work>> Open(int number);
  absl::Status Fill(Work* work);
  void CheckLines(const StagedRecord& record, const contract::Resource& resource,
                  const contract::Message& message, std::vector<base::Violation>* violations) const;
  absl::StatusOr<resource::BulkAuthor> Author() const;
  absl::Status WriteBlock(Work* work);
  absl::Status TryBlock(Work* work, const resource::BulkAuthor& author, bool one_by_one,
                        absl::Status* explained, bool* done_before);
  absl::Status RecordOutcomes(postgres::Statements& transaction, const Work& work) const;
  absl::Status RefuseAll(Work* work, const absl::Status& status);
  absl::Status Split(const Work& work);
  void Remember(const Work& work);
  void Tally(const std::vector<Work>& works) const;

  absl::Status WriteWhole();
  absl::Status RecordWhole(std::vector<Work>* all);
  absl::Status TryWhole(std::vector<Work>* works, const resource::BulkAuthor& author, bool one_by_one,
                        bool* refused, absl::Status* explained);
  bool WritesWhole() const;

  const JobEnvironment& environment_;
  const ImportRow& row_;
  const Ledger& ledger_;
  std::unique_ptr<Lines> lines_;
  std::deque<int> waiting_;
  // Of a whole import: lines that met a constraint.
  std::map<uint32_t, absl::Status> constraints_;
  bool loaded_ = false;
};

}  // namespace lianqiao::bulk
