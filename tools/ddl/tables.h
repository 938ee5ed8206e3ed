// SPDX-License-Identifier: Apache-2.0
// The tables that a contract asks for.
#pragma once

#include <string>
#include <vector>

#include "libs/contract/contract.h"

namespace lianqiao::ddl {

// store::TableDdl of every resource, parents before children.
std::vector<std::string> TablesOf(const contract::Contract& contract);

}  // namespace lianqiao::ddl
