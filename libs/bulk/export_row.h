// SPDX-License-Identifier: Apache-2.0
// The row of one export. For libs/bulk only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lianqiao/sync/v1/export.pb.h"
#include "libs/base/status.h"
#include "libs/postgres/database.h"

namespace lianqiao::bulk {

namespace v1 = ::lianqiao::sync::v1;

// A client sees its exports for so long; then they are removed.
inline constexpr absl::Duration kExportLife = absl::Hours(7 * 24);

// Of the call that asked for it.
struct ExportOrigin {
  std::string token_id;
  std::string acting_person;
  std::string acting_role;
  std::string peer;
  std::string call_id;
  std::string trace_id;
};

struct ExportRow {
  std::string id;
  std::string client_id;
  v1::CreateExportRequest request;  // Its format is set.
  std::string request_hash;
  ExportOrigin origin;
  v1::Export::State state = v1::Export::STATE_QUEUED;
  absl::Time create_time;
  std::optional<absl::Time> end_time;
  std::string cursor;  // Empty: not begun.
  std::string scopes;  // feed::Describe of what its reader may see.
  std::vector<std::string> kinds_left;
  std::string after_id;  // Empty: from the first record of the first kind on.
  int file_count = 0;
  int64_t record_count = 0;
  int beginnings = 0;
  base::Failure problem;  // Reason 0: none.
};

// Columns of DecodeExport, of table alias e.
extern const char kExportColumns[];
absl::StatusOr<ExportRow> DecodeExport(const postgres::Result& result, int row);

// The client's own; NOT_FOUND for others and for those whose time is over.
absl::StatusOr<ExportRow> ReadExport(postgres::Statements& statements, const std::string& client_id,
                                     const std::string& id, absl::Time now);

// Without the manifest.
v1::Export ToProto(const ExportRow& row, const std::string& service);
// Files and cursor of one that has succeeded.
absl::Status AddManifest(postgres::Statements& statements, const ExportRow& row, v1::Export* shown);

absl::Status ExportNotFound();

}  // namespace lianqiao::bulk
