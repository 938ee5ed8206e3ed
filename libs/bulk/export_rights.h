// SPDX-License-Identifier: Apache-2.0
// Whether a client may still have what a file holds. For libs/bulk only.
#pragma once

#include <string>

#include "libs/sync/view.h"

namespace lianqiao::bulk {

// PERMISSION_DENIED unless the caller's rights to the kind certainly cover those that the file was made with,
// which `scopes` describes: the changes of the kind, and its personal fields if it has any.
absl::Status CheckStillAllowed(const contract::Contract& contract, const access::Caller& caller,
                               const std::string& kind, const std::string& scopes, absl::Time now);

}  // namespace lianqiao::bulk
