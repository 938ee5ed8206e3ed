// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/combine.h"
#include "services/gateway/sync/job_methods.h"
#include "services/gateway/sync/jobs.h"

namespace lianqiao::gateway::sync {
namespace {

// Half an export would pass for a whole one: what has begun is stopped, and nobody waits for that.
void CancelBegun(const CallPointer& call, const std::vector<Told>& answers) {
  for (const Told& told : answers) {
    v1::Export begun;
    if (Judge(told.answer) != Verdict::kOk || !begun.ParseFromString(told.answer.bytes)) continue;
    v1::CancelExportRequest request;
    request.set_id(begun.id());
    Ask(call, kCancelExport, {told.service, request.SerializeAsString()}, call->QuestionDeadline(),
        [](const Told&) {});
  }
}

// Why not all of them have begun; OK if they have, or had nothing for the caller.
absl::Status WhyNot(const Call& call, const std::vector<Told>& answers, bool by_kind) {
  std::vector<std::string> away;
  absl::Status denied;
  bool begun = false;
  for (const Told& told : answers) {
    switch (Judge(told.answer)) {
      case Verdict::kOk:
        begun = true;
        break;
      case Verdict::kAway:
        away.push_back(call.services().name(told.service));
        break;
      case Verdict::kDenied:
        denied = FailureOf(call, told.service, told.answer, {});
        if (by_kind) return denied;
        break;
      case Verdict::kFailed:
        return FailureOf(call, told.service, told.answer, {});
    }
  }
  if (!away.empty()) return Away(away);
  return begun ? absl::OkStatus() : denied;
}

void Begun(const CallPointer& call, const std::vector<Told>& answers, bool by_kind, const rpc::Done& done) {
  if (const absl::Status why = WhyNot(*call, answers, by_kind); !why.ok()) {
    CancelBegun(call, answers);
    return done(why);
  }
  std::vector<v1::Export> parts;
  JobParts group;
  for (const Told& told : answers) {
    if (Judge(told.answer) != Verdict::kOk) continue;
    v1::Export part;
    if (!part.ParseFromString(told.answer.bytes)) return done(BadAnswer(*call, told.service));
    NameExport(call->services().name(told.service), &part);
    group.emplace_back(part.service(), part.id());
    parts.push_back(std::move(part));
  }
  const auto answer = [done](const v1::Export& whole) {
    rpc::Reply reply;
    reply.bytes = whole.SerializeAsString();
    done(std::move(reply));
  };
  if (parts.size() == 1) return answer(parts.front());
  SaveGroup(call, group, [call, answers, done, answer, parts](const absl::StatusOr<std::string>& id) {
    if (!id.ok()) {
      CancelBegun(call, answers);
      return done(id.status());
    }
    answer(CombineExports(*id, parts));
  });
}

}  // namespace

void CreateExport(const CallPointer& call, const std::string& bytes, rpc::Done done) {
  v1::CreateExportRequest request;
  if (!request.ParseFromString(bytes)) return done(NotA(request));
  std::vector<base::Violation> violations;
  Check(request, &violations);
  const auto shares = call->services().Route(Strings(request.kinds()), &violations);
  if (!violations.empty()) return done(base::FailIfAny(violations));
  std::vector<Question> questions;
  for (const Services::Share& share : shares) {
    v1::CreateExportRequest question = request;
    question.clear_kinds();
    for (const std::string& kind : share.kinds) question.add_kinds(kind);
    questions.push_back({share.service, question.SerializeAsString()});
  }
  const bool by_kind = request.kinds_size() > 0;
  AskAll(call, kCreateExport, std::move(questions), call->QuestionDeadline(),
         [call, by_kind, done = std::move(done)](const std::vector<Told>& answers) {
           Begun(call, answers, by_kind, done);
         });
}

}  // namespace lianqiao::gateway::sync
