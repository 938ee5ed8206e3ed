// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/api_style/proto_tree.h"

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "lianqiao/options/v1/options.pb.h"

namespace lianqiao::gates {
namespace {

// The files and all that they import, comments and options included, as protoc writes them.
google::protobuf::FileDescriptorSet ReadSet(const std::string& folder, const std::string& base,
                                            const std::vector<std::string>& names, std::string* errors) {
  const std::string set =
      std::filesystem::path(::testing::TempDir()) / ("api_style_" + std::to_string(::getpid()));
  std::string command =
      LIANQIAO_PROTOC " --include_source_info --include_imports --descriptor_set_out=" + set;
  command += " --proto_path=" + folder + (base.empty() ? "" : " --proto_path=" + base);
  for (const std::string& name : names) command += " " + name;
  google::protobuf::FileDescriptorSet files;
  if (std::system((command + " 2>" + set + ".errors").c_str()) != 0) {
    std::ostringstream text;
    text << std::ifstream(set + ".errors").rdbuf();
    *errors = text.str();
  }
  std::ifstream stream(set, std::ios::binary);
  if (!files.ParseFromIstream(&stream)) *errors += "protoc wrote no descriptor set";
  std::filesystem::remove(set);
  std::filesystem::remove(set + ".errors");
  return files;
}

void AddNested(const Descriptor* message, std::vector<const Descriptor*>* messages) {
  if (message->options().map_entry()) return;
  messages->push_back(message);
  for (int i = 0; i < message->nested_type_count(); ++i) AddNested(message->nested_type(i), messages);
}

}  // namespace

ProtoTree::ProtoTree(const std::string& folder, const std::string& base) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder + "/lianqiao")) {
    if (entry.path().extension() == ".proto")
      names.push_back(std::filesystem::relative(entry.path(), folder).generic_string());
  }
  std::sort(names.begin(), names.end());
  const google::protobuf::FileDescriptorSet set = ReadSet(folder, base, names, &errors_);
  for (const auto& file : set.file()) {
    const FileDescriptor* built = pool_.BuildFile(file);
    if (built == nullptr) errors_ += file.name() + " cannot be built\n";
    if (built != nullptr && std::binary_search(names.begin(), names.end(), file.name()))
      files_.push_back(built);
  }
}

std::vector<const Descriptor*> ProtoTree::Messages() const {
  std::vector<const Descriptor*> messages;
  for (const FileDescriptor* file : files_)
    for (int i = 0; i < file->message_type_count(); ++i) AddNested(file->message_type(i), &messages);
  return messages;
}

std::vector<const EnumDescriptor*> ProtoTree::Enums() const {
  std::vector<const EnumDescriptor*> enums;
  for (const FileDescriptor* file : files_)
    for (int i = 0; i < file->enum_type_count(); ++i) enums.push_back(file->enum_type(i));
  for (const Descriptor* message : Messages())
    for (int i = 0; i < message->enum_type_count(); ++i) enums.push_back(message->enum_type(i));
  return enums;
}

std::vector<const MethodDescriptor*> ProtoTree::Methods() const {
  std::vector<const MethodDescriptor*> methods;
  for (const FileDescriptor* file : files_)
    for (int s = 0; s < file->service_count(); ++s)
      for (int m = 0; m < file->service(s)->method_count(); ++m)
        methods.push_back(file->service(s)->method(m));
  return methods;
}

bool IsResource(const Descriptor& message) {
  return message.options().HasExtension(options::v1::resource);
}

}  // namespace lianqiao::gates
