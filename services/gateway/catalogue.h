// SPDX-License-Identifier: Apache-2.0
// Which methods the gateway serves and where they live: the services of our own packages (generated pool) and
// of descriptor set files, matched with the upstream addresses. Read once at start; the route table, the gRPC
// front and the OpenAPI document are made from it.
#pragma once

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace lianqiao::gateway {

struct ServedMethod {
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  std::string path;     // "/package.Service/Method"
  size_t upstream = 0;  // Index into Catalogue::targets().
  bool needs_token = true;
  bool client_streams = false;
  bool server_streams = false;
};

class Catalogue {
 public:
  struct Options {
    // "package" or "package.Service" -> address; the longer key wins.
    std::vector<std::pair<std::string, std::string>> upstreams;
    // Services or packages whose methods need no access option and no token.
    std::vector<std::string> open;
    // Files with a serialized FileDescriptorSet.
    std::vector<std::string> descriptor_sets;
  };
  // INVALID_ARGUMENT with every mistake: a method without an access option, an upstream without a service, a
  // descriptor set that cannot be read or linked.
  static absl::StatusOr<std::unique_ptr<Catalogue>> Load(const Options& options);

  const std::vector<ServedMethod>& methods() const { return methods_; }
  const std::vector<std::string>& targets() const { return targets_; }
  const ServedMethod* Find(const std::string& path) const;
  // Files of the served services and everything that they import, each once, imports first.
  std::vector<const google::protobuf::FileDescriptor*> Files() const;

 private:
  Catalogue() = default;
  void AddFile(const google::protobuf::FileDescriptor& file, const Options& options);
  void AddService(const google::protobuf::ServiceDescriptor& service, const Options& options);
  absl::Status AddDescriptorSet(const std::string& file_name, const Options& options);

  std::vector<std::unique_ptr<google::protobuf::DescriptorPool>> pools_;
  std::vector<ServedMethod> methods_;
  std::vector<std::string> targets_;
  std::unordered_map<std::string, size_t> by_path_;
  std::vector<bool> upstream_used_;
  std::vector<std::string> mistakes_;
};

}  // namespace lianqiao::gateway
