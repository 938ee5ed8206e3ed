// SPDX-License-Identifier: Apache-2.0
// What a Result points to. For this library only.
#pragma once

#include <memory>
#include <vector>

#include "libs/postgres/database.h"

namespace lianqiao::postgres {

struct Result::Data {
  struct Cell {
    const char* text = nullptr;
    int size = -1;  // -1: NULL.
  };
  std::shared_ptr<const void> owner;  // Keeps the cells' text alive.
  std::vector<Cell> cells;            // Row after row: libpqxx's own access counts references per cell.
  int rows = 0;
  int columns = 0;
  std::vector<std::string> names;  // Of the columns.
  int64_t affected_rows = 0;
};

}  // namespace lianqiao::postgres
