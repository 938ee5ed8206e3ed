// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/list_changes.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "services/gateway/sync/items.h"
#include "services/gateway/sync/merged_cursor.h"

namespace lianqiao::gateway::sync {
namespace {

constexpr int kPageSizeDefault = 500;
// Beyond it services with less of the page are not asked a second time.
constexpr size_t kSecondRoundBytesMax = 3u << 20;
// A service's answer that would lift ours above it waits for the next call; clients take 32 MiB.
constexpr size_t kAnswerBytesMax = 24u << 20;

// Lives from the request to its answer; held by the questions under way.
class Page : public std::enable_shared_from_this<Page> {
 public:
  Page(CallPointer call, rpc::Done done) : call_(std::move(call)), done_(std::move(done)) {}

  void Start(const std::string& bytes) {
    if (!request_.ParseFromString(bytes)) return Fail(NotA(request_));
    std::vector<base::Violation> violations;
    Check(request_, &violations);
    auto cursor = UnpackCursor(request_.cursor());
    if (!cursor.has_value()) violations.push_back(base::Refuse("cursor", base::ErrorReason::CURSOR_INVALID));
    const auto shares = call_->services().Route(Strings(request_.kinds()), &violations);
    if (!violations.empty()) return Fail(base::FailIfAny(violations));
    asked_ = cursor_ = *std::move(cursor);
    for (const Services::Share& share : shares) sources_.push_back({share});
    page_size_ = request_.page_size() > 0 ? request_.page_size() : kPageSizeDefault;
    wait_until_ = std::min(absl::Now() + absl::Seconds(request_.wait_seconds()),
                           call_->context->deadline - absl::Seconds(1));
    AskRound(Everyone(), [self = shared_from_this()] { self->AfterFirst(); });
  }

 private:
  enum class State { kAsked, kHere, kAway, kDenied };
  struct Source {
    Services::Share share;
    State state = State::kAsked;
    bool has_more = false;
  };
  using Indexes = std::vector<size_t>;

  Indexes Where(const std::function<bool(const Source&)>& holds) const {
    Indexes found;
    for (size_t i = 0; i < sources_.size(); ++i) {
      if (holds(sources_[i])) found.push_back(i);
    }
    return found;
  }
  Indexes Everyone() const {
    return Where([](const Source&) { return true; });
  }
  const std::string& NameOf(size_t source) const {
    return call_->services().name(sources_[source].share.service);
  }

  Question QuestionTo(size_t source, int page_size, int wait_seconds) const {
    v1::ListChangesRequest request;
    const auto part = cursor_.find(NameOf(source));
    if (part != cursor_.end()) request.set_cursor(part->second);
    for (const std::string& kind : sources_[source].share.kinds) request.add_kinds(kind);
    *request.mutable_jurisdiction_ids() = request_.jurisdiction_ids();
    request.set_page_size(page_size);
    request.set_wait_seconds(wait_seconds);
    request.set_include_scopes(request_.include_scopes());
    return {sources_[source].share.service, request.SerializeAsString()};
  }

  // Divides what the page still holds evenly, asks, takes the answers.
  void AskRound(const Indexes& asked, const std::function<void()>& then) {
    std::vector<Question> questions;
    const int left = page_size_ - count_;
    for (const size_t source : asked)
      questions.push_back(QuestionTo(source, std::max(1, left / static_cast<int>(asked.size())), 0));
    AskAll(call_, kListChanges, std::move(questions), call_->QuestionDeadline(),
           [self = shared_from_this(), asked, then](std::vector<Told> answers) {
             // Another one first each time: with a page too small for all nobody is always last.
             const size_t turn = self->call_->hub->turn++;
             for (size_t i = 0; i < asked.size() && !self->answered_; ++i) {
               const size_t next = (turn + i) % asked.size();
               self->Take(asked[next], answers[next]);
             }
             if (!self->answered_) then();
           });
  }

  void Take(size_t index, const Told& told) {
    Source& source = sources_[index];
    // A service that has answered before has only not got further: the next call tells why.
    const bool again = source.state == State::kHere;
    switch (Judge(told.answer)) {
      case Verdict::kOk:
        return TakePage(index, told);
      case Verdict::kAway:
        if (!again || waiting_) source.state = State::kAway;
        return;
      case Verdict::kDenied:
        if (denied_.ok()) denied_ = FailureOf(*call_, told.service, told.answer, asked_);
        // A service whose scopes may not be told is not one with nothing to see.
        if (!request_.kinds().empty() || request_.include_scopes() || waiting_) return Fail(denied_);
        if (!again) source.state = State::kDenied;
        return;
      case Verdict::kFailed:
        if (!again || waiting_) Fail(FailureOf(*call_, told.service, told.answer, asked_));
        return;
    }
  }

  void TakePage(size_t index, const Told& told) {
    Source& source = sources_[index];
    Items items;
    v1::ListChangesResponse rest;
    if (!SplitItems(told.answer.bytes, &items, &rest)) return Fail(BadAnswer(*call_, told.service));
    source.state = State::kHere;
    const bool full = count_ >= page_size_ || changes_.size() + items.bytes.size() > kAnswerBytesMax;
    if (count_ > 0 && items.count > 0 && full) {  // As if it had not been asked.
      source.has_more = true;
      return;
    }
    changes_ += items.bytes;
    count_ += items.count;
    source.has_more = rest.has_more();
    SetPart(NameOf(index), rest.cursor(), &cursor_);
  }

  void AfterFirst() {
    const Indexes here = Where([](const Source& source) { return source.state == State::kHere; });
    const Indexes away = Where([](const Source& source) { return source.state == State::kAway; });
    if (here.empty() && !away.empty()) return Fail(Away(Names(away)));
    if (here.empty()) return Fail(denied_);
    const Indexes more = Where([](const Source& source) { return source.has_more; });
    const int left = page_size_ - count_;
    if (!more.empty() && more.size() < here.size() && left > 0 && changes_.size() < kSecondRoundBytesMax)
      return AskRound(more, [self = shared_from_this()] { self->Answer(); });
    if (count_ > 0 || !more.empty() || WaitSeconds() < 1) return Answer();
    Wait(here);
  }

  // Rounded up: the first round has taken a little of the time, and who asks for a second waits for one.
  int WaitSeconds() const {
    const absl::Duration left = absl::Ceil(wait_until_ - absl::Now(), absl::Seconds(1));
    return static_cast<int>(std::max<int64_t>(0, absl::ToInt64Seconds(left)));
  }

  // Everybody at once, and the answer when the first has something.
  void Wait(const Indexes& here) {
    waiting_ = true;
    missing_ = here.size();
    const int seconds = WaitSeconds();
    const absl::Time deadline = std::min(absl::Now() + absl::Seconds(seconds) + call_->hub->timing.question,
                                         call_->context->deadline - absl::Milliseconds(300));
    for (const size_t source : here) {
      Ask(call_, kListChanges, QuestionTo(source, page_size_, seconds), deadline,
          [self = shared_from_this(), source](const Told& told) { self->Waited(source, told); });
    }
  }

  void Waited(size_t source, const Told& told) {
    if (answered_) return;  // Given up: its part of the cursor has not moved.
    Take(source, told);
    if (answered_) return;
    if (--missing_ > 0 && count_ == 0 && !sources_[source].has_more) return;
    Answer();
  }

  std::vector<std::string> Names(const Indexes& sources) const {
    std::vector<std::string> names;
    for (const size_t source : sources) names.push_back(NameOf(source));
    return names;
  }

  void Answer() {
    v1::ListChangesResponse rest;
    rest.set_cursor(PackCursor(cursor_));
    rest.set_has_more(!Where([](const Source& source) { return source.has_more; }).empty());
    // Those that have no part here, but one in the cursor, could not be asked either.
    for (const std::string& name :
         Names(Where([](const Source& source) { return source.state == State::kAway; })))
      rest.add_incomplete_services(name);
    for (const auto& [name, part] : cursor_) {
      if (!call_->services().Find(name).has_value()) rest.add_incomplete_services(name);
    }
    rpc::Reply reply;
    reply.bytes = JoinItems(changes_, rest);
    Finish(std::move(reply));
  }
  void Fail(const absl::Status& status) { Finish(status); }

  void Finish(absl::StatusOr<rpc::Reply> reply) {
    if (answered_) return;
    answered_ = true;
    const rpc::Done done = std::move(done_);
    const CallPointer call = call_;
    done(std::move(reply));
    call->Cancel();  // Whoever still waits for changes.
  }

  const CallPointer call_;
  rpc::Done done_;
  v1::ListChangesRequest request_;
  Cursor asked_;   // The caller's: what a failed page holds is not given, so failures go on from here.
  Cursor cursor_;  // Behind everything that has been taken.
  std::vector<Source> sources_;
  absl::Status denied_;
  absl::Time wait_until_;
  int page_size_ = 0;
  std::string changes_;  // Serialized, of all services.
  int count_ = 0;        // Of them.
  bool waiting_ = false;
  size_t missing_ = 0;  // Answers of those that wait.
  bool answered_ = false;
};

}  // namespace

void ListChanges(const CallPointer& call, const std::string& bytes, rpc::Done done) {
  std::make_shared<Page>(call, std::move(done))->Start(bytes);
}

}  // namespace lianqiao::gateway::sync
