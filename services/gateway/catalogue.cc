// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/catalogue.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lianqiao/options/v1/options.pb.h"

namespace lianqiao::gateway {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// "a.b" covers "a.b" and "a.b.C".
bool Covers(const std::string& key, const std::string& name) {
  return name == key ||
         (name.size() > key.size() && name.compare(0, key.size(), key) == 0 && name[key.size()] == '.');
}

class FirstError : public DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string& file, const std::string& element, const google::protobuf::Message*,
                ErrorLocation, const std::string& message) override {
    if (text.empty()) text = absl::StrCat(file, ": ", element, ": ", message);
  }
  std::string text;
};

// Builds one file after its imports; an import that the set lacks is taken from our own generated code (the
// well-known types and google.api, when the set was made without --include_imports).
class SetBuilder {
 public:
  SetBuilder(const google::protobuf::FileDescriptorSet& set, DescriptorPool* pool) : pool_(pool) {
    for (const FileDescriptorProto& file : set.file()) files_.emplace(file.name(), &file);
  }

  absl::StatusOr<const FileDescriptor*> Build(const std::string& name, int depth = 0) {
    if (const FileDescriptor* built = pool_->FindFileByName(name)) return built;
    if (depth > 100) return absl::InvalidArgumentError(name + " imports itself");
    FileDescriptorProto own;
    const auto found = files_.find(name);
    const FileDescriptorProto* proto = found != files_.end() ? found->second : &own;
    if (found == files_.end()) {
      const FileDescriptor* generated = DescriptorPool::generated_pool()->FindFileByName(name);
      if (generated == nullptr) {
        return absl::InvalidArgumentError(name + " is missing; make the set with protoc --include_imports");
      }
      generated->CopyTo(&own);
    }
    for (const std::string& import : proto->dependency()) {
      auto built = Build(import, depth + 1);
      if (!built.ok()) return built;
    }
    FirstError errors;
    const FileDescriptor* file = pool_->BuildFileCollectingErrors(*proto, &errors);
    if (file == nullptr) return absl::InvalidArgumentError(errors.text);
    return file;
  }

 private:
  DescriptorPool* pool_;
  std::unordered_map<std::string, const FileDescriptorProto*> files_;
};

}  // namespace

void Catalogue::AddService(const ServiceDescriptor& service, const Options& options) {
  size_t best = options.upstreams.size();
  for (size_t i = 0; i < options.upstreams.size(); ++i) {
    if (!Covers(options.upstreams[i].first, service.full_name())) continue;
    if (best == options.upstreams.size() ||
        options.upstreams[i].first.size() > options.upstreams[best].first.size()) {
      best = i;
    }
  }
  if (best == options.upstreams.size()) return;
  upstream_used_[best] = true;
  const bool open = std::any_of(options.open.begin(), options.open.end(),
                                [&](const std::string& key) { return Covers(key, service.full_name()); });
  const auto target = std::find(targets_.begin(), targets_.end(), options.upstreams[best].second);
  const size_t index = target - targets_.begin();
  if (target == targets_.end()) targets_.push_back(options.upstreams[best].second);
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor* method = service.method(i);
    const bool has_access = method->options().HasExtension(options::v1::access);
    if (!has_access && !open) {
      mistakes_.push_back(
          method->full_name() +
          " has no lianqiao.options.v1.access option; add it, or name its service in --open_upstream");
      continue;
    }
    ServedMethod served;
    served.descriptor = method;
    served.path = absl::StrCat("/", service.full_name(), "/", method->name());
    served.upstream = index;
    served.client_streams = method->client_streaming();
    served.server_streams = method->server_streaming();
    served.needs_token = has_access && !method->options().GetExtension(options::v1::access).public_();
    if (!by_path_.emplace(served.path, methods_.size()).second) {
      mistakes_.push_back(served.path + " is defined twice");
      continue;
    }
    methods_.push_back(std::move(served));
  }
}

void Catalogue::AddFile(const FileDescriptor& file, const Options& options) {
  for (int i = 0; i < file.service_count(); ++i) AddService(*file.service(i), options);
}

absl::Status Catalogue::AddDescriptorSet(const std::string& file_name, const Options& options) {
  std::ifstream stream(file_name, std::ios::binary);
  google::protobuf::FileDescriptorSet set;
  if (!stream || !set.ParseFromIstream(&stream)) {
    return absl::InvalidArgumentError(file_name + " cannot be read as a FileDescriptorSet");
  }
  pools_.push_back(std::make_unique<DescriptorPool>());
  SetBuilder builder(set, pools_.back().get());
  for (const FileDescriptorProto& proto : set.file()) {
    auto file = builder.Build(proto.name());
    if (!file.ok()) return absl::InvalidArgumentError(absl::StrCat(file_name, ": ", file.status().message()));
    // A service that this program itself was built with is served from its own descriptors.
    if (DescriptorPool::generated_pool()->FindFileByName(proto.name()) == nullptr) AddFile(**file, options);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Catalogue>> Catalogue::Load(const Options& options) {
  std::unique_ptr<Catalogue> catalogue(new Catalogue);
  catalogue->upstream_used_.assign(options.upstreams.size(), false);
  std::vector<std::string> names;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    catalogue->AddFile(*DescriptorPool::generated_pool()->FindFileByName(name), options);
  }
  for (const std::string& file : options.descriptor_sets) {
    if (absl::Status status = catalogue->AddDescriptorSet(file, options); !status.ok()) {
      catalogue->mistakes_.push_back(std::string(status.message()));
    }
  }
  for (size_t i = 0; i < options.upstreams.size(); ++i) {
    if (!catalogue->upstream_used_[i]) {
      catalogue->mistakes_.push_back("--upstream names " + options.upstreams[i].first +
                                     ", which has no service");
    }
  }
  if (!catalogue->mistakes_.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(catalogue->mistakes_, "\n"));
  }
  return catalogue;
}

const ServedMethod* Catalogue::Find(const std::string& path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : &methods_[found->second];
}

std::vector<const FileDescriptor*> Catalogue::Files() const {
  std::vector<const FileDescriptor*> files;
  std::set<const FileDescriptor*> seen;
  const std::function<void(const FileDescriptor*)> visit = [&](const FileDescriptor* file) {
    if (!seen.insert(file).second) return;
    for (int i = 0; i < file->dependency_count(); ++i) visit(file->dependency(i));
    files.push_back(file);
  };
  for (const ServedMethod& method : methods_) visit(method.descriptor->file());
  return files;
}

}  // namespace lianqiao::gateway
