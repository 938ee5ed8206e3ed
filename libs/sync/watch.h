// SPDX-License-Identifier: Apache-2.0
// WatchChanges of one service: the same pages as ListChanges, one at a time, as long as the reader takes them
// and its grants allow. Rights are looked at before every batch and at least once a second.
#pragma once

#include "libs/sync/feed_methods.h"

namespace lianqiao::sync {

inline constexpr absl::Duration kHeartbeat = absl::Seconds(15);

resource::StreamMethod WatchChanges(const Parts& parts);

}  // namespace lianqiao::sync
