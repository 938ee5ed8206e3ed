// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/jobs.h"

#include "absl/time/clock.h"

namespace lianqiao::gateway::sync {
namespace {

absl::Status NoDatabase() {
  return Away({"identity"});
}

}  // namespace

void SaveGroup(const CallPointer& call, const JobParts& parts,
               std::function<void(absl::StatusOr<std::string>)> then) {
  if (call->hub->groups == nullptr) return then(NoDatabase());
  const std::string id = JobGroups::IdOf(call->client_id, parts);
  call->hub->groups->Save(call->client_id, parts, absl::Now(), call->QuestionDeadline(),
                          [loop = call->hub->loop, id, then = std::move(then)](const absl::Status& saved) {
                            loop->Post([id, saved, then] {
                              if (!saved.ok()) return then(saved);
                              then(id);
                            });
                          });
}

void FindParts(const CallPointer& call, const std::string& id,
               std::function<void(absl::StatusOr<JobParts>)> then) {
  if (call->services().size() == 1) return then(JobParts{{call->services().name(0), id}});
  if (call->hub->groups == nullptr) return then(NoDatabase());
  call->hub->groups->Find(id, call->client_id, call->QuestionDeadline(),
                          [loop = call->hub->loop, then = std::move(then)](absl::StatusOr<JobParts> parts) {
                            loop->Post([parts = std::move(parts), then] { then(parts); });
                          });
}

void AskOwner(const CallPointer& call, const std::string& path, const std::string& request,
              std::function<void(absl::StatusOr<Told>)> then) {
  std::vector<Question> questions;
  for (size_t i = 0; i < call->services().size(); ++i) questions.push_back({i, request});
  AskAll(call, path, std::move(questions), call->QuestionDeadline(),
         [call, then = std::move(then)](std::vector<Told> answers) {
           std::vector<std::string> away;
           absl::Status failure;
           absl::Status missing;
           for (Told& told : answers) {
             const Verdict verdict = Judge(told.answer);
             if (verdict == Verdict::kOk) return then(std::move(told));
             if (verdict == Verdict::kAway) {
               away.push_back(call->services().name(told.service));
               continue;
             }
             const bool not_here =
                 verdict == Verdict::kDenied || told.answer.status.code() == absl::StatusCode::kNotFound;
             (not_here ? missing : failure) = FailureOf(*call, told.service, told.answer, {});
           }
           if (!failure.ok()) return then(failure);
           then(away.empty() ? missing : Away(away));
         });
}

void AskParts(const CallPointer& call, const std::string& path, const JobParts& parts,
              const std::function<std::string(const std::string& id)>& request,
              std::function<void(absl::StatusOr<std::vector<Told>>)> then) {
  std::vector<Question> questions;
  std::vector<std::string> away;
  for (const auto& [name, id] : parts) {
    const std::optional<size_t> service = call->services().Find(name);
    if (service.has_value()) questions.push_back({*service, request(id)});
    if (!service.has_value()) away.push_back(name);
  }
  if (!away.empty()) return then(Away(away));
  AskAll(call, path, std::move(questions), call->QuestionDeadline(),
         [call, then = std::move(then)](std::vector<Told> answers) {
           for (const Told& told : answers) {
             const Verdict verdict = Judge(told.answer);
             if (verdict == Verdict::kAway) return then(Away({call->services().name(told.service)}));
             if (verdict != Verdict::kOk) return then(FailureOf(*call, told.service, told.answer, {}));
           }
           then(std::move(answers));
         });
}

}  // namespace lianqiao::gateway::sync
