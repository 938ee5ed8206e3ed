// SPDX-License-Identifier: Apache-2.0
// Room for files in the near school of ResourcesWorld, and who sends and reads them. Tests only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lianqiao/resources/v1/file.pb.h"
#include "lianqiao/resources/v1/storage_quota.pb.h"
#include "libs/rpc/stream.h"
#include "tests/conformance/resources_world.h"

namespace lianqiao::conformance {

class FilesWorld : public ResourcesWorld {
 protected:
  FilesWorld();

  absl::StatusOr<resources::StorageQuota> MakeQuota(const std::string& place, const std::string& school,
                                                    int64_t limit_bytes, const std::string& token);
  // Of near_school_, as "school"; a PDF that shows nobody.
  resources::File NewFile(int64_t size_bytes, const std::string& name = "教案.pdf") const;
  absl::StatusOr<resources::File> Make(const resources::File& file, const std::string& token = "school");
  // One that must be made.
  resources::File Made(const resources::File& file, const std::string& token = "school");
  // A PDF of this size, told apart at every byte.
  static std::string Pdf(size_t size, unsigned seed = 1);
  static std::string DigestOf(const std::string& bytes);

  std::unique_ptr<rpc::ClientStream> Open(const std::string& method, const std::string& token);
  std::unique_ptr<rpc::ClientStream> BeginUpload(const std::string& id, const std::string& token = "school",
                                                 bool restart = false);
  static bool Send(rpc::ClientStream& upload, int64_t offset, const std::string& bytes);
  absl::StatusOr<resources::FileUpload> EndUpload(rpc::ClientStream& upload);
  // The bytes from the offset on, in chunks, in one call.
  absl::StatusOr<resources::FileUpload> Upload(const std::string& id, const std::string& bytes,
                                               int64_t offset = 0, const std::string& token = "school",
                                               bool restart = false);
  // A file that is there.
  resources::File Stored(const resources::File& file, const std::string& bytes,
                         const std::string& token = "school");
  absl::StatusOr<resources::FileUpload> Progress(const std::string& id, const std::string& token = "school");

  struct Given {
    std::string bytes;
    std::string content_type;
    std::vector<std::pair<std::string, std::string>> metadata;
  };
  absl::StatusOr<Given> Read(const std::string& id, const std::string& token = "school", int64_t offset = 0,
                             int64_t length = 0);
  absl::Status Remove(const std::string& id, const std::string& token = "school");
  void CollectAll();

  std::string quota_id_;  // Of near_school_, whose caller is "school".
};

}  // namespace lianqiao::conformance
