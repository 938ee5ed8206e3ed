// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/item_file_rules.h"

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"

namespace lianqiao::resources {

using base::ErrorReason;
using base::RefuseRule;

resource::Violations CheckVersionFiles(const v1::ResourceVersion* before, const v1::ResourceVersion& after,
                                       const resource::Facts& facts) {
  resource::Violations violations;
  // They never change; but while an edition was deleted, its files could go.
  if (before != nullptr && !before->has_delete_time()) return violations;
  std::map<std::string, const resource::FactRow*> files;
  for (const resource::FactRow& row : facts.rows("version_files")) files[row.Text("id")] = &row;
  std::set<std::string> seen;
  for (int i = 0; i < after.file_ids_size(); ++i) {
    const std::string field = absl::StrCat("fileIds[", i, "]");
    const auto found = files.find(after.file_ids(i));
    if (!seen.insert(after.file_ids(i)).second) {
      violations.push_back(base::Refuse(field, ErrorReason::FIELD_DUPLICATE));
    } else if (found == files.end() || !found->second->Boolean("own")) {
      // Another school's file is none: nobody learns here which ids there are.
      violations.push_back(
          base::Refuse(field, ErrorReason::REFERENCE_NOT_FOUND, {{"kind", "file"}, {"kind_zh", "文件"}}));
    } else if (found->second->Text("state") != "FILE_STATE_STORED") {
      violations.push_back(RefuseRule(field, "文件尚未上传完成", "is a file whose bytes are not there yet"));
    } else if (found->second->Boolean("shows_more")) {
      violations.push_back(RefuseRule(field, "文件出现未成年人,条目未如实填报或未取得同意",
                                      "shows minors, which its item does not say or has consent to alone"));
    }
  }
  return violations;
}

resource::Violations CheckFileDeletion(const v1::File& file, const resource::Facts& facts) {
  resource::Violations violations;
  const auto& editions = facts.rows("editions");
  if (!editions.empty() && editions.front().Integer("found") > 0)
    violations.push_back(RefuseRule("id", "仍被资源版本引用", "is still part of an edition of a resource"));
  return violations;
}

}  // namespace lianqiao::resources
