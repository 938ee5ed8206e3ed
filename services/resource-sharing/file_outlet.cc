// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/file_outlet.h"

#include <string>
#include <utility>
#include <vector>

#include "lianqiao/resources/v1/file.pb.h"
#include "libs/base/status.h"
#include "libs/resource/service.h"
#include "services/resource-sharing/file_rules.h"
#include "services/resource-sharing/item_files.h"

namespace lianqiao::resources {

using base::ErrorReason;
using resource::Reading;

namespace {

// Only for who is authorised for the school that took it, or for the one that this is a part of.
absl::Status CheckInside(Reading& reading, const v1::File& file) {
  static const resource::NamedQuery kParent{
      "parent_of_taking_organisation",
      "SELECT coalesce(parent_organisation_id::text, '') FROM registry_organisation WHERE id = $1::uuid"};
  if (!StaysInside(file)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const postgres::Result row,
                   reading.Query(kParent, postgres::Parameters().Text(file.organisation_id())));
  std::vector<std::string> inside = {file.organisation_id()};
  if (row.rows() > 0 && !row.Text(0, 0).empty()) inside.push_back(row.Text(0, 0));
  if (reading.IsGrantedOn(v1::File::descriptor(), inside)) return absl::OkStatus();
  return base::FailIfAny(
      absl::StatusCode::kPermissionDenied,
      {base::RefuseRule("consentBasis", "文件含未成年人影像且无同意依据,不得离开拍摄单位",
                        "is missing: a file that shows minors does not leave its organisation without it")});
}

class FileOutlet final : public resource::Outlet {
 public:
  explicit FileOutlet(content::Store* store) : store_(store) {}

  absl::Status Admit(Reading& reading, const resource::Message& message) override {
    const auto& request = static_cast<const v1::ReadFileRequest&>(message);
    ASSIGN_OR_RETURN(v1::File file, FindFile(reading, request.id()));
    if (file.state() != v1::FILE_STATE_STORED)
      return base::Fail(absl::StatusCode::kFailedPrecondition, ErrorReason::WRONG_STATE,
                        {{"state", v1::FileState_Name(file.state())}, {"allowed", "FILE_STATE_STORED"}});
    RETURN_IF_ERROR(CheckInside(reading, file));
    file_ = std::move(file);
    return absl::OkStatus();
  }

  absl::StatusOr<File> Open() override {
    ASSIGN_OR_RETURN(source_, store_->Read(file_.sha256()));
    return File{.size_bytes = source_->size_bytes(),
                .etag = file_.sha256(),
                .name = file_.name(),
                .content_type = file_.content_type(),
                .record_id = file_.shows_minors() ? file_.id() : ""};
  }

  absl::StatusOr<std::string> ReadAt(int64_t offset, size_t bytes_max) override {
    return source_->ReadAt(offset, bytes_max);
  }

 private:
  content::Store* const store_;
  v1::File file_;
  std::unique_ptr<content::Source> source_;
};

}  // namespace

std::unique_ptr<resource::Outlet> MakeFileOutlet(content::Store* store) {
  return std::make_unique<FileOutlet>(store);
}

}  // namespace lianqiao::resources
