// SPDX-License-Identifier: Apache-2.0
// main() of a service: flags, migrations, pools, identity, engine, server, metrics, drain. A service's
// main.cc names itself, its packages, its migrations and what it adds.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "libs/feed/projection.h"
#include "libs/postgres/migrate.h"
#include "libs/resource/service.h"

namespace lianqiao::runtime {

// Another service whose kinds this one keeps a copy of (libs/feed/projection.h), so that references to them
// ("registry/organisation") are checked without a call. Its tables are a migration of the follower's own.
struct Follow {
  std::string package;  // "lianqiao.registry.v1"; the program links its lianqiao_proto_….
  feed::ProjectionSpec projection;
};

struct Definition {
  std::string name;                             // "alliance-registry"
  std::vector<std::string> packages;            // "lianqiao.registry.v1"
  std::vector<postgres::Migration> migrations;  // The service's own, from 0010.
  std::function<void(resource::Service&)> add;
  // Each needs its address in --follow and, for the service's client, the right `.changes` of the kinds.
  std::vector<Follow> follows = {};
};

// Runs until SIGTERM or SIGINT; the process's exit code. See --help.
int Main(int argc, char** argv, const Definition& definition);

}  // namespace lianqiao::runtime
