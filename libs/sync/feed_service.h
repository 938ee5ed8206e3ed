// SPDX-License-Identifier: Apache-2.0
// The package lianqiao.sync.v1 of one service, but for imports and exports (libs/bulk): binds FeedService,
// DigestService and RevisionService to an engine. Used by libs/runtime and tests.
#pragma once

#include <memory>
#include <string>

#include "libs/resource/engine.h"

namespace lianqiao::sync {

inline constexpr char kPackage[] = "lianqiao.sync.v1";

// "registry" for "lianqiao.registry.v1".
std::string ServiceName(const std::string& package);

struct Parts;
class Consumers;

class FeedService {
 public:
  struct Options {
    std::string service;       // "registry": names it in cursors' failures and answers.
    int retention_days = 400;  // As the purge has it: told to clients.
  };
  // Adds its methods; before Engine::Bind. The engine's contract holds kPackage. The engine outlives it, and
  // it outlives the server. Its end waits for callbacks that are still to come.
  FeedService(resource::Engine* engine, Options options);
  ~FeedService();

  // For Engine::Options::on_commit: watchers of this process are told at once.
  void OnCommit();
  int watchers() const;
  // Who reads, and how far; as long as this.
  Consumers& consumers();
  // For what stands beside it in libs/bulk; as long as this.
  const Parts& parts() const;

 private:
  struct Core;
  std::unique_ptr<Core> core_;
};

}  // namespace lianqiao::sync
