// SPDX-License-Identifier: Apache-2.0
// The platform as a command calls it: over gRPC at the gateway, as one client, with a token that renews
// itself.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/access/client_token.h"
#include "libs/contract/contract.h"
#include "libs/feed/rpc_source.h"
#include "libs/rpc/client.h"
#include "tools/cli/command.h"

namespace lianqiao::cli {

// The contract that this program knows: of every service whose protos are linked.
absl::StatusOr<std::shared_ptr<const contract::Contract>> LoadContract();

class Platform {
 public:
  // By --gateway and --credentials, and what login stored for those that are not given.
  static absl::StatusOr<std::unique_ptr<Platform>> Connect(const Context& context);

  // A new token once if the one that was held is refused; UNAVAILABLE is repeated until the deadline if a
  // repetition does no harm.
  absl::Status Call(const std::string& path, const google::protobuf::Message& request,
                    google::protobuf::Message* response, bool repeatable = true,
                    absl::Duration limit = absl::Seconds(60));
  absl::StatusOr<std::unique_ptr<rpc::ClientStream>> Open(const std::string& path);
  // For the feed.
  std::unique_ptr<feed::RpcSource> NewSource();

  const std::string& client_id() const { return client_id_; }
  const contract::Contract& contract() const { return *contract_; }
  std::shared_ptr<const contract::Contract> shared_contract() const { return contract_; }
  // By kind ("school_year_facts") or plural as in paths; wrong usage lists what there is.
  absl::StatusOr<const contract::Resource*> FindKind(const std::string& name) const;
  // The same for a list of them; by their names in the contract.
  absl::StatusOr<std::vector<std::string>> Kinds(const std::vector<std::string>& names) const;
  absl::StatusOr<const contract::Method*> FindMethod(const contract::Resource& resource,
                                                     contract::Standard standard) const;

 private:
  Platform(std::string gateway, access::Credentials credentials, base::Language language);

  rpc::Client client_;
  const std::string client_id_;
  access::ClientToken token_;
  const base::Language language_;
  std::shared_ptr<const contract::Contract> contract_;
};

// A new message of a method's request or response type.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor* type);

}  // namespace lianqiao::cli
