// SPDX-License-Identifier: Apache-2.0
// Get and BatchGet. Gets that queue up behind each other are answered by one statement.
#include <google/protobuf/timestamp.pb.h>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/limits.h"
#include "libs/resource/core.h"
#include "libs/resource/past.h"
#include "libs/resource/pending.h"

namespace lianqiao::resource {

using base::ErrorReason;
using postgres::Parameters;
using postgres::Query;

namespace {

// One waiting Get.
class GetItem final : public postgres::BatchItem {
 public:
  GetItem(EngineCore* the_core, CallPointer the_call, rpc::Done the_done)
      : core(the_core), call(std::move(the_call)), done(std::move(the_done)) {
    id = call->Text("id");
    deadline = call->context->deadline;
  }
  void Fail(const absl::Status& status) override { done(status); }

  EngineCore* core;
  CallPointer call;
  rpc::Done done;
  std::string id;
};

// The answer about one row (null: there is none). The same text whether it is missing or out of scope.
absl::StatusOr<rpc::Reply> AnswerGet(const Call& call, const Rows& rows, const std::string& id) {
  const ResourcePlan& resource = *call.method->resource;
  const auto found = rows.by_id.find(id);
  if (found == rows.by_id.end() || !rows.Shows(resource, call.scope, found->second))
    return NotFound(resource);
  const store::Row* row = &found->second;
  if (IsDeleted(resource, *row->record) && !call.Flag("show_deleted")) return NotFound(resource);
  if (const std::string date = call.Text("valid_on"); !date.empty() && !HoldsOn(resource, *row->record, date))
    return NotFound(resource);
  std::unique_ptr<Message> shown(row->record->New());
  shown->CopyFrom(*row->record);
  ApplyReadMask(call, resource, row->scope, shown.get());
  return ReplyOf(*shown);
}

void RunGets(postgres::Session& session, postgres::Batch& batch) {
  std::vector<std::string> ids;
  for (const auto& item : batch) ids.push_back(static_cast<GetItem&>(*item).id);
  const ResourcePlan& resource = *static_cast<GetItem&>(*batch.front()).call->method->resource;
  auto rows = ReadRows(session, resource, ids);
  for (auto& waiting : batch) {
    auto& item = static_cast<GetItem&>(*waiting);
    if (!rows.ok()) {
      item.done(rows.status());
      continue;
    }
    auto answer = AnswerGet(*item.call, *rows, item.id);
    item.core->LogPersonalReads(*item.call);
    item.done(std::move(answer));
  }
}

const std::function<void(postgres::Session&, postgres::Batch&)> kRunGets = RunGets;

absl::Status CheckGet(const Call& call) {
  std::vector<base::Violation> violations;
  contract::Validate(*call.request, "", &violations);
  const std::string id = call.Text("id");
  const std::string external = call.Text("external_id");
  if (id.empty() && external.empty()) violations.push_back(base::Refuse("id", ErrorReason::FIELD_REQUIRED));
  if (!id.empty() && !external.empty())
    violations.push_back(base::Refuse("externalId", ErrorReason::FIELD_CONFLICT, {{"other", "id"}}));
  if (!id.empty() && !base::IsId(id))
    violations.push_back(base::Refuse("id", ErrorReason::FIELD_BAD_FORMAT, {{"expected", "UUID"}}));
  if (!external.empty() && external.find(':') == std::string::npos)
    violations.push_back(
        base::Refuse("externalId", ErrorReason::FIELD_BAD_FORMAT, {{"expected", "system:id"}}));
  RETURN_IF_ERROR(base::FailIfAny(violations));
  return CheckReadMask(call, *call.method->resource);
}

}  // namespace

void EngineCore::Get(CallPointer call, rpc::Done done) {
  if (const absl::Status status = CheckGet(*call); !status.ok()) return done(status);
  const bool plain = !call->Text("id").empty() && !ReadTimeOf(*call).has_value();
  if (plain) {
    const std::string key = "get_" + call->method->resource->kind;
    return options.reads->SubmitBatch(key, std::make_unique<GetItem>(this, std::move(call), std::move(done)),
                                      &kRunGets);
  }
  const absl::Time deadline = call->context->deadline;
  options.reads->Submit(
      deadline,
      [this, call, done](postgres::Session& session) {
        auto answer = GetAlone(session, *call);
        LogPersonalReads(*call);
        done(std::move(answer));
      },
      done);
}

absl::StatusOr<rpc::Reply> EngineCore::GetAlone(postgres::Session& session, const Call& call) {
  static const Query kResolve{"resolve_external_id",
                              "SELECT id FROM external_id WHERE kind = $1 AND system = $2 AND value = $3"};
  const ResourcePlan& resource = *call.method->resource;
  std::string id = call.Text("id");
  if (id.empty()) {
    const std::string external = call.Text("external_id");
    const size_t colon = external.find(':');
    ASSIGN_OR_RETURN(const postgres::Result found,
                     session.Execute(kResolve, Parameters()
                                                   .Text(resource.kind)
                                                   .Text(external.substr(0, colon))
                                                   .Text(external.substr(colon + 1))));
    if (found.rows() == 0) return NotFound(resource);
    id = found.Text(0, 0);
  }
  ASSIGN_OR_RETURN(Rows rows, ReadRows(session, resource, {id}));
  if (rows.by_id.empty()) return NotFound(resource);
  store::Row& row = rows.by_id.begin()->second;
  if (const auto read_time = ReadTimeOf(call); read_time.has_value()) {
    // Whoever may not read it today (or did not when it went) learns nothing of its past either.
    if (!rows.Shows(resource, call.scope, row)) return NotFound(resource);
    RETURN_IF_ERROR(CheckReadTime(session, *read_time, call.now));
    ASSIGN_OR_RETURN(std::unique_ptr<Message> then, StateAt(session, resource, id, *read_time));
    if (then == nullptr) return NotFound(resource);
    row.record = std::move(then);
    rows.moves = {};  // Decided above, by what it hangs on today.
  }
  return AnswerGet(call, rows, id);
}

absl::StatusOr<rpc::Reply> EngineCore::BatchGet(postgres::Session& session, const Call& call) {
  const ResourcePlan& resource = *call.method->resource;
  const auto& reflection = *call.request->GetReflection();
  const FieldDescriptor* field = call.request->GetDescriptor()->FindFieldByName("ids");
  std::vector<base::Violation> violations;
  std::vector<std::string> ids;
  const int size = reflection.FieldSize(*call.request, field);
  if (size > base::kBatchGetIdsMax)
    violations.push_back(
        base::Refuse("ids", ErrorReason::FIELD_TOO_MANY, {{"max", absl::StrCat(base::kBatchGetIdsMax)}}));
  if (size == 0) violations.push_back(base::Refuse("ids", ErrorReason::FIELD_REQUIRED));
  for (int i = 0; i < size && violations.size() < 100; ++i) {
    ids.push_back(reflection.GetRepeatedString(*call.request, field, i));
    if (!base::IsId(ids.back()))
      violations.push_back(
          base::Refuse(absl::StrCat("ids[", i, "]"), ErrorReason::FIELD_BAD_FORMAT, {{"expected", "UUID"}}));
  }
  RETURN_IF_ERROR(base::FailIfAny(violations));
  RETURN_IF_ERROR(CheckReadMask(call, resource));
  ASSIGN_OR_RETURN(const Rows rows, ReadRows(session, resource, ids));
  std::unique_ptr<Message> response(google::protobuf::MessageFactory::generated_factory()
                                        ->GetPrototype(call.method->descriptor->output_type())
                                        ->New());
  const FieldDescriptor* list = nullptr;
  for (int i = 0; i < response->GetDescriptor()->field_count(); ++i) {
    if (response->GetDescriptor()->field(i)->message_type() == resource.descriptor)
      list = response->GetDescriptor()->field(i);
  }
  for (const std::string& id : ids) {
    const auto found = rows.by_id.find(id);
    if (found == rows.by_id.end() || !rows.Shows(resource, call.scope, found->second) ||
        IsDeleted(resource, *found->second.record))
      return NotFound(resource);
    Message* added = response->GetReflection()->AddMessage(response.get(), list);
    added->CopyFrom(*found->second.record);
    ApplyReadMask(call, resource, found->second.scope, added);
  }
  return ReplyOf(*response);
}

}  // namespace lianqiao::resource
