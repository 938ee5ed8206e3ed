// SPDX-License-Identifier: Apache-2.0
// The services that follow alliance-registry: every gate looks at each of them. A new service is a line in
// services.cc. Only for gates.
#pragma once

#include <functional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "libs/runtime/main.h"

namespace lianqiao::gates {

struct Follower {
  std::string name;  // Of its package: "exchange" for lianqiao.exchange.v1.
  std::function<runtime::Definition()> definition;
  // Rights that a bureau has beside `<name>.*.read`, `.write` and `.changes`.
  std::vector<std::string> bureau_rights = {};
  // Methods that count whatever their caller sees: for the whole platform that is the whole table.
  std::set<std::string> counting_methods = {};
};

const std::vector<Follower>& Followers();

// The registry itself, without a definition, and every follower.
std::vector<Follower> RegistryAndFollowers();

// What a failing test shows of its parameter.
inline void PrintTo(const Follower& follower, std::ostream* out) {
  *out << follower.name;
}

}  // namespace lianqiao::gates
