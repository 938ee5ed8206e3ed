// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/call.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "libs/base/log.h"
#include "libs/contract/contract.h"
#include "libs/rpc/errors.h"
#include "services/gateway/error.h"
#include "services/gateway/sync/merged_cursor.h"

namespace lianqiao::gateway::sync {
namespace {

constexpr char kOldestCursor[] = "oldest_cursor";

}  // namespace

rpc::Client::Metadata Call::Metadata() const {
  rpc::Client::Metadata metadata = {{rpc::kRequestId, context->request_id}};
  if (!context->caller_address.empty()) metadata.emplace_back(rpc::kCallerAddress, context->caller_address);
  for (const char* name : {rpc::kAuthorization, rpc::kTraceParent, "tracestate", rpc::kAcceptLanguage,
                           rpc::kActingPerson, rpc::kActingRole, rpc::kAfter}) {
    std::string value = context->Metadata(name);
    if (!value.empty()) metadata.emplace_back(name, std::move(value));
  }
  return metadata;
}

absl::Time Call::QuestionDeadline() const {
  const absl::Time now = absl::Now();
  const absl::Duration left = context->deadline - now;
  return now + std::min(hub->timing.question, left - std::min(absl::Milliseconds(300), left / 4));
}

void Call::Cancel() {
  cancelled = true;
  for (const auto& cancel : cancels) cancel();
  cancels.clear();
}

void Ask(const CallPointer& call, const std::string& path, Question question, absl::Time deadline,
         std::function<void(Told)> then) {
  const size_t service = question.service;
  auto cancel = call->services().client(service).Call(
      path, std::move(question.request), call->Metadata(), deadline,
      [loop = call->hub->loop, service, then = std::move(then)](rpc::Answer answer) mutable {
        auto told = std::make_shared<Told>(Told{service, std::move(answer)});
        loop->Post([told, then = std::move(then)] { then(std::move(*told)); });
      });
  call->cancels.push_back(cancel);
  if (call->cancelled) cancel();
}

void AskAll(const CallPointer& call, const std::string& path, std::vector<Question> questions,
            absl::Time deadline, std::function<void(std::vector<Told>)> then) {
  struct Collected {
    std::vector<Told> answers;
    size_t missing = 0;
    std::function<void(std::vector<Told>)> then;
  };
  if (questions.empty()) return then({});
  auto collected = std::make_shared<Collected>();
  collected->answers.resize(questions.size());
  collected->missing = questions.size();
  collected->then = std::move(then);
  for (size_t i = 0; i < questions.size(); ++i) {
    Ask(call, path, std::move(questions[i]), deadline, [collected, i](Told told) {
      collected->answers[i] = std::move(told);
      if (--collected->missing == 0) collected->then(std::move(collected->answers));
    });
  }
}

Verdict Judge(const rpc::Answer& answer) {
  switch (answer.status.code()) {
    case absl::StatusCode::kOk:
      return Verdict::kOk;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:      // By a server that stops.
    case absl::StatusCode::kUnimplemented:  // A version without the feed, while services are exchanged.
      return Verdict::kAway;
    case absl::StatusCode::kPermissionDenied:
      return Verdict::kDenied;
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
      // Our services always say more; without it gRPC itself speaks of a connection that broke.
      return answer.error_details.empty() ? Verdict::kAway : Verdict::kFailed;
    default:
      return Verdict::kFailed;
  }
}

absl::Status FailureOf(const Call& call, size_t service, const rpc::Answer& answer,
                       const std::map<std::string, std::string>& cursor) {
  const std::string& name = call.services().name(service);
  google::rpc::Status status = PublicStatus(answer, name, call.context->language, call.context->request_id);
  for (auto& detail : *status.mutable_details()) {
    google::rpc::ErrorInfo info;
    if (!detail.Is<google::rpc::ErrorInfo>() || !detail.UnpackTo(&info)) continue;
    auto& metadata = *info.mutable_metadata();
    metadata["service"] = name;
    if (const auto oldest = metadata.find(kOldestCursor); oldest != metadata.end()) {
      Cursor merged = cursor;
      SetPart(name, oldest->second, &merged);
      oldest->second = PackCursor(merged);
    }
    detail.PackFrom(info);
  }
  return rpc::Verbatim(status);
}

absl::Status Away(const std::vector<std::string>& services) {
  return base::Fail(absl::StatusCode::kUnavailable, base::ErrorReason::BACKEND_UNAVAILABLE,
                    {{"service", absl::StrJoin(services, ", ")}});
}

absl::Status BadAnswer(const Call& call, size_t service) {
  base::Log(base::Severity::kError, "sync_answer_unreadable",
            {{"service", call.services().name(service)}, {"request_id", call.context->request_id}});
  return base::Fail(absl::StatusCode::kInternal, base::ErrorReason::INTERNAL);
}

void Check(const google::protobuf::Message& request, std::vector<base::Violation>* violations) {
  contract::RefuseUnknownFields(request, "", violations);
  contract::Validate(request, "", violations);
}

absl::Status NotA(const google::protobuf::Message& request) {
  return base::FailIfAny({base::Refuse("", base::ErrorReason::FIELD_BAD_FORMAT,
                                       {{"expected", request.GetDescriptor()->full_name()}})});
}

}  // namespace lianqiao::gateway::sync
