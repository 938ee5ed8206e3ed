// SPDX-License-Identifier: Apache-2.0
// What is in a zip file, without unpacking anything. For this folder only.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/content/store.h"

namespace lianqiao::content {

// The names in its directory; none if it has no directory that can be read, or one of more than 1 MiB.
absl::StatusOr<std::vector<std::string>> ZipNames(const Source& file);

// The content of the first entry, if it is called "mimetype" and is not packed; else empty.
absl::StatusOr<std::string> FirstEntry(const Source& file);

}  // namespace lianqiao::content
