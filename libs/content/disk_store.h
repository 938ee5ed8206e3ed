// SPDX-License-Identifier: Apache-2.0
// A content store in a folder of one file system:
//
//   uploads/<name>, uploads/<name>.mark     what has come, and how much of it is certain
//   objects/<2 digits>/<64 digits>          contents; never written again
//
// A content is a second name of its upload's file, so that there is one moment in which it is there. Its
// ctime says when somebody finished it last: a link sets it, and so does who finds the content there.
// flock(2) on an upload's file keeps others out of it; on a folder of objects it is shared by those who hold
// a content in it, and exclusive for who removes one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/content/step.h"
#include "libs/content/store.h"

namespace lianqiao::content {

inline constexpr char kMarkSuffix[] = ".mark";

class DiskStore final : public Store {
 public:
  struct Options {
    std::string folder = {};  // Made if it is not there; the folder above is.
    // So much of an upload may be lost with the machine; the fewer, the slower.
    int64_t keep_every_bytes = int64_t{64} << 20;
    // Tests: called between the steps of an upload or a removal, with the name of what has just been done.
    std::function<void(const char* step)> at_step = nullptr;
  };
  static absl::StatusOr<std::unique_ptr<DiskStore>> Make(Options options);

  absl::StatusOr<std::unique_ptr<Upload>> Open(const std::string& name) override;
  absl::StatusOr<int64_t> Received(const std::string& name) override;
  absl::StatusOr<std::unique_ptr<Source>> Read(const std::string& key) override;
  absl::StatusOr<bool> Remove(const std::string& key, absl::Time before,
                              const std::function<absl::StatusOr<bool>()>& is_needed) override;
  absl::StatusOr<std::vector<std::string>> ListContents(const std::string& after, size_t max) override;
  absl::StatusOr<std::vector<UploadEntry>> ListUploads(const std::string& after, size_t max) override;

  // For disk_upload.cc.
  const Options& options() const { return options_; }
  std::string UploadsFolder() const { return options_.folder + "/uploads"; }
  std::string UploadPath(const std::string& name) const { return UploadsFolder() + "/" + name; }
  std::string MarkPath(const std::string& name) const { return UploadPath(name) + kMarkSuffix; }
  std::string ShardPath(const std::string& key) const {
    return options_.folder + "/objects/" + key.substr(0, 2);
  }
  std::string ObjectPath(const std::string& key) const { return ShardPath(key) + "/" + key; }
  Step StepOf(base::FaultPoint point) const { return {point, options_.at_step}; }

 private:
  explicit DiskStore(Options options) : options_(std::move(options)) {}
  absl::Status MakeFolders() const;

  const Options options_;
};

}  // namespace lianqiao::content
