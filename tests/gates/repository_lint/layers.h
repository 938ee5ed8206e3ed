// SPDX-License-Identifier: Apache-2.0
// Which library may include which, as written in the table of libs/README.md. Used by the repository linter.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace lianqiao::repository_lint {

// Library -> the libraries it may include, itself excluded.
using Layers = std::map<std::string, std::set<std::string>, std::less<>>;

// Reads the table whose rows are | library | what it is | may include of ours |: a list of names, "–" for
// none, or "all above" for every row before. Empty when there is no such table.
Layers ParseLayers(std::string_view readme);

}  // namespace lianqiao::repository_lint
