// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/feed_methods.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "libs/access/access_log_rows.h"
#include "libs/access/minute_gate.h"
#include "libs/base/status.h"

namespace lianqiao::sync {

using base::ErrorReason;

namespace {

// How often a page that waits for a move under way is asked for again.
constexpr absl::Duration kMovePause = absl::Milliseconds(50);
// Left of a deadline for the answer itself.
constexpr absl::Duration kAnswerTime = absl::Milliseconds(200);

// One ListChanges, perhaps over several rounds of waiting.
class Listing : public std::enable_shared_from_this<Listing> {
 public:
  Listing(const Parts& parts, access::Caller caller, std::shared_ptr<const rpc::CallContext> context,
          v1::ListChangesRequest request, View view, rpc::Done done)
      : parts_(parts),
        caller_(std::move(caller)),
        context_(std::move(context)),
        request_(std::move(request)),
        view_(std::move(view)),
        done_(std::move(done)),
        until_(std::min(absl::Now() + absl::Seconds(request_.wait_seconds()),
                        context_->deadline - kAnswerTime)) {}

  void Run() {
    const auto self = shared_from_this();
    parts_.reads().Submit(
        context_->deadline, [self](postgres::Session& session) { self->Read(session); },
        [self](const absl::Status& status) { self->done_(status); });
  }

 private:
  void Read(postgres::Session& session) {
    const absl::Status status = TryRead(session);
    if (!status.ok()) return done_(status);
    const bool nothing = page_.content.changes_size() == 0;
    if (nothing && absl::Now() < until_ && (page_.waits || !page_.content.has_more())) return WaitForMore();
    LogPersonalReads(parts_, caller_, *context_, page_.personal_reads);
    parts_.consumers->Note(caller_.client_id, cursor_->places, parts_.now());
    done_(rpc::Reply{page_.content.SerializeAsString(), {}});
  }

  absl::Status TryRead(postgres::Session& session) {
    ASSIGN_OR_RETURN(const store::TokenKey* key, parts_.cursors->Key(session));
    if (!cursor_.has_value()) {
      ASSIGN_OR_RETURN(cursor_, CursorOf(*key, view_, request_.cursor()));
    }
    const int page_size = request_.page_size() == 0 ? kChangesDefault : request_.page_size();
    ASSIGN_OR_RETURN(page_, NextPage(session, *parts_.cursors, parts_.contract(), view_, page_size,
                                     parts_.now(), &*cursor_));
    page_.content.set_cursor(feed::SealCursor(*key, *cursor_));
    return absl::OkStatus();
  }

  // The grants may change meanwhile: the next read asks for them again.
  void WaitForMore() {
    const auto self = shared_from_this();
    const absl::Time wake = std::min(until_, absl::Now() + (page_.waits ? kMovePause : absl::Seconds(1)));
    const auto again = [self](bool) {
      self->parts_.engine->options().authenticator->Authenticate(
          self->context_, [self](absl::StatusOr<access::Caller> caller) {
            if (!caller.ok()) return self->done_(caller.status());
            auto view =
                View::Make(self->parts_.contract(), *caller, FilterOf(self->request_), self->parts_.now());
            if (!view.ok()) return self->done_(view.status());
            self->caller_ = *std::move(caller);
            self->view_ = *std::move(view);
            self->Run();
          });
    };
    if (page_.waits) {
      parts_.poller->At(wake, again);
    } else {
      parts_.poller->Wait(cursor_->places, wake, again);
    }
  }

  const Parts& parts_;
  access::Caller caller_;
  const std::shared_ptr<const rpc::CallContext> context_;
  const v1::ListChangesRequest request_;
  View view_;
  const rpc::Done done_;
  const absl::Time until_;
  std::optional<feed::Cursor> cursor_;
  Page page_;
};

absl::StatusOr<v1::Feed> ReadState(postgres::Session& session, const Parts& parts, const View& view) {
  static const postgres::Query kOldest{
      "oldest_served_change",
      "SELECT min(c.time) FROM feed_head h JOIN change c ON c.bucket = h.bucket AND c.pos = h.low_pos + 1"};
  ASSIGN_OR_RETURN(const store::TokenKey* key, parts.cursors->Key(session));
  RETURN_IF_ERROR(parts.cursors->Remember(session, view.description(), parts.now()));
  ASSIGN_OR_RETURN(const feed::Heads heads, feed::ReadFeed(session));
  ASSIGN_OR_RETURN(const postgres::Result oldest, session.Execute(kOldest, {}));
  v1::Feed feed;
  (*feed.mutable_epochs())[parts.cursors->service()] = heads.epoch;
  feed.set_oldest_cursor(feed::SealCursor(*key, CursorAt(view, heads.epoch, heads.low_places())));
  feed.set_newest_cursor(feed::SealCursor(*key, CursorAt(view, heads.epoch, heads.places())));
  for (const contract::Resource* resource : view.kinds()) feed.add_kinds(resource->kind);
  if (!oldest.IsNull(0, 0)) store::SetTimestamp(oldest.Time(0, 0), feed.mutable_oldest_time());
  feed.set_retention_days(parts.retention_days);
  return feed;
}

}  // namespace

absl::Status Decode(const std::string& bytes, google::protobuf::Message* request) {
  if (!request->ParseFromString(bytes))
    return base::FailIfAny({base::Refuse("", ErrorReason::FIELD_BAD_FORMAT,
                                         {{"expected", request->GetDescriptor()->full_name()}})});
  std::vector<base::Violation> violations;
  contract::RefuseUnknownFields(*request, "", &violations);
  contract::Validate(*request, "", &violations);
  return base::FailIfAny(violations);
}

void LogPersonalReads(const Parts& parts, const access::Caller& caller, const rpc::CallContext& context,
                      const PersonalReads& reads) {
  access::AccessLog* log = parts.engine->options().access_log;
  if (log == nullptr) return;
  for (const auto& [kind, ids] : reads) {
    access::AccessEntry entry = access::MakeAccessEntry(access::AccessEvent::kPersonalRead, context, &caller);
    entry.method = context.method;
    entry.permission = parts.contract().FindKind(kind)->rule->permission() + ".personal";
    entry.kind = kind;
    for (const std::string& id : ids) {
      entry.record_ids.push_back(id);
      if (entry.record_ids.size() < access::kRecordIdsMax) continue;
      log->Record(entry);
      entry.record_ids.clear();
    }
    if (!entry.record_ids.empty()) log->Record(std::move(entry));
  }
}

void LogDenied(const Parts& parts, const access::Caller& caller, const rpc::CallContext& context,
               const absl::Status& status) {
  // A reader that polls without a right is one entry a minute.
  static access::MinuteGate gate;
  access::AccessLog* log = parts.engine->options().access_log;
  if (log == nullptr || !absl::IsPermissionDenied(status) ||
      !gate.Take(caller.client_id + context.method, absl::Now()))
    return;
  const base::Failure failure = base::FailureOf(status);
  access::AccessEntry entry = access::MakeAccessEntry(access::AccessEvent::kCallDenied, context, &caller);
  entry.method = context.method;
  const auto permission = failure.arguments().find("permission");
  if (permission != failure.arguments().end()) entry.permission = permission->second;
  entry.reason = base::ReasonName(failure.reason());
  log->Record(std::move(entry));
}

resource::RawMethod GetFeed(const Parts& parts) {
  return Unary<v1::GetFeedRequest>(
      parts, [&parts](postgres::Session& session, const View& view, const v1::GetFeedRequest&) {
        return ReadState(session, parts, view);
      });
}

resource::RawMethod ListChanges(const Parts& parts) {
  return [&parts](const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                  std::string bytes, rpc::Done done) {
    v1::ListChangesRequest request;
    if (const absl::Status status = Decode(bytes, &request); !status.ok()) return done(status);
    auto view = View::Make(parts.contract(), caller, FilterOf(request), parts.now());
    LogDenied(parts, caller, *context, view.status());
    if (!view.ok()) return done(view.status());
    std::make_shared<Listing>(parts, caller, std::move(context), std::move(request), *std::move(view),
                              std::move(done))
        ->Run();
  };
}

}  // namespace lianqiao::sync
