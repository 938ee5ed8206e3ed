// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/restructuring.h"

namespace lianqiao::registry {

absl::Status RefuseField(const std::string& field, const std::string& zh, const std::string& en) {
  return base::FailIfAny({base::RefuseRule(field, zh, en)});
}

absl::StatusOr<std::string> EffectiveDate(const std::string& requested, const std::string& today) {
  if (requested.empty()) return today;
  if (requested > today)
    return RefuseField("effectiveOn", "生效日期不得晚于今天", "must not lie in the future");
  return requested;
}

absl::StatusOr<std::vector<std::string>> MergeSources(const v1::MergeRequest& request) {
  std::vector<std::string> sources(request.source_ids().begin(), request.source_ids().end());
  std::sort(sources.begin(), sources.end());
  if (std::adjacent_find(sources.begin(), sources.end()) != sources.end())
    return RefuseField("sourceIds", "被合并者不得重复", "names a record twice");
  if (std::binary_search(sources.begin(), sources.end(), request.target_id()))
    return RefuseField("targetId", "并入者不得同时是被合并者", "is one of the records that end");
  return sources;
}

}  // namespace lianqiao::registry
