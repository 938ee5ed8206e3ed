// SPDX-License-Identifier: Apache-2.0
// One service with a database of its own: started, stopped, broken and restored as often as a history wants.
// It runs in this process; its connections go through a proxy that breaks them. What it follows is another
// one.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "libs/access/access_log.h"
#include "libs/access/testing/static_authenticator.h"
#include "libs/content/disk_store.h"
#include "libs/feed/retention.h"
#include "libs/resource/engine.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "libs/sync/feed_service.h"
#include "libs/testing/service.h"
#include "tests/convergence/gateway.h"
#include "tests/convergence/proxy.h"
#include "tests/convergence/subject.h"

namespace lianqiao::convergence {

class Installation {
 public:
  // On a copy of the database `original` (see world.h), which nobody may use meanwhile. `followed` outlives
  // it; null for a service that follows none.
  Installation(const Subject& subject, const std::string& original, uint32_t seed,
               Installation* followed = nullptr);
  ~Installation();

  // Serves and does the background jobs until Stop. Ends the process if it cannot.
  void Start();
  void Stop();
  bool running() const { return running_; }
  // To whatever process serves now; calls on an older one fail.
  std::shared_ptr<rpc::Client> client(bool through_gateway = false) const;
  // The gateway in front of it, which knows no more than where the service's socket is.
  void StartGateway();
  void StopGateway();
  int http_port() const;

  // One statement as the superuser, behind the service's back and past the proxy. Waits out a restart of the
  // server; ends the process on any other failure.
  postgres::Result Sql(const std::string& sql);
  postgres::Database& administrator() { return *administrator_; }
  const std::string& database() const { return name_; }
  // After Stop: nobody uses the database any more.
  void Disconnect() { administrator_.reset(); }
  // The background jobs until there is nothing left to do: false if that takes too long.
  bool Settle(absl::Duration limit);
  // Until what is committed in the followed service is here: false if that takes too long.
  bool CatchUp(absl::Duration limit);
  // A step of the retention job as of `now`.
  absl::Status Purge(absl::Time now);

  // Every table as it is at this moment, as pg_dump reads it; and back, as tools/restore does it: the service
  // is stopped, a new epoch begins.
  void Dump();
  void Restore();
  bool dumped() const { return dumped_; }
  // How many restores there were: what is read belongs to one of them.
  int life() const { return life_; }

  const Subject& subject() const { return subject_; }
  Installation* followed() const { return followed_; }
  Proxy& proxy() { return proxy_; }
  testing::TestClock& clock() { return clock_; }
  // Here and where it follows.
  void PassDay();
  access::testing::StaticAuthenticator& authenticator() { return authenticator_; }
  const contract::Contract& contract() const { return *contract_; }
  std::shared_ptr<const contract::Contract> shared_contract() const { return contract_; }
  // A database of a consumer's own, as the superuser; gone with the installation.
  std::string MakeDatabase(const std::string& name);

 private:
  struct Service;
  std::unique_ptr<postgres::Database> Pool(const std::string& role, bool through_proxy, const char* name,
                                           int workers) const;
  void MakeEngine(Service* service);
  void Follow(Service* service);
  void BeginEpoch(Service* service);
  void RunJobs(Service* service);
  std::string Connection(const std::string& role, bool through_proxy) const;
  std::string socket() const;
  std::string content_folder() const { return proxy_.folder() + "/content"; }

  const Subject& subject_;
  Installation* const followed_;
  const std::string name_;
  Proxy proxy_;
  testing::TestClock clock_;
  std::shared_ptr<const contract::Contract> contract_;
  access::testing::StaticAuthenticator authenticator_;
  std::unique_ptr<postgres::Database> administrator_;
  std::unique_ptr<content::DiskStore> content_;  // Of a service that keeps files.
  mutable std::mutex mutex_;                     // Guards these three.
  std::shared_ptr<rpc::Client> client_;
  std::shared_ptr<rpc::Client> gateway_client_;
  int http_port_ = 0;
  std::unique_ptr<Gateway> gateway_;
  std::mutex life_mutex_;  // One of Start, Stop, Settle and Purge at a time.
  std::unique_ptr<Service> service_;
  std::atomic<bool> running_{false};
  std::atomic<int> life_{0};
  bool dumped_ = false;
  std::vector<std::string> databases_;
};

}  // namespace lianqiao::convergence
