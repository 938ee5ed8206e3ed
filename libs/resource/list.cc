// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/list.h"

#include "absl/strings/str_cat.h"
#include "libs/base/limits.h"
#include "libs/resource/past.h"
#include "libs/resource/pending.h"

namespace lianqiao::resource {

using base::ErrorReason;
using postgres::Parameters;
using postgres::Query;

namespace {

// Moves the violations of a failed parse behind the others.
void Collect(const absl::Status& status, std::vector<base::Violation>* violations) {
  const auto failure = base::FailureOf(status);  // Held: a range over a temporary's part outlives it.
  for (const base::Violation& violation : failure.violations()) violations->push_back(violation);
}

// Filter, order and token have bounds of their own, far above those of a field.
void ValidateList(const Message& request, std::vector<base::Violation>* violations) {
  std::unique_ptr<Message> rest(request.New());
  rest->CopyFrom(request);
  for (const char* name : {"filter", "order_by", "page_token"})
    rest->GetReflection()->ClearField(rest.get(), rest->GetDescriptor()->FindFieldByName(name));
  contract::Validate(*rest, "", violations);
}

int PageSize(const Call& call, std::vector<base::Violation>* violations) {
  const FieldDescriptor* field = call.request->GetDescriptor()->FindFieldByName("page_size");
  const int asked = call.request->GetReflection()->GetInt32(*call.request, field);
  if (asked < 0)
    violations->push_back(base::Refuse("pageSize", ErrorReason::FIELD_OUT_OF_RANGE,
                                       {{"min", "0"}, {"max", absl::StrCat(base::kPageSizeMax)}}));
  if (asked == 0) return base::kPageSizeDefault;
  return std::min(asked, base::kPageSizeMax);
}

}  // namespace

absl::StatusOr<ListRequestPlan> PlanList(const Call& call) {
  const ResourcePlan& resource = *call.method->resource;
  ListRequestPlan plan;
  std::vector<base::Violation> violations;
  ValidateList(*call.request, &violations);
  plan.page_size = PageSize(call, &violations);
  plan.page_token = call.Text("page_token");
  plan.binding.method = call.method->path;
  plan.binding.filter = call.Text("filter");
  plan.binding.order_by = call.Text("order_by");
  plan.binding.valid_on = call.Text("valid_on");
  plan.binding.show_deleted = call.Flag("show_deleted");
  if (const auto read_time = ReadTimeOf(call); read_time.has_value())
    plan.binding.read_time = absl::FormatTime(absl::RFC3339_full, *read_time, absl::UTCTimeZone());
  store::FilterOptions options;
  // A filter on a personal field tells what it holds, so it needs the right to it wherever it may find
  // something.
  options.personal = call.personal.Contains(call.scope);
  auto filter = store::ParseFilter(resource, plan.binding.filter, options);
  if (filter.ok()) {
    plan.filter = *std::move(filter);
  } else {
    Collect(filter.status(), &violations);
  }
  auto order = store::ParseOrder(resource, plan.binding.order_by);
  if (order.ok()) {
    plan.order = *std::move(order);
  } else {
    Collect(order.status(), &violations);
  }
  if (const absl::Status mask = CheckReadMask(call, resource); !mask.ok()) Collect(mask, &violations);
  RETURN_IF_ERROR(base::FailIfAny(violations));
  return plan;
}

absl::Status ReadPlace(const store::TokenKey& key, ListRequestPlan* plan) {
  if (plan->page_token.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(plan->last, store::ReadPageToken(key, plan->binding, plan->order, plan->page_token));
  return absl::OkStatus();
}

ListResponse::ListResponse(const Call& call) : call_(call) {
  response_.reset(google::protobuf::MessageFactory::generated_factory()
                      ->GetPrototype(call.method->descriptor->output_type())
                      ->New());
  for (int i = 0; i < response_->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = response_->GetDescriptor()->field(i);
    if (field->message_type() == call.method->resource->descriptor) list_ = field;
  }
}

void ListResponse::Add(const Message& record, const std::vector<std::string>& row_scope) {
  ++size_;
  Message* added = response_->GetReflection()->AddMessage(response_.get(), list_);
  added->CopyFrom(record);
  ApplyReadMask(call_, *call_.method->resource, row_scope, added);
  bytes_ += added->ByteSizeLong();
}

void ListResponse::SetNext(const std::string& token) {
  response_->GetReflection()->SetString(
      response_.get(), response_->GetDescriptor()->FindFieldByName("next_page_token"), token);
}

absl::StatusOr<rpc::Reply> EngineCore::List(postgres::Session& session, const Call& call) {
  if (const auto read_time = ReadTimeOf(call); read_time.has_value())
    return ListAt(session, call, *read_time);
  const ResourcePlan& resource = *call.method->resource;
  ASSIGN_OR_RETURN(ListRequestPlan plan, PlanList(call));
  ASSIGN_OR_RETURN(const store::TokenKey* key, PageKey(session));
  RETURN_IF_ERROR(ReadPlace(*key, &plan));
  Parameters p;
  std::string where = absl::StrCat(plan.binding.show_deleted ? "TRUE" : "t.delete_time IS NULL");
  absl::StrAppend(&where, " AND (", call.scope.Sql("t.scope", &p), ") AND ",
                  PendingSql(resource, call.scope, "t", &p));
  absl::StrAppend(&where, " AND (", ValidOnSql(resource, plan.binding.valid_on, &p), ")");
  if (!plan.filter.empty()) absl::StrAppend(&where, " AND ", store::FilterSql(plan.filter, "t", &p));
  if (!plan.last.empty()) absl::StrAppend(&where, " AND ", store::KeysetSql(plan.order, "t", plan.last, &p));
  // Not prepared: the text follows the request, and the planner should see its values.
  const Query query{
      "list_" + resource.kind,
      absl::StrCat("SELECT ", store::SelectColumns(resource, "t"), " FROM ", resource.kind, " t WHERE ",
                   where, " ORDER BY ", store::OrderSql(plan.order, "t"), " LIMIT ", plan.page_size + 1),
      false};
  ASSIGN_OR_RETURN(const postgres::Result rows, session.Execute(query, p));
  ListResponse response(call);
  for (int i = 0; i < rows.rows() && response.size() < plan.page_size && !response.full(); ++i) {
    ASSIGN_OR_RETURN(const store::Row row, store::DecodeRow(resource, rows, i));
    response.Add(*row.record, row.scope);
    const bool last = response.size() == plan.page_size || response.full();
    if (last && i + 1 < rows.rows())
      response.SetNext(store::MakePageToken(*key, plan.binding, store::PlaceOf(plan.order, *row.record)));
  }
  return response.Take();
}

}  // namespace lianqiao::resource
