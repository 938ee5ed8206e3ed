// SPDX-License-Identifier: Apache-2.0
// What a file is, by its bytes: the kinds that schools keep, and nothing that a browser or a mail program
// would run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/content/store.h"

namespace lianqiao::content {

// So much of the beginning tells whether it can be what it is said to be.
inline constexpr size_t kHeadBytes = 4096;

// The content types that are taken, in order of their names.
const std::vector<std::string>& KnownTypes();
bool IsKnownType(const std::string& content_type);

// Whether a file that begins so can be of this known type; `head` is all of a shorter file. For a refusal
// before the rest is sent.
bool MayBegin(const std::string& content_type, std::string_view head);

// Whether the whole file is of this known type.
absl::StatusOr<bool> IsOfType(const std::string& content_type, const Source& file);

}  // namespace lianqiao::content
