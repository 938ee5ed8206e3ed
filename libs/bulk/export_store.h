// SPDX-License-Identifier: Apache-2.0
// What a job writes of its export. Whatever it writes first makes sure that the export is still its own: not
// cancelled, not taken over. For libs/bulk only.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "libs/bulk/export_row.h"
#include "libs/bulk/exports.h"
#include "libs/sync/feed_methods.h"

namespace lianqiao::bulk {

inline constexpr int kExportFilesMax = 10000;

// A complete file, and where the next one begins.
struct FinishedFile {
  std::string name;
  std::string kind;
  int64_t record_count = 0;
  int64_t size_bytes = 0;
  std::string sha256;  // 32 bytes.
};

class ExportStore {
 public:
  ExportStore(const sync::Parts& parts, absl::Duration lease) : parts_(parts), lease_(lease) {}

  // Leases the export that has waited longest.
  absl::StatusOr<std::optional<ExportRow>> Claim();
  bool claimed() const { return !lease_id_.empty(); }
  // Forgets the lease, as a process that dies does.
  void Forget() { lease_id_.clear(); }

  // The following: ABORTED when the export is not ours any more.
  // Removes what an earlier beginning has written and notes where this one starts.
  absl::Status Begin(const ExportRow& row);
  absl::Status AddChunk(const ExportRow& row, const std::string& name, int number,
                        const std::string& content);
  absl::Status Finish(const ExportRow& row, const FinishedFile& file);
  absl::Status Succeed(const ExportRow& row);
  absl::Status Fail(const ExportRow& row, const base::Failure& problem);
  // Keeps the lease while there is nothing to write; cheap until it is time for it.
  absl::Status Renew(const ExportRow& row);
  // Others may take it after the pause.
  absl::Status Release(const ExportRow& row, absl::Duration pause);

  // Records in the files that are complete.
  absl::StatusOr<int64_t> CountFinished(const ExportRow& row);
  // Removes pieces of files that were not finished; in small transactions, all of them.
  absl::Status RemoveUnfinished(const ExportRow& row);
  // Removes some pieces of what ended without files; true: there may be more.
  absl::StatusOr<bool> SweepSome();
  // Removes some of what is over.
  absl::StatusOr<bool> PurgeSome(absl::Time deadline);

 private:
  using Body = std::function<absl::Status(postgres::Statements&)>;
  absl::Status Transact(const Body& body);
  // With the row locked and the lease prolonged.
  absl::Status TransactOwn(const ExportRow& row, const Body& body);
  absl::Status End(const ExportRow& row, v1::Export::State state, const base::Failure& problem);

  const sync::Parts& parts_;
  const absl::Duration lease_;
  std::string lease_id_;
  absl::Time kept_ = absl::InfinitePast();  // When the lease was last prolonged.
};

// "00001-organisation.ndjson.gz"; number from 1 on.
std::string ExportFileName(int number, const std::string& kind, v1::CreateExportRequest::Format format);

}  // namespace lianqiao::bulk
