// SPDX-License-Identifier: Apache-2.0
// ListRevisions and GetRevision of one service. Whoever may read the changes of a record as it is now may
// read its past; nobody reads the past of what he may not see today.
#pragma once

#include "libs/sync/feed_methods.h"

namespace lianqiao::sync {

resource::RawMethod ListRevisions(const Parts& parts);
resource::RawMethod GetRevision(const Parts& parts);

}  // namespace lianqiao::sync
