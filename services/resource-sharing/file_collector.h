// SPDX-License-Identifier: Apache-2.0
// Removes what no file refers to: bytes of files that were deleted, of uploads that were given up, and of
// those whose process died between the bytes and the row.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/content/store.h"
#include "libs/postgres/database.h"

namespace lianqiao::resources {

// One round after the other, in small steps. One caller at a time.
class FileCollector {
 public:
  // True: the round goes on.
  absl::StatusOr<bool> CollectSome(content::Store* store, postgres::Session& session, absl::Time now);

 private:
  absl::StatusOr<bool> CollectUploads(content::Store* store, postgres::Session& session, absl::Time now);
  absl::StatusOr<bool> CollectContents(content::Store* store, postgres::Session& session, absl::Time now);

  bool in_contents_ = false;
  std::string after_;  // Where the last step ended.
};

}  // namespace lianqiao::resources
