// SPDX-License-Identifier: Apache-2.0
// Free text beside people: no resident ID and no mobile number may slip into it.
#pragma once

#include <string>

#include "libs/base/text.h"
#include "libs/resource/facts.h"

namespace lianqiao::registry {

inline void RefusePersonalNumber(const std::string& field, const std::string& text,
                                 resource::Violations* violations) {
  if (base::LooksLikePersonalNumber(text))
    violations->push_back(base::Refuse(field, base::ErrorReason::FORBIDDEN_PERSONAL_DATA));
}

}  // namespace lianqiao::registry
