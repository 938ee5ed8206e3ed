// SPDX-License-Identifier: Apache-2.0
// The frame around every transaction of the engine: repetition, validate_only, unknown outcomes,
// explanations.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/limits.h"
#include "libs/base/mutant.h"
#include "libs/resource/past.h"
#include "libs/resource/unit.h"
#include "libs/resource/upsert_items.h"

namespace lianqiao::resource {

using base::ErrorReason;
using postgres::Parameters;
using postgres::Query;

namespace {

// Ends a transaction that must leave nothing behind.
absl::Status RollBack() {
  return absl::CancelledError("validate_only");
}

std::string Entry(const ResourcePlan& resource, const std::string& field, const Message& record) {
  return absl::StrCat(field, ":", resource.kind, ":", store::IdOf(resource, record), ":",
                      store::RevisionOf(resource, record));
}

}  // namespace

std::vector<std::string> AnswerOf(const contract::Contract& contract, const Message& response) {
  if (const ResourcePlan* whole = contract.FindMessage(response.GetDescriptor()))
    return {Entry(*whole, "", response)};
  std::vector<std::string> entries;
  for (int i = 0; i < response.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = response.GetDescriptor()->field(i);
    const ResourcePlan* resource =
        field->message_type() == nullptr ? nullptr : contract.FindMessage(field->message_type());
    if (resource == nullptr) continue;
    const auto& reflection = *response.GetReflection();
    if (!field->is_repeated()) {
      if (reflection.HasField(response, field))
        entries.push_back(Entry(*resource, field->name(), reflection.GetMessage(response, field)));
      continue;
    }
    for (int k = 0; k < reflection.FieldSize(response, field); ++k)
      entries.push_back(Entry(*resource, field->name(), reflection.GetRepeatedMessage(response, field, k)));
  }
  return entries;
}

absl::StatusOr<rpc::Reply> EngineCore::Replay(postgres::Statements& transaction, const Call& call,
                                              const store::IdempotencyKey& key,
                                              const store::StoredAnswer& answer) {
  if (answer.method != key.method || answer.request_hash != key.request_hash)
    return base::Fail(absl::StatusCode::kAlreadyExists, ErrorReason::REQUEST_ID_REUSED);
  std::unique_ptr<Message> response(google::protobuf::MessageFactory::generated_factory()
                                        ->GetPrototype(call.method->descriptor->output_type())
                                        ->New());
  for (const std::string& entry : answer.answer) {
    const std::vector<std::string> parts = absl::StrSplit(entry, ':');
    const ResourcePlan* resource = parts.size() == 4 ? options.contract->FindKind(parts[1]) : nullptr;
    if (resource == nullptr) return absl::DataLossError("a stored answer cannot be read: " + entry);
    const Query query{
        "replayed_" + resource->kind,
        absl::StrCat("SELECT r.state, t.scope, t.write_scope, c.scope_before FROM revision r JOIN ",
                     resource->kind,
                     " t ON t.id = r.id LEFT JOIN change c ON c.bucket = r.bucket AND c.pos = r.pos WHERE "
                     "r.kind = $1 AND r.id = $2::uuid AND r.revision = $3")};
    ASSIGN_OR_RETURN(const postgres::Result row,
                     transaction.Execute(query, Parameters().Text(parts[1]).Text(parts[2]).Integer(
                                                    std::atoll(parts[3].c_str()))));
    if (row.rows() == 0) return NotFound(*resource);
    // Whoever lost the right since is told no more than anybody else; who gave the record away by this very
    // write (a lead that dissolves its alliance) still gets its answer.
    const bool given_away = !row.IsNull(0, 3) && call.ScopeFor(*resource, "read").Covers(row.TextArray(0, 3));
    if (!given_away && !call.Reaches(*resource, row.TextArray(0, 1), row.TextArray(0, 2)))
      return NotFound(*resource);
    ASSIGN_OR_RETURN(std::unique_ptr<Message> record, FromState(*resource, row.Bytes(0, 0)));
    Mask(call, *resource, nullptr, record.get());
    if (parts[0].empty()) {
      response = std::move(record);
      continue;
    }
    const FieldDescriptor* field = response->GetDescriptor()->FindFieldByName(parts[0]);
    Message* target = field->is_repeated() ? response->GetReflection()->AddMessage(response.get(), field)
                                           : response->GetReflection()->MutableMessage(response.get(), field);
    target->CopyFrom(*record);
  }
  RETURN_IF_ERROR(store::ConfirmAnswer(transaction, key));
  rpc::Reply reply = ReplyOf(*response, call, answer.positions);
  reply.metadata.emplace_back(rpc::kReplayed, "true");
  return reply;
}

absl::StatusOr<rpc::Reply> RunUnit(
    EngineCore& core, postgres::Session& session, const Call& call,
    const std::function<absl::StatusOr<std::unique_ptr<Message>>(Unit&)>& body) {
  store::IdempotencyKey key = core.KeyOf(call);
  if (key.request_id.size() > base::kRequestIdCharactersMax)
    return base::FailIfAny({base::Refuse("requestId", ErrorReason::FIELD_TOO_LONG,
                                         {{"max", absl::StrCat(base::kRequestIdCharactersMax)}})});
  const bool validate_only = call.Flag("validate_only");
  rpc::Reply reply;
  Unit::Failed failed;
  bool one_by_one = false;
  const auto run = [&](postgres::Statements& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto known, store::FindAnswer(transaction, key));
    if (known.has_value()) {
      ASSIGN_OR_RETURN(reply, core.Replay(transaction, call, key, *known));
      return absl::OkStatus();
    }
    Unit unit(core, transaction, call);
    if (one_by_one) unit.StageOneByOne();
    absl::StatusOr<std::unique_ptr<Message>> made = body(unit);
    failed = unit.TakeFailed();
    if (!made.ok()) return std::move(made).status();
    const std::unique_ptr<Message> response = *std::move(made);
    const std::vector<std::string> answer = AnswerOf(*core.options.contract, *response);
    const bool nothing = unit.empty();
    store::Positions positions;
    if (!nothing) {
      ASSIGN_OR_RETURN(positions, unit.Finish(key, answer));
    } else if (!validate_only) {
      RETURN_IF_ERROR(store::RememberAnswer(transaction, key, answer, positions, call.now));
    }
    MaskAnswer(*core.options.contract, call, response.get());
    reply = ReplyOf(*response, call, positions);
    return validate_only ? RollBack() : absl::OkStatus();
  };
  absl::Status status = session.Transact(run);
  if (MustStandAlone(status)) {
    one_by_one = true;
    status = session.Transact(run);
  }
  // Planted: the answer that was made goes out, whatever became of it.
  if (base::Planted("reply-before-commit") && !status.ok() && !reply.bytes.empty() && !validate_only)
    return reply;
  // Nobody knows whether COMMIT arrived: the same key tells, and without one the client must decide.
  if (absl::IsUnknown(status) && !key.request_id.empty()) {
    if (base::Planted("retry-without-key")) key.request_id.clear();
    status = session.Transact(run);
  }
  if (validate_only && absl::IsCancelled(status)) {
    reply.metadata.clear();
    return reply;
  }
  if (status.ok()) return reply;
  if (!key.request_id.empty() && !absl::IsUnavailable(status)) {
    // Perhaps the same call, running twice at once: its twin made the change that this one stumbled over.
    bool twin = false;
    const absl::Status replayed = session.Transact([&](postgres::Statements& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(const auto known, store::FindAnswer(transaction, key));
      twin = known.has_value();
      if (!twin) return absl::OkStatus();
      ASSIGN_OR_RETURN(reply, core.Replay(transaction, call, key, *known));
      return absl::OkStatus();
    });
    if (twin && !replayed.ok()) return replayed;
    if (twin) return reply;
  }
  return Explain(core, session, call, status, failed);
}

}  // namespace lianqiao::resource
