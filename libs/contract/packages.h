// SPDX-License-Identifier: Apache-2.0
// Which packages a program knows, for those that serve or use whatever is linked instead of naming services.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace lianqiao::contract {

// The kinds of every proto package of the generated pool that has resources, parents before children as the
// files and messages stand.
std::map<std::string, std::vector<std::string>> KindsByPackage();

}  // namespace lianqiao::contract
