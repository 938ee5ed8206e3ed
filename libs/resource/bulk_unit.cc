// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/bulk_unit.h"

#include <algorithm>

#include "libs/resource/unit.h"

namespace lianqiao::resource {

namespace {

const Method* MethodOf(const contract::Contract& contract, const ResourcePlan& resource, Standard standard) {
  const auto& methods = contract.methods();
  const auto found = std::find_if(methods.begin(), methods.end(), [&](const auto& method) {
    return method->resource == &resource && method->standard == standard;
  });
  return found == methods.end() ? nullptr : found->get();
}

}  // namespace

struct BulkUnit::Parts {
  EngineCore& core;
  postgres::Statements& transaction;
  BulkAuthor author;
  // A bulk write stands for calls of the kind's own methods: BatchUpsert, Delete.
  std::map<const Method*, std::unique_ptr<Call>> calls;
  std::unique_ptr<Unit> unit;
  const Call* last = nullptr;

  const Call* CallOf(const Method& method) {
    std::unique_ptr<Call>& call = calls[&method];
    if (call != nullptr) return call.get();
    auto context = std::make_shared<rpc::CallContext>();
    context->method = method.path;
    context->request_id = author.request_id;
    context->trace_id = author.trace_id;
    call = std::make_unique<Call>();
    call->context = std::move(context);
    call->caller = author.caller;
    call->method = &method;
    call->now = author.now;
    call->scope = author.caller.ScopeFor(method.permission, author.now);
    call->request.reset(google::protobuf::MessageFactory::generated_factory()
                            ->GetPrototype(method.descriptor->input_type())
                            ->New());
    return call.get();
  }
};

BulkUnit::BulkUnit(Engine* engine, postgres::Statements& transaction, const BulkAuthor& author)
    : parts_(new Parts{engine->core(), transaction, author, {}, nullptr, nullptr}) {}
BulkUnit::~BulkUnit() = default;

absl::Status BulkUnit::Stage(const contract::Resource& resource, const std::vector<UpsertItem*>& items,
                             bool atomic, bool one_by_one) {
  const contract::Contract& contract = *parts_->core.options.contract;
  const bool deletes = !items.empty() && items[0]->mode == UpsertItem::Mode::kDelete;
  const Method* method = MethodOf(contract, resource, deletes ? Standard::kDelete : Standard::kBatchUpsert);
  if (method == nullptr)
    return base::Fail(absl::StatusCode::kUnimplemented, base::ErrorReason::METHOD_UNIMPLEMENTED);
  const Call* call = parts_->CallOf(*method);
  parts_->last = call;
  if (call->scope.empty()) {
    parts_->core.LogDenied(*call, base::ErrorReason::PERMISSION_DENIED);
    if (atomic) return Denied(*call);
    for (UpsertItem* item : items) {
      item->outcome = UpsertItem::Outcome::kRefused;
      item->refusal = Denied(*call);
    }
    return absl::OkStatus();
  }
  if (parts_->unit == nullptr)
    parts_->unit = std::make_unique<Unit>(parts_->core, parts_->transaction, *call);
  parts_->unit->Use(*call);
  return StageItems(parts_->core, *parts_->unit, resource, items, atomic, one_by_one);
}

absl::Status BulkUnit::Finish() {
  if (parts_->unit == nullptr || parts_->unit->empty()) return absl::OkStatus();
  return parts_->unit->Finish({}, {}).status();
}

absl::Status BulkUnit::Explain(postgres::Session& session, const absl::Status& status) {
  if (parts_->unit == nullptr || parts_->last == nullptr) return status;
  return resource::Explain(parts_->core, session, *parts_->last, status, parts_->unit->TakeFailed());
}

bool BulkUnit::MayUpsert(const contract::Contract& contract, const contract::Resource& resource) {
  return MethodOf(contract, resource, Standard::kBatchUpsert) != nullptr;
}

bool BulkUnit::MayDelete(const contract::Contract& contract, const contract::Resource& resource) {
  return MethodOf(contract, resource, Standard::kDelete) != nullptr;
}

}  // namespace lianqiao::resource
