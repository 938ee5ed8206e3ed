// SPDX-License-Identifier: Apache-2.0
// Works off one export after another, page by page. For libs/bulk only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "libs/bulk/export_gzip.h"
#include "libs/bulk/export_lines.h"
#include "libs/bulk/export_store.h"
#include "libs/sync/snapshot_page.h"

namespace lianqiao::bulk {

// All rows of an export are read with the same rights: where its client's grants change, it is begun anew, so
// that its cursor tells of everything that its files lack. A file that is not finished is begun anew by
// whoever takes the export up; so one process has at most one file's work to repeat.
class ExportJob {
 public:
  enum class Outcome {
    kIdle,    // Nothing to do.
    kWorked,  // There may be more.
    kWaits,   // For a move under way.
  };
  ExportJob(const sync::Parts& parts, const Exports::Options& options, ExportTally* tally);

  // A failure is the platform's, such as a database out of reach; the export is taken up later.
  absl::StatusOr<Outcome> Step();
  // Lets others go on at once.
  void Release();
  ExportStore& store() { return store_; }

 private:
  // The file under way.
  struct File {
    File(const std::string& file_name, v1::CreateExportRequest::Format format,
         const contract::Resource* resource)
        : name(file_name), kind(resource->kind), lines(format, resource) {}
    const std::string name;
    const std::string kind;
    ExportLines lines;
    ExportGzip gzip;
    int chunks = 0;
    int64_t records = 0;
  };

  absl::StatusOr<bool> Take();  // False: there is none.
  absl::StatusOr<Outcome> Work();
  absl::Status Begin(const sync::View& view);
  absl::StatusOr<bool> ReadPage(const sync::View& view, v1::ReadSnapshotResponse* page, bool* ended);
  absl::Status Write(const v1::ReadSnapshotResponse& page);
  absl::Status OpenFile(const std::string& kind);
  absl::Status FlushChunks();
  absl::Status FinishFile();
  void LogPersonalReads(const sync::PersonalReads& reads) const;
  absl::StatusOr<Outcome> Settle(const absl::Status& status);
  void Drop();

  const sync::Parts& parts_;
  const Exports::Options options_;
  ExportTally* const tally_;
  ExportStore store_;
  std::optional<ExportRow> row_;  // The export under way, at the place where the page to read begins.
  std::unique_ptr<File> file_;
  bool finished_file_ = false;  // In this step.
};

}  // namespace lianqiao::bulk
