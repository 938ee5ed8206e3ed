// SPDX-License-Identifier: Apache-2.0
// JSON as text: what the import sends is put together from pieces that are JSON already.
#pragma once

#include <string>
#include <string_view>

namespace lianqiao::cli {

// With quotes. Bytes that are no UTF-8 stay: the platform refuses them by name.
std::string Quote(std::string_view text);

// Only a number as JSON writes it.
bool IsJsonNumber(std::string_view text);

}  // namespace lianqiao::cli
