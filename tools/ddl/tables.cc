// SPDX-License-Identifier: Apache-2.0
#include "tools/ddl/tables.h"

#include <set>

#include "libs/store/codec.h"

namespace lianqiao::ddl {
namespace {

using contract::Resource;

void Add(const contract::Contract& contract, const Resource& resource, std::set<const Resource*>* done,
         std::vector<std::string>* tables) {
  if (!done->insert(&resource).second) return;
  for (const auto& field : resource.fields) {
    const Resource* parent = contract.FindKind(field.rule->reference());
    if (parent != nullptr) Add(contract, *parent, done, tables);
  }
  tables->push_back(store::TableDdl(resource));
}

}  // namespace

std::vector<std::string> TablesOf(const contract::Contract& contract) {
  std::set<const Resource*> done;
  std::vector<std::string> tables;
  for (const auto& resource : contract.resources()) Add(contract, *resource, &done, &tables);
  return tables;
}

}  // namespace lianqiao::ddl
