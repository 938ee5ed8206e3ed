// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/watch.h"

#include <utility>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/sync/teller.h"
#include "libs/sync/turns.h"

namespace lianqiao::sync {
namespace {

constexpr absl::Duration kMovePause = absl::Milliseconds(50);
constexpr absl::Duration kRightsPause = absl::Milliseconds(500);
constexpr absl::Duration kReadLimit = absl::Seconds(30);

// One step after another, never two at once: rights, read, send, wait.
class Watching final : public Turns {
 public:
  using Turns::Turns;

 private:
  absl::Status Take(const std::string& request) override { return Decode(request, &request_); }

  void Turn(const access::Caller& caller) override {
    auto view = View::Make(parts_.contract(), caller, FilterOf(request_), parts_.now());
    LogDenied(parts_, caller, *context_, view.status());
    if (!view.ok()) return End(view.status());
    const bool same = view_.has_value() && view_->scope_hash() == view->scope_hash();
    caller_ = caller;
    view_ = *std::move(view);
    if (!moved_ && same) return Beat();
    if (ReadTail()) return;
    Submit(kReadLimit, [this](postgres::Session& session) { Read(session); });
  }

  // What the process has read for everybody; false: this watcher must read for itself.
  bool ReadTail() {
    const int page_size = request_.page_size() == 0 ? kChangesDefault : request_.page_size();
    if (!cursor_.has_value() || !cursor_->former_scope.empty() || cursor_->scope != view_->scope_hash() ||
        page_size < Tail::kBatchChanges)
      return false;
    std::shared_ptr<const TailBatch> batch;
    const Tail::Found found = parts_.tail->Find(cursor_->epoch, cursor_->places, read_time_, &batch);
    if (found == Tail::Found::kBehind) return false;
    if (found == Tail::Found::kAtEnd) {
      page_ = Page();
      Beat();
      return true;
    }
    const auto encoded = EncodedOf(*batch);
    // To the batch's rows the move is under way for ever: the tables say when it is over.
    if (encoded->waits && encoded->changes == 0) return false;
    page_ = Page();
    page_.waits = encoded->waits;
    for (const auto& [bucket, place] : encoded->reached) cursor_->places[bucket] = place;
    const bool whole = batch->at_heads() && encoded->reached == batch->to();
    const bool at_end =
        parts_.tail->Find(cursor_->epoch, cursor_->places, read_time_, &batch) == Tail::Found::kAtEnd;
    if (whole && at_end) cursor_->ahead.clear();  // What was shown earlier lies before these heads.
    cursor_->ahead.insert(encoded->ahead.begin(), encoded->ahead.end());
    page_.content.set_has_more(encoded->waits || !at_end);
    if (encoded->changes > 0) {
      page_.personal_reads = encoded->personal_reads;
      Send(encoded->bytes);
    } else {
      Post(true);
    }
    return true;
  }

  // Shared with everybody who sees the same and stands at the batch's beginning.
  std::shared_ptr<const EncodedBatch> EncodedOf(const TailBatch& batch) {
    const auto encode = [&] {
      Page page;
      feed::Places places = cursor_->places;
      Teller teller(parts_.contract(), *view_, nullptr, batch.state(), &places, &page);
      teller.TakeAll(batch.changes());
      EncodedBatch encoded;
      encoded.ahead = teller.ahead();
      encoded.changes = page.content.changes_size();
      v1::WatchChangesResponse response;
      response.mutable_changes()->Swap(page.content.mutable_changes());
      encoded.bytes = response.SerializeAsString();
      for (const auto& [bucket, to] : batch.to()) {
        if (const auto place = places.find(bucket); place != places.end())
          encoded.reached[bucket] = place->second;
      }
      encoded.personal_reads = std::move(page.personal_reads);
      encoded.waits = page.waits;
      return encoded;
    };
    for (const auto& [bucket, from] : batch.from()) {
      const auto place = cursor_->places.find(bucket);
      if (!((place == cursor_->places.end() ? feed::Place() : place->second) == from))
        return std::make_shared<const EncodedBatch>(encode());
    }
    const char* with_scopes = view_->filter().include_scopes ? "+" : "";
    return batch.Encoded(view_->scope_hash() + view_->filter_hash() + with_scopes, encode);
  }

  void Read(postgres::Session& session) {
    if (const absl::Status status = TryRead(session); !status.ok()) return End(status);
    read_time_ = absl::Now();
    if (page_.content.changes_size() > 0) return Send(EncodeChanges());
    if (page_.content.has_more() && !page_.waits) {
      moved_ = true;
      return Step();
    }
    Beat();
  }

  absl::Status TryRead(postgres::Session& session) {
    ASSIGN_OR_RETURN(key_, parts_.cursors->Key(session));
    if (!cursor_.has_value()) {
      ASSIGN_OR_RETURN(cursor_, CursorOf(*key_, *view_, request_.cursor()));
    }
    const int page_size = request_.page_size() == 0 ? kChangesDefault : request_.page_size();
    ASSIGN_OR_RETURN(page_, NextPage(session, *parts_.cursors, parts_.contract(), *view_, page_size,
                                     parts_.now(), &*cursor_));
    return absl::OkStatus();
  }

  // Nothing to tell: a sign of life if it is time for one, then wait.
  void Beat() {
    const bool news = !page_.content.has_more() && !told_caught_up_ && !parts_.poller->blind();
    if (news || absl::Now() - sent_ >= kHeartbeat) return Send("");
    const auto again = [self = shared_from_this(), this](bool moved) { Post(moved || page_.waits); };
    if (page_.waits) {
      parts_.poller->At(absl::Now() + kMovePause, again);
    } else {
      parts_.poller->Wait(cursor_->places, absl::Now() + kRightsPause, again);
    }
  }

  std::string EncodeChanges() {
    v1::WatchChangesResponse batch;
    batch.mutable_changes()->Swap(page_.content.mutable_changes());
    return batch.SerializeAsString();
  }

  // `changes` is a serialised response without its other fields.
  void Send(std::string changes) {
    LogPersonalReads(parts_, caller_, *context_, page_.personal_reads);
    parts_.consumers->Note(caller_.client_id, cursor_->places, parts_.now());
    v1::WatchChangesResponse rest;
    rest.set_cursor(feed::SealCursor(*key_, *cursor_));
    told_caught_up_ = !page_.content.has_more() && !parts_.poller->blind();
    rest.set_caught_up(told_caught_up_);
    page_.personal_reads.clear();
    const bool more = page_.content.has_more() && !page_.waits;
    rest.AppendToString(&changes);
    Write(std::move(changes), [this, more] {
      sent_ = absl::Now();
      Post(more);
    });
  }

  void Post(bool moved) {
    moved_ = moved;
    parts_.workers->Post([self = shared_from_this(), this] { Step(); });
  }

  bool moved_ = true;  // There is something to look for; otherwise only the rights are looked at.
  v1::WatchChangesRequest request_;
  access::Caller caller_;
  std::optional<View> view_;
  const store::TokenKey* key_ = nullptr;
  std::optional<feed::Cursor> cursor_;
  Page page_;
  bool told_caught_up_ = false;
  absl::Time read_time_ = absl::InfinitePast();  // Of the newest rows that were told.
  // The first batch goes out at once, also an empty one: the reader then has a cursor.
  absl::Time sent_ = absl::InfinitePast();
};

}  // namespace

resource::StreamMethod WatchChanges(const Parts& parts) {
  return [&parts](const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                  std::shared_ptr<rpc::ServerStream> stream) {
    std::make_shared<Watching>(parts, std::move(context), std::move(stream))->Start(caller);
  };
}

}  // namespace lianqiao::sync
