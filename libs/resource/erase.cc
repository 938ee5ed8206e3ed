// SPDX-License-Identifier: Apache-2.0
// Erase<Noun>: the personal fields of a record and of what is erased with it, in the row and in every stored
// state. What is left tells of nobody, and counts as before.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/ids.h"
#include "libs/base/mutant.h"
#include "libs/resource/input.h"
#include "libs/resource/past.h"
#include "libs/resource/unit.h"

namespace lianqiao::resource {

using base::ErrorReason;
using contract::Field;
using postgres::Parameters;
using postgres::Query;

namespace {

// More than one person ever leaves behind; a transaction stays within its time.
constexpr size_t kErasedMax = 5000;

// True if something was there. Ids in other systems name the person there.
bool ClearErasable(const ResourcePlan& resource, Message* record) {
  const auto& reflection = *record->GetReflection();
  const std::string before = record->SerializeAsString();
  for (const Field& field : resource.fields) {
    if (field.is_personal() && field.rule->personal().erasable())
      reflection.ClearField(record, field.descriptor);
  }
  if (resource.external_ids != nullptr) reflection.ClearField(record, resource.external_ids->descriptor);
  return record->SerializeAsString() != before;
}

}  // namespace

bool HoldsErasable(const ResourcePlan& resource, const Message& record) {
  std::unique_ptr<Message> copy(record.New());
  copy->CopyFrom(record);
  return ClearErasable(resource, copy.get());
}

bool IsErased(const ResourcePlan& resource, const Message& record) {
  return resource.erase_time != nullptr &&
         record.GetReflection()->HasField(record, resource.erase_time->descriptor);
}

bool GoesWith(const ResourcePlan& resource, const Field& field) {
  const auto& with = resource.rule->erased_with();
  return std::find(with.begin(), with.end(), field.name) != with.end();
}

std::string ErasedSql(const ResourcePlan& resource) {
  return resource.erase_time == nullptr ? "false" : absl::StrCat(resource.erase_time->name, " IS NOT NULL");
}

absl::Status Unit::EraseHistory(const ResourcePlan& resource, const std::string& id) {
  const Query read{"states_to_erase",
                   "SELECT revision, state FROM revision WHERE kind = $1 AND id = $2::uuid FOR UPDATE"};
  const Query write{"write_erased_states",
                    "UPDATE revision r SET state = u.state::bytea FROM unnest($3::text::bigint[],"
                    " $4::text::text[]) AS u(revision, state)"
                    " WHERE r.kind = $1 AND r.id = $2::uuid AND r.revision = u.revision"};
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   transaction_.Execute(read, Parameters().Text(resource.kind).Text(id)));
  std::vector<std::string> revisions;
  std::vector<std::string> states;
  for (int i = 0; i < rows.rows(); ++i) {
    std::unique_ptr<Message> state(resource.prototype->New());
    if (!state->ParseFromString(rows.Bytes(i, 1)))
      return absl::DataLossError(absl::StrCat("a revision of ", resource.kind, " ", id, " cannot be read"));
    if (!ClearErasable(resource, state.get())) continue;
    revisions.push_back(rows.Text(i, 0));
    states.push_back(absl::StrCat("\\x", base::Hex(store::StateBytes(*state))));
  }
  if (revisions.empty()) return absl::OkStatus();
  Parameters p;
  p.Text(resource.kind).Text(id).TextArray(revisions).TextArray(states);
  return transaction_.Execute(write, p).status();
}

absl::Status Unit::Erase(const ResourcePlan& resource, const store::Row& row) {
  if (changes_.size() >= kErasedMax)
    return base::Fail(absl::StatusCode::kResourceExhausted, ErrorReason::FIELD_TOO_MANY,
                      {{"max", absl::StrCat(kErasedMax)}});
  const std::string id = store::IdOf(resource, *row.record);
  std::unique_ptr<Message> after(row.record->New());
  after->CopyFrom(*row.record);
  ClearErasable(resource, after.get());
  if (!IsErased(resource, *after))
    store::SetTimestamp(call_->now,
                        after->GetReflection()->MutableMessage(after.get(), resource.erase_time->descriptor));
  StampNext(resource, *row.record, call_->now, after.get());
  std::vector<std::string> changed = ChangedFields(resource, *row.record, *after);
  if (!base::Planted("erasure-without-history")) RETURN_IF_ERROR(EraseHistory(resource, id));
  RETURN_IF_ERROR(RememberErased(resource, id));
  RETURN_IF_ERROR(
      Write(resource, &row, std::move(after), "ERASE", std::move(changed), {row.scope, row.write_scope}));
  for (const contract::Reference& reference : core_.options.contract->ReferencesTo(resource)) {
    if (!GoesWith(*reference.child, *reference.field)) continue;
    const Query query{
        absl::StrCat("erased_with_", reference.child->kind, "_", reference.field->name),
        absl::StrCat("SELECT id FROM ", reference.child->kind, " WHERE ", reference.field->name,
                     reference.field->array ? " @> ARRAY[$1::uuid]" : " = $1::uuid", " LIMIT ", kErasedMax)};
    ASSIGN_OR_RETURN(const postgres::Result ids, transaction_.Execute(query, Parameters().Text(id)));
    std::vector<std::string> children;
    for (int i = 0; i < ids.rows(); ++i) children.push_back(ids.Text(i, 0));
    ASSIGN_OR_RETURN(const std::vector<store::Row> rows, LockAll(*reference.child, children));
    for (const store::Row& child : rows) {
      const std::string child_id = store::IdOf(*reference.child, *child.record);
      if (Staged(*reference.child, child_id) == nullptr) RETURN_IF_ERROR(Erase(*reference.child, child));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<rpc::Reply> EngineCore::Erase(postgres::Session& session, const Call& call) {
  const ResourcePlan& resource = *call.method->resource;
  const std::string id = call.Text("id");
  Violations violations;
  contract::NormaliseText(call.request.get(), "", &violations);
  contract::Validate(*call.request, "", &violations);
  if (!base::IsId(id))
    violations.push_back(
        base::Refuse("id", id.empty() ? ErrorReason::FIELD_REQUIRED : ErrorReason::FIELD_BAD_FORMAT,
                     {{"expected", "UUID"}}));
  RETURN_IF_ERROR(base::FailIfAny(violations));
  auto reply = RunUnit(*this, session, call, [&](Unit& unit) -> absl::StatusOr<std::unique_ptr<Message>> {
    ASSIGN_OR_RETURN(store::Row row, unit.Lock(resource, id));
    RETURN_IF_ERROR(unit.Authorize(resource, row));
    RETURN_IF_ERROR(CheckEtag(call, resource, *row.record));
    // Once more, it clears what a state from elsewhere (a restored backup) may have brought back.
    RETURN_IF_ERROR(unit.Erase(resource, row));
    std::unique_ptr<Message> answer(resource.prototype->New());
    answer->CopyFrom(*unit.changes().front().record);
    return answer;
  });
  const auto replayed = [&] {
    return std::any_of(reply->metadata.begin(), reply->metadata.end(),
                       [](const auto& pair) { return pair.first == rpc::kReplayed; });
  };
  if (reply.ok() && options.access_log != nullptr && !call.Flag("validate_only") && !replayed()) {
    access::AccessEntry entry =
        access::MakeAccessEntry(access::AccessEvent::kAdministration, *call.context, &call.caller);
    entry.method = call.method->path;
    entry.permission = call.method->permission;
    entry.kind = resource.kind;
    entry.record_ids = {id};
    entry.reason = call.Text("reason");
    options.access_log->Record(std::move(entry));
  }
  return reply;
}

}  // namespace lianqiao::resource
