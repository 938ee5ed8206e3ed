// SPDX-License-Identifier: Apache-2.0
// Kinds and fields of another service in local tables of this one, kept in step over gRPC by the same
// consumer that mirrors stand on. References are checked against it, so that a write needs no second service
// to be up; computations name the step that they read, and can be repeated.
//
// Tables are made by a migration of the service (ProjectionDdl gives its text): the runtime role makes none.
// `<prefix><kind>` holds the rows as they are, `sync_step` being the step since when; `<prefix><kind>_former`
// what they were from `from_step` on and before `to_step`; `<prefix>consumer_cursor.step` is the newest step.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/feed/consumer.h"

namespace lianqiao::feed {

// What is projected. A field more or less is a new prefix: a new copy beside the old one.
struct ProjectionSpec {
  std::string name;               // Of the consumer, in metrics and logs.
  std::string prefix;             // Of its tables: "registry_".
  std::vector<CopiedKind> kinds;  // Name at least one field of each.
};

struct ProjectionLag {
  double seconds = 0;        // Progress::LagSeconds.
  int64_t change_count = 0;  // Applied so far.
  int64_t step = 0;
  bool ready = false;  // Has been caught up once.
};

// What a migration must hold, one statement each.
absl::StatusOr<std::vector<std::string>> ProjectionDdl(std::shared_ptr<const contract::Contract> contract,
                                                       const ProjectionSpec& spec);

class Projection {
 public:
  struct Options {
    std::shared_ptr<const contract::Contract> contract;  // Of the service that is followed.
    Source* source = nullptr;                            // Outlives the projection, which ends it.
    postgres::Database* database = nullptr;              // Outlives the projection.
    int partitions = 2;
    // After every batch and failure, for metrics. May be null.
    std::function<void(const ProjectionLag&)> observe;
    // Follow has ended for good: the copy no longer moves. May be null.
    std::function<void(const absl::Status&)> stopped;
  };
  // Begins to follow at once.
  static absl::StatusOr<std::unique_ptr<Projection>> Start(const ProjectionSpec& spec, Options options);
  ~Projection();

  ProjectionLag lag() const;

  // Waits until what the followed service wrote at this position (as its answer's Lianqiao-Position says) is
  // here, whether or not the projection takes any of it: at most until `deadline` and for 2 s, then
  // FAILED_PRECONDITION REFERENCE_NOT_YET_VISIBLE with advice when to come again.
  absl::Status Wait(int bucket, int64_t position, absl::Time deadline);

 private:
  explicit Projection(Options options) : options_(std::move(options)) {}
  bool Reached(int bucket, int64_t position) const;

  const Options options_;
  std::unique_ptr<Tables> tables_;
  std::unique_ptr<Consumer> consumer_;
  std::thread thread_;
};

}  // namespace lianqiao::feed
