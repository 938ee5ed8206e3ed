// SPDX-License-Identifier: Apache-2.0
// The services behind the gateway that have records, what they are called, and who owns which kind.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/rpc/client.h"

namespace lianqiao::gateway::sync {

struct ServiceAddress {
  std::string name;                // "registry" for lianqiao.registry.v1: as in cursors and answers.
  std::string target;              // As rpc::Client takes it.
  std::vector<std::string> kinds;  // Parents before children, as the contract has them.
};

// The services among the gateway's upstreams ("package" or "package.Service" -> address): every package with
// resources but identity's. INVALID_ARGUMENT if one would have two addresses, or a kind two owners.
absl::StatusOr<std::vector<ServiceAddress>> ServicesBehind(
    const std::vector<std::pair<std::string, std::string>>& upstreams);

class Services {
 public:
  // Streams to a service; tests put their own in its place.
  using Open = std::function<std::unique_ptr<rpc::ClientStream>(
      size_t service, const std::string& path, const rpc::Client::Metadata&, absl::Time deadline)>;
  explicit Services(std::vector<ServiceAddress> addresses, Open open = nullptr);

  size_t size() const { return addresses_.size(); }
  const std::string& name(size_t service) const { return addresses_[service].name; }
  const std::vector<std::string>& kinds(size_t service) const { return addresses_[service].kinds; }
  rpc::Client& client(size_t service) const { return *clients_[service]; }
  std::unique_ptr<rpc::ClientStream> OpenStream(size_t service, const std::string& path,
                                                const rpc::Client::Metadata& metadata,
                                                absl::Time deadline) const;

  std::optional<size_t> Find(const std::string& name) const;
  std::optional<size_t> OwnerOf(const std::string& kind) const;

  // A service that is asked, and for which of the kinds; without kinds for all of its own.
  struct Share {
    size_t service = 0;
    std::vector<std::string> kinds;
  };
  // Who is asked for these kinds; everybody if there are none. A kind that nobody has is a violation of the
  // field `kinds`.
  std::vector<Share> Route(const std::vector<std::string>& kinds,
                           std::vector<base::Violation>* violations) const;

 private:
  const std::vector<ServiceAddress> addresses_;
  const Open open_;
  std::vector<std::unique_ptr<rpc::Client>> clients_;
  std::unordered_map<std::string, size_t> owners_;  // By kind.
};

}  // namespace lianqiao::gateway::sync
