// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/line_router.h"

#include "libs/bulk/json_members.h"
#include "libs/bulk/limits.h"

namespace lianqiao::gateway::sync {

LineRouter::LineRouter(const Services* services, bool gzip)
    : services_(services),
      source_(bulk::Form::kNdjson, gzip, [this](const bulk::SourceItem& item) { return Line(item); }) {}

std::map<size_t, std::string> LineRouter::Take() {
  std::map<size_t, std::string> taken;
  taken.swap(taken_);
  return taken;
}

size_t LineRouter::OwnerOf(const bulk::SourceItem& item) const {
  constexpr size_t kFirst = 0;
  if (item.violation.has_value()) return kFirst;
  const auto members = bulk::MembersOf(item.text);
  if (!members.has_value()) return kFirst;
  for (const bulk::JsonMember& member : *members) {
    if (member.name != "kind" || member.value.size() < 2) continue;
    // Kinds hold nothing that JSON would escape.
    return services_->OwnerOf(std::string(member.value.substr(1, member.value.size() - 2))).value_or(kFirst);
  }
  return kFirst;
}

absl::Status LineRouter::Line(const bulk::SourceItem& item) {
  const size_t service = OwnerOf(item);
  int64_t& next = next_line_.emplace(service, 1).first->second;
  std::string& text = taken_[service];
  text.append(static_cast<size_t>(item.line - next), '\n');
  if (item.text.empty()) {
    // A line that is too long has not been kept. Its stand-in is as long, and refused alike.
    text.append(bulk::kLineBytesMax + 2, 'x');
  } else {
    text.append(item.text.data(), item.text.size());
  }
  if (item.ended) text.push_back('\n');
  next = item.line + 1;
  return absl::OkStatus();
}

}  // namespace lianqiao::gateway::sync
