// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/services.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/contract/packages.h"
#include "services/gateway/sync/sealed.h"

namespace lianqiao::gateway::sync {
namespace {

// "lianqiao.registry.v1" -> "registry".
std::string NameOf(const std::string& package) {
  const std::vector<std::string> parts = absl::StrSplit(package, '.');
  const bool versioned = parts.size() > 1 && parts.back().size() > 1 && parts.back()[0] == 'v' &&
                         parts.back().find_first_not_of("0123456789", 1) == std::string::npos;
  return versioned ? parts[parts.size() - 2] : parts.back();
}

}  // namespace

absl::StatusOr<std::vector<ServiceAddress>> ServicesBehind(
    const std::vector<std::pair<std::string, std::string>>& upstreams) {
  const auto kinds = contract::KindsByPackage();
  std::vector<ServiceAddress> services;
  std::unordered_map<std::string, std::string> owners;
  std::set<std::string> whole;  // Packages that are named as such; their single services do not count.
  for (const auto& [key, target] : upstreams) {
    if (kinds.count(key) > 0) whole.insert(key);
  }
  for (const auto& [key, target] : upstreams) {
    std::string package = key;
    if (whole.count(key) == 0) package = package.substr(0, package.rfind('.'));
    if (package != key && whole.count(package) > 0) continue;
    const auto found = kinds.find(package);
    const std::string name = NameOf(package);
    if (found == kinds.end() || name == "identity") continue;
    if (!IsServiceName(name))
      return absl::InvalidArgumentError(absl::StrCat("--upstream: ", package, " gives no name of a service"));
    const auto same = std::find_if(services.begin(), services.end(),
                                   [&, own = name](const auto& service) { return service.name == own; });
    if (same != services.end() && same->target == target) continue;
    if (same != services.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--upstream: the changes of ", package, " would come from two addresses"));
    }
    for (const std::string& kind : found->second) {
      if (!owners.emplace(kind, name).second)
        return absl::InvalidArgumentError(absl::StrCat("the kind ", kind, " belongs to two services"));
    }
    services.push_back({name, target, found->second});
  }
  if (services.size() > kServicesMax) return absl::InvalidArgumentError("--upstream: too many services");
  return services;
}

Services::Services(std::vector<ServiceAddress> addresses, Open open)
    : addresses_(std::move(addresses)), open_(std::move(open)) {
  for (size_t i = 0; i < addresses_.size(); ++i) {
    clients_.push_back(std::make_unique<rpc::Client>(rpc::Client::Options{.target = addresses_[i].target}));
    for (const std::string& kind : addresses_[i].kinds) owners_.emplace(kind, i);
  }
}

std::unique_ptr<rpc::ClientStream> Services::OpenStream(size_t service, const std::string& path,
                                                        const rpc::Client::Metadata& metadata,
                                                        absl::Time deadline) const {
  if (open_) return open_(service, path, metadata, deadline);
  return clients_[service]->Open(path, metadata, deadline);
}

std::optional<size_t> Services::Find(const std::string& name) const {
  for (size_t i = 0; i < addresses_.size(); ++i) {
    if (addresses_[i].name == name) return i;
  }
  return std::nullopt;
}

std::optional<size_t> Services::OwnerOf(const std::string& kind) const {
  const auto found = owners_.find(kind);
  if (found == owners_.end()) return std::nullopt;
  return found->second;
}

std::vector<Services::Share> Services::Route(const std::vector<std::string>& kinds,
                                             std::vector<base::Violation>* violations) const {
  std::vector<Share> shares(size());
  std::set<std::string> unknown;
  for (size_t i = 0; i < size(); ++i) shares[i].service = i;
  if (kinds.empty()) return shares;
  for (const std::string& kind : kinds) {
    const std::optional<size_t> owner = OwnerOf(kind);
    if (owner.has_value()) {
      shares[*owner].kinds.push_back(kind);
    } else if (unknown.insert(kind).second) {
      violations->push_back(base::Refuse("kinds", base::ErrorReason::KIND_UNKNOWN, {{"value", kind}}));
    }
  }
  shares.erase(std::remove_if(shares.begin(), shares.end(), [](const Share& s) { return s.kinds.empty(); }),
               shares.end());
  return shares;
}

}  // namespace lianqiao::gateway::sync
