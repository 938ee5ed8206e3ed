// SPDX-License-Identifier: Apache-2.0
// Strings and bytes as JSON text, both ways. For this folder only.
#pragma once

#include <string>
#include <string_view>

#include "libs/json/buffer.h"

namespace lianqiao::json {

// The text between quotes, escaped as protobuf does: controls, quotes, < and >, invisible characters. False
// for invalid UTF-8, with part of it written.
bool AppendEscaped(std::string_view text, Buffer* out);

// RFC 4648 §4 with padding.
void AppendBase64(std::string_view bytes, Buffer* out);

// Standard or URL-safe alphabet, with or without padding; false on anything else and on a mixture.
bool FromBase64(std::string_view text, std::string* bytes);

enum class Unescaped { kText, kNotUnicode, kNotJson };

// `text` is what stands between the quotes of a JSON string, already known to be UTF-8 without control
// characters. kNotUnicode: half of a surrogate pair. kNotJson: no such escape.
Unescaped Unescape(std::string_view text, std::string* out);

// At most `bytes_max` bytes, cut between characters and then ended with an ellipsis: for messages.
std::string Clip(std::string_view text, size_t bytes_max);

// 8 bytes at a time; reads up to 7 bytes behind the text, which must be readable.
bool HasBackslash(std::string_view padded);

}  // namespace lianqiao::json
