// SPDX-License-Identifier: Apache-2.0
// BatchUpsert: up to 500 records matched by external id (or id), created or changed; each by itself, or all
// or none.
#include <google/protobuf/field_mask.pb.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/base/ids.h"
#include "libs/base/limits.h"
#include "libs/resource/input.h"
#include "libs/resource/unit.h"
#include "libs/resource/upsert_items.h"
#include "libs/rpc/errors.h"

namespace lianqiao::resource {

using base::ErrorReason;
using contract::Field;
using postgres::Parameters;
using postgres::Query;
using type::v1::ExternalId;
using type::v1::UpsertResult;

namespace {

// One record of the batch while it is worked on.
struct Item : UpsertItem {
  int index = 0;
  UpsertResult result;
};

const FieldDescriptor* RecordsField(const Call& call) {
  return call.method->record;
}

std::string SourceIdOf(const ResourcePlan& resource, const Message& record, const std::string& system) {
  if (resource.external_ids == nullptr) return "";
  const auto* field = resource.external_ids->descriptor;
  for (int i = 0; i < record.GetReflection()->FieldSize(record, field); ++i) {
    const auto& entry =
        static_cast<const ExternalId&>(record.GetReflection()->GetRepeatedMessage(record, field, i));
    if (entry.system() == system) return entry.id();
  }
  return "";
}

// Ids of external ids "system:id" of one kind, in one query.
absl::StatusOr<std::map<std::string, std::string>> Resolve(postgres::Statements& statements,
                                                           const std::string& kind,
                                                           const std::set<std::string>& wanted) {
  static const Query kResolve{"resolve_external_ids",
                              "SELECT system || ':' || value, id FROM external_id JOIN "
                              "unnest($2::text::text[], $3::text::text[]) AS w(s, v)"
                              " ON system = w.s AND value = w.v WHERE kind = $1"};
  std::map<std::string, std::string> found;
  if (wanted.empty()) return found;
  std::vector<std::string> systems;
  std::vector<std::string> values;
  for (const std::string& text : wanted) {
    systems.push_back(text.substr(0, text.find(':')));
    values.push_back(text.substr(text.find(':') + 1));
  }
  ASSIGN_OR_RETURN(
      const postgres::Result rows,
      statements.Execute(kResolve, Parameters().Text(kind).TextArray(systems).TextArray(values)));
  for (int i = 0; i < rows.rows(); ++i) found[rows.Text(i, 0)] = rows.Text(i, 1);
  return found;
}

class Upsert {
 public:
  Upsert(EngineCore& core, const Call& call)
      : core_(core), call_(call), resource_(*call.method->resource), system_(call.Text("source_system")) {}

  absl::Status ReadRequest();
  absl::StatusOr<rpc::Reply> Run(postgres::Session& session);

 private:
  absl::Status ResolveAll(postgres::Statements& statements);
  absl::Status StageAll(Unit& unit, const std::vector<Item*>& items);
  absl::Status Try(postgres::Session& session, const std::vector<Item*>& items,
                   const store::IdempotencyKey& key);
  absl::StatusOr<rpc::Reply> RunOneByOne(postgres::Session& session, const std::vector<Item*>& ordered,
                                         const store::IdempotencyKey& key);
  std::vector<std::string> Outcomes() const;
  absl::Status Recall(postgres::Statements& transaction, const store::IdempotencyKey& key,
                      const store::StoredAnswer& known);
  // Whether the call was answered before; then that answer is this one's.
  absl::StatusOr<bool> RecallIfKnown(postgres::Session& session, const store::IdempotencyKey& key);
  store::Positions reached() const;
  void Reached(const store::Positions& positions);
  void Refuse(Item& item, const absl::Status& status);
  rpc::Reply Answer() const;
  std::vector<Item*> Ordered();

  EngineCore& core_;
  const Call& call_;
  const ResourcePlan& resource_;
  const std::string system_;
  std::vector<Item> items_;
  std::map<int, int64_t> reached_;  // The last position of each bucket.
  bool replayed_ = false;
  Unit::Failed failed_;
  bool one_by_one_ = false;
};

absl::Status Upsert::ReadRequest() {
  const auto& reflection = *call_.request->GetReflection();
  const FieldDescriptor* field = RecordsField(call_);
  const int size = reflection.FieldSize(*call_.request, field);
  Violations violations;
  if (size > base::kBatchUpsertRecordsMax)
    violations.push_back(base::Refuse(field->json_name(), ErrorReason::FIELD_TOO_MANY,
                                      {{"max", absl::StrCat(base::kBatchUpsertRecordsMax)}}));
  if (size == 0) violations.push_back(base::Refuse(field->json_name(), ErrorReason::FIELD_REQUIRED));
  if (!system_.empty() && !call_.caller.MayWriteSourceSystem(system_, call_.now))
    violations.push_back(
        base::Refuse("sourceSystem", ErrorReason::SOURCE_SYSTEM_NOT_ALLOWED, {{"value", system_}}));
  if (call_.Text("request_id").size() > base::kRequestIdCharactersMax)
    violations.push_back(base::Refuse("requestId", ErrorReason::FIELD_TOO_LONG,
                                      {{"max", absl::StrCat(base::kRequestIdCharactersMax)}}));
  RETURN_IF_ERROR(base::FailIfAny(violations));
  std::set<std::string> seen;
  items_.resize(static_cast<size_t>(size));
  for (int i = 0; i < size; ++i) {
    Item& item = items_[static_cast<size_t>(i)];
    item.index = i;
    item.path = absl::StrCat(field->json_name(), "[", i, "]");
    item.given.reset(resource_.prototype->New());
    item.given->CopyFrom(reflection.GetRepeatedMessage(*call_.request, field, i));
    contract::NormaliseText(item.given.get(), item.path, &item.violations);
    item.id = TextOf(*item.given, *resource_.id);
    item.by_id = !item.id.empty();
    item.source_id = system_.empty() ? "" : SourceIdOf(resource_, *item.given, system_);
    if (item.id.empty() && item.source_id.empty())
      item.violations.push_back(base::Refuse(item.path + ".externalIds", ErrorReason::FIELD_REQUIRED));
    if (!item.id.empty() && !base::IsId(item.id))
      item.violations.push_back(
          base::Refuse(item.path + ".id", ErrorReason::FIELD_BAD_FORMAT, {{"expected", "UUID"}}));
    const std::string key = item.id.empty() ? "x" + item.source_id : "i" + item.id;
    if (!seen.insert(key).second)
      item.violations.push_back(base::Refuse(item.path, ErrorReason::FIELD_DUPLICATE));
  }
  return absl::OkStatus();
}

// Own ids by external id, and references written as "system:id".
absl::Status Upsert::ResolveAll(postgres::Statements& statements) {
  std::set<std::string> own;
  for (const Item& item : items_)
    if (item.id.empty() && !item.source_id.empty()) own.insert(absl::StrCat(system_, ":", item.source_id));
  ASSIGN_OR_RETURN(const auto known, Resolve(statements, resource_.kind, own));
  std::map<std::string, std::string> in_batch;
  for (Item& item : items_) {
    if (item.id.empty() && !item.source_id.empty()) {
      const auto found = known.find(absl::StrCat(system_, ":", item.source_id));
      item.id =
          found != known.end() ? found->second : base::ImportedId(resource_.kind, system_, item.source_id);
    }
    if (!item.source_id.empty()) in_batch[absl::StrCat(system_, ":", item.source_id)] = item.id;
  }
  std::set<std::string> seen;  // One by id and one by external id may mean the same record.
  for (Item& item : items_) {
    if (item.violations.empty() && !seen.insert(item.id).second)
      item.violations.push_back(base::Refuse(item.path, ErrorReason::FIELD_DUPLICATE));
  }
  for (const Field* field : store::References(resource_)) {
    const std::string& kind = field->rule->reference();
    std::set<std::string> wanted;
    for (const Item& item : items_) {
      const std::string text = TextOf(*item.given, *field);
      if (text.find(':') != std::string::npos) wanted.insert(text);
    }
    ASSIGN_OR_RETURN(const auto found, Resolve(statements, kind, wanted));
    for (Item& item : items_) {
      const std::string text = TextOf(*item.given, *field);
      if (text.find(':') == std::string::npos) continue;
      const auto target = found.find(text);
      const auto sibling = in_batch.find(text);
      if (target != found.end()) {
        item.given->GetReflection()->SetString(item.given.get(), field->descriptor, target->second);
      } else if (kind == resource_.kind && sibling != in_batch.end()) {
        item.given->GetReflection()->SetString(item.given.get(), field->descriptor, sibling->second);
      } else {
        // Word for word as for a record that is there but not for this caller.
        const std::string& kind_zh = core_.options.contract->FindKind(kind)->rule->label().zh();
        item.violations.push_back(base::Refuse(contract::PathOf(item.path, *field->descriptor),
                                               ErrorReason::REFERENCE_NOT_FOUND,
                                               {{"kind", kind}, {"kind_zh", kind_zh}}));
      }
    }
  }
  return absl::OkStatus();
}

// Parents of the same batch before their children; a circle is left in the order given and refused by its
// checks.
std::vector<Item*> Upsert::Ordered() {
  std::map<std::string, Item*> by_id;
  for (Item& item : items_) by_id[item.id] = &item;
  std::vector<Item*> ordered;
  std::set<const Item*> placed;
  std::set<const Item*> visiting;
  const std::function<void(Item*)> place = [&](Item* item) {
    if (placed.count(item) > 0 || !visiting.insert(item).second) return;
    for (const Field* field : store::References(resource_)) {
      if (field->rule->reference() != resource_.kind) continue;
      const auto parent = by_id.find(TextOf(*item->given, *field));
      if (parent != by_id.end()) place(parent->second);
    }
    placed.insert(item);
    ordered.push_back(item);
  };
  for (Item& item : items_) place(&item);
  return ordered;
}

void Upsert::Refuse(Item& item, const absl::Status& status) {
  const auto rich = rpc::ToRpcStatus(status, call_.context->language, "");
  item.result.Clear();
  item.result.set_outcome(UpsertResult::REFUSED);
  item.result.set_code(rich.code());
  const base::Failure failure = base::FailureOf(status);
  item.result.set_message(base::Describe(failure.reason(), failure.arguments(), call_.context->language));
  for (const base::Violation& violation : failure.violations()) {
    auto* out = item.result.add_violations();
    out->set_field(violation.field());
    out->set_reason(base::ReasonName(violation.reason()));
    out->set_description(
        absl::StrCat(base::Describe(violation.reason(), violation.arguments(), call_.context->language), "; ",
                     base::Remedy(violation.reason(), call_.context->language)));
  }
}

absl::Status Upsert::StageAll(Unit& unit, const std::vector<Item*>& items) {
  RETURN_IF_ERROR(
      StageItems(core_, unit, resource_, {items.begin(), items.end()}, call_.Flag("atomic"), one_by_one_));
  for (Item* item : items) {
    switch (item->outcome) {
      case UpsertItem::Outcome::kRefused:
        Refuse(*item, item->refusal);
        continue;
      case UpsertItem::Outcome::kCreated:
        item->result.set_outcome(UpsertResult::CREATED);
        break;
      case UpsertItem::Outcome::kUnchanged:
        item->result.set_outcome(UpsertResult::UNCHANGED);
        break;
      default:
        item->result.set_outcome(UpsertResult::UPDATED);
    }
    item->result.set_id(item->id);
    item->result.set_revision(item->revision);
  }
  return absl::OkStatus();
}

absl::Status Upsert::Try(postgres::Session& session, const std::vector<Item*>& items,
                         const store::IdempotencyKey& key) {
  const bool validate_only = call_.Flag("validate_only");
  store::Positions reached;
  absl::Status status = session.Transact([&](postgres::Statements& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto known, store::FindAnswer(transaction, key));
    if (known.has_value()) return Recall(transaction, key, *known);
    Unit unit(core_, transaction, call_);
    for (Item* item : items) item->result.Clear();
    const absl::Status staged = StageAll(unit, items);
    failed_ = unit.TakeFailed();
    RETURN_IF_ERROR(staged);
    const std::vector<std::string> answer = key.request_id.empty() ? std::vector<std::string>() : Outcomes();
    reached = {};
    if (!unit.empty()) {
      ASSIGN_OR_RETURN(reached, unit.Finish(key, answer));
    } else if (!validate_only) {
      RETURN_IF_ERROR(store::RememberAnswer(transaction, key, answer, reached, call_.now));
    }
    return validate_only ? absl::CancelledError("validate_only") : absl::OkStatus();
  });
  if (validate_only && absl::IsCancelled(status) && !MustStandAlone(status)) status = absl::OkStatus();
  if (status.ok()) Reached(reached);
  return status;
}

// What the idempotency row keeps: every result as it was answered. It names ids, revisions and violations
// only.
std::vector<std::string> Upsert::Outcomes() const {
  std::vector<std::string> outcomes;
  for (const Item& item : items_) outcomes.push_back(base::Base64Url(item.result.SerializeAsString()));
  return outcomes;
}

absl::Status Upsert::Recall(postgres::Statements& transaction, const store::IdempotencyKey& key,
                            const store::StoredAnswer& known) {
  if (known.method != key.method || known.request_hash != key.request_hash)
    return base::Fail(absl::StatusCode::kAlreadyExists, ErrorReason::REQUEST_ID_REUSED);
  if (known.answer.size() != items_.size()) return absl::DataLossError("a stored answer has lost results");
  for (size_t i = 0; i < items_.size(); ++i) {
    std::string bytes;
    if (!base::FromBase64Url(known.answer[i], &bytes) || !items_[i].result.ParseFromString(bytes))
      return absl::DataLossError("a stored answer cannot be read");
  }
  RETURN_IF_ERROR(store::ConfirmAnswer(transaction, key));
  Reached(known.positions);
  replayed_ = true;
  return absl::OkStatus();
}

absl::StatusOr<bool> Upsert::RecallIfKnown(postgres::Session& session, const store::IdempotencyKey& key) {
  bool recalled = false;
  RETURN_IF_ERROR(session.Transact([&](postgres::Statements& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto known, store::FindAnswer(transaction, key));
    recalled = known.has_value();
    return recalled ? Recall(transaction, key, *known) : absl::OkStatus();
  }));
  return recalled;
}

store::Positions Upsert::reached() const {
  store::Positions positions;
  for (const auto& [bucket, pos] : reached_) positions.push_back({bucket, pos});
  return positions;
}

void Upsert::Reached(const store::Positions& positions) {
  for (const store::Position& position : positions)
    reached_[position.bucket] = std::max(reached_[position.bucket], position.pos);
}

absl::StatusOr<rpc::Reply> Upsert::Run(postgres::Session& session) {
  RETURN_IF_ERROR(ReadRequest());
  RETURN_IF_ERROR(ResolveAll(session));
  const std::vector<Item*> ordered = Ordered();
  const store::IdempotencyKey key = core_.KeyOf(call_);
  absl::Status status = Try(session, ordered, key);
  if (MustStandAlone(status)) {
    one_by_one_ = true;
    status = Try(session, ordered, key);
  }
  if (absl::IsUnknown(status)) status = Try(session, ordered, key);
  if (status.ok()) return Answer();
  if (!key.request_id.empty() && !absl::IsUnavailable(status)) {  // Perhaps a twin has answered meanwhile.
    ASSIGN_OR_RETURN(const bool known, RecallIfKnown(session, key));
    if (known) return Answer();
  }
  if (call_.Flag("atomic") || !postgres::DatabaseErrorOf(status).has_value())
    return Explain(core_, session, call_, status, failed_);
  return RunOneByOne(session, ordered, key);
}

// One of them met a constraint: each by itself tells which. No single transaction can keep the answer of all,
// so it is kept behind them; killed before that, a repetition finds those that were stored UNCHANGED, and
// nobody had another answer.
absl::StatusOr<rpc::Reply> Upsert::RunOneByOne(postgres::Session& session, const std::vector<Item*>& ordered,
                                               const store::IdempotencyKey& key) {
  for (Item* item : ordered) {
    absl::Status status = Try(session, {item}, {});
    if (absl::IsUnknown(status)) status = Try(session, {item}, {});
    // Not this record's fault, and of the rest nothing is known.
    if (absl::IsUnavailable(status) || absl::IsUnknown(status) || absl::IsDeadlineExceeded(status) ||
        absl::IsResourceExhausted(status))
      return status;
    if (!status.ok()) Refuse(*item, Explain(core_, session, call_, status, failed_));
  }
  if (key.request_id.empty() || call_.Flag("validate_only")) return Answer();
  const absl::Status kept = session.Transact([&](postgres::Statements& transaction) {
    return store::RememberAnswer(transaction, key, Outcomes(), reached(), call_.now);
  });
  if (absl::IsAlreadyExists(kept)) {
    RETURN_IF_ERROR(RecallIfKnown(session, key).status());
  } else if (!kept.ok()) {
    return kept;
  }
  return Answer();
}

rpc::Reply Upsert::Answer() const {
  std::unique_ptr<Message> response(google::protobuf::MessageFactory::generated_factory()
                                        ->GetPrototype(call_.method->descriptor->output_type())
                                        ->New());
  const FieldDescriptor* results = response->GetDescriptor()->FindFieldByName("results");
  for (const Item& item : items_)
    response->GetReflection()->AddMessage(response.get(), results)->CopyFrom(item.result);
  rpc::Reply reply = call_.Flag("validate_only") ? ReplyOf(*response) : ReplyOf(*response, call_, reached());
  if (replayed_) reply.metadata.emplace_back(rpc::kReplayed, "true");
  return reply;
}

}  // namespace

absl::StatusOr<rpc::Reply> EngineCore::BatchUpsert(postgres::Session& session, const Call& call) {
  return Upsert(*this, call).Run(session);
}

}  // namespace lianqiao::resource
