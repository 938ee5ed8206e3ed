// SPDX-License-Identifier: Apache-2.0
// Many rows in every table of a service, made from one valid row per kind. Only for this gate.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libs/contract/contract.h"

namespace lianqiao::gates {

// Where the rows lie: 100 counties of one city.
std::string FilledCity();
std::string FilledCounty(int n);
// A statement: `rows` rows in a service's copy of a kind of the registry, whose contract is `registry`, made
// from the one with this id; what they refer to is spread like their ids.
std::string FillCopy(const contract::Contract& contract, const contract::Contract& registry,
                     const std::string& kind, const std::string& id, int rows);
// Row `n` of the kind, of this service or of the registry.
std::string FilledId(const contract::Contract& contract, const std::string& kind, int n);

// `templates`: the id of a row of each kind; those rows stay as they are.
std::vector<std::string> FillStatements(const contract::Contract& contract,
                                        const std::map<std::string, std::string>& templates, int rows);

}  // namespace lianqiao::gates
