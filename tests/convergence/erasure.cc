// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/erasure.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/ids.h"

namespace lianqiao::convergence {

namespace {

using Texts = std::map<Key, std::set<std::string>>;

// What tells who a record is about, as it was ever written. A text stands in one record only, and none is a
// part of another one.
Texts PersonalTexts(const Installation& installation, const World& world, const Ledger& ledger) {
  Texts texts;
  for (const auto& [key, text] : world.persons) texts[key].insert(text);
  for (const auto& entry : ledger.entries()) {
    const std::string& id = entry->creates ? entry->record.second : entry->target;
    if (entry->mark.empty() || id.empty()) continue;
    const contract::Method* method = installation.contract().FindMethod(
        absl::StrCat("/", installation.subject().package, ".", entry->method));
    for (const MarkedKind& marked : installation.subject().marks) {
      if (marked.kind != method->resource->kind) continue;
      const std::string& field = entry->creates ? marked.created_field : marked.changed_field;
      const auto& rule = *method->resource->Find(field)->rule;
      if (rule.personal().erasable()) texts[{marked.kind, id}].insert(entry->mark);
    }
  }
  return texts;
}

bool Tells(const std::string& bytes, const std::set<std::string>& texts) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& text) { return absl::StrContains(bytes, text); });
}

// Of all who are erased, as a regular expression; empty: nobody is.
std::string Pattern(Installation* installation, const Texts& texts) {
  std::vector<std::string> patterns;
  for (const std::string& kind : installation->subject().kinds) {
    if (installation->contract().FindKind(kind)->erase_time == nullptr) continue;
    const postgres::Result erased =
        installation->Sql(absl::StrCat("SELECT id FROM ", kind, " WHERE erase_time IS NOT NULL"));
    for (int i = 0; i < erased.rows(); ++i) {
      const auto found = texts.find({kind, erased.Text(i, 0)});
      if (found == texts.end()) continue;
      // Bytes are shown in hexadecimal.
      for (const std::string& text : found->second) patterns.insert(patterns.end(), {text, base::Hex(text)});
    }
  }
  return absl::StrJoin(patterns, "|");
}

void CheckTables(Installation* installation, const std::string& pattern, Report* report) {
  const postgres::Result tables =
      installation->Sql("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()");
  std::vector<std::string> parts;
  for (int i = 0; i < tables.rows(); ++i)
    parts.push_back(absl::StrCat("SELECT '", tables.Text(i, 0), "', substring(t::text, '", pattern,
                                 "') AS text FROM ", tables.Text(i, 0), " t"));
  const postgres::Result found = installation->Sql(
      absl::StrCat("SELECT * FROM (", absl::StrJoin(parts, " UNION ALL "), ") rows WHERE text IS NOT NULL"));
  if (found.rows() > 0)
    report->Add({"Erased",
                 absl::StrCat(found.rows(), " rows tell of somebody who is erased, one of ", found.Text(0, 0),
                              ": ", found.Text(0, 1)),
                 "", ""});
}

// Who asks after an erasure was acknowledged is not shown what it took.
void CheckDelivered(const Entry& erasure, const std::set<std::string>& texts, const Consumer& consumer,
                    Report* report) {
  for (const Delivery& delivery : consumer.copy().deliveries()) {
    if (delivery.life != erasure.life || delivery.buffered || delivery.asked < erasure.acknowledged) continue;
    for (const Told& told : delivery.told) {
      if (told.key == erasure.record && Tells(told.bytes, texts))
        report->Add({"Erased",
                     absl::StrCat(consumer.name(), ": revision ", told.revision,
                                  " was shown with what an erasure took ",
                                  absl::ToInt64Milliseconds(delivery.asked - erasure.acknowledged),
                                  " ms before it was asked for"),
                     told.key.first, told.key.second});
    }
  }
}

}  // namespace

void ClearErasable(const contract::Resource& resource, google::protobuf::Message* record) {
  for (const contract::Field& field : resource.fields) {
    if (field.is_personal() && field.rule->personal().erasable())
      record->GetReflection()->ClearField(record, field.descriptor);
  }
  if (resource.external_ids != nullptr)
    record->GetReflection()->ClearField(record, resource.external_ids->descriptor);
}

bool IsErasedCopy(const Installation& installation, const Key& key, const std::string& before,
                  const std::string& after) {
  const contract::Resource* resource = installation.contract().FindKind(key.first);
  if (resource == nullptr) return false;
  std::unique_ptr<google::protobuf::Message> record(resource->prototype->New());
  if (!record->ParseFromString(before)) return false;
  ClearErasable(*resource, record.get());
  const std::string cleared = record->SerializeAsString();
  return record->ParseFromString(after) && record->SerializeAsString() == cleared;
}

void CheckErasure(Installation* installation, const World& world, const Ledger& ledger,
                  const std::vector<std::unique_ptr<Consumer>>& consumers, Mirror* mirror, Report* report) {
  const Texts texts = PersonalTexts(*installation, world, ledger);
  if (texts.empty()) return;
  const std::string pattern = Pattern(installation, texts);
  if (!pattern.empty()) CheckTables(installation, pattern, report);
  if (!pattern.empty() && mirror != nullptr) mirror->CheckErased(pattern);
  for (const auto& entry : ledger.entries()) {
    if (!entry->erases || entry->outcome != Outcome::kAcknowledged) continue;
    const auto found = texts.find(entry->record);
    if (found == texts.end()) continue;
    for (const auto& consumer : consumers) {
      CheckDelivered(*entry, found->second, *consumer, report);
      const auto held = consumer->copy().held().find(entry->record);
      if (entry->life == installation->life() && held != consumer->copy().held().end() &&
          !consumer->reach().empty() && Tells(held->second.bytes, found->second))
        report->Add({"Erased", consumer->name() + ": the copy tells of somebody who is erased",
                     entry->record.first, entry->record.second});
    }
  }
}

}  // namespace lianqiao::convergence
