// SPDX-License-Identifier: Apache-2.0
// What writers were told, against what was written.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/convergence/check.h"

namespace lianqiao::convergence {

namespace {

std::string TextOf(const contract::Resource& resource, const google::protobuf::Message& record,
                   const std::string& field) {
  return record.GetReflection()->GetString(record, resource.Find(field)->descriptor);
}

// How often each mark was put into a record: by its creation, or by the change of the field that holds it.
std::map<std::string, int> CountMarks(const Installation& installation, const Log& log) {
  std::map<std::string, int> counts;
  for (const LoggedChange& change : log.changes) {
    for (const MarkedKind& marked : installation.subject().marks) {
      if (change.key.first != marked.kind) continue;
      const auto state = log.states.find({change.key, change.revision});
      const contract::Resource& resource = *installation.contract().FindKind(marked.kind);
      std::unique_ptr<google::protobuf::Message> record(resource.prototype->New());
      if (state == log.states.end() || !record->ParseFromString(state->second)) continue;
      const std::string created = TextOf(resource, *record, marked.created_field);
      const std::string changed = TextOf(resource, *record, marked.changed_field);
      if (change.operation == "CREATE" && !created.empty()) ++counts["create " + created];
      const auto& fields = change.changed_fields;
      if (std::find(fields.begin(), fields.end(), marked.changed_field) != fields.end() && !changed.empty())
        ++counts["change " + changed];
    }
  }
  return counts;
}

void CheckAnswer(const Entry& entry, const Log& log, Report* report) {
  if (entry.revision == 0) return;
  if (log.states.count({entry.record, entry.revision}) == 0)
    report->Add({"Durable",
                 absl::StrCat(entry.method, " ", entry.key, " was acknowledged with revision ",
                              entry.revision, ", which is not there"),
                 entry.record.first, entry.record.second});
}

}  // namespace

void CheckLedger(Installation* installation, const Ledger& ledger, const Log& log, int life,
                 absl::Time dump_began, Report* report) {
  const std::map<std::string, int> counts = CountMarks(*installation, log);
  for (const auto& entry : ledger.entries()) {
    // What was acknowledged between dump and restore is gone with it.
    const bool sure = entry->outcome == Outcome::kAcknowledged &&
                      (entry->life == life || (entry->life >= 0 && entry->acknowledged < dump_began));
    if (sure) CheckAnswer(*entry, log, report);
    if (entry->mark.empty()) continue;
    const auto found = counts.find((entry->creates ? "create " : "change ") + entry->mark);
    const int times = found == counts.end() ? 0 : found->second;
    const std::string what =
        absl::StrCat(entry->method, " ", entry->mark, entry->key.empty() ? " (without a key)" : "",
                     " took effect ", times, " times; the last answer: ", entry->status);
    if (times > 1) report->Add({"Once", what, entry->record.first, entry->record.second});
    const bool erased = log.erased.count(entry->record) > 0;  // The mark may be gone with the person.
    if (sure && times == 0 && !erased)
      report->Add({"Durable", what, entry->record.first, entry->record.second});
    if (entry->outcome == Outcome::kRefused && times > 0 && entry->life == life)
      report->Add({"Refused", what, entry->record.first, entry->record.second});
  }
}

void CheckRights(const std::vector<std::unique_ptr<Writer>>& writers, const Log& log, Report* report) {
  for (const auto& writer : writers) {
    if (writer->county_id().empty()) continue;
    Reach reach;
    reach.places = {writer->county_id()};
    for (const LoggedChange& change : log.changes) {
      if (change.actor != writer->client_id()) continue;
      const bool covered =
          change.operation == "CREATE" ? reach.Covers(change.scope_after) : reach.Covers(change.scope_before);
      if (!covered)
        report->Add({"Rights",
                     absl::StrCat("a writer of one county changed a record of another one: ",
                                  change.operation, " to revision ", change.revision),
                     change.key.first, change.key.second});
    }
  }
}

}  // namespace lianqiao::convergence
