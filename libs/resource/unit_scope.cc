// SPDX-License-Identifier: Apache-2.0
// Where a row's scope comes from, and stamping dependants when it changes (design §6).
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/mutant.h"
#include "libs/resource/input.h"
#include "libs/resource/unit.h"

namespace lianqiao::resource {

using contract::Field;
using postgres::Parameters;
using postgres::Query;

namespace {

// More dependants than this are left to the background job: a write stays short whatever hangs on its record,
// while the job itself goes down the tree in few transactions.
constexpr int kRestampedInlineMax = 300;
constexpr int kRestampedByJobMax = 3000;

bool Contains(const google::protobuf::RepeatedPtrField<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The parties' scopes enter their owner's: its memberships say whose.
bool GivesParty(const EngineCore& core, const contract::Reference& reference) {
  const auto& owners = core.KindOf(*reference.child).party_owners;
  return std::any_of(owners.begin(), owners.end(), [&](const ResourcePlan* owner) {
    return Contains(owner->rule->scope().parties().party(), reference.field->name);
  });
}

// The references by which a record of this kind gives what hangs on it a scope.
std::vector<contract::Reference> Stamping(const EngineCore& core, const ResourcePlan& resource) {
  std::vector<contract::Reference> references;
  for (const contract::Reference& reference : core.options.contract->ReferencesTo(resource)) {
    const auto& rule = reference.child->rule->scope();
    if (Contains(rule.from(), reference.field->name) ||
        Contains(rule.readers_from(), reference.field->name) || GivesParty(core, reference))
      references.push_back(reference);
  }
  return references;
}

}  // namespace

absl::StatusOr<Scopes> Unit::ScopesOf(const ResourcePlan& resource, const Message& record) {
  const auto& rule = resource.rule->scope();
  std::set<std::string> readers;
  std::set<std::string> writers;
  for (const Field* field : store::References(resource)) {
    const bool from = Contains(rule.from(), field->name);
    const std::string id = TextOf(record, *field);
    if ((!from && !Contains(rule.readers_from(), field->name)) || id.empty()) continue;
    ASSIGN_OR_RETURN(const Parent parent,
                     ReadParent(*core_.options.contract->FindKind(field->rule->reference()), id));
    readers.insert(parent.scopes.scope.begin(), parent.scopes.scope.end());
    if (from) writers.insert(parent.scopes.write_scope.begin(), parent.scopes.write_scope.end());
  }
  for (const ForeignReference& reference : core_.KindOf(resource).foreign) {
    if (!reference.gives_readers) continue;
    ASSIGN_OR_RETURN(const feed::ProjectedRecord* found, foreign_.Referred(transaction_, reference, record));
    if (found == nullptr) continue;
    readers.insert(found->scope.begin(), found->scope.end());
    if (reference.gives_writers) writers.insert(found->write_scope.begin(), found->write_scope.end());
  }
  for (const std::string& name : rule.audience_from()) {
    const std::string audience = TextOf(record, *resource.Find(name));
    if (!audience.empty()) readers.insert(store::BelowId(audience));
  }
  const std::string id = store::IdOf(resource, record);
  if (rule.self()) readers.insert(id), writers.insert(id);
  if (rule.has_parties()) RETURN_IF_ERROR(AddParties(resource, id, &readers, &writers));
  return Scopes{{readers.begin(), readers.end()}, {writers.begin(), writers.end()}};
}

absl::Status Unit::AddParties(const ResourcePlan& resource, const std::string& id,
                              std::set<std::string>* readers, std::set<std::string>* writers) {
  const auto& rule = resource.rule->scope().parties();
  const ResourcePlan& party = *core_.options.contract->FindKind(rule.kind());
  for (const std::string& name : rule.party()) {
    const Field& field = *party.Find(name);
    Parameters p;
    p.Text(id).TextArray(EnumNames(*party.Find(rule.role()), rule.lead_roles()));
    p.TextArray(EnumNames(*party.Find(rule.state()), rule.current_states())).Text(call_->today());
    std::string valid = "TRUE";
    if (party.rule->has_validity()) {
      const auto& validity = party.rule->validity();
      valid = absl::StrCat("(m.", validity.from(), " IS NULL OR m.", validity.from(), " <= $4::date) AND (m.",
                           validity.to(), " IS NULL OR m.", validity.to(), " >= $4::date)");
    } else {
      valid = "$4::date IS NOT NULL";
    }
    const Query query{
        absl::StrCat("parties_", resource.kind, "_", name),
        absl::StrCat("SELECT p.scope, p.write_scope, m.", rule.role(), " = ANY($2::text[]) FROM ", party.kind,
                     " m JOIN ", field.rule->reference(), " p ON p.id = m.", name, " WHERE m.", rule.parent(),
                     " = $1::uuid AND m.delete_time IS NULL AND m.", rule.state(), " = ANY($3::text[]) AND ",
                     valid)};
    ASSIGN_OR_RETURN(const postgres::Result rows, transaction_.Execute(query, p));
    for (int i = 0; i < rows.rows(); ++i) {
      const std::vector<std::string> scope = rows.TextArray(i, 0);
      readers->insert(scope.begin(), scope.end());
      if (!rows.Boolean(i, 2)) continue;
      const std::vector<std::string> write_scope = rows.TextArray(i, 1);
      writers->insert(write_scope.begin(), write_scope.end());
    }
  }
  return absl::OkStatus();
}

absl::Status Unit::RestampOne(const ResourcePlan& resource, const std::string& id) {
  if (id.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<store::Row> rows, LockAll(resource, {id}));
  if (rows.empty()) return absl::OkStatus();
  store::Row& row = rows[0];
  ASSIGN_OR_RETURN(Scopes scopes, ScopesOf(resource, *row.record));
  if (scopes.scope == row.scope && scopes.write_scope == row.write_scope) return absl::OkStatus();
  ++restamped_;
  const auto staged = staged_.find({&resource, id});
  if (staged !=
      staged_.end()) {  // Changed in this transaction anyway: the same revision carries the new scope.
    store::Change& change = changes_[staged->second];
    change.scope_after = scopes.scope;
    change.write_scope_after = scopes.write_scope;
    store::Change rewrite = change;
    rewrite.insert = false;
    rewrite.external_ids_changed = false;
    RETURN_IF_ERROR(store::WriteRows(transaction_, {rewrite}));
    parents_.erase({&resource, id});
    moved_.push_back({&resource, id, {row.scope, row.write_scope}});
    return absl::OkStatus();
  }
  std::unique_ptr<Message> after(row.record->New());
  after->CopyFrom(*row.record);
  StampNext(resource, *row.record, call_->now, after.get());
  return Write(resource, &row, std::move(after), "UPDATE", {}, std::move(scopes));
}

absl::StatusOr<RestampJob> Unit::JobOf(const Moved& moved) {
  ASSIGN_OR_RETURN(const Parent now, ReadParent(*moved.resource, moved.id));
  return RestampJob{moved.resource->kind, moved.id, moved.before, now.scopes, restamp_root_};
}

absl::Status Unit::Restamp() {
  const int inline_max = restamp_root_.empty() ? kRestampedInlineMax : kRestampedByJobMax;
  std::map<const ResourcePlan*, std::vector<contract::Reference>> stamping;
  while (!to_restamp_.empty() || !moved_.empty()) {
    while (!to_restamp_.empty()) {
      const auto next = to_restamp_.back();
      to_restamp_.pop_back();
      RETURN_IF_ERROR(RestampOne(*next.first, next.second));
    }
    if (restamped_ > 0 && base::Planted("restamped-one-step-down")) moved_.clear();
    if (moved_.empty()) break;
    const Moved parent = moved_.back();
    moved_.pop_back();
    if (stamping.count(parent.resource) == 0) stamping[parent.resource] = Stamping(core_, *parent.resource);
    const std::vector<contract::Reference>& references = stamping[parent.resource];
    if (references.empty()) continue;  // So many results of a test may move, and nothing hangs on one.
    ASSIGN_OR_RETURN(const RestampJob job, JobOf(parent));
    if (!moves_.empty()) RETURN_IF_ERROR(TellRestampJobs(transaction_, job));
    for (const contract::Reference& reference : references) {
      const bool party = GivesParty(core_, reference);
      const Query query{absl::StrCat("dependants_", reference.child->kind, "_", reference.field->name),
                        absl::StrCat("SELECT id FROM ", reference.child->kind, " WHERE ",
                                     reference.field->name, " = $1::uuid ORDER BY id LIMIT $2::integer")};
      ASSIGN_OR_RETURN(const postgres::Result rows,
                       transaction_.Execute(query, Parameters().Text(parent.id).Integer(inline_max + 1)));
      if (rows.rows() > 0 && restamped_ + rows.rows() > inline_max) {
        RETURN_IF_ERROR(AddRestampJob(transaction_, job, call_->now));
        break;
      }
      for (int i = 0; i < rows.rows(); ++i) to_restamp_.push_back({reference.child, rows.Text(i, 0)});
      if (!party) continue;
      for (const ResourcePlan* owner : core_.KindOf(*reference.child).party_owners) {
        const std::string& link = owner->rule->scope().parties().parent();
        const Query owners{absl::StrCat("owners_", reference.child->kind, "_", reference.field->name),
                           absl::StrCat("SELECT DISTINCT ", link, " FROM ", reference.child->kind, " WHERE ",
                                        reference.field->name, " = $1::uuid")};
        ASSIGN_OR_RETURN(const postgres::Result ids,
                         transaction_.Execute(owners, Parameters().Text(parent.id)));
        for (int i = 0; i < ids.rows(); ++i) to_restamp_.push_back({owner, ids.Text(i, 0)});
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Unit::RestampChildren(const contract::Reference& reference,
                                                  const std::string& parent_id, const std::string& after_id,
                                                  int limit) {
  // A party's owners follow it too, even where its memberships keep their scope.
  std::vector<const ResourcePlan*> owners;
  std::string columns = "id";
  for (const ResourcePlan* owner : core_.KindOf(*reference.child).party_owners) {
    const auto& rule = owner->rule->scope().parties();
    if (!Contains(rule.party(), reference.field->name)) continue;
    owners.push_back(owner);
    absl::StrAppend(&columns, ", ", rule.parent());
  }
  const Query query{
      absl::StrCat("next_dependants_", reference.child->kind, "_", reference.field->name),
      absl::StrCat("SELECT ", columns, " FROM ", reference.child->kind, " WHERE ", reference.field->name,
                   reference.field->array ? " @> ARRAY[$1::uuid]" : " = $1::uuid",
                   " AND id > $2::uuid ORDER BY id LIMIT $3::integer")};
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   transaction_.Execute(query, Parameters().Text(parent_id).Text(after_id).Integer(limit)));
  for (int i = 0; i < rows.rows(); ++i) {
    RETURN_IF_ERROR(RestampOne(*reference.child, rows.Text(i, 0)));
    for (size_t k = 0; k < owners.size(); ++k)
      to_restamp_.push_back({owners[k], rows.Text(i, static_cast<int>(k) + 1)});
  }
  while (!to_restamp_.empty()) {
    const auto next = to_restamp_.back();
    to_restamp_.pop_back();
    RETURN_IF_ERROR(RestampOne(*next.first, next.second));
  }
  return rows.rows() < limit ? std::string() : rows.Text(rows.rows() - 1, 0);
}

}  // namespace lianqiao::resource
