// SPDX-License-Identifier: Apache-2.0
// changes_page_deep: the time of a page of 5,000 changes wherever it lies.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "tests/bench/registry/platform.h"
#include "tests/bench/sync/api.h"

namespace lianqiao::bench {

// Measures over the changes of one kind behind `cursor`, of which there are about `changes`.
absl::Status MeasurePages(const Platform& platform, Api* api, const std::string& kind,
                          const std::string& cursor, int64_t changes);

}  // namespace lianqiao::bench
