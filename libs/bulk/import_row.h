// SPDX-License-Identifier: Apache-2.0
// A submission as its row holds it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lianqiao/sync/v1/import.pb.h"
#include "libs/bulk/columns.h"
#include "libs/bulk/source.h"
#include "libs/postgres/database.h"

namespace lianqiao::bulk {

namespace v1 = ::lianqiao::sync::v1;

// What became of records.
struct Counts {
  int64_t created = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t deleted = 0;
  int64_t refused = 0;

  // The records that are as the submission wants them.
  int64_t good() const { return created + updated + unchanged + deleted; }
};

struct ImportRow {
  std::string id;
  std::string client_id;
  std::string request_id;
  v1::ImportOptions options;
  std::string options_hash;
  std::string acting_person;
  std::string acting_role;
  std::string trace_id;
  bool typed = false;
  v1::Import::State state = v1::Import::STATE_UNSPECIFIED;
  int64_t received_bytes = 0;
  int chunks = 0;
  std::string content_sha256;  // 32 bytes; empty while it is being received.
  absl::Time create_time;
  std::optional<absl::Time> start_time;
  std::optional<absl::Time> end_time;
  bool staged = false;
  std::vector<std::string> header;
  int64_t record_count = 0;
  Counts counts;
  base::Failure problem;  // Reason 0: none.
  bool cancel_requested = false;
  int attempts = 0;

  Form form() const;
  bool ended() const { return state >= v1::Import::STATE_SUCCEEDED; }
};

// The columns of DecodeImport, over alias i.
extern const char kImportColumns[];
absl::StatusOr<ImportRow> DecodeImport(const postgres::Result& result, int row);

// NOT_FOUND unless it is one of the client's.
absl::StatusOr<ImportRow> ReadImport(postgres::Statements& statements, const std::string& client_id,
                                     const std::string& id);
absl::Status ImportNotFound();

v1::Import ToProto(const ImportRow& row, const std::string& service);

// One violation, or a failure without any, in both languages. `columns` may be null.
v1::ImportProblem ToProblem(const base::Violation& violation, const Columns* columns);
std::vector<base::Violation> ProblemsOf(const base::Failure& failure);
// The first of them; nothing for a failure without a reason.
std::optional<v1::ImportProblem> ProblemOf(const base::Failure& failure);

// Equal options are equal bytes; without the request id.
std::string OptionsHash(const v1::ImportOptions& options);

}  // namespace lianqiao::bulk
