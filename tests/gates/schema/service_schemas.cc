// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/schema/service_schemas.h"

#include "libs/resource/engine.h"
#include "services/alliance-registry/registry.h"
#include "services/gateway/identity/identity_host.h"
#include "tests/gates/services/services.h"

namespace lianqiao::gates {

ServiceSchema SchemaOf(const runtime::Definition& definition) {
  std::string schema = definition.name;
  for (char& c : schema) c = c == '-' ? '_' : c;
  return {schema, definition.packages, resource::WithEngine(definition.migrations)};
}

const std::vector<ServiceSchema>& ServiceSchemas() {
  static const std::vector<ServiceSchema> schemas = [] {
    std::vector<ServiceSchema> all = {
        SchemaOf(registry::RegistryDefinition()),
        {"identity", {"lianqiao.identity.v1"}, identity::IdentityMigrations()},
    };
    for (const Follower& follower : Followers()) all.push_back(SchemaOf(follower.definition()));
    return all;
  }();
  return schemas;
}

}  // namespace lianqiao::gates
