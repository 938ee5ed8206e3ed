// SPDX-License-Identifier: Apache-2.0
// What the two write paths share. Only for libs/store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/store/codec.h"

namespace lianqiao::store {

struct ExternalIdColumns {
  std::vector<std::string> systems;
  std::vector<std::string> ids;
  std::vector<std::optional<std::string>> valid_from;
  std::vector<std::optional<std::string>> valid_to;
};
ExternalIdColumns ExternalIdsOf(const Resource& resource, const Message& record);

}  // namespace lianqiao::store
