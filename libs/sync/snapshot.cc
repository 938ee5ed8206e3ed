// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/snapshot.h"

#include <utility>

#include "absl/time/clock.h"
#include "libs/base/mutant.h"
#include "libs/base/status.h"
#include "libs/sync/snapshot_start.h"
#include "libs/sync/turns.h"

namespace lianqiao::sync {

using base::ErrorReason;

namespace {

constexpr absl::Duration kMovePause = absl::Milliseconds(50);
constexpr absl::Duration kReadLimit = absl::Seconds(60);

// Rights, read, send, again.
class Reading final : public Turns {
 public:
  using Turns::Turns;

 private:
  absl::Status Take(const std::string& request) override {
    RETURN_IF_ERROR(Decode(request, &request_));
    if (!request_.token().empty() && (request_.kinds_size() > 0 || request_.jurisdiction_ids_size() > 0))
      return base::FailIfAny(
          {base::Refuse("token", ErrorReason::FIELD_CONFLICT, {{"other", "kinds, jurisdictionIds"}})});
    return absl::OkStatus();
  }

  void Turn(const access::Caller& caller) override {
    Submit(kReadLimit, [this, caller](postgres::Session& session) { Read(session, caller); });
  }

  void Read(postgres::Session& session, const access::Caller& caller) {
    PersonalReads personal;
    v1::ReadSnapshotResponse page;
    const absl::StatusOr<bool> waits = TryRead(session, caller, &page, &personal);
    if (!waits.ok()) {
      LogDenied(parts_, caller, *context_, waits.status());
      return End(waits.status());
    }
    if (*waits && page.records_size() == 0) {
      parts_.poller->At(absl::Now() + kMovePause, [self = shared_from_this(), this](bool) { Step(); });
      return;
    }
    LogPersonalReads(parts_, caller, *context_, personal);
    Send(page);
  }

  absl::StatusOr<bool> TryRead(postgres::Session& session, const access::Caller& caller,
                               v1::ReadSnapshotResponse* page, PersonalReads* personal) {
    ASSIGN_OR_RETURN(const store::TokenKey* key, parts_.cursors->Key(session));
    if (!token_.has_value() && !request_.token().empty()) {
      token_ = OpenSnapshot(*key, request_.token());
      if (!token_.has_value())
        return base::FailIfAny({base::Refuse("token", ErrorReason::PAGE_TOKEN_INVALID)});
    }
    Filter filter = token_.has_value() ? token_->filter : FilterOf(request_);
    filter.include_scopes = request_.include_scopes();
    ASSIGN_OR_RETURN(const View view, View::Make(parts_.contract(), caller, filter, parts_.now()));
    // Grants that change while a snapshot is read would leave a hole of which its cursor knows nothing, were
    // they to change back: it is begun anew.
    if (token_.has_value() && token_->scope != view.scope_hash())
      return base::FailIfAny({base::Refuse("token", ErrorReason::PAGE_TOKEN_INVALID)});
    if (!token_.has_value()) {
      ASSIGN_OR_RETURN(Snapshot snapshot, BeginSnapshot(session, parts_, view, 1, ""));
      token_ = std::move(snapshot.tokens.front());
    }
    ASSIGN_OR_RETURN(const bool waits, ReadSnapshotPage(session, parts_.contract(), view, token_->buckets,
                                                        &token_->ranges, page, personal));
    page->set_cursor(token_->cursor);
    if (base::Planted("tail-from-last-page")) {
      ASSIGN_OR_RETURN(const feed::Heads heads, feed::ReadFeed(session));
      page->set_cursor(feed::SealCursor(*key, CursorAt(view, heads.epoch, heads.places())));
    }
    if (!token_->ranges.empty()) page->set_token(SealSnapshot(*key, *token_));
    return waits;
  }

  void Send(const v1::ReadSnapshotResponse& page) {
    Write(page.SerializeAsString(), [this, last = page.token().empty()] {
      if (last) return End(absl::OkStatus());
      Step();
    });
  }

  v1::ReadSnapshotRequest request_;
  std::optional<SnapshotToken> token_;
};

}  // namespace

resource::RawMethod StartSnapshot(const Parts& parts) {
  return Unary<v1::StartSnapshotRequest>(
      parts,
      [&parts](postgres::Session& session, const View& view,
               const v1::StartSnapshotRequest& request) -> absl::StatusOr<v1::StartSnapshotResponse> {
        ASSIGN_OR_RETURN(const store::TokenKey* key, parts.cursors->Key(session));
        ASSIGN_OR_RETURN(
            const Snapshot snapshot,
            BeginSnapshot(session, parts, view, request.partition_count(), request.diverged_cursor()));
        v1::StartSnapshotResponse response;
        response.set_cursor(snapshot.cursor);
        for (const SnapshotToken& token : snapshot.tokens)
          response.add_partition_tokens(SealSnapshot(*key, token));
        response.set_estimated_record_count(snapshot.estimated_record_count);
        if (snapshot.diverged.empty()) return response;
        v1::DivergedBuckets* diverged = response.add_diverged();
        diverged->set_service(parts.cursors->service());
        for (const int bucket : snapshot.diverged) diverged->add_buckets(bucket);
        return response;
      });
}

resource::StreamMethod ReadSnapshot(const Parts& parts) {
  return [&parts](const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                  std::shared_ptr<rpc::ServerStream> stream) {
    std::make_shared<Reading>(parts, std::move(context), std::move(stream))->Start(caller);
  };
}

}  // namespace lianqiao::sync
