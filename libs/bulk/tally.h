// SPDX-License-Identifier: Apache-2.0
// What this process's imports and exports have done since it started: for metrics. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "libs/bulk/import_row.h"

namespace lianqiao::bulk {

struct ImportTally {
  std::atomic<int64_t> created{0};
  std::atomic<int64_t> updated{0};
  std::atomic<int64_t> unchanged{0};
  std::atomic<int64_t> deleted{0};
  std::atomic<int64_t> refused{0};
  std::array<std::atomic<int64_t>, v1::Import::State_ARRAYSIZE> ended{};  // By state.

  // Behind the commit of what they count.
  void Add(const Counts& counts) {
    created += counts.created;
    updated += counts.updated;
    unchanged += counts.unchanged;
    deleted += counts.deleted;
    refused += counts.refused;
  }
};

struct ExportTally {
  std::atomic<int64_t> records{0};  // Written to files, also of exports that then failed.
  std::atomic<int64_t> succeeded{0};
  std::atomic<int64_t> failed{0};
};

}  // namespace lianqiao::bulk
