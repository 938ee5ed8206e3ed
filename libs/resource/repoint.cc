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
  const std::string to = rule.to().empty() ? "" : TextOf(record, *resource.Find(rule.to()));
  if (!to.empty()) return to < date;
  const std::string state = StateOf(resource, record);
  if (Has(rule.ended_states(), state)) return true;
  return Has(rule.pending_states(), state) && !GoesOn(contract, resource, state);
}

// Records that make `to` a party already of what this record makes `from` a party of, in whatever role, and
// whether this one's role leads: nobody is twice in one alliance, and none loses its lead by a merger.
struct Twice {
  std::vector<std::string> ids;
  bool leads = false;
};
absl::StatusOr<Twice> FindTwice(EngineCore& core, postgres::Statements& transaction,
                                const contract::Reference& reference, const Message& record,
                                const std::string& to) {
  const ResourcePlan& child = *reference.child;
  Twice twice;
  for (const ResourcePlan* owner : core.KindOf(child).party_owners) {
    const auto& rule = owner->rule->scope().parties();
    if (!Has(rule.party(), reference.field->name)) continue;
    const Query query{absl::StrCat("twice_", child.kind, "_", reference.field->name),
                      absl::StrCat("SELECT id FROM ", child.kind, " WHERE ", rule.parent(),
                                   " = $1::uuid AND ", reference.field->name, " = $2::uuid AND ",
                                   rule.state(), " = ANY($3::text[]) AND delete_time IS NULL ORDER BY id")};
    Parameters p;
    p.Text(TextOf(record, *child.Find(rule.parent()))).Text(to);
    p.TextArray(EnumNames(*child.Find(rule.state()), rule.current_states()));
    ASSIGN_OR_RETURN(const postgres::Result found, transaction.Execute(query, p));
    for (int i = 0; i < found.rows(); ++i) twice.ids.push_back(found.Text(i, 0));
    twice.leads = twice.leads || Has(rule.lead_roles(), EnumName(record, *child.Find(rule.role())));
  }
  return twice;
}

// Its last day is the one before `date`, unless it only begins on it.
void End(const ResourcePlan& resource, const std::string& date, Message* record) {
  const auto& rule = resource.rule->validity();
  absl::CivilDay day;
  if (absl::ParseCivilTime(date, &day)) --day;
  const Field& to = *resource.Find(rule.to());
  const std::string began = TextOf(*record, *resource.Find(rule.from()));
  record->GetReflection()->SetString(record, to.descriptor, std::max(began, absl::FormatCivilTime(day)));
  const Field* state = resource.Find(rule.state());
  if (state == nullptr || rule.ended_states().empty()) return;
  for (int i = 0; i < state->descriptor->enum_type()->value_count(); ++i) {
    const auto* value = state->descriptor->enum_type()->value(i);
    if (contract::ShortName(*value) == rule.ended_states(0))
      record->GetReflection()->SetEnum(record, state->descriptor, value);
  }
}

absl::Status StageMoved(Unit& unit, const ResourcePlan& child, const store::Row& row,
                        std::unique_ptr<Message> after) {
  const std::string path = absl::StrCat(child.kind, "[", store::IdOf(child, *row.record), "]");
  StampNext(child, *row.record, unit.call().now, after.get());
  return unit.Stage(child, &row, std::move(after), "UPDATE", path, true);
}

std::unique_ptr<Message> CopyOf(const Message& record) {
  std::unique_ptr<Message> copy(record.New());
  copy->CopyFrom(record);
  return copy;
}

absl::Status Move(EngineCore& core, Unit& unit, const contract::Reference& reference, const std::string& to,
                  store::Row* row) {
  const ResourcePlan& child = *reference.child;
  const std::string today = unit.call().today();
  ASSIGN_OR_RETURN(const Twice twice, FindTwice(core, unit.transaction(), reference, *row->record, to));
  if (!twice.ids.empty() && !HoldsOn(child, *row->record, today))
    return absl::OkStatus();  // An invitation of somebody who is there already: nobody needs to accept it.
  std::unique_ptr<Message> after = CopyOf(*row->record);
  if (!twice.ids.empty() && !twice.leads) {
    End(child, today, after.get());
    return StageMoved(unit, child, *row, std::move(after));
  }
  ASSIGN_OR_RETURN(const std::vector<store::Row> others, unit.LockAll(child, twice.ids));
  for (const store::Row& other : others) {
    std::unique_ptr<Message> ended = CopyOf(*other.record);
    End(child, today, ended.get());
    RETURN_IF_ERROR(StageMoved(unit, child, other, std::move(ended)));
  }
  after->GetReflection()->SetString(after.get(), reference.field->descriptor, to);
  return StageMoved(unit, child, *row, std::move(after));
}

}  // namespace

absl::Status RepointReference(EngineCore& core, Unit& unit, const contract::Reference& reference,
                              const std::string& from, const std::string& to) {
  const ResourcePlan& child = *reference.child;
  // What only the platform writes (replaced_by) and what describes the past tell history.
  if (reference.field->platform_written || reference.field->rule->keeps_on_merge()) return absl::OkStatus();
  const Query query{absl::StrCat("repoint_", child.kind, "_", reference.field->name),
                    absl::StrCat("SELECT id FROM ", child.kind, " WHERE ", reference.field->name,
                                 " = $1::uuid AND delete_time IS NULL ORDER BY id")};
  ASSIGN_OR_RETURN(const postgres::Result ids, unit.transaction().Execute(query, Parameters().Text(from)));
  std::vector<std::string> wanted;
  for (int i = 0; i < ids.rows(); ++i) wanted.push_back(ids.Text(i, 0));
  ASSIGN_OR_RETURN(std::vector<store::Row> rows, unit.LockAll(child, wanted));
  for (store::Row& row : rows) {
    const std::string id = store::IdOf(child, *row.record);
    if (id == from || id == to || IsHistory(*core.options.contract, child, *row.record, unit.call().today()))
      continue;
    RETURN_IF_ERROR(Move(core, unit, reference, to, &row));
  }
  return absl::OkStatus();
}

}  // namespace lianqiao::resource
