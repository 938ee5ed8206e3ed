// SPDX-License-Identifier: Apache-2.0
// The service under test: alliance-registry, or one that follows it.
#pragma once

#include <string>
#include <vector>

#include "libs/runtime/main.h"

namespace lianqiao::convergence {

// A text that only one write puts into one field of one record: of its creation, or of a change.
struct MarkedKind {
  std::string kind;
  std::string created_field;
  std::string changed_field;
};

struct Subject {
  std::string name;  // As --service has it, and first part of its permissions: "exchange".
  std::string package;
  std::string schema;
  runtime::Definition (*definition)() = nullptr;
  std::vector<std::string> kinds;         // Those that histories write.
  std::vector<MarkedKind> marks;          // Of these kinds.
  std::vector<std::string> held;          // Statements of somebody who holds rows that writers want.
  std::vector<std::string> local_rights;  // Of a writer of one county.
};

const Subject& RegistrySubject();
// teacher-exchange, which follows a registry beside it.
const Subject& ExchangeSubject();
// Null: there is no such service.
const Subject* FindSubject(const std::string& name);

}  // namespace lianqiao::convergence
