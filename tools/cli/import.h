// SPDX-License-Identifier: Apache-2.0
// `lianqiao import`: a folder of tables by mappings, or of NDJSON records as the API takes them, into the
// platform.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tools/cli/mapping.h"
#include "tools/cli/report.h"
#include "tools/cli/sender.h"

namespace lianqiao::cli {

// A name for a run that no other has.
std::string NewRun();

struct ImportOptions {
  int batch_size = 250;
  // Part of every idempotency key: what is sent again within a run is answered once; another run looks at
  // every record anew.
  std::string run;
  bool progress = true;  // On stderr.
  // In all, for references to records that a following service does not know yet.
  absl::Duration reference_wait = absl::ZeroDuration();
};

// Every file of the folder that a mapping names, mapping by mapping. OK although records were refused;
// anything else: what could not be sent or read.
absl::Status ImportTables(const std::string& folder, const std::vector<Mapping>& mappings,
                          const ImportOptions& options, Sender& sender, Report& report);

// NN_<collection>.ndjson in the order of the names. A record's source system is that of its first external
// id.
absl::Status ImportRecords(const std::string& folder, const ImportOptions& options, Sender& sender,
                           Report& report);

}  // namespace lianqiao::cli
