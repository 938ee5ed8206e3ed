// SPDX-License-Identifier: Apache-2.0
// /v1/vocabulary: every code list of the served packages with its Chinese and English labels.
#pragma once

#include <string>

#include "services/gateway/catalogue.h"

namespace lianqiao::gateway {

// {"enums":[{"name","zh","en","values":[{"code","number","zh","en"}]}]}, sorted by name. Lists of google.*
// and options are left out.
std::string VocabularyJson(const Catalogue& catalogue);

}  // namespace lianqiao::gateway
