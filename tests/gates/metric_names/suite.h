// SPDX-License-Identifier: Apache-2.0
// The gateway with identity, alliance-registry and, if asked for, the services that follow it, in the test's
// process, each with a database of its own, as their main functions start them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/runtime/process.h"
#include "libs/testing/postgres.h"
#include "services/gateway/gateway.h"
#include "services/gateway/testdata/gateway_fixture.h"
#include "tests/gates/services/services.h"

namespace lianqiao::gates {

class Suite {
 public:
  // Aborts with the reason if something does not start.
  explicit Suite(gateway::Guard::Options guard = gateway::Guard::Options(),
                 const std::vector<Follower>& followers = {});
  ~Suite();

  // Over HTTP; `token` may be empty.
  gateway::Socket::Answer Ask(const std::string& method, const std::string& target, const std::string& token,
                              const std::string& body = "");
  std::string OperatorToken();
  int http_port() const { return gateway_->http_port(); }
  std::string GatewayMetrics() { return Ask("GET", "/metrics", "").body; }
  std::string RegistryMetrics() const { return registry_->MetricsText(); }
  // Of the follower with this index.
  std::string FollowerMetrics(size_t index) const { return followers_[index]->MetricsText(); }

 private:
  gateway::Socket::Answer Send(const std::string& method, const std::string& target,
                               const std::string& headers, const std::string& body);

  const std::string folder_;
  testing::TestDatabase identity_database_;
  testing::TestDatabase registry_database_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<runtime::Process> registry_;
  std::vector<std::unique_ptr<testing::TestDatabase>> follower_databases_;
  std::vector<std::unique_ptr<runtime::Process>> followers_;
};

}  // namespace lianqiao::gates
