// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/file_service.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "services/resource-sharing/file_intake.h"
#include "services/resource-sharing/file_outlet.h"
#include "services/resource-sharing/file_rules.h"

namespace lianqiao::resources {

using resource::Reading;
using resource::Resource;

namespace {

// What counts against a quota: what is stored, what is still awaited, and what was removed so lately that its
// bytes are kept, or those that came of it are not collected yet.
std::string Counting(const std::string& alias) {
  const std::string lately = absl::StrCat(" > now() - interval '", kUploadDays, " days'");
  const std::string today = absl::StrCat(" > now() - interval '", kRemovedUploadHours, " hours'");
  return absl::StrCat("CASE WHEN ", alias, ".state = 'FILE_STATE_STORED' THEN ", alias,
                      ".delete_time IS NULL OR ", alias, ".delete_time", lately, " ELSE (", alias,
                      ".delete_time IS NULL OR ", alias, ".delete_time", today, ") AND ", alias,
                      ".create_time", lately, " END");
}

absl::StatusOr<v1::StorageUse> GetStorageUse(Reading& reading, const v1::GetStorageUseRequest& request) {
  // Removed files too: whoever reads the quota learns how much of it is left.
  static const resource::NamedQuery kUse{
      "storage_use",
      absl::StrCat("SELECT coalesce(sum(f.size_bytes), 0)::bigint,"
                   " count(*) FILTER (WHERE f.state = 'FILE_STATE_STORED' AND f.delete_time IS NULL),"
                   " count(*) FILTER (WHERE f.state <> 'FILE_STATE_STORED' AND f.delete_time IS NULL)"
                   " FROM file f WHERE f.storage_quota_id = $1::uuid AND ",
                   Counting("f"))};
  ASSIGN_OR_RETURN(const v1::StorageQuota quota, reading.Get<v1::StorageQuota>(request.id()));
  ASSIGN_OR_RETURN(const postgres::Result row,
                   reading.Query(kUse, postgres::Parameters().Text(request.id())));
  v1::StorageUse use;
  use.set_limit_bytes(quota.limit_bytes());
  use.set_used_bytes(row.Integer(0, 0));
  use.set_stored_file_count(row.Integer(0, 1));
  use.set_uploading_file_count(row.Integer(0, 2));
  return use;
}

}  // namespace

void AddStorageQuotas(resource::Service& service) {
  Resource<v1::StorageQuota>(service)
      .facts({"place",
              "SELECT 1 AS found FROM registry_organisation"
              " WHERE id = $2::uuid AND sync_scope @> ARRAY[$1::uuid]",
              {"jurisdiction_id", "organisation_id"},
              {}})
      .rules(CheckStorageQuota)
      .on("GetStorageUse", GetStorageUse);
}

void AddFiles(resource::Service& service, content::Store* store) {
  Resource<v1::File>(service)
      .facts({"quota",
              "SELECT organisation_id, limit_bytes FROM storage_quota WHERE id = $1::uuid",
              {"storage_quota_id"},
              {}})
      .facts({"use",
              absl::StrCat("SELECT coalesce(sum(f.size_bytes), 0)::bigint AS used_bytes FROM file f"
                           " WHERE f.storage_quota_id = $1::uuid AND f.id <> $2::uuid AND ",
                           Counting("f")),
              {"storage_quota_id", "id"},
              {"CreateFile"}})
      .facts(Inside("organisation_id"))
      .rules(CheckFile)
      .takes("UploadFile", [store] { return MakeFileIntake(store); })
      .gives("ReadFile", [store] { return MakeFileOutlet(store); });
  service.AddRead(
      "/lianqiao.resources.v1.FileService/GetFileUpload", v1::GetFileUploadRequest::default_instance(),
      v1::FileUpload::default_instance(),
      [store](Reading& reading,
              const resource::Message& request) -> absl::StatusOr<std::unique_ptr<resource::Message>> {
        const auto& get = static_cast<const v1::GetFileUploadRequest&>(request);
        ASSIGN_OR_RETURN(v1::File file, reading.Get<v1::File>(get.id()));
        ASSIGN_OR_RETURN(const int64_t received, store->Received(get.id()));
        return std::make_unique<v1::FileUpload>(UploadOf(std::move(file), received));
      });
}

}  // namespace lianqiao::resources
