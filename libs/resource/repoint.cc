// SPDX-License-Identifier: Apache-2.0
// What a merge does to the records that refer to the one that retires.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "libs/resource/input.h"
#include "libs/resource/unit.h"

namespace lianqiao::resource {

using contract::Field;
using postgres::Parameters;
using postgres::Query;

namespace {

using States = google::protobuf::RepeatedPtrField<std::string>;

bool Has(const States& states, const std::string& name) {
  return std::find(states.begin(), states.end(), name) != states.end();
}

std::string EnumName(const Message& record, const Field& field) {
  return contract::ShortName(*record.GetReflection()->GetEnum(record, field.descriptor));
}

std::string StateOf(const ResourcePlan& resource, const Message& record) {
  const Field* state = resource.Find(resource.rule->validity().state());
  return state == nullptr ? "" : EnumName(record, *state);
}

// Whether some transition leads out of this state: what was withdrawn before it began has none.
bool GoesOn(const contract::Contract& contract, const ResourcePlan& resource, const std::string& state) {
  return std::any_of(contract.methods().begin(), contract.methods().end(), [&](const auto& method) {
    return method->resource == &resource && method->transition != nullptr &&
           method->transition->field() == resource.rule->validity().state() &&
           Has(method->transition->from(), state);
  });
}

// History stays as it was; what holds or is still to come follows the merge.
bool IsHistory(const contract::Contract& contract, const ResourcePlan& resource, const Message& record,
               const std::string& date) {
  if (!resource.rule->has_validity()) return false;
  const auto& rule = resource.rule->validity();
  const std::string to = LastDayOf(resource, record);
  if (!to.empty()) return to < date;
  const std::string state = StateOf(resource, record);
  if (Has(rule.ended_states(), state)) return true;
  return Has(rule.pending_states(), state) && !GoesOn(contract, resource, state);
}

// Whether it takes part, or will: neither over nor only offered.
bool Counts(const contract::Contract& contract, const ResourcePlan& resource, const Message& record,
            const std::string& date) {
  return !IsHistory(contract, resource, record, date) &&
         !Has(resource.rule->validity().pending_states(), StateOf(resource, record));
}

void SetState(const ResourcePlan& resource, const std::string& name, Message* record) {
  const Field& state = *resource.Find(resource.rule->validity().state());
  for (int i = 0; i < state.descriptor->enum_type()->value_count(); ++i) {
    const auto* value = state.descriptor->enum_type()->value(i);
    if (contract::ShortName(*value) == name)
      record->GetReflection()->SetEnum(record, state.descriptor, value);
  }
}

// Its last day is the one before `date`, unless it only begins on it.
void End(const ResourcePlan& resource, const std::string& date, Message* record) {
  const auto& rule = resource.rule->validity();
  absl::CivilDay day;
  if (absl::ParseCivilTime(date, &day)) --day;
  const Field& to = *resource.Find(rule.to());
  const std::string began = TextOf(*record, *resource.Find(rule.from()));
  record->GetReflection()->SetString(record, to.descriptor, std::max(began, absl::FormatCivilTime(day)));
  if (!rule.state().empty() && !rule.ended_states().empty()) SetState(resource, rule.ended_states(0), record);
}

// One merge: what every record that refers to the retired one is moved by.
class Mover {
 public:
  Mover(EngineCore& core, Unit& unit, const contract::Reference& reference, const std::string& to,
        const std::string& effective)
      : core_(core),
        contract_(*core.options.contract),
        unit_(unit),
        field_(*reference.field),
        child_(*reference.child),
        to_(to),
        effective_(effective),
        today_(unit.call().today()) {}

  absl::Status Move(const store::Row& row) {
    if (IsHistory(contract_, child_, *row.record, today_)) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::vector<store::Row> twins, FindTwins(*row.record));
    const bool counts = Counts(contract_, child_, *row.record, today_);
    if (!twins.empty() && !counts) return Withdraw(row);
    // Nobody is twice in one alliance, and none loses its lead by a merger.
    const bool twin_leads =
        std::any_of(twins.begin(), twins.end(), [&](const store::Row& twin) { return Leads(*twin.record); });
    if (!twins.empty() && (twin_leads || !Leads(*row.record))) return EndRow(row);
    for (const store::Row& twin : twins) RETURN_IF_ERROR(EndRow(twin));
    std::unique_ptr<Message> after = CopyOf(*row.record);
    after->GetReflection()->SetString(after.get(), field_.descriptor, to_);
    // The same person in the same office of both, for example: one record of it is enough.
    Violations overlaps;
    RETURN_IF_ERROR(unit_.CheckOverlaps(child_, *after, "", &overlaps));
    if (!overlaps.empty() && twins.empty()) return counts ? EndRow(row) : absl::OkStatus();
    return Stage(row, std::move(after));
  }

 private:
  static std::unique_ptr<Message> CopyOf(const Message& record) {
    std::unique_ptr<Message> copy(record.New());
    copy->CopyFrom(record);
    return copy;
  }

  bool Leads(const Message& record) const {
    for (const ResourcePlan* owner : core_.KindOf(child_).party_owners) {
      const auto& rule = owner->rule->scope().parties();
      if (Has(rule.lead_roles(), EnumName(record, *child_.Find(rule.role())))) return true;
    }
    return false;
  }

  // Records that make the target a party already of what this record makes the source a party of, in whatever
  // role; those that this merge moved itself are not meant.
  absl::StatusOr<std::vector<store::Row>> FindTwins(const Message& record) {
    std::vector<std::string> ids;
    for (const ResourcePlan* owner : core_.KindOf(child_).party_owners) {
      const auto& rule = owner->rule->scope().parties();
      if (!Has(rule.party(), field_.name)) continue;
      const Query query{
          absl::StrCat("twins_", child_.kind, "_", field_.name),
          absl::StrCat("SELECT id FROM ", child_.kind, " WHERE ", rule.parent(), " = $1::uuid AND ",
                       field_.name, " = $2::uuid AND delete_time IS NULL ORDER BY id")};
      Parameters p;
      p.Text(TextOf(record, *child_.Find(rule.parent()))).Text(to_);
      ASSIGN_OR_RETURN(const postgres::Result found, unit_.transaction().Execute(query, p));
      for (int i = 0; i < found.rows(); ++i) {
        if (unit_.Staged(child_, found.Text(i, 0)) == nullptr) ids.push_back(found.Text(i, 0));
      }
    }
    if (ids.empty()) return std::vector<store::Row>();
    ASSIGN_OR_RETURN(std::vector<store::Row> rows, unit_.LockAll(child_, ids));
    rows.erase(std::remove_if(
                   rows.begin(), rows.end(),
                   [&](const store::Row& row) { return !Counts(contract_, child_, *row.record, today_); }),
               rows.end());
    return rows;
  }

  // An invitation of somebody who is there already: nobody needs to accept it.
  absl::Status Withdraw(const store::Row& row) {
    for (const std::string& state : child_.rule->validity().pending_states()) {
      if (GoesOn(contract_, child_, state)) continue;
      std::unique_ptr<Message> after = CopyOf(*row.record);
      SetState(child_, state, after.get());
      return Stage(row, std::move(after));
    }
    return absl::OkStatus();
  }

  absl::Status EndRow(const store::Row& row) {
    std::unique_ptr<Message> after = CopyOf(*row.record);
    End(child_, effective_, after.get());
    return Stage(row, std::move(after));
  }

  absl::Status Stage(const store::Row& row, std::unique_ptr<Message> after) {
    const std::string path = absl::StrCat(child_.kind, "[", store::IdOf(child_, *row.record), "]");
    StampNext(child_, *row.record, unit_.call().now, after.get());
    return unit_.Stage(child_, &row, std::move(after), "UPDATE", path, true);
  }

  EngineCore& core_;
  const contract::Contract& contract_;
  Unit& unit_;
  const Field& field_;
  const ResourcePlan& child_;
  const std::string& to_;
  const std::string& effective_;
  const std::string today_;
};

}  // namespace

absl::Status RepointReference(EngineCore& core, Unit& unit, const contract::Reference& reference,
                              const std::string& from, const std::string& to,
                              const std::string& effective_on) {
  const ResourcePlan& child = *reference.child;
  // What only the platform writes (replaced_by) and what describes the past tell history.
  if (reference.field->platform_written || reference.field->rule->keeps_on_merge()) return absl::OkStatus();
  const Query query{absl::StrCat("repoint_", child.kind, "_", reference.field->name),
                    absl::StrCat("SELECT id FROM ", child.kind, " WHERE ", reference.field->name,
                                 " = $1::uuid AND delete_time IS NULL ORDER BY id")};
  ASSIGN_OR_RETURN(const postgres::Result ids, unit.transaction().Execute(query, Parameters().Text(from)));
  std::vector<std::string> wanted;
  for (int i = 0; i < ids.rows(); ++i) wanted.push_back(ids.Text(i, 0));
  ASSIGN_OR_RETURN(const std::vector<store::Row> rows, unit.LockAll(child, wanted));
  Mover mover(core, unit, reference, to, effective_on);
  for (const store::Row& row : rows) {
    const std::string id = store::IdOf(child, *row.record);
    if (id == from || id == to) continue;
    RETURN_IF_ERROR(mover.Move(row));
  }
  return absl::OkStatus();
}

}  // namespace lianqiao::resource
