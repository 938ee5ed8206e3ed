// SPDX-License-Identifier: Apache-2.0
// What the .proto files say in comments about services, methods, messages, fields and enums; generated code
// does not keep it, a descriptor set made with --include_source_info does. For the OpenAPI document.
#pragma once

#include <string>
#include <unordered_map>

namespace lianqiao::gateway {

class Comments {
 public:
  // Adds what a serialized FileDescriptorSet holds; nothing if it is none.
  void Add(const std::string& descriptor_set);
  // By full name ("package.Service.Method"), lines joined, without the marker characters; empty if there is
  // none.
  const std::string& Of(const std::string& full_name) const;

 private:
  std::unordered_map<std::string, std::string> texts_;
};

}  // namespace lianqiao::gateway
