// SPDX-License-Identifier: Apache-2.0
// Custom methods: what Reading and Writing do for a service's own functions.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/ids.h"
#include "libs/resource/foreign.h"
#include "libs/resource/foreign_scope.h"
#include "libs/resource/input.h"
#include "libs/resource/pending.h"
#include "libs/resource/unit.h"
#include "libs/resource/upsert_items.h"

namespace lianqiao::resource {

using base::ErrorReason;
using postgres::Parameters;
using postgres::Query;

namespace {

// The rows of a followed service's kind that the scope opens: all of its copy are living, and their stamp is
// that of the service. What a moved record lost opens none of them, as for rows of ours (pending.h). Copies
// are named after the service that they are of.
std::string VisibleCopySql(const ForeignKind& foreign, const store::Scope& scope, Parameters* p) {
  const std::string readable = scope.Sql("v.sync_scope", p);
  const std::string kept = "ARRAY(SELECT unnest(v.sync_scope) EXCEPT SELECT unnest(j.lost))";
  const std::string still = scope.everything ? "TRUE" : scope.Sql(kept, p);
  return absl::StrCat("(SELECT * FROM ", ServiceOf(foreign.followed->package), "_", foreign.resource->kind,
                      " v WHERE (", readable,
                      ") AND NOT EXISTS (SELECT 1 FROM restamp_job j"
                      " WHERE j.root_id IS NULL AND j.id = ANY(v.sync_scope) AND NOT (",
                      still, ")))");
}

// The living rows of a kind that the caller may read, as a table expression; of a followed service's kind
// ("registry/alliance") those of its copy. Empty: there is no such kind.
std::string VisibleSql(const EngineCore& core, const Call& call, const std::string& kind, Parameters* p,
                       std::string* shape) {
  const ResourcePlan* own = core.options.contract->FindKind(kind);
  const ForeignKind foreign = own == nullptr ? FindForeignKind(core.options.followed, kind) : ForeignKind();
  const ResourcePlan* resource = own == nullptr ? foreign.resource : own;
  if (resource == nullptr) return "";
  const store::Scope scope = call.ScopeFor(*resource, "read");
  absl::StrAppend(shape,
                  scope.everything    ? "e"
                  : scope.ids.empty() ? "-"
                                      : "i",
                  scope.alliance_ids.empty() ? "" : "a");
  if (own == nullptr) return VisibleCopySql(foreign, scope, p);
  const std::string readable = scope.Sql("v.scope", p);
  return absl::StrCat("(SELECT * FROM ", own->kind, " v WHERE v.delete_time IS NULL AND (", readable,
                      ") AND ", PendingSql(*own, scope, "v", p), ")");
}

// `{visible:alliance a}` -> the living rows of that kind that this caller may read, as table a.
absl::StatusOr<Query> Expand(const EngineCore& core, const Call& call, const NamedQuery& given,
                             Parameters* p) {
  Query query{given.name, "", given.prepared};
  std::string shape;
  size_t at = 0;
  while (true) {
    const size_t open = given.sql.find("{visible:", at);
    if (open == std::string::npos) break;
    const size_t close = given.sql.find('}', open);
    const std::vector<std::string> words = absl::StrSplit(given.sql.substr(open + 9, close - open - 9), ' ');
    const std::string rows = words.size() == 2 ? VisibleSql(core, call, words[0], p, &shape) : "";
    if (close == std::string::npos || rows.empty())
      return absl::InternalError("query " + given.name + " has a bad {visible:kind alias}");
    query.sql.append(given.sql, at, open - at);
    absl::StrAppend(&query.sql, rows, " ", words[1]);
    at = close + 1;
  }
  query.sql.append(given.sql, at, std::string::npos);
  if (!shape.empty()) absl::StrAppend(&query.name, "_", shape);  // One prepared text per shape of grants.
  return query;
}

bool OnlyReads(const std::string& sql) {
  const size_t word = sql.find_first_not_of(" \n\t(");
  const std::string start = word == std::string::npos ? "" : sql.substr(word, 6);
  return start == "SELECT" || start.substr(0, 4) == "WITH";
}

class ReadingCall final : public Reading {
 public:
  ReadingCall(const EngineCore& core, postgres::Session& session, const Call& call)
      : core_(core), session_(session), call_(call) {}

  absl::StatusOr<postgres::Result> Query(const NamedQuery& query, Parameters parameters) override {
    if (!OnlyReads(query.sql))
      return absl::InternalError("query " + query.name + " of a reading method must be a SELECT");
    ASSIGN_OR_RETURN(const postgres::Query expanded, Expand(core_, call_, query, &parameters));
    return session_.Execute(expanded, parameters);
  }
  absl::StatusOr<std::unique_ptr<Message>> Get(const contract::Descriptor* type,
                                               const std::string& id) override {
    const ResourcePlan* resource = core_.options.contract->FindMessage(type);
    if (resource == nullptr) return absl::InternalError(type->full_name() + " is no resource");
    if (!base::IsId(id)) return NotFound(*resource);
    ASSIGN_OR_RETURN(auto records, GetMany(type, {id}));
    if (records.empty()) return NotFound(*resource);
    return std::move(records.front());
  }
  absl::StatusOr<std::vector<std::unique_ptr<Message>>> GetMany(
      const contract::Descriptor* type, const std::vector<std::string>& ids) override {
    const ResourcePlan* resource = core_.options.contract->FindMessage(type);
    if (resource == nullptr) return absl::InternalError(type->full_name() + " is no resource");
    ASSIGN_OR_RETURN(Rows rows, ReadRows(session_, *resource, ids));
    const store::Scope scope = call_.ScopeFor(*resource, "read");
    std::vector<std::unique_ptr<Message>> records;
    for (const std::string& id : ids) {
      const auto found = rows.by_id.find(id);
      if (found == rows.by_id.end() || found->second.record == nullptr) continue;
      store::Row& row = found->second;
      if (!rows.Shows(*resource, scope, row) || IsDeleted(*resource, *row.record)) continue;
      Mask(call_, *resource, &row.scope, row.record.get());
      records.push_back(std::move(row.record));
    }
    return records;
  }
  bool IsGrantedOn(const contract::Descriptor* type, const std::vector<std::string>& ids) const override {
    const ResourcePlan* resource = core_.options.contract->FindMessage(type);
    if (resource == nullptr) return false;
    const std::vector<std::string> granted = call_.ScopeFor(*resource, "read").ids;
    return std::any_of(ids.begin(), ids.end(), [&](const std::string& id) {
      return std::find(granted.begin(), granted.end(), id) != granted.end();
    });
  }
  std::string today() const override { return call_.today(); }
  absl::Time now() const override { return call_.now; }

 private:
  const EngineCore& core_;
  postgres::Session& session_;
  const Call& call_;
};

class WritingCall final : public Writing {
 public:
  WritingCall(EngineCore& core, Unit& unit, const Call& call) : core_(core), unit_(unit), call_(call) {}

  absl::StatusOr<std::unique_ptr<Message>> Load(const contract::Descriptor* type, const std::string& id,
                                                const std::string& etag) override {
    ASSIGN_OR_RETURN(const ResourcePlan* resource, PlanOf(type));
    ASSIGN_OR_RETURN(store::Row row, unit_.Lock(*resource, id));
    RETURN_IF_ERROR(CheckLoaded(*resource, row, AuthorityFor(*resource)));
    const std::string current = store::EtagOf(store::RevisionOf(*resource, *row.record));
    if (!etag.empty() && etag != current)
      return base::Fail(absl::StatusCode::kAborted, ErrorReason::ETAG_MISMATCH, {{"current", current}});
    return Keep(*resource, std::move(row));
  }

  absl::StatusOr<std::vector<std::unique_ptr<Message>>> LoadMany(
      const contract::Descriptor* type, const std::vector<std::string>& ids) override {
    ASSIGN_OR_RETURN(const ResourcePlan* resource, PlanOf(type));
    const std::set<std::string> wanted(ids.begin(), ids.end());
    if (!std::all_of(wanted.begin(), wanted.end(), [](const auto& id) { return base::IsId(id); }))
      return NotFound(*resource);
    ASSIGN_OR_RETURN(std::vector<store::Row> rows, unit_.LockAll(*resource, {wanted.begin(), wanted.end()}));
    if (rows.size() != wanted.size()) return NotFound(*resource);
    const store::Scope authority = AuthorityFor(*resource);
    std::vector<std::unique_ptr<Message>> records;
    for (store::Row& row : rows) {
      if (!unit_.Reaches(*resource, row)) return NotFound(*resource);
      RETURN_IF_ERROR(CheckLoaded(*resource, row, authority));
      records.push_back(Keep(*resource, std::move(row)));
    }
    return records;
  }

  absl::Status Create(Message* record) override {
    ASSIGN_OR_RETURN(const ResourcePlan* resource, PlanOf(record->GetDescriptor()));
    const std::string given = store::IdOf(*resource, *record);
    Violations violations;
    contract::NormaliseText(record, "", &violations);
    CheckRecord(call_, *resource, nullptr, *record, "", &violations);
    RETURN_IF_ERROR(base::FailIfAny(violations));
    Stamp(*resource, given.empty() ? base::NewId(call_.now) : given, 1, call_.now, call_.now, record);
    return Stage(*resource, nullptr, "CREATE", CopyOf(*record), record);
  }

  absl::Status Update(Message* record) override { return Rewrite("UPDATE", record); }

  absl::Status UpdateMany(const std::vector<Message*>& records) override {
    if (records.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const ResourcePlan* resource, PlanOf(records.front()->GetDescriptor()));
    const bool together = records.size() > 1 && !unit_.one_by_one() &&
                          Unit::MayStageTogether(core_.KindOf(*resource)) && !RefersToItself(*resource);
    if (together) {
      const absl::Status status = RewriteTogether(*resource, records);
      const auto error = postgres::DatabaseErrorOf(status);
      // Which of them met the constraint is found out one by one.
      return error.has_value() && !error->constraint.empty() ? StandAlone() : status;
    }
    for (Message* record : records) RETURN_IF_ERROR(Update(record));
    return absl::OkStatus();
  }

  absl::Status Delete(Message* record) override {
    ASSIGN_OR_RETURN(const ResourcePlan* resource, PlanOf(record->GetDescriptor()));
    store::SetTimestamp(call_.now,
                        record->GetReflection()->MutableMessage(record, resource->delete_time->descriptor));
    return Rewrite("DELETE", record);
  }

  absl::Status Repoint(const contract::Descriptor* type, const std::string& from, const std::string& to,
                       const std::string& effective_on) override {
    ASSIGN_OR_RETURN(const ResourcePlan* target, PlanOf(type));
    RETURN_IF_ERROR(unit_.AddRedirect(*target, from, to));
    for (const contract::Reference& reference : core_.options.contract->ReferencesTo(*target))
      RETURN_IF_ERROR(RepointReference(core_, unit_, reference, from, to, effective_on));
    return absl::OkStatus();
  }

  absl::Status Redirect(const contract::Descriptor* type, const std::string& from,
                        const std::string& to) override {
    ASSIGN_OR_RETURN(const ResourcePlan* target, PlanOf(type));
    return unit_.AddRedirect(*target, from, to);
  }

  void Name(const std::string& id, const std::string& operation) override { names_[id] = operation; }

  absl::StatusOr<postgres::Result> Query(const NamedQuery& query, Parameters parameters) override {
    if (!OnlyReads(query.sql))
      return absl::InternalError("query " + query.name + " must be a SELECT: changes go through Update");
    ASSIGN_OR_RETURN(const postgres::Query expanded, Expand(core_, call_, query, &parameters));
    return unit_.transaction().Execute(expanded, parameters);
  }
  std::string today() const override { return call_.today(); }
  absl::Time now() const override { return call_.now; }
  absl::Time deadline() const override { return call_.context->deadline; }

 private:
  absl::StatusOr<const ResourcePlan*> PlanOf(const contract::Descriptor* type) {
    const ResourcePlan* resource = core_.options.contract->FindMessage(type);
    if (resource == nullptr) return absl::InternalError(type->full_name() + " is no resource");
    return resource;
  }
  store::Scope AuthorityFor(const ResourcePlan& resource) const {
    return &resource == call_.method->resource ? call_.scope : call_.ScopeFor(resource, "write");
  }
  static bool RefersToItself(const ResourcePlan& resource) {
    const auto references = store::References(resource);
    return std::any_of(references.begin(), references.end(), [&](const contract::Field* field) {
      return field->rule->reference() == resource.kind;
    });
  }
  static std::unique_ptr<Message> CopyOf(const Message& record) {
    std::unique_ptr<Message> copy(record.New());
    copy->CopyFrom(record);
    return copy;
  }
  absl::Status CheckLoaded(const ResourcePlan& resource, const store::Row& row,
                           const store::Scope& authority) const {
    if (IsDeleted(resource, *row.record)) return NotFound(resource);
    return unit_.MayWrite(resource, row, authority) ? absl::OkStatus() : OutOfScope(call_);
  }
  std::unique_ptr<Message> Keep(const ResourcePlan& resource, store::Row row) {
    std::unique_ptr<Message> copy = CopyOf(*row.record);
    loaded_[{&resource, store::IdOf(resource, *row.record)}] = std::move(row);
    return copy;
  }
  absl::Status Stage(const ResourcePlan& resource, const store::Row* before, const std::string& operation,
                     std::unique_ptr<Message> after, Message* record) {
    const std::string id = store::IdOf(resource, *record);
    const auto named = names_.find(id);
    RETURN_IF_ERROR(unit_.Stage(resource, before, std::move(after),
                                named == names_.end() ? operation : named->second, ""));
    record->CopyFrom(*unit_.Staged(resource, id));  // References may have followed a redirect.
    return absl::OkStatus();
  }
  // The row as it was loaded; the record is ready to follow it.
  absl::StatusOr<store::Row*> MakeNext(const ResourcePlan& resource, Message* record) {
    const auto row = loaded_.find({&resource, store::IdOf(resource, *record)});
    if (row == loaded_.end())
      return absl::InternalError("a record is changed that was not loaded: " + resource.kind);
    Violations violations;
    contract::NormaliseText(record, "", &violations);
    contract::Validate(*record, "", &violations);
    RETURN_IF_ERROR(base::FailIfAny(violations));
    StampNext(resource, *row->second.record, call_.now, record);
    return &row->second;
  }
  // A second change of the same record in one method builds on the first.
  void Follow(const Message& record, store::Row* row) const {
    row->record->CopyFrom(record);
    const store::Change& last = unit_.changes().back();
    row->scope = last.scope_after;
    row->write_scope = last.write_scope_after;
  }
  absl::Status Rewrite(const std::string& operation, Message* record) {
    ASSIGN_OR_RETURN(const ResourcePlan* resource, PlanOf(record->GetDescriptor()));
    ASSIGN_OR_RETURN(store::Row* const row, MakeNext(*resource, record));
    RETURN_IF_ERROR(Stage(*resource, row, operation, CopyOf(*record), record));
    Follow(*record, row);
    return absl::OkStatus();
  }
  absl::Status RewriteTogether(const ResourcePlan& resource, const std::vector<Message*>& records) {
    std::vector<store::Row*> rows;
    std::vector<std::unique_ptr<Message>> after;
    std::vector<const Message*> prepared;
    for (Message* record : records) {
      ASSIGN_OR_RETURN(store::Row* const row, MakeNext(resource, record));
      rows.push_back(row);
      after.push_back(CopyOf(*record));
      prepared.push_back(after.back().get());
    }
    if (std::set<store::Row*>(rows.begin(), rows.end()).size() != rows.size())
      return absl::InternalError("a record is changed twice at once: " + resource.kind);
    RETURN_IF_ERROR(unit_.Prepare(resource, prepared));
    for (size_t i = 0; i < records.size(); ++i) {
      RETURN_IF_ERROR(Stage(resource, rows[i], "UPDATE", std::move(after[i]), records[i]));
      Follow(*records[i], rows[i]);
    }
    ASSIGN_OR_RETURN(const bool apart, unit_.WriteTogether(resource));
    return apart ? absl::OkStatus() : StandAlone();
  }

  EngineCore& core_;
  Unit& unit_;
  const Call& call_;
  std::map<std::pair<const ResourcePlan*, std::string>, store::Row> loaded_;
  std::map<std::string, std::string> names_;
};

// NOT_FOUND unless the caller may read what the request names as its scope: a record of this service, or one
// of a followed service ("registry/jurisdiction").
absl::Status CheckScopeField(const EngineCore& core, postgres::Session& session, Reading& reading,
                             const Call& call) {
  const std::string& field = call.method->access->scope_field();
  const std::string id = field.empty() ? "" : call.Text(field);
  if (id.empty()) return absl::OkStatus();
  const std::string& name = call.method->access->scope_kind();
  const ResourcePlan* own = core.options.contract->FindKind(name);
  if (own != nullptr) return reading.Get(own->descriptor, id).status();
  const ForeignKind foreign = FindForeignKind(core.options.followed, name);
  if (foreign.resource == nullptr)
    return absl::InternalError(call.method->path + " has an unknown access.scope_kind");
  if (!base::IsId(id)) return NotFound(*foreign.resource);
  ASSIGN_OR_RETURN(const auto found,
                   foreign.followed->projection->Find(session, foreign.resource->kind, {id}));
  const auto at = found.find(id);
  const bool shown = at != found.end() && at->second.living &&
                     call.ScopeFor(*foreign.resource, "read").Covers(at->second.scope);
  return shown ? absl::OkStatus() : NotFound(*foreign.resource);
}

}  // namespace

std::unique_ptr<Reading> MakeReading(const EngineCore& core, postgres::Session& session, const Call& call) {
  return std::make_unique<ReadingCall>(core, session, call);
}

std::unique_ptr<Writing> MakeWriting(EngineCore& core, Unit& unit, const Call& call) {
  return std::make_unique<WritingCall>(core, unit, call);
}

absl::StatusOr<rpc::Reply> EngineCore::RunCustom(postgres::Session& session, const Call& call) {
  const Custom& custom = customs_.at(call.method->path);
  Violations violations;
  contract::NormaliseText(call.request.get(), "", &violations);
  contract::Validate(*call.request, "", &violations);
  RETURN_IF_ERROR(base::FailIfAny(violations));
  if (custom.read != nullptr) {
    ReadingCall reading(*this, session, call);
    RETURN_IF_ERROR(CheckScopeField(*this, session, reading, call));
    ASSIGN_OR_RETURN(const std::unique_ptr<Message> response, custom.read(reading, *call.request));
    return ReplyOf(*response);
  }
  return RunUnit(*this, session, call, [&](Unit& unit) -> absl::StatusOr<std::unique_ptr<Message>> {
    WritingCall writing(*this, unit, call);
    return custom.write(writing, *call.request);
  });
}

}  // namespace lianqiao::resource
