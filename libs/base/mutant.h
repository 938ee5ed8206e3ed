// SPDX-License-Identifier: Apache-2.0
// Bugs that are planted to prove that tests/convergence would find them: each is one condition at the place
// where the mistake would really be made. Only in builds for tests; in a release none of this is compiled.
//
//   if (base::Planted("missing-leave")) return Told::kNothing;
//
// The environment variable LIANQIAO_MUTANT names the one that is awake in this process.
#pragma once

#include <cstdlib>
#include <string_view>

namespace lianqiao::base {

#ifdef NDEBUG
constexpr bool Planted(std::string_view) {
  return false;
}
#else
inline bool Planted(std::string_view name) {
  static const std::string_view awake = [] {
    const char* value = std::getenv("LIANQIAO_MUTANT");
    return std::string_view(value == nullptr ? "" : value);
  }();
  return !awake.empty() && awake == name;
}
#endif

}  // namespace lianqiao::base
