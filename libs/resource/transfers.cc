// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/transfers.h"

#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/rpc/run_after.h"

namespace lianqiao::resource {

using base::ErrorReason;

namespace {

constexpr absl::Duration kDatabaseLimit = absl::Seconds(30);
constexpr absl::Duration kIdleCheck = absl::Seconds(1);

}  // namespace

std::shared_ptr<void> Transfers::Enter() {
  if (running_->fetch_add(1) >= kTransfersMax) {
    running_->fetch_sub(1);
    return nullptr;
  }
  return {this, [running = running_](void*) { running->fetch_sub(1); }};
}

void EngineCore::UseTransfers() {
  if (transfers_ == nullptr) transfers_ = std::make_shared<Transfers>();
}

void Transfer::Start(const access::Caller& caller) {
  caller_ = caller;
  place_ = core_->transfers().Enter();
  if (place_ == nullptr)
    return stream_->Finish(base::WithRetryAfter(
        base::Fail(absl::StatusCode::kResourceExhausted, ErrorReason::OVERLOADED), 1000));
  stream_->OnCancel([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->gone_ = true;
  });
  renewed_at_ = core_->options.clock->Now();
  WatchIdle();
  Read([self = shared_from_this()](std::optional<std::string> first) {
    if (!first.has_value()) return self->stream_->Finish(absl::CancelledError("the client sent nothing"));
    self->Begin(*first);
  });
}

void Transfer::WatchIdle() {
  rpc::RunAfter(kIdleCheck, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    const int64_t since = self->waits_since_seconds_;
    if (since == kNever || self->NowSeconds() - since < absl::ToInt64Seconds(kTransferIdleMax))
      return self->WatchIdle();
    self->gone_ = true;
    self->stream_->Finish(base::Fail(absl::StatusCode::kDeadlineExceeded, ErrorReason::DEADLINE_EXCEEDED));
  });
}

void Transfer::Read(std::function<void(std::optional<std::string>)> then) {
  waits_since_seconds_ = NowSeconds();
  stream_->Read([self = shared_from_this(), then = std::move(then)](std::optional<std::string> message) {
    self->waits_since_seconds_ = kNever;
    then(std::move(message));
  });
}

void Transfer::Write(std::string bytes, std::function<void(bool)> then) {
  waits_since_seconds_ = NowSeconds();
  stream_->Write(std::move(bytes), [self = shared_from_this(), then = std::move(then)](bool taken) {
    self->waits_since_seconds_ = kNever;
    then(taken);
  });
}

// A right that ended stops a transfer within kTransferAdmitted; asking for every piece would ask the database
// eight thousand times for two gibibytes.
void Transfer::Renew(std::function<void()> then) {
  if (core_->options.clock->Now() - renewed_at_ < kTransferAdmitted) return then();
  core_->options.authenticator->Authenticate(
      context_, [self = shared_from_this(), then = std::move(then)](absl::StatusOr<access::Caller> caller) {
        if (!caller.ok()) return self->Fail(caller.status());
        self->caller_ = *std::move(caller);
        const absl::Time now = self->renewed_at_ = self->core_->options.clock->Now();
        if (self->caller_.ScopeFor(self->method_.permission, now).empty())
          return self->Fail(base::Fail(absl::StatusCode::kPermissionDenied, ErrorReason::PERMISSION_DENIED,
                                       {{"permission", self->method_.permission}}));
        then();
      });
}

void Transfer::OnDisk(std::function<void()> work) {
  core_->transfers().workers().Post([self = shared_from_this(), work = std::move(work)] { work(); });
}

void Transfer::OnDatabase(bool writes, std::function<void(postgres::Session&)> work) {
  postgres::Database* database = writes ? core_->options.writes : core_->options.reads;
  database->Submit(
      core_->options.clock->Now() + kDatabaseLimit,
      [self = shared_from_this(), work = std::move(work)](postgres::Session& session) { work(session); },
      [self = shared_from_this()](const absl::Status& status) { self->Fail(status); });
}

void Transfer::Fail(const absl::Status& status) {
  if (absl::IsPermissionDenied(status)) {
    google::protobuf::MessageFactory* factory = google::protobuf::MessageFactory::generated_factory();
    core_->LogDenied(MakeCall(*factory->GetPrototype(method_.descriptor->input_type())),
                     base::FailureOf(status).reason());
  }
  if (absl::IsInternal(status) || absl::IsDataLoss(status))
    base::Log(
        base::Severity::kError, "transfer_failed",
        {{"method", method_.path}, {"request_id", context_->request_id}, {"status", status.ToString()}});
  OnDisk([this, status] {
    Stopped();
    stream_->Finish(status);
  });
}

Call Transfer::MakeCall(const Message& request) const {
  Call call;
  call.context = context_;
  call.caller = caller_;
  call.method = &method_;
  call.now = core_->options.clock->Now();
  call.scope = caller_.ScopeFor(method_.permission, call.now);
  call.request.reset(request.New());
  call.request->CopyFrom(request);
  if (method_.resource != nullptr) call.personal = call.ScopeFor(*method_.resource, "personal");
  return call;
}

absl::Status DecodeStreamed(const std::string& bytes, Message* message) {
  if (!message->ParseFromString(bytes))
    return base::FailIfAny({base::Refuse("", ErrorReason::FIELD_BAD_FORMAT,
                                         {{"expected", message->GetDescriptor()->full_name()}})});
  Violations violations;
  contract::RefuseUnknownFields(*message, "", &violations);
  contract::Validate(*message, "", &violations);
  return base::FailIfAny(violations);
}

}  // namespace lianqiao::resource
