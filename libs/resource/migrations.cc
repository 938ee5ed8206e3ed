// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/engine.h"

// Made by CMake from migrations/*.sql.
std::vector<lianqiao::postgres::Migration> LianqiaoEngineMigrations();

namespace lianqiao::resource {

std::vector<postgres::Migration> EngineMigrations() {
  return LianqiaoEngineMigrations();
}

}  // namespace lianqiao::resource
