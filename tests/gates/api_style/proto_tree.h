// SPDX-License-Identifier: Apache-2.0
// The protos of a folder with comments and options, and the rules over them. Only for this gate.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

namespace lianqiao::gates {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

// "lianqiao/registry/v1/alliance.proto: Alliance.name: … : do this".
using Findings = std::vector<std::string>;

class ProtoTree {
 public:
  // Files below `folder`/lianqiao, read by protoc; imports come from `folder` and `base` (may be empty).
  explicit ProtoTree(const std::string& folder, const std::string& base = "");
  const std::vector<const FileDescriptor*>& files() const { return files_; }
  const std::string& errors() const { return errors_; }

  // Every message or enum of the files, nested ones too; map entries left out.
  std::vector<const Descriptor*> Messages() const;
  std::vector<const EnumDescriptor*> Enums() const;
  std::vector<const MethodDescriptor*> Methods() const;

 private:
  google::protobuf::DescriptorPool pool_;
  std::vector<const FileDescriptor*> files_;
  std::string errors_;
};

// The comment above or behind something.
template <typename Thing>
std::string CommentOf(const Thing& thing) {
  google::protobuf::SourceLocation location;
  return thing.GetSourceLocation(&location) ? location.leading_comments + location.trailing_comments : "";
}

template <typename Thing>
std::string FindingAt(const Thing& thing, const std::string& text) {
  return thing.file()->name() + ": " + thing.full_name() + " " + text;
}

bool IsResource(const Descriptor& message);

Findings CheckNames(const ProtoTree& tree);
Findings CheckMethods(const ProtoTree& tree);

}  // namespace lianqiao::gates
