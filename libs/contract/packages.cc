// SPDX-License-Identifier: Apache-2.0
#include "libs/contract/packages.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor_database.h>

#include <algorithm>

#include "lianqiao/options/v1/options.pb.h"

namespace lianqiao::contract {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

std::map<std::string, std::vector<std::string>> KindsByPackage() {
  std::map<std::string, std::vector<std::string>> kinds;
  std::vector<std::string> files;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
  std::sort(files.begin(), files.end());
  for (const std::string& name : files) {
    const FileDescriptor* file = DescriptorPool::generated_pool()->FindFileByName(name);
    for (int i = 0; file != nullptr && i < file->message_type_count(); ++i) {
      const auto& options = file->message_type(i)->options();
      if (options.HasExtension(options::v1::resource))
        kinds[file->package()].push_back(options.GetExtension(options::v1::resource).kind());
    }
  }
  return kinds;
}

}  // namespace lianqiao::contract
