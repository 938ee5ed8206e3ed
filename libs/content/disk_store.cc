// SPDX-License-Identifier: Apache-2.0
#include "libs/content/disk_store.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/content/descriptor.h"
#include "libs/content/disk_upload.h"

namespace lianqiao::content {
namespace {

constexpr size_t kKeyDigits = 64;
constexpr size_t kNameMax = 64;
constexpr int kShards = 256;

bool IsKey(const std::string& text) {
  return text.size() == kKeyDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool IsName(const std::string& text) {
  return !text.empty() && text.size() <= kNameMax && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

bool IsUploadFile(const std::string& file_name) {
  return IsName(std::string(absl::StripSuffix(file_name, kMarkSuffix)));
}

std::string ShardName(int shard) {
  return absl::StrCat(absl::Hex(shard, absl::kZeroPad2));
}

absl::Status BadName(const std::string& name) {
  return absl::InvalidArgumentError(absl::StrCat("no name of an upload or a content: ", name));
}

// The names in a folder that are one, in order, those after `after`.
absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& folder, const std::string& after,
                                                 bool (*is_one)(const std::string&)) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder.c_str()), closedir);
  if (open == nullptr) return ErrorOf("opendir");
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(open.get())) {
    const std::string name = entry->d_name;
    if (is_one(name) && name > after) names.push_back(name);
  }
  if (errno != 0) return ErrorOf("readdir");
  std::sort(names.begin(), names.end());
  return names;
}

class DiskSource final : public Source {
 public:
  DiskSource(Descriptor file, int64_t size_bytes) : file_(std::move(file)), size_bytes_(size_bytes) {}
  int64_t size_bytes() const override { return size_bytes_; }
  absl::StatusOr<std::string> ReadAt(int64_t offset, size_t bytes_max) const override {
    const int64_t left = std::max<int64_t>(size_bytes_ - offset, 0);
    const auto size = static_cast<size_t>(std::min<int64_t>(left, static_cast<int64_t>(bytes_max)));
    ASSIGN_OR_RETURN(std::string bytes, ReadFrom(file_, offset, size));
    if (bytes.size() != size) return absl::DataLossError("a content is shorter than it was");
    return bytes;
  }

 private:
  const Descriptor file_;
  const int64_t size_bytes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<DiskStore>> DiskStore::Make(Options options) {
  if (options.folder.empty() || options.folder.front() != '/' || options.folder.back() == '/')
    return absl::InvalidArgumentError("the folder of contents must be an absolute path without a last slash");
  std::unique_ptr<DiskStore> store(new DiskStore(std::move(options)));
  RETURN_IF_ERROR(store->MakeFolders());
  return store;
}

absl::Status DiskStore::MakeFolders() const {
  const std::function<void(const char*)> nobody;  // Not between the steps of an upload.
  const Step made("store_folder_made", nobody);
  const std::string& folder = options_.folder;
  const std::string objects = folder + "/objects";
  RETURN_IF_ERROR(MakeFolder(folder, made));
  RETURN_IF_ERROR(MakeFolder(UploadsFolder(), made));
  RETURN_IF_ERROR(MakeFolder(objects, made));
  for (int shard = 0; shard < kShards; ++shard)
    RETURN_IF_ERROR(MakeFolder(absl::StrCat(objects, "/", ShardName(shard)), made));
  // At every start: whoever made them may have died before it came to this.
  RETURN_IF_ERROR(SyncFolder(objects, {"store_objects_synced", nobody}));
  RETURN_IF_ERROR(SyncFolder(folder, {"store_folder_synced", nobody}));
  // The folder above may not be ours to open; then an operator has made ours.
  SyncFolder(folder + "/..", {"store_parent_synced", nobody}).IgnoreError();
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Upload>> DiskStore::Open(const std::string& name) {
  if (!IsName(name)) return BadName(name);
  return DiskUpload::Open(*this, name);
}

absl::StatusOr<int64_t> DiskStore::Received(const std::string& name) {
  if (!IsName(name)) return BadName(name);
  const auto file = OpenFile(UploadPath(name), O_RDONLY);
  if (absl::IsNotFound(file.status())) return 0;
  RETURN_IF_ERROR(file.status());
  ASSIGN_OR_RETURN(const struct stat status, StatusOf(*file));
  ASSIGN_OR_RETURN(const Mark mark, ReadMark(*this, name));
  return mark.size_bytes <= status.st_size ? mark.size_bytes : 0;
}

absl::StatusOr<std::unique_ptr<Source>> DiskStore::Read(const std::string& key) {
  if (!IsKey(key)) return BadName(key);
  auto file = OpenFile(ObjectPath(key), O_RDONLY);
  if (absl::IsNotFound(file.status())) return absl::DataLossError("a content is missing: " + key);
  RETURN_IF_ERROR(file.status());
  ASSIGN_OR_RETURN(const struct stat status, StatusOf(*file));
  posix_fadvise(file->number(), 0, 0, POSIX_FADV_SEQUENTIAL);  // Reads further ahead; no matter if it fails.
  return std::make_unique<DiskSource>(*std::move(file), status.st_size);
}

absl::StatusOr<bool> DiskStore::Remove(const std::string& key, absl::Time before,
                                       const std::function<absl::StatusOr<bool>()>& is_needed) {
  if (!IsKey(key)) return BadName(key);
  ASSIGN_OR_RETURN(const Descriptor folder, OpenFile(ShardPath(key), O_RDONLY | O_DIRECTORY));
  const absl::Status locked = LockNow(folder, false);
  if (absl::IsAborted(locked)) return false;
  RETURN_IF_ERROR(locked);
  struct stat status {};
  const bool there = stat(ObjectPath(key).c_str(), &status) == 0;
  if (there && absl::TimeFromTimespec(status.st_ctim) >= before) return false;
  ASSIGN_OR_RETURN(const bool needed, is_needed());
  if (needed) return false;
  StepOf("content_unneeded").Done();
  RETURN_IF_ERROR(RemoveFile(ObjectPath(key), StepOf("content_removed")));
  RETURN_IF_ERROR(SyncFolder(ShardPath(key), StepOf("content_removal_synced")));
  return true;
}

absl::StatusOr<std::vector<std::string>> DiskStore::ListContents(const std::string& after, size_t max) {
  std::vector<std::string> keys;
  for (int shard = 0; shard < kShards && keys.size() < max; ++shard) {
    const std::string name = ShardName(shard);
    if (name < after.substr(0, 2)) continue;
    ASSIGN_OR_RETURN(const std::vector<std::string> names,
                     NamesIn(absl::StrCat(options_.folder, "/objects/", name), after, IsKey));
    keys.insert(keys.end(), names.begin(), names.end());
  }
  if (keys.size() > max) keys.resize(max);
  return keys;
}

absl::StatusOr<std::vector<UploadEntry>> DiskStore::ListUploads(const std::string& after, size_t max) {
  ASSIGN_OR_RETURN(const std::vector<std::string> files, NamesIn(UploadsFolder(), "", IsUploadFile));
  std::set<std::string> names;
  for (const std::string& name : files) names.emplace(absl::StripSuffix(name, kMarkSuffix));
  std::vector<UploadEntry> entries;
  for (auto name = names.upper_bound(after); name != names.end() && entries.size() < max; ++name) {
    auto file = OpenFile(UploadPath(*name), O_RDONLY);
    // Its process died between the two.
    if (absl::IsNotFound(file.status())) file = OpenFile(MarkPath(*name), O_RDONLY);
    if (absl::IsNotFound(file.status())) continue;  // It has just gone.
    if (!file.ok()) {                               // One bad entry does not hide the others.
      base::Log(base::Severity::kError, "upload_unreadable",
                {{"name", *name}, {"status", file.status().ToString()}});
      continue;
    }
    ASSIGN_OR_RETURN(const struct stat status, StatusOf(*file));
    entries.push_back({*name, absl::TimeFromTimespec(status.st_mtim)});
  }
  return entries;
}

}  // namespace lianqiao::content
