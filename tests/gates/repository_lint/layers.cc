// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/repository_lint/layers.h"

#include <cctype>
#include <sstream>
#include <vector>

namespace lianqiao::repository_lint {
namespace {

std::string Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

std::vector<std::string> Cells(const std::string& row) {
  std::vector<std::string> cells;
  std::istringstream stream(row);
  for (std::string cell; std::getline(stream, cell, '|');) cells.push_back(Trim(cell));
  return cells;
}

// "base, contract" -> {base, contract}; "–" holds no letter and gives nothing.
std::set<std::string> Names(const std::string& cell) {
  std::set<std::string> names;
  std::istringstream stream(cell);
  for (std::string name; std::getline(stream, name, ',');) {
    name = Trim(name);
    if (!name.empty() && std::isalpha(static_cast<unsigned char>(name.front()))) names.insert(name);
  }
  return names;
}

}  // namespace

Layers ParseLayers(std::string_view readme) {
  Layers layers;
  std::set<std::string> above;
  bool in_table = false;
  std::istringstream stream{std::string(readme)};
  for (std::string line; std::getline(stream, line);) {
    const std::vector<std::string> cells = Cells(line);
    if (cells.size() < 4 || !cells[0].empty()) {
      in_table = false;
    } else if (cells[1] == "layer") {
      in_table = true;
    } else if (in_table && cells[1].find("---") == std::string::npos) {
      layers[cells[1]] = cells[3] == "all above" ? above : Names(cells[3]);
      above.insert(cells[1]);
    }
  }
  return layers;
}

}  // namespace lianqiao::repository_lint
