// SPDX-License-Identifier: Apache-2.0
// table-ddl [--against FILE] <package>…: the tables that the contract asks for, parents before children; with
// a golden schema of a service, only what it lacks. tools/new-migration writes it into a file.
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tools/ddl/difference.h"
#include "tools/ddl/tables.h"

int main(int argc, char** argv) {
  std::vector<std::string> packages(argv + 1, argv + argc);
  std::stringstream schema;
  const bool compare = packages.size() > 1 && packages[0] == "--against";
  if (compare) {
    std::ifstream file(packages[1]);
    if (!file) {
      std::fprintf(stderr, "table-ddl: cannot read %s\n", packages[1].c_str());
      return 2;
    }
    schema << file.rdbuf();
    packages.erase(packages.begin(), packages.begin() + 2);
  }
  const auto contract = lianqiao::contract::Contract::Load(packages);
  if (packages.empty() || !contract.ok()) {
    std::fprintf(stderr, "table-ddl: %s\n",
                 packages.empty() ? "name a package" : contract.status().ToString().c_str());
    return 1;
  }
  const std::vector<std::string> tables = lianqiao::ddl::TablesOf(**contract);
  if (compare) {
    std::fputs(lianqiao::ddl::DifferenceOf(tables, schema.str()).c_str(), stdout);
  } else {
    for (const std::string& table : tables) std::fputs((table + "\n").c_str(), stdout);
  }
  return 0;
}
