// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/page.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/feed/needs_person.h"

namespace lianqiao::feed {

using sync::v1::Change;

absl::Status Page::Add(Change change) {
  Item item;
  item.erased = change.operation() == "ERASE";
  switch (change.event()) {
    case Change::EVENT_SCOPE_CHANGED:
      return absl::OkStatus();  // Tells what follows; holds nothing itself.
    case Change::EVENT_ENTER:
    case Change::EVENT_UPSERT:
      if (!change.has_record())
        return absl::DataLossError(
            absl::StrCat("a change of ", change.kind(), " ", change.id(), " came without its record"));
      item.type_url = std::move(*change.mutable_record()->mutable_type_url());
      item.record = std::move(*change.mutable_record()->mutable_value());
      item.scope.assign(change.scope().begin(), change.scope().end());
      item.write_scope.assign(change.write_scope().begin(), change.write_scope().end());
      break;
    case Change::EVENT_LEAVE:
    case Change::EVENT_DELETE:
      item.gone = true;
      break;
    default:
      return NeedsPerson(
          absl::StrCat("变更流含本程序不认识的事件(", static_cast<int>(change.event()), "),请升级本程序"),
          absl::StrCat("the feed sends an event that this program does not know (",
                       static_cast<int>(change.event()), "); use a newer one"));
  }
  item.id = std::move(*change.mutable_id());
  item.revision = change.revision();
  item.service = std::move(*change.mutable_service());
  item.bucket = change.bucket();
  return Add(change.kind(), std::move(item));
}

absl::Status Page::Add(sync::v1::SnapshotRecord record) {
  Item item;
  item.id = std::move(*record.mutable_id());
  item.revision = record.revision();
  item.service = std::move(*record.mutable_service());
  item.bucket = record.bucket();
  item.type_url = std::move(*record.mutable_record()->mutable_type_url());
  item.record = std::move(*record.mutable_record()->mutable_value());
  item.scope.assign(record.scope().begin(), record.scope().end());
  item.write_scope.assign(record.write_scope().begin(), record.write_scope().end());
  return Add(record.kind(), std::move(item));
}

absl::Status Page::Add(const std::string& kind, Item item) {
  Kind& all = kinds_[kind];
  ++count_;
  bytes_ += item.record.size() + sizeof(Item) + 160;
  const auto [known, inserted] = all.by_id.emplace(item.id, all.items.size());
  if (inserted) {
    all.items.push_back(std::move(item));
    return absl::OkStatus();
  }
  Item& held = all.items[known->second];
  if (item.revision < held.revision)
    return absl::DataLossError(absl::StrCat("revisions of ", kind, " ", item.id, " decrease: ", held.revision,
                                            " is followed by ", item.revision));
  item.erased = item.erased || held.erased;
  held = std::move(item);
  return absl::OkStatus();
}

}  // namespace lianqiao::feed
