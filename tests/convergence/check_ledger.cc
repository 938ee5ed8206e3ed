// SPDX-License-Identifier: Apache-2.0
// What writers were told, against what was written.
#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "tests/convergence/check.h"

namespace lianqiao::convergence {

namespace v1 = ::lianqiao::registry::v1;

namespace {

// How often each mark was put into a record: by its creation, or by the change of the field that holds it.
std::map<std::string, int> CountMarks(const Log& log) {
  std::map<std::string, int> counts;
  for (const LoggedChange& change : log.changes) {
    if (change.key.first != "organisation") continue;
    const auto state = log.states.find({change.key, change.revision});
    v1::Organisation school;
    if (state == log.states.end() || !school.ParseFromString(state->second)) continue;
    if (change.operation == "CREATE" && !school.remark().empty()) ++counts["create " + school.remark()];
    const auto& fields = change.changed_fields;
    if (std::find(fields.begin(), fields.end(), "short_name") != fields.end() && !school.short_name().empty())
      ++counts["change " + school.short_name()];
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

void CheckLedger(const Ledger& ledger, const Log& log, int life, absl::Time dump_began, Report* report) {
  const std::map<std::string, int> counts = CountMarks(log);
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
    if (sure && times == 0) report->Add({"Durable", what, entry->record.first, entry->record.second});
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
