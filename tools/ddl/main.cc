// SPDX-License-Identifier: Apache-2.0
// table-ddl <package>…: the tables that the contract asks for, parents before children. tools/new-migration
// compares it with what a migrated database holds.
#include <cstdio>
#include <set>

#include "libs/contract/contract.h"
#include "libs/store/codec.h"

namespace {

using lianqiao::contract::Resource;

void Print(const lianqiao::contract::Contract& contract, const Resource& resource, std::set<const Resource*>* printed) {
  if (!printed->insert(&resource).second) return;
  for (const auto& field : resource.fields) {
    const Resource* parent = contract.FindKind(field.rule->reference());
    if (parent != nullptr) Print(contract, *parent, printed);
  }
  std::fputs((lianqiao::store::TableDdl(resource) + "\n").c_str(), stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const auto contract = lianqiao::contract::Contract::Load(std::vector<std::string>(argv + 1, argv + argc));
  if (!contract.ok()) {
    std::fprintf(stderr, "%s\n", contract.status().ToString().c_str());
    return 1;
  }
  std::set<const Resource*> printed;
  for (const auto& resource : (*contract)->resources()) Print(**contract, *resource, &printed);
  return 0;
}
