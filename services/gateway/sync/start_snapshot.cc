// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "services/gateway/sync/snapshot.h"

namespace lianqiao::gateway::sync {
namespace {

using Then = std::function<void(absl::StatusOr<Snapshot>)>;

struct Plan {
  Cursor diverged;  // The caller's, if it re-reads what a restore has changed.
  std::vector<Question> questions;
};

absl::StatusOr<Plan> Prepare(const Call& call, const v1::StartSnapshotRequest& request) {
  std::vector<base::Violation> violations;
  Check(request, &violations);
  const auto diverged = UnpackCursor(request.diverged_cursor());
  if (!diverged.has_value())
    violations.push_back(base::Refuse("divergedCursor", base::ErrorReason::CURSOR_INVALID));
  auto shares = call.services().Route(Strings(request.kinds()), &violations);
  RETURN_IF_ERROR(base::FailIfAny(violations));
  Plan plan;
  plan.diverged = *diverged;
  const bool again = !request.diverged_cursor().empty();
  if (again) {  // What the cursor does not know cannot have diverged.
    shares.erase(std::remove_if(shares.begin(), shares.end(),
                                [&](const auto& share) {
                                  return diverged->count(call.services().name(share.service)) == 0;
                                }),
                 shares.end());
  }
  for (const Services::Share& share : shares) {
    v1::StartSnapshotRequest question;
    for (const std::string& kind : share.kinds) question.add_kinds(kind);
    *question.mutable_jurisdiction_ids() = request.jurisdiction_ids();
    question.set_partition_count(std::max(1, request.partition_count() / static_cast<int>(shares.size())));
    if (again) question.set_diverged_cursor(diverged->at(call.services().name(share.service)));
    plan.questions.push_back({share.service, question.SerializeAsString()});
  }
  return plan;
}

// One service's answer into the whole.
absl::Status Add(const Call& call, const Told& told, bool again, Snapshot* snapshot) {
  v1::StartSnapshotResponse response;
  if (!response.ParseFromString(told.answer.bytes)) return BadAnswer(call, told.service);
  // Nothing of it has diverged: it goes on where the caller's cursor was.
  if (again && response.partition_tokens().empty() && response.diverged().empty()) return absl::OkStatus();
  const std::string& name = call.services().name(told.service);
  SetPart(name, response.cursor(), &snapshot->cursor);
  for (const std::string& token : response.partition_tokens()) snapshot->entries.emplace_back(name, token);
  snapshot->answer.set_estimated_record_count(snapshot->answer.estimated_record_count() +
                                              response.estimated_record_count());
  for (v1::DivergedBuckets buckets : response.diverged()) {
    buckets.set_service(name);
    *snapshot->answer.add_diverged() = std::move(buckets);
  }
  return absl::OkStatus();
}

absl::StatusOr<Snapshot> Combine(const Call& call, const v1::StartSnapshotRequest& request,
                                 const Cursor& diverged, const std::vector<Told>& answers) {
  Snapshot snapshot;
  snapshot.cursor = diverged;
  std::vector<std::string> away;
  absl::Status denied;
  size_t here = 0;
  for (const Told& told : answers) {
    switch (Judge(told.answer)) {
      case Verdict::kOk:
        RETURN_IF_ERROR(Add(call, told, !request.diverged_cursor().empty(), &snapshot));
        ++here;
        break;
      case Verdict::kAway:
        away.push_back(call.services().name(told.service));
        break;
      case Verdict::kDenied:
        if (denied.ok()) denied = FailureOf(call, told.service, told.answer, diverged);
        if (!request.kinds().empty()) return denied;
        break;
      case Verdict::kFailed:
        return FailureOf(call, told.service, told.answer, diverged);
    }
  }
  // After a restore the part of a service that is away stays: it says itself when it is back.
  const bool partial = !request.diverged_cursor().empty() && !snapshot.entries.empty();
  if (!away.empty() && !partial) return Away(away);
  if (here == 0 && !denied.ok()) return denied;
  return snapshot;
}

}  // namespace

void BeginSnapshot(const CallPointer& call, const v1::StartSnapshotRequest& request, Then then) {
  auto plan = Prepare(*call, request);
  if (!plan.ok()) return then(plan.status());
  AskAll(call, kStartSnapshot, std::move(plan->questions), call->QuestionDeadline(),
         [call, request, diverged = std::move(plan->diverged), then = std::move(then)](
             const std::vector<Told>& answers) { then(Combine(*call, request, diverged, answers)); });
}

void StartSnapshot(const CallPointer& call, const std::string& bytes, rpc::Done done) {
  v1::StartSnapshotRequest request;
  if (!request.ParseFromString(bytes)) return done(NotA(request));
  const int count = request.partition_count();
  BeginSnapshot(call, request, [count, done = std::move(done)](absl::StatusOr<Snapshot> snapshot) {
    if (!snapshot.ok()) return done(snapshot.status());
    snapshot->answer.set_cursor(PackCursor(snapshot->cursor));
    for (const SnapshotToken& token :
         DivideSnapshot(snapshot->cursor, snapshot->entries, static_cast<size_t>(std::max(count, 1))))
      snapshot->answer.add_partition_tokens(PackSnapshotToken(token));
    rpc::Reply reply;
    reply.bytes = snapshot->answer.SerializeAsString();
    done(std::move(reply));
  });
}

}  // namespace lianqiao::gateway::sync
