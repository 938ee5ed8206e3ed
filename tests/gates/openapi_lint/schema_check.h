// SPDX-License-Identifier: Apache-2.0
// Whether a JSON value is what a schema of the document describes: as much of JSON Schema as the gateway
// writes. Only for this gate.
#pragma once

#include <simdjson.h>

#include <string>
#include <vector>

namespace lianqiao::gateway {

// Every place that does not fit, with what was expected there.
std::vector<std::string> Mismatches(simdjson::dom::element document, simdjson::dom::element schema,
                                    simdjson::dom::element value, const std::string& where = "");

}  // namespace lianqiao::gateway
