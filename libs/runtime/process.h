// SPDX-License-Identifier: Apache-2.0
// Everything of a running service in one object: pools, identity, engine, server, background jobs, metrics.
// Used by Main and by tests that need more than testing::TestService.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/access/credentials.h"
#include "libs/feed/retention.h"
#include "libs/runtime/main.h"

namespace lianqiao::runtime {

class Process {
 public:
  struct Options {
    std::string database;  // libpq string of the runtime role.
    std::string schema;
    std::string listen;               // gRPC: unix:/path or 127.0.0.1:port
    std::string metrics_listen;       // Empty: no page of metrics.
    std::string identity;             // gRPC address of identity.
    access::Credentials credentials;  // The service's own.
    int readers = 6;
    int feed_buckets = 0;  // Of an empty schema; 0: as it is.
    int writers = 16;
    feed::Retention retention;
    std::string content_dir;  // Absolute; of a service that keeps files.
    std::map<std::string, std::string> follow;  // gRPC addresses by package: one for each of `follows`.
  };
  // The schema is migrated already.
  static absl::StatusOr<std::unique_ptr<Process>> Start(const Definition& definition, Options options);
  ~Process();

  std::string MetricsText() const;   // What /metrics says.
  void Drain(absl::Duration limit);  // Stops accepting, finishes what runs within the limit.

 private:
  class Parts;
  explicit Process(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace lianqiao::runtime
