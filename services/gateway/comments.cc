// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/comments.h"

#include <google/protobuf/descriptor.pb.h>

#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace lianqiao::gateway {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::EnumDescriptorProto;
using google::protobuf::FileDescriptorProto;
using Path = std::vector<int>;

// Field numbers in descriptor.proto, of which SourceCodeInfo paths are made.
constexpr int kFileMessage = 4, kFileEnum = 5, kFileService = 6;
constexpr int kMessageField = 2, kMessageNested = 3, kMessageEnum = 4;
constexpr int kEnumValue = 2, kServiceMethod = 2;

class Walker {
 public:
  Walker(const FileDescriptorProto& file, std::unordered_map<std::string, std::string>* texts)
      : texts_(texts) {
    for (const auto& location : file.source_code_info().location()) {
      const std::string& text =
          location.leading_comments().empty() ? location.trailing_comments() : location.leading_comments();
      if (!text.empty()) locations_[Path(location.path().begin(), location.path().end())] = &text;
    }
  }

  void Run(const FileDescriptorProto& file) {
    for (int i = 0; i < file.message_type_size(); ++i)
      Message(file.message_type(i), file.package(), {kFileMessage, i});
    for (int i = 0; i < file.enum_type_size(); ++i) Enum(file.enum_type(i), file.package(), {kFileEnum, i});
    for (int i = 0; i < file.service_size(); ++i) {
      const auto& service = file.service(i);
      const std::string name = Save(file.package(), service.name(), {kFileService, i});
      for (int j = 0; j < service.method_size(); ++j)
        Save(name, service.method(j).name(), {kFileService, i, kServiceMethod, j});
    }
  }

 private:
  std::string Save(const std::string& parent, const std::string& name, const Path& path) {
    const std::string full = parent.empty() ? name : absl::StrCat(parent, ".", name);
    const auto found = locations_.find(path);
    if (found == locations_.end()) return full;
    std::vector<std::string> lines = absl::StrSplit(*found->second, '\n');
    for (std::string& line : lines) line = std::string(absl::StripAsciiWhitespace(line));
    (*texts_)[full] = std::string(absl::StripAsciiWhitespace(absl::StrJoin(lines, "\n")));
    return full;
  }

  static Path Below(Path path, int field, int index) {
    path.push_back(field);
    path.push_back(index);
    return path;
  }

  void Message(const DescriptorProto& message, const std::string& parent, const Path& path) {
    const std::string name = Save(parent, message.name(), path);
    for (int i = 0; i < message.field_size(); ++i)
      Save(name, message.field(i).name(), Below(path, kMessageField, i));
    for (int i = 0; i < message.nested_type_size(); ++i)
      Message(message.nested_type(i), name, Below(path, kMessageNested, i));
    for (int i = 0; i < message.enum_type_size(); ++i)
      Enum(message.enum_type(i), name, Below(path, kMessageEnum, i));
  }

  // Values stand beside their enum in the language's scoping; here they are kept under it, as readers expect.
  void Enum(const EnumDescriptorProto& type, const std::string& parent, const Path& path) {
    const std::string name = Save(parent, type.name(), path);
    for (int i = 0; i < type.value_size(); ++i) Save(name, type.value(i).name(), Below(path, kEnumValue, i));
  }

  std::unordered_map<std::string, std::string>* texts_;
  std::map<Path, const std::string*> locations_;
};

}  // namespace

void Comments::Add(const std::string& descriptor_set) {
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromString(descriptor_set)) return;
  for (const FileDescriptorProto& file : set.file()) Walker(file, &texts_).Run(file);
}

const std::string& Comments::Of(const std::string& full_name) const {
  static const std::string kNone;
  const auto found = texts_.find(full_name);
  return found == texts_.end() ? kNone : found->second;
}

}  // namespace lianqiao::gateway
