// SPDX-License-Identifier: Apache-2.0
// Records of one file for one collection, sent in chunks to its :batchUpsert; each result goes into the
// report under the line that the record came from.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tools/cli/report.h"
#include "tools/cli/sender.h"

namespace lianqiao::cli {

// jurisdictions of jurisdictions, governingBodies of governing-bodies: the request's field.
std::string RecordsField(const std::string& collection);

// What a run will wait, in all, for records that other services have just got: a service that follows another
// knows them a moment later.
struct Patience {
  absl::Duration left;
};

class Batch {
 public:
  // `key` tells the contents of the file apart from all others; chunk n of it is sent under
  // "key-collection-n".
  // Records refused for nothing but a reference that is not there are sent again while `patience` lasts.
  Batch(Sender& sender, Report& report, std::string file, std::string collection, std::string key, int size,
        Patience& patience);

  // Sends when full, or before another system's record: a request speaks for one.
  absl::Status Add(int line, const std::string& system, std::string json);
  absl::Status Flush();

 private:
  struct Entry {
    int line = 0;
    std::string json;
  };
  std::string NextKey();
  absl::Status Send(std::vector<Entry> entries, const std::string& key);
  absl::Status ReadResults(std::vector<Entry> entries, const std::string& body);
  std::vector<Entry> TakeRefused(std::vector<Entry> entries, const std::string& body);

  Sender& sender_;
  Report& report_;
  const std::string file_;
  const std::string collection_;
  const std::string key_;
  const int size_;
  Patience& patience_;
  std::string system_;
  int chunk_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace lianqiao::cli
