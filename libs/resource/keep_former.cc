// SPDX-License-Identifier: Apache-2.0
// What a reference named before. A list `former_…` of messages with a field of the reference's name,
// valid_from and valid_to keeps it: a school's former jurisdictions, so that figures of past days stay where
// they were.
#include <algorithm>

#include "absl/time/civil_time.h"
#include "libs/resource/unit.h"

namespace lianqiao::resource {

using contract::Field;

namespace {

// The entry's fields; null where the kind keeps nothing of the reference.
struct Keeper {
  const FieldDescriptor* list = nullptr;
  const FieldDescriptor* value = nullptr;
  const FieldDescriptor* from = nullptr;
  const FieldDescriptor* to = nullptr;
};

Keeper KeeperOf(const ResourcePlan& resource, const Field& reference) {
  for (const Field& field : resource.fields) {
    const auto* entry = field.descriptor->message_type();
    if (entry == nullptr || !field.descriptor->is_repeated() || field.name.rfind("former_", 0) != 0) continue;
    const Keeper keeper{field.descriptor, entry->FindFieldByName(reference.name),
                        entry->FindFieldByName("valid_from"), entry->FindFieldByName("valid_to")};
    if (keeper.value != nullptr && keeper.from != nullptr && keeper.to != nullptr) return keeper;
  }
  return {};
}

std::string Shifted(const std::string& date, int days) {
  absl::CivilDay day;
  return absl::ParseCivilTime(date, &day) ? absl::FormatCivilTime(day + days) : std::string();
}

bool SameList(const Message& a, const Message& b, const Keeper& keeper) {
  const int size = a.GetReflection()->FieldSize(a, keeper.list);
  if (size != b.GetReflection()->FieldSize(b, keeper.list)) return false;
  for (int i = 0; i < size; ++i) {
    if (a.GetReflection()->GetRepeatedMessage(a, keeper.list, i).SerializeAsString() !=
        b.GetReflection()->GetRepeatedMessage(b, keeper.list, i).SerializeAsString())
      return false;
  }
  return true;
}

// One more entry, from the day after the latest of them to the day before `effective`; none for a value that
// held on no day.
void Append(const Keeper& keeper, const std::string& value, const std::string& effective, Message* record) {
  const auto& reflection = *record->GetReflection();
  std::string latest;
  for (int i = 0; i < reflection.FieldSize(*record, keeper.list); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(*record, keeper.list, i);
    latest = std::max(latest, entry.GetReflection()->GetString(entry, keeper.to));
  }
  const std::string from = Shifted(latest, 1);
  const std::string to = Shifted(effective, -1);
  if (from > to) return;
  Message* entry = reflection.AddMessage(record, keeper.list);
  entry->GetReflection()->SetString(entry, keeper.value, value);
  entry->GetReflection()->SetString(entry, keeper.from, from);
  entry->GetReflection()->SetString(entry, keeper.to, to);
}

}  // namespace

absl::Status Unit::KeepFormer(const ResourcePlan& resource, const Message& before, Message* after) {
  for (const Field* field : store::References(resource)) {
    const std::string old = TextOf(before, *field);
    const std::string now = TextOf(*after, *field);
    if (old.empty() || now.empty() || old == now) continue;
    const Keeper keeper = KeeperOf(resource, *field);
    // Whoever writes the list too says himself since when it was so.
    if (keeper.list == nullptr || !SameList(before, *after, keeper)) continue;
    ASSIGN_OR_RETURN(const Parent parent,
                     ReadParent(*core_.options.contract->FindKind(field->rule->reference()), now));
    const auto& within = parent.scopes.scope;
    // A place within the old one says more exactly where the record was all along.
    if (std::find(within.begin(), within.end(), old) != within.end()) continue;
    const std::string given = call_->Text("effective_on");
    Append(keeper, old, given.empty() ? call_->today() : given, after);
  }
  return absl::OkStatus();
}

}  // namespace lianqiao::resource
