// SPDX-License-Identifier: Apache-2.0
// Whether the caller is authorised for a place or an organisation itself, for rules about what must not be
// decided from above. The engine gives every rule the ids as facts.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "libs/resource/facts.h"

namespace lianqiao::resource {

inline constexpr char kGranted[] = "granted";

// A grant to write this kind names one of these ids: one on a place above them does not count.
inline bool IsGrantedOn(const Facts& facts, const std::vector<std::string>& ids) {
  const auto& granted = facts.rows(kGranted);
  return std::any_of(granted.begin(), granted.end(), [&](const FactRow& row) {
    return std::find(ids.begin(), ids.end(), row.Text("id")) != ids.end();
  });
}

}  // namespace lianqiao::resource
