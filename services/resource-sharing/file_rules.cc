// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/file_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/status.h"
#include "libs/content/file_type.h"
#include "libs/resource/granted.h"

namespace lianqiao::resources {

using base::RefuseRule;
using resource::Facts;
using resource::Violations;

namespace {

// A name that is none in some file system, or leads out of a folder.
bool IsFileName(const std::string& name) {
  const bool plain = std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 ||
           std::string_view("/\\:*?\"<>|\x7f").find(c) != std::string::npos;
  });
  return plain && !name.empty() && name.front() != '.';
}

void CheckRoom(const v1::File& file, const Facts& facts, Violations* violations) {
  const auto& quotas = facts.rows("quota");
  if (quotas.empty()) return;  // The reference says so.
  if (quotas.front().Text("organisation_id") != file.organisation_id()) {
    violations->push_back(
        RefuseRule("storageQuotaId", "存储配额不属于该单位", "is the quota of another organisation"));
    return;
  }
  const auto& uses = facts.rows("use");
  if (uses.empty()) return;  // Not asked: the file has its room already.
  const int64_t used = uses.front().Integer("used_bytes");
  const int64_t room = quotas.front().Integer("limit_bytes") - used;
  if (file.size_bytes() <= room) return;
  const std::string left = absl::StrCat(std::max<int64_t>(room, 0));
  violations->push_back(RefuseRule("sizeBytes", absl::StrCat("超出该单位的存储配额,剩余 ", left, " 字节"),
                                   absl::StrCat("is more than the quota has left, ", left, " bytes")));
}

}  // namespace

Violations CheckFile(const v1::File* before, const v1::File& after, const Facts& facts) {
  Violations violations;
  if (!IsFileName(after.name()))
    violations.push_back(RefuseRule("name", "文件名不能以点开头,不能含路径分隔符或特殊字符",
                                    "must not begin with a dot or hold separators or special characters"));
  CheckConsent(before, after, after.organisation_id(), facts, &violations);
  if (before != nullptr) return violations;
  if (!content::IsKnownType(after.content_type())) {
    const std::string known = absl::StrJoin(content::KnownTypes(), ", ");
    violations.push_back(RefuseRule("contentType", absl::StrCat("不支持的内容类型,可用:", known),
                                    absl::StrCat("is not taken; known are ", known)));
  }
  CheckRoom(after, facts, &violations);
  return violations;
}

Violations CheckStorageQuota(const v1::StorageQuota* before, const v1::StorageQuota& after,
                             const Facts& facts) {
  Violations violations;
  if (before == nullptr && facts.rows("place").empty())
    violations.push_back(
        RefuseRule("jurisdictionId", "该单位不在此辖区内", "is no place that the organisation lies in"));
  return violations;
}

absl::Time UploadEnd(const v1::File& file) {
  return absl::FromUnixSeconds(file.create_time().seconds()) + absl::Nanoseconds(file.create_time().nanos()) +
         absl::Hours(24) * kUploadDays;
}

bool StaysInside(const v1::File& file) {
  return file.shows_minors() && file.consent_basis().empty();
}

resource::FactQuery Inside(const std::string& organisation_field) {
  return {"inside",
          "SELECT parent_organisation_id FROM registry_organisation WHERE id = $1::uuid",
          {organisation_field},
          {}};
}

void CheckIsInside(const std::string& organisation_id, const Facts& facts, Violations* violations) {
  std::vector<std::string> inside = {organisation_id};
  for (const auto& row : facts.rows("inside")) inside.push_back(row.Text("parent_organisation_id"));
  if (resource::IsGrantedOn(facts, inside)) return;
  violations->push_back(
      RefuseRule("consentBasis", "未成年人影像与同意依据只能由拍摄单位自己填报",
                 "is for the organisation itself to say, and not for an authority above it"));
}

}  // namespace lianqiao::resources
