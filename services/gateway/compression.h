// SPDX-License-Identifier: Apache-2.0
// gzip bodies, both ways. Thread-safe: each thread keeps its own zlib state. For front.cc.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lianqiao::gateway {

// Shorter answers are not worth it.
inline constexpr size_t kGzipBytesMin = 1024;

// Whether an Accept-Encoding header allows gzip (q > 0; "*" counts).
bool AcceptsGzip(std::string_view accept_encoding);

// Replaces the text by its gzip form.
void Gzip(std::string* body);

enum class Inflated { kOk, kMalformed, kTooLarge };
// Replaces a gzip body by its text; stops as soon as that exceeds `bytes_max`, whatever the body claims.
Inflated Gunzip(std::string* body, size_t bytes_max);

}  // namespace lianqiao::gateway
