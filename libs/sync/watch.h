// SPDX-License-Identifier: Apache-2.0
// WatchChanges of one service: the same pages as ListChanges, one at a time, as long as the reader takes them
// and its grants allow. Rights are looked at before every batch and at least once a second.
#pragma once

#include "libs/sync/feed_methods.h"

namespace lianqiao::sync {

inline constexpr absl::Duration kHeartbeat = absl::Seconds(15);
// A reader that has not taken its batch by then is cut off.
inline constexpr absl::Duration kSlowReader = absl::Seconds(30);

resource::StreamMethod WatchChanges(const Parts& parts);

}  // namespace lianqiao::sync
