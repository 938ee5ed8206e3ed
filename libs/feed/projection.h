// SPDX-License-Identifier: Apache-2.0
// Kinds and fields of another service in local tables of this one, kept in step over gRPC by the same
// consumer that mirrors stand on. References are checked against it, so that a write needs no second service
// to be up; computations may name the step that they read, and can be repeated.
//
// Tables are made by a migration of the service (ProjectionDdl gives its text): the runtime role makes none.
// `<prefix><kind>` holds the rows as they are, `sync_step` being the step since when;
// `<prefix>consumer_cursor.step` is the newest step. With `keeps_former`, `<prefix><kind>_former` holds what
// rows were from `from_step` on and before `to_step`.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/feed/consumer.h"
#include "libs/feed/waiter.h"

namespace lianqiao::feed {

// What is projected. A field more or less is a new prefix: a new copy beside the old one.
struct ProjectionSpec {
  std::string name;               // Of the consumer, in metrics and logs.
  std::string prefix;             // Of its tables: "registry_".
  std::vector<CopiedKind> kinds;  // Name at least one field of each.
  // For computations that name their step. One row more per change of a record, and nothing removes them.
  bool keeps_former = false;
  // Who may read and write the records comes with them: records of this service are stamped from it.
  bool scopes = false;
};

struct ProjectionLag {
  double seconds = 0;        // Progress::LagSeconds.
  int64_t change_count = 0;  // Applied so far.
  int64_t step = 0;
  bool ready = false;  // Has been caught up once.
};

// What the copy knows of an id.
struct ProjectedRecord {
  bool living = false;
  // What merges made of it in the end, where the kind is projected with its field `replaced_by`; empty: it is
  // still itself.
  std::string successor;
  bool successor_living = false;
  // With `scopes`, of the record itself.
  std::vector<std::string> scope, write_scope;
};

// What a migration must hold, one statement each.
absl::StatusOr<std::vector<std::string>> ProjectionDdl(std::shared_ptr<const contract::Contract> contract,
                                                       const ProjectionSpec& spec);

class Projection {
 public:
  struct Options {
    std::shared_ptr<const contract::Contract> contract;  // Of the service that is followed.
    Source* source = nullptr;                            // Outlives the projection, which ends it.
    // Asked while somebody waits for a position: it should answer within a second or fail. Null: `source`.
    Source* questions = nullptr;
    postgres::Database* database = nullptr;  // At least `partitions` + 1 workers; outlives the projection.
    int partitions = 2;
    // After every batch and failure, for metrics. May be null.
    std::function<void(const ProjectionLag&)> observe;
    // Something that needs a person, or another process that follows into the same tables, has ended it: it
    // is tried again after `again`. May be null.
    std::function<void(const absl::Status&)> stopped;
    ScopeMover moved;  // With `scopes`; may be null.
    absl::Duration again = absl::Seconds(30);
  };
  // Begins to follow at once.
  static absl::StatusOr<std::unique_ptr<Projection>> Start(const ProjectionSpec& spec, Options options);
  ~Projection() { Stop(); }
  // Answers who waits; the copy stays and can still be read. Safe to repeat, not from two threads.
  void Stop();

  const std::string& name() const { return tables_->options().consumer; }
  bool Has(const std::string& kind) const { return tables_->Find(kind) != nullptr; }
  const std::string& prefix() const { return tables_->options().table_prefix; }
  bool Copies(const std::string& kind, const std::string& field) const;
  bool HasScopes() const { return tables_->options().scopes; }
  ProjectionLag lag() const;

  // By id; an id that was never there has no entry. With `locked`, in a transaction, their scopes stay until
  // its end.
  absl::StatusOr<std::map<std::string, ProjectedRecord>> Find(postgres::Statements& statements,
                                                              const std::string& kind,
                                                              const std::vector<std::string>& ids,
                                                              bool locked = false) const;
  // Ids of records by "system:id", where the kind is projected with its external_ids; what nobody has there
  // has no entry.
  absl::StatusOr<std::map<std::string, std::string>> FindExternal(
      postgres::Statements& statements, const std::string& kind, const std::vector<std::string>& names) const;
  // Whether what is not here was nowhere either, up to the lag: a first snapshot has been read to its end, by
  // this process or one before it, and no other is being read.
  absl::StatusOr<bool> IsWhole(postgres::Statements& statements) const;

  // Waits until what the followed service wrote at these positions (as its answers' Lianqiao-Position say) is
  // here, whether or not the projection takes any of it: at most until `deadline` and for 2 s, then
  // FAILED_PRECONDITION REFERENCE_NOT_YET_VISIBLE with advice when to come again. `done` must not block.
  void Await(Waiter::Positions positions, absl::Time deadline, Waiter::Done done);
  // The same for one position; blocks.
  absl::Status Wait(int bucket, int64_t position, absl::Time deadline);

 private:
  explicit Projection(Options options) : options_(std::move(options)) {}
  void Follow();

  const Options options_;
  std::unique_ptr<Tables> tables_;
  std::unique_ptr<Consumer> consumer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;  // Guarded by mutex_.
  std::unique_ptr<Waiter> waiter_;
  std::thread thread_;
};

}  // namespace lianqiao::feed
