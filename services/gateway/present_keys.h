// SPDX-License-Identifier: Apache-2.0
// The names that a JSON object sets, null included: what an update without a mask means to change. For
// transcode.cc.
#pragma once

#include <string>
#include <vector>

namespace lianqiao::gateway {

// Of the outermost object, unescaped, in order. `json` was accepted by json::JsonToWire before.
std::vector<std::string> PresentKeys(const std::string& json);

}  // namespace lianqiao::gateway
