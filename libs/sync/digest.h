// SPDX-License-Identifier: Apache-2.0
// GetDigest of one service: one statement, so that sums and cursor are of one snapshot.
#pragma once

#include "libs/sync/feed_methods.h"

namespace lianqiao::sync {

// Below it a part of a range lists its records.
inline constexpr int kListedRecordsMax = 255;

resource::RawMethod GetDigest(const Parts& parts);

}  // namespace lianqiao::sync
