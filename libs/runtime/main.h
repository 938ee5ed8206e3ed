// SPDX-License-Identifier: Apache-2.0
// main() of a service: flags, migrations, pools, identity, engine, server, metrics, drain. A service's
// main.cc names itself, its packages, its migrations and what it adds.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libs/content/store.h"
#include "libs/feed/projection.h"
#include "libs/postgres/database.h"
#include "libs/postgres/migrate.h"
#include "libs/resource/service.h"

namespace lianqiao::runtime {

// Another service whose kinds this one keeps a copy of (libs/feed/projection.h), so that references to them
// ("registry/organisation") are checked without a call. Its tables are a migration of the follower's own.
struct Follow {
  std::string package;  // "lianqiao.registry.v1"; the program links its lianqiao_proto_….
  feed::ProjectionSpec projection;
};

// For a service that keeps files beside its database (libs/content), in the folder --content_dir.
struct KeepsContent {
  std::function<void(resource::Service&, content::Store*)> add;  // Beside Definition::add.
  // Removes some of what no row refers to; true: there may be more. Hourly in small steps, one at a time.
  std::function<absl::StatusOr<bool>(content::Store*, postgres::Session&, absl::Time now)> collect;
};

struct Definition {
  std::string name;                             // "alliance-registry"
  std::vector<std::string> packages;            // "lianqiao.registry.v1"
  std::vector<postgres::Migration> migrations;  // The service's own, from 0010.
  std::function<void(resource::Service&)> add;
  // Each needs its address in --follow and, for the service's client, the right `.changes` of the kinds.
  std::vector<Follow> follows = {};
  std::optional<KeepsContent> content = std::nullopt;
};

// Runs until SIGTERM or SIGINT; the process's exit code. See --help.
int Main(int argc, char** argv, const Definition& definition);

}  // namespace lianqiao::runtime
