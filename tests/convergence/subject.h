// SPDX-License-Identifier: Apache-2.0
// The service under test: alliance-registry, or one that follows it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/runtime/main.h"

namespace lianqiao::convergence {

class Installation;
class Ledger;
class Report;
class Writer;
struct Targets;
struct World;
struct WriterOptions;

// Who writes to a service, at random.
using MakeWriter = std::unique_ptr<Writer>(Installation* installation, const World* world, Targets* targets,
                                           Ledger* ledger, WriterOptions options, Report* report);

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
  MakeWriter* writer = nullptr;
  // What its world needs in the followed registry beyond the registry's own world; null: nothing.
  void (*prepare)(Installation* registry, World* world) = nullptr;
  // Makes the records of its world.
  void (*fill)(Installation* installation, World* world) = nullptr;
};

const Subject& RegistrySubject();
// Those that follow a registry beside them: teacher-exchange, teaching-research, resource-sharing.
const Subject& ExchangeSubject();
const Subject& ResearchSubject();
const Subject& ResourcesSubject();
// By what --service says of it. Null: there is no such service.
const Subject* FindSubject(const std::string& name);

}  // namespace lianqiao::convergence
