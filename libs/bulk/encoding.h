// SPDX-License-Identifier: Apache-2.0
// Only UTF-8 is read. Others are recognised so that the error can name them, never guessed into text.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "libs/base/status.h"

namespace lianqiao::bulk {

bool IsUtf8(absl::string_view bytes);

// What bytes that are not UTF-8 seem to be: "GBK/GB18030", "UTF-16LE", "UTF-16BE", "UTF-32LE", or "?".
std::string GuessEncoding(absl::string_view bytes);

base::Violation NotUtf8(absl::string_view bytes);

// For the beginning of a file: INVALID_ARGUMENT if all of it is in another encoding, or its header is. A
// single odd line among others is its own error.
absl::Status CheckEncoding(absl::string_view beginning, bool has_header);

}  // namespace lianqiao::bulk
