// SPDX-License-Identifier: Apache-2.0
// The resource engine: standard methods, transitions and custom methods of every resource of a service, bound
// from the contract to an rpc::Server. Used by libs/runtime and tests; services see only service.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/access/access_log.h"
#include "libs/access/authenticator.h"
#include "libs/base/clock.h"
#include "libs/contract/contract.h"
#include "libs/postgres/migrate.h"
#include "libs/resource/service.h"
#include "libs/rpc/server.h"

namespace lianqiao::feed {
class Projection;
}  // namespace lianqiao::feed

namespace lianqiao::resource {

// 0001–0009 of every service's schema.
std::vector<postgres::Migration> EngineMigrations();

// The engine's own database migrations followed by the service's, checked for order.
std::vector<postgres::Migration> WithEngine(std::vector<postgres::Migration> own);

class EngineCore;

// A custom method that answers by itself and never blocks, such as a long poll. Authentication and the right
// to the function stay the engine's; for a public method the caller is empty.
using RawMethod =
    std::function<void(const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                       std::string request, rpc::Done done)>;

// The same for a streaming method. The caller's grants may change while the stream is open:
// Engine::Authenticate asks again.
using StreamMethod =
    std::function<void(const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                       std::shared_ptr<rpc::ServerStream> stream)>;

// Another service that this one follows: what the contract refers to there ("registry/organisation") is
// checked against its projection. References to services that are not followed are not checked.
struct Followed {
  std::string package;                                 // "lianqiao.registry.v1", as in lianqiao-after.
  std::shared_ptr<const contract::Contract> contract;  // Of that package.
  feed::Projection* projection = nullptr;              // Its tables lie in the service's own schema.
};

class Engine : public Service {
 public:
  struct Options {
    std::shared_ptr<const contract::Contract> contract;
    postgres::Database* reads = nullptr;  // All outlive the engine.
    postgres::Database* writes = nullptr;
    // The engine's own stands before it, for kinds that open downwards (audience.h).
    access::Authenticator* authenticator = nullptr;
    access::AccessLog* access_log = nullptr;  // May be null in tests.
    const base::Clock* clock = &base::Clock::System();
    // Told after every commit of this process: readers of the feed need not wait for their next look.
    std::function<void()> on_commit;
    std::vector<Followed> followed = {};  // Their projections outlive the engine.
  };
  explicit Engine(Options options);
  ~Engine() override;

  void AddRules(const contract::Descriptor* type, Check check) override;
  void AddDeletionRules(const contract::Descriptor* type, Check check) override;
  void AddDerivation(const contract::Descriptor* type, Derivation derivation) override;
  void AddFacts(const contract::Descriptor* type, FactQuery query) override;
  void AddRead(const std::string& method, const Message& request, const Message& response,
               ReadMethod run) override;
  void AddWrite(const std::string& method, const Message& request, const Message& response,
                WriteMethod run) override;
  void AddDaily(const std::string& method, NamedQuery due) override;
  void AddIntake(const std::string& method, MakeIntake make) override;
  void AddOutlet(const std::string& method, MakeOutlet make) override;
  void AddRaw(const std::string& method, RawMethod run);
  void AddStream(const std::string& method, StreamMethod run);
  // What binds methods of libs/sync and libs/bulk holds the same parts as the engine.
  const Options& options() const;

  // For the other files of libs/resource.
  EngineCore& core() { return *core_; }

  // Checks everything against the contract (INVALID_ARGUMENT lists all mistakes) and binds every method.
  absl::Status Bind(rpc::Server* server);

  // How many buckets the feed of an empty schema has; before the first write. FAILED_PRECONDITION once there
  // are changes in another number of them.
  absl::Status SetFeedBuckets(int buckets, absl::Time deadline);

  // Work off dependants whose scope must be stamped anew, up to `records_max`; how many are done. For the
  // runtime's background thread; safe to repeat and from several processes.
  absl::StatusOr<int> RestampSome(absl::Time deadline, int records_max = 100);

  // What a new business date begins or ends (a membership's first and last day) changes who sees its owner:
  // stamps owners for every day since the last run, in chunks, and forgets answers of requests older than 7
  // days. Cheap when there is nothing to do; true if there may be more.
  absl::StatusOr<bool> RunDaily(absl::Time deadline);

 private:
  std::unique_ptr<EngineCore> core_;
};

}  // namespace lianqiao::resource
