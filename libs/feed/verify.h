// SPDX-License-Identifier: Apache-2.0
// Whether a copy is the same as the platform, by digests: sums kind by kind, then smaller and smaller ranges
// of ids where they differ. The platform goes on writing meanwhile, so a row counts as different only if it
// still is, unchanged, when the copy has caught up with what it was compared with.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/feed/consumer.h"

namespace lianqiao::feed {

struct Difference {
  std::string kind;
  std::string id;
  int64_t held = 0;       // Revision in the copy; 0: it has no such row.
  int64_t published = 0;  // At the platform; 0: there is none for this reader.
};

struct Verification {
  int64_t kind_count = 0;
  int64_t record_count = 0;                    // In the copy.
  std::vector<Difference> differences;         // At most kDifferencesMax of a kind are told apart.
  std::vector<std::string> unpublished_kinds;  // That the reader receives no more: not compared.
  int64_t repaired_count = 0;                  // Of them, as a further comparison found.
  int64_t remaining_count = 0;  // What that one found; all of them if nothing was to be repaired.
  int64_t question_count = 0;   // Digests asked for.
};

inline constexpr size_t kDifferencesMax = 100000;

struct VerifyOptions {
  Consumer* consumer = nullptr;  // Not running elsewhere.
  Source* source = nullptr;
  postgres::Database* database = nullptr;
  const Tables* tables = nullptr;
  bool repair = false;
  absl::Duration patience = absl::Seconds(60);
  std::function<void(const std::string& kind, int64_t done, int64_t kinds)> observe;  // May be null.
};

absl::StatusOr<Verification> Verify(const VerifyOptions& options);

}  // namespace lianqiao::feed
