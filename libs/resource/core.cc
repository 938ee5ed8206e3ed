// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/core.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/limits.h"
#include "libs/resource/audience.h"

namespace lianqiao::resource {

using base::ErrorReason;
using contract::Field;

namespace {

const FieldDescriptor* RequestField(const Call& call, const std::string& name) {
  return call.request->GetDescriptor()->FindFieldByName(name);
}

}  // namespace

store::Actor Call::actor() const {
  return {caller.client_id,    caller.acting_person, caller.acting_role,
          context->request_id, context->trace_id,    now};
}

store::Scope Call::ScopeFor(const ResourcePlan& resource, const std::string& right) const {
  store::Scope found = caller.ScopeFor(absl::StrCat(resource.rule->permission(), ".", right), now);
  // The platform's own records (calendars) are read by everybody with the right, wherever their grant lies.
  if (resource.rule->scope().platform() && right != "write" && !found.empty()) found.everything = true;
  if (resource.opens_downwards && right == "read") return caller.WithAudiences(std::move(found));
  return found;
}

bool Call::Reaches(const ResourcePlan& resource, const std::vector<std::string>& row_scope,
                   const std::vector<std::string>& row_write_scope) const {
  if (ScopeFor(resource, "read").Covers(row_scope)) return true;
  if (&resource == method->resource && method->writes && scope.Covers(row_write_scope)) return true;
  return ScopeFor(resource, "write").Covers(row_write_scope);
}

std::string Call::Text(const std::string& field) const {
  const FieldDescriptor* descriptor = RequestField(*this, field);
  return descriptor == nullptr ? std::string() : request->GetReflection()->GetString(*request, descriptor);
}

bool Call::Flag(const std::string& field) const {
  const FieldDescriptor* descriptor = RequestField(*this, field);
  return descriptor != nullptr && request->GetReflection()->GetBool(*request, descriptor);
}

namespace {

std::string EtagOf(const Call& call, const ResourcePlan& resource) {
  if (call.method->record == nullptr) return call.Text("etag");
  return TextOf(call.request->GetReflection()->GetMessage(*call.request, call.method->record),
                *resource.etag);
}

}  // namespace

absl::Status CheckEtag(const Call& call, const ResourcePlan& resource, const Message& stored) {
  const std::string given = EtagOf(call, resource);
  const std::string current = store::EtagOf(store::RevisionOf(resource, stored));
  if (given.empty() || given == current) return absl::OkStatus();
  return base::Fail(absl::StatusCode::kAborted, ErrorReason::ETAG_MISMATCH, {{"current", current}});
}

absl::Status NotFound(const ResourcePlan& resource) {
  return base::Fail(absl::StatusCode::kNotFound, ErrorReason::RESOURCE_NOT_FOUND,
                    {{"kind", resource.kind}, {"kind_zh", resource.rule->label().zh()}});
}

absl::Status OutOfScope(const Call& call) {
  return base::Fail(absl::StatusCode::kPermissionDenied, ErrorReason::OUT_OF_SCOPE,
                    {{"permission", call.method->permission}});
}

absl::Status Denied(const Call& call) {
  return base::Fail(absl::StatusCode::kPermissionDenied, ErrorReason::PERMISSION_DENIED,
                    {{"permission", call.method->permission}});
}

rpc::Reply ReplyOf(const Message& message) {
  return {message.SerializeAsString(), {}};
}

rpc::Reply ReplyOf(const Message& message, const Call& call, const store::Positions& positions) {
  rpc::Reply reply = ReplyOf(message);
  std::string text;
  for (const store::Position& position : positions)
    absl::StrAppend(&text, text.empty() ? "" : ",", call.method->descriptor->file()->package(), ":",
                    position.bucket, ":", position.pos);
  if (!text.empty()) reply.metadata.emplace_back(rpc::kPosition, std::move(text));
  return reply;  // Without: nothing was written, nothing to wait for.
}

std::string TextOf(const Message& record, const Field& field) {
  return record.GetReflection()->GetString(record, field.descriptor);
}

bool IsDeleted(const ResourcePlan& resource, const Message& record) {
  return record.GetReflection()->HasField(record, resource.delete_time->descriptor);
}

std::vector<std::string> EnumNames(const Field& field,
                                   const google::protobuf::RepeatedPtrField<std::string>& shorts) {
  std::vector<std::string> names;
  const auto* type = field.descriptor->enum_type();
  for (int i = 0; i < type->value_count(); ++i)
    if (std::find(shorts.begin(), shorts.end(), contract::ShortName(*type->value(i))) != shorts.end())
      names.push_back(type->value(i)->name());
  return names;
}

namespace {

bool InStates(const Message& record, const Field* state,
              const google::protobuf::RepeatedPtrField<std::string>& states) {
  if (state == nullptr) return false;
  const std::string name = contract::ShortName(*record.GetReflection()->GetEnum(record, state->descriptor));
  return std::find(states.begin(), states.end(), name) != states.end();
}

// Days within a record's validity on which it did not hold (a school between closing and reopening); null for
// kinds without such a list.
const Field* GapsOf(const ResourcePlan& resource) {
  return resource.Find("closed_periods");
}

bool InGap(const Message& record, const Field& gaps, const std::string& date) {
  const auto& reflection = *record.GetReflection();
  const auto* from = gaps.descriptor->message_type()->FindFieldByName("valid_from");
  const auto* to = gaps.descriptor->message_type()->FindFieldByName("valid_to");
  for (int i = 0; i < reflection.FieldSize(record, gaps.descriptor); ++i) {
    const Message& gap = reflection.GetRepeatedMessage(record, gaps.descriptor, i);
    if (gap.GetReflection()->GetString(gap, from) <= date && date <= gap.GetReflection()->GetString(gap, to))
      return true;
  }
  return false;
}

std::string StateNames(const Field& state, const google::protobuf::RepeatedPtrField<std::string>& states) {
  return postgres::ArrayLiteral(EnumNames(state, states));
}

}  // namespace

std::string LastDayOf(const ResourcePlan& resource, const Message& record) {
  const auto& rule = resource.rule->validity();
  const std::string to = rule.to().empty() ? "" : TextOf(record, *resource.Find(rule.to()));
  const std::string ended = rule.early_end().empty() ? "" : TextOf(record, *resource.Find(rule.early_end()));
  if (to.empty() || ended.empty()) return to + ended;
  return std::min(to, ended);
}

bool HoldsOn(const ResourcePlan& resource, const Message& record, const std::string& date) {
  if (!resource.rule->has_validity()) return true;
  const auto& rule = resource.rule->validity();
  const Field* state = rule.state().empty() ? nullptr : resource.Find(rule.state());
  const std::string from = rule.from().empty() ? "" : TextOf(record, *resource.Find(rule.from()));
  const std::string to = LastDayOf(resource, record);
  if (!from.empty() && date < from) return false;
  if (!to.empty() && date > to) return false;
  if (InStates(record, state, rule.pending_states())) return false;
  if (const Field* gaps = GapsOf(resource); gaps != nullptr && InGap(record, *gaps, date)) return false;
  return !(to.empty() && InStates(record, state, rule.ended_states()));
}

std::string ValidOnSql(const ResourcePlan& resource, const std::string& date,
                       postgres::Parameters* parameters) {
  if (date.empty() || !resource.rule->has_validity()) return "TRUE";
  const auto& rule = resource.rule->validity();
  parameters->Text(date);
  const std::string day = absl::StrCat("$", parameters->size(), "::date");
  std::string sql = "TRUE";
  if (!rule.from().empty())
    absl::StrAppend(&sql, " AND (t.", rule.from(), " IS NULL OR t.", rule.from(), " <= ", day, ")");
  std::string unknown = "TRUE";  // Its last day.
  for (const std::string& last : {rule.to(), rule.early_end()}) {
    if (last.empty()) continue;
    absl::StrAppend(&sql, " AND (t.", last, " IS NULL OR t.", last, " >= ", day, ")");
    absl::StrAppend(&unknown, " AND t.", last, " IS NULL");
  }
  if (const Field* gaps = GapsOf(resource); gaps != nullptr)
    absl::StrAppend(&sql, " AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(t.", gaps->name,
                    ") gap WHERE coalesce(gap->>'valid_from', '') <= ", day,
                    "::text AND gap->>'valid_to' >= ", day, "::text)");
  if (rule.state().empty()) return sql;
  const Field& state = *resource.Find(rule.state());
  parameters->Text(StateNames(state, rule.pending_states()));
  absl::StrAppend(&sql, " AND NOT t.", state.name, " = ANY($", parameters->size(), "::text[])");
  if (!rule.to().empty()) {
    parameters->Text(StateNames(state, rule.ended_states()));
    absl::StrAppend(&sql, " AND NOT (", unknown, " AND t.", state.name, " = ANY($", parameters->size(),
                    "::text[]))");
  }
  return sql;
}

namespace {

// Whose scope could not be known must not be written at all.
void CheckScopeSources(const ResourcePlan& resource, Kind* kind, std::vector<std::string>* mistakes) {
  for (const Field& field : resource.fields) {
    const auto& rule = resource.rule->scope();
    const auto named = [&](const auto& list) {
      return std::find(list.begin(), list.end(), field.name) != list.end();
    };
    const bool copied = named(rule.from()) || named(rule.readers_from());
    if (!copied && !named(rule.audience_from())) continue;
    if (field.rule->reference().find('/') == std::string::npos) continue;
    const bool followed = std::any_of(kind->foreign.begin(), kind->foreign.end(),
                                      [&](const ForeignReference& one) { return one.field == &field; });
    kind->foreign_scope = kind->foreign_scope || copied;
    if (!followed)
      mistakes->push_back(absl::StrCat(field.descriptor->full_name(), " gives a scope, but ",
                                       field.rule->reference(), " is not followed"));
  }
}

// Guard rows, overlaps and audiences; and what goes with a person, who may have been erased.
bool NeedsStoredRows(const options::v1::ResourceRule& rule) {
  return rule.lock_size() > 0 || rule.no_overlap_size() > 0 || rule.scope().audience_from_size() > 0 ||
         rule.erased_with_size() > 0;
}

}  // namespace

EngineCore::EngineCore(Engine::Options given) : options(std::move(given)) {
  for (const auto& resource : options.contract->resources()) {
    auto kind = std::make_unique<Kind>();
    kind->resource = resource.get();
    kind->transact_always = NeedsStoredRows(*resource->rule) || resource->erase_time != nullptr;
    kind->foreign = ForeignReferencesOf(*resource, options.followed, &mistakes_);
    CheckScopeSources(*resource, kind.get(), &mistakes_);
    kinds_[resource.get()] = std::move(kind);
  }
  for (const auto& resource : options.contract->resources()) {
    if (!resource->rule->scope().has_parties()) continue;
    Kind& party = MutableKind(*options.contract->FindKind(resource->rule->scope().parties().kind()));
    party.party_owners.push_back(resource.get());
    party.transact_always = true;
  }
  audiences_ = WithAudiences(options, &mistakes_);
  if (audiences_ != nullptr) options.authenticator = audiences_.get();
  for (const auto& method : options.contract->methods()) {
    const std::string& scope_kind = method->access->scope_kind();
    if (absl::StrContains(scope_kind, '/') &&
        FindForeignKind(options.followed, scope_kind).resource == nullptr)
      mistakes_.push_back(absl::StrCat(method->descriptor->full_name(), " takes its scope from ", scope_kind,
                                       ", which is not followed with scopes"));
    if (method->resource == nullptr) continue;
    std::vector<const Field*>& deciding = MutableKind(*method->resource).deciding;
    for (const std::string& name : method->access->party_fields()) {
      const Field* field = method->resource->Find(name);
      if (std::find(deciding.begin(), deciding.end(), field) == deciding.end()) deciding.push_back(field);
    }
  }
}

absl::StatusOr<const store::TokenKey*> EngineCore::PageKey(postgres::Statements& statements) {
  static const postgres::Query kSecret{"page_secret",
                                       "SELECT token_secret FROM feed_meta ORDER BY started_at LIMIT 1"};
  const std::lock_guard<std::mutex> lock(page_key_mutex_);
  if (page_key_ == nullptr) {
    ASSIGN_OR_RETURN(const postgres::Result row, statements.Execute(kSecret, {}));
    if (row.rows() != 1) return absl::DataLossError("feed_meta is empty: the schema was not migrated");
    page_key_ = std::make_unique<store::TokenKey>(row.Bytes(0, 0));
  }
  return page_key_.get();
}

absl::StatusOr<int> EngineCore::BucketOf(postgres::Statements& statements, const ResourcePlan& resource,
                                         const Message& record) {
  static const postgres::Query kBuckets{"feed_buckets",
                                        "SELECT buckets FROM feed_meta ORDER BY started_at DESC LIMIT 1"};
  if (buckets_.load(std::memory_order_relaxed) == 0) {
    ASSIGN_OR_RETURN(const postgres::Result row, statements.Execute(kBuckets, {}));
    if (row.rows() != 1) return absl::DataLossError("feed_meta is empty: the schema was not migrated");
    buckets_.store(static_cast<int>(row.Integer(0, 0)), std::memory_order_relaxed);
  }
  const std::string& root = resource.rule->root();
  const std::string root_id = root.empty() ? "" : TextOf(record, *resource.Find(root));
  return base::FeedBucket(root_id.empty() ? store::IdOf(resource, record) : root_id,
                          buckets_.load(std::memory_order_relaxed));
}

absl::Status Engine::SetFeedBuckets(int buckets, absl::Time deadline) {
  static const postgres::Query kRead{
      "read_feed_buckets",
      "SELECT buckets, EXISTS (SELECT 1 FROM feed_head) FROM feed_meta ORDER BY started_at DESC LIMIT 1"
      " FOR UPDATE"};
  static const postgres::Query kSet{"set_feed_buckets", "UPDATE feed_meta SET buckets = $1::smallint"};
  if (buckets < 1 || buckets > base::kFeedBucketsMax)
    return absl::InvalidArgumentError(absl::StrCat("a feed has 1 to ", base::kFeedBucketsMax, " buckets"));
  return core_->options.writes->Run(deadline, [buckets](postgres::Session& session) {
    return session.Transact([buckets](postgres::Statements& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(const postgres::Result row, transaction.Execute(kRead, {}));
      if (row.rows() != 1) return absl::DataLossError("feed_meta is empty: the schema was not migrated");
      if (row.Integer(0, 0) == buckets) return absl::OkStatus();
      if (row.Boolean(0, 1))
        return absl::FailedPreconditionError(
            absl::StrCat("the feed has ", row.Text(0, 0), " buckets and changes in them: it keeps them"));
      return transaction.Execute(kSet, postgres::Parameters().Integer(buckets)).status();
    });
  });
}

void EngineCore::LogDenied(const Call& call, ErrorReason reason) {
  if (options.access_log == nullptr) return;
  access::AccessEntry entry =
      access::MakeAccessEntry(access::AccessEvent::kCallDenied, *call.context, &call.caller);
  entry.method = call.method->path;
  entry.permission = call.method->permission;
  if (call.method->resource != nullptr) entry.kind = call.method->resource->kind;
  entry.reason = base::ReasonName(reason);
  options.access_log->Record(std::move(entry));
}

store::IdempotencyKey EngineCore::KeyOf(const Call& call) const {
  store::IdempotencyKey key;
  key.client_id = call.caller.client_id;
  key.request_id = call.Text("request_id");
  key.method = call.method->path;
  if (key.request_id.empty()) return key;
  // The same content under the same id is a repetition, whatever the spelling of the id.
  std::unique_ptr<Message> bare(call.request->New());
  bare->CopyFrom(*call.request);
  bare->GetReflection()->ClearField(bare.get(), RequestField(call, "request_id"));
  key.request_hash = base::Sha256(store::StateBytes(*bare));  // Maps in one order, whichever process asks.
  return key;
}

}  // namespace lianqiao::resource
