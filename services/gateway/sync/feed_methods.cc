// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/feed_methods.h"

#include <algorithm>

#include "lianqiao/sync/v1/digest.pb.h"
#include "lianqiao/sync/v1/revision.pb.h"
#include "services/gateway/sync/merged_cursor.h"

namespace lianqiao::gateway::sync {
namespace {

// Asks everybody who has some of the kinds; `add` takes each answer into the whole and says whether it could
// be read. Services that are away become `incomplete_services`.
template <typename Request, typename Response>
void Gather(const CallPointer& call, const char* path, const std::string& bytes, rpc::Done done,
            std::function<void(const std::string& service, const Response&, Response* whole)> add,
            std::function<void(Response*)> complete) {
  Request request;
  if (!request.ParseFromString(bytes)) return done(NotA(request));
  std::vector<base::Violation> violations;
  Check(request, &violations);
  const auto shares = call->services().Route(Strings(request.kinds()), &violations);
  if (!violations.empty()) return done(base::FailIfAny(violations));
  std::vector<Question> questions;
  for (const Services::Share& share : shares) {
    Request question = request;
    question.clear_kinds();
    for (const std::string& kind : share.kinds) question.add_kinds(kind);
    questions.push_back({share.service, question.SerializeAsString()});
  }
  const bool by_kind = request.kinds_size() > 0;
  AskAll(call, path, std::move(questions), call->QuestionDeadline(),
         [call, by_kind, done = std::move(done), add = std::move(add),
          complete = std::move(complete)](const std::vector<Told>& answers) {
           Response whole;
           absl::Status denied;
           size_t here = 0;
           for (const Told& told : answers) {
             const std::string& name = call->services().name(told.service);
             const Verdict verdict = Judge(told.answer);
             Response response;
             if (verdict == Verdict::kAway) {
               whole.add_incomplete_services(name);
             } else if (verdict == Verdict::kFailed || (verdict == Verdict::kDenied && by_kind)) {
               return done(FailureOf(*call, told.service, told.answer, {}));
             } else if (verdict == Verdict::kDenied) {
               denied = FailureOf(*call, told.service, told.answer, {});
             } else if (!response.ParseFromString(told.answer.bytes)) {
               return done(BadAnswer(*call, told.service));
             } else {
               add(name, response, &whole);
               ++here;
             }
           }
           if (here == 0 && whole.incomplete_services_size() > 0)
             return done(Away(Strings(whole.incomplete_services())));
           if (here == 0) return done(denied);
           complete(&whole);
           rpc::Reply reply;
           reply.bytes = whole.SerializeAsString();
           done(std::move(reply));
         });
}

bool Before(const google::protobuf::Timestamp& a, const google::protobuf::Timestamp& b) {
  return a.seconds() != b.seconds() ? a.seconds() < b.seconds() : a.nanos() < b.nanos();
}

// To the owner of a kind, bytes in, bytes out.
template <typename Request>
void PassOn(const CallPointer& call, const char* path, const std::string& bytes, rpc::Done done) {
  Request request;
  if (!request.ParseFromString(bytes)) return done(NotA(request));
  std::vector<base::Violation> violations;
  Check(request, &violations);
  const std::optional<size_t> owner = call->services().OwnerOf(request.kind());
  if (!owner.has_value() && !request.kind().empty())
    violations.push_back(
        base::Refuse("kind", base::ErrorReason::KIND_UNKNOWN, {{"value", request.kind()}}));
  if (!violations.empty()) return done(base::FailIfAny(violations));
  Ask(call, path, {*owner, bytes}, call->QuestionDeadline(), [call, done = std::move(done)](Told told) {
    const Verdict verdict = Judge(told.answer);
    if (verdict == Verdict::kAway) return done(Away({call->services().name(told.service)}));
    if (verdict != Verdict::kOk) return done(FailureOf(*call, told.service, told.answer, {}));
    rpc::Reply reply;
    reply.bytes = std::move(told.answer.bytes);
    done(std::move(reply));
  });
}

}  // namespace

void GetFeed(const CallPointer& call, const std::string& bytes, rpc::Done done) {
  struct Cursors {
    Cursor oldest;
    Cursor newest;
  };
  auto cursors = std::make_shared<Cursors>();
  Gather<v1::GetFeedRequest, v1::Feed>(
      call, kGetFeed, bytes, std::move(done),
      [cursors](const std::string& name, const v1::Feed& feed, v1::Feed* whole) {
        const auto epoch = feed.epochs().begin();
        if (epoch != feed.epochs().end()) (*whole->mutable_epochs())[name] = epoch->second;
        SetPart(name, feed.oldest_cursor(), &cursors->oldest);
        SetPart(name, feed.newest_cursor(), &cursors->newest);
        whole->mutable_kinds()->MergeFrom(feed.kinds());
        // All of it is served only since the latest of the services' beginnings, and as long as the shortest.
        if (feed.has_oldest_time() &&
            (!whole->has_oldest_time() || Before(whole->oldest_time(), feed.oldest_time())))
          *whole->mutable_oldest_time() = feed.oldest_time();
        const int days = whole->retention_days();
        whole->set_retention_days(days == 0 ? feed.retention_days() : std::min(days, feed.retention_days()));
      },
      [cursors](v1::Feed* whole) {
        whole->set_oldest_cursor(PackCursor(cursors->oldest));
        whole->set_newest_cursor(PackCursor(cursors->newest));
      });
}

void GetDigest(const CallPointer& call, const std::string& bytes, rpc::Done done) {
  auto cursor = std::make_shared<Cursor>();
  Gather<v1::GetDigestRequest, v1::Digest>(
      call, kGetDigest, bytes, std::move(done),
      [cursor](const std::string& name, const v1::Digest& digest, v1::Digest* whole) {
        whole->mutable_parts()->MergeFrom(digest.parts());
        SetPart(name, digest.cursor(), cursor.get());
      },
      [cursor](v1::Digest* whole) { whole->set_cursor(PackCursor(*cursor)); });
}

void ListRevisions(const CallPointer& call, const std::string& bytes, rpc::Done done) {
  PassOn<v1::ListRevisionsRequest>(call, kListRevisions, bytes, std::move(done));
}

void GetRevision(const CallPointer& call, const std::string& bytes, rpc::Done done) {
  PassOn<v1::GetRevisionRequest>(call, kGetRevision, bytes, std::move(done));
}

}  // namespace lianqiao::gateway::sync
