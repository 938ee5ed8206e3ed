// SPDX-License-Identifier: Apache-2.0
// The services that own a schema. Only for this gate.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "libs/postgres/migrate.h"
#include "libs/runtime/main.h"

namespace lianqiao::gates {

struct ServiceSchema {
  std::string schema;
  std::vector<std::string> packages;
  std::vector<postgres::Migration> migrations;  // The engine's and its own.
};

ServiceSchema SchemaOf(const runtime::Definition& definition);
const std::vector<ServiceSchema>& ServiceSchemas();

// What a failing test shows of its parameter.
inline void PrintTo(const ServiceSchema& service, std::ostream* out) {
  *out << service.schema;
}

}  // namespace lianqiao::gates
