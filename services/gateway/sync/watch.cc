// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/watch.h"

#include <algorithm>
#include <random>

#include "services/gateway/sync/items.h"
#include "services/gateway/sync/merged_cursor.h"

namespace lianqiao::gateway::sync {
namespace {

// One service of one watch.
struct Source {
  enum class State {
    kOpening,  // Its first message has not come yet.
    kLive,
    kAway,  // Also while it is being opened anew.
    kDenied
  };
  Services::Share share;
  State state = State::kOpening;
  std::unique_ptr<rpc::ClientStream> stream;
  int opening = 0;  // Counts them, so that what an older stream still says is not heard.
  int attempts = 0;
  bool reading = false;
  SteadyTime heard;  // When it was last heard, or began to be listened to.
  bool caught_up = false;
  // What has come and is not sent: it is not read on until then.
  bool has_batch = false;
  Items batch;
  v1::WatchChangesResponse rest;
};

class Watch : public StreamWork, public std::enable_shared_from_this<Watch> {
 public:
  Watch(CallPointer call, std::shared_ptr<rpc::ServerStream> stream, CheckCaller check_caller,
        std::function<void(size_t)> observe_batch)
      : call_(std::move(call)),
        outlet_(call_->hub->loop, std::move(stream)),
        check_caller_(std::move(check_caller)),
        observe_batch_(std::move(observe_batch)) {}

  void Start(const std::string& bytes) {
    if (!request_.ParseFromString(bytes)) return End(NotA(request_));
    std::vector<base::Violation> violations;
    Check(request_, &violations);
    auto cursor = UnpackCursor(request_.cursor());
    if (!cursor.has_value()) violations.push_back(base::Refuse("cursor", base::ErrorReason::CURSOR_INVALID));
    const auto shares = call_->services().Route(Strings(request_.kinds()), &violations);
    if (!violations.empty()) return End(base::FailIfAny(violations));
    cursor_ = *std::move(cursor);
    sources_.resize(shares.size());
    for (size_t i = 0; i < shares.size(); ++i) sources_[i].share = shares[i];
    for (size_t i = 0; i < shares.size() && !outlet_.finished(); ++i) Open(i);
  }

  void Sweep(SteadyTime now) override {
    if (outlet_.finished()) return;
    const Timing& timing = call_->hub->timing;
    if (outlet_.IsSlow(now, timing.slow_reader)) return End(TooSlow());
    for (size_t i = 0; i < sources_.size() && !outlet_.finished(); ++i) {
      if (sources_[i].reading && now - sources_[i].heard > timing.silent_service)
        Lose(i, rpc::Answer{absl::UnavailableError("silent"), "", {}, ""});
    }
    if (outlet_.finished() || outlet_.busy() || now - outlet_.last_write() < timing.heartbeat) return;
    notice_ = true;
    began_ = true;
    Send();
    check_caller_([weak = weak_from_this()](const absl::Status& status) {
      const auto self = weak.lock();
      // A gateway that cannot tell does not end a stream: the services look at every token too.
      if (self != nullptr && status.code() == absl::StatusCode::kUnauthenticated) self->End(status);
    });
  }

  bool finished() const override { return outlet_.finished(); }

  void Stop() override {
    End(base::Fail(absl::StatusCode::kUnavailable, base::ErrorReason::BACKEND_UNAVAILABLE,
                   {{"service", "gateway"}}));
  }

 private:
  const std::string& NameOf(size_t index) const {
    return call_->services().name(sources_[index].share.service);
  }

  bool Any(Source::State state) const {
    return std::any_of(sources_.begin(), sources_.end(),
                       [state](const Source& source) { return source.state == state; });
  }

  void Open(size_t index) {
    Source& source = sources_[index];
    v1::WatchChangesRequest request;
    const auto part = cursor_.find(NameOf(index));
    if (part != cursor_.end()) request.set_cursor(part->second);
    for (const std::string& kind : source.share.kinds) request.add_kinds(kind);
    *request.mutable_jurisdiction_ids() = request_.jurisdiction_ids();
    request.set_page_size(request_.page_size());
    request.set_include_scopes(request_.include_scopes());
    const int opening = ++source.opening;
    source.stream = call_->services().OpenStream(source.share.service, kWatchChanges, call_->Metadata(),
                                                 call_->context->deadline);
    if (source.stream == nullptr)
      return Lose(index, rpc::Answer{absl::UnavailableError("no stream"), "", {}, ""});
    source.stream->Write(request.SerializeAsString(), [self = shared_from_this(), index, opening](bool sent) {
      self->call_->hub->loop->Post([self, index, opening, sent] {
        const Source& opened = self->sources_[index];
        if (sent && opened.opening == opening && opened.stream != nullptr) opened.stream->WritesDone();
      });
    });
    Read(index);
  }

  void Read(size_t index) {
    Source& source = sources_[index];
    source.reading = true;
    source.heard = std::chrono::steady_clock::now();
    source.stream->Read(
        [self = shared_from_this(), index, opening = source.opening](std::optional<std::string> bytes) {
          self->call_->hub->loop->Post(
              [self, index, opening, bytes = std::move(bytes)] { self->Heard(index, opening, bytes); });
        });
  }

  void Heard(size_t index, int opening, const std::optional<std::string>& bytes) {
    Source& source = sources_[index];
    if (outlet_.finished() || source.opening != opening || source.stream == nullptr) return;
    source.reading = false;
    if (!bytes.has_value()) {
      rpc::Answer answer;
      answer.status = source.stream->status();
      answer.error_details = source.stream->error_details();
      return Lose(index, answer);
    }
    source.batch = {};
    source.rest.Clear();
    if (!SplitItems(*bytes, &source.batch, &source.rest)) return End(BadAnswer(*call_, source.share.service));
    if (source.state != Source::State::kLive) notice_ = notice_ || source.state != Source::State::kOpening;
    source.state = Source::State::kLive;
    source.attempts = 0;
    if (source.batch.count > 0) {
      source.has_batch = true;
      return Send();
    }
    // A sign of life moves the cursor; the caller hears of it with the next batch, or at once if everything
    // has been sent now.
    const bool before = CaughtUp();
    Taken(index);
    if (!before && CaughtUp()) notice_ = true;
    Read(index);
    Send();
  }

  void Taken(size_t index) {
    Source& source = sources_[index];
    source.has_batch = false;
    source.caught_up = source.rest.caught_up();
    if (!source.rest.cursor().empty()) SetPart(NameOf(index), source.rest.cursor(), &cursor_);
  }

  bool CaughtUp() const {
    return std::all_of(sources_.begin(), sources_.end(), [](const Source& source) {
      return source.state == Source::State::kDenied ||
             (source.state == Source::State::kLive && source.caught_up && !source.has_batch);
    });
  }

  // The service's stream has ended, or is taken for dead.
  void Lose(size_t index, const rpc::Answer& answer) {
    Source& source = sources_[index];
    source.stream = nullptr;
    source.reading = false;
    const bool was_live = source.state == Source::State::kLive;
    switch (Judge(answer)) {
      case Verdict::kFailed:
        return End(FailureOf(*call_, source.share.service, answer, cursor_));
      case Verdict::kDenied:
        if (was_live || !request_.kinds().empty() || request_.include_scopes())
          return End(FailureOf(*call_, source.share.service, answer, cursor_));
        if (denied_.ok()) denied_ = FailureOf(*call_, source.share.service, answer, cursor_);
        notice_ = notice_ || source.state == Source::State::kAway;
        source.state = Source::State::kDenied;
        break;
      case Verdict::kOk:  // Only a service that stops ends a watch like this.
      case Verdict::kAway:
        notice_ = notice_ || source.state != Source::State::kAway;
        source.state = Source::State::kAway;
        break;
    }
    EndIfNobodyIsThere();
    if (outlet_.finished()) return;
    Again(index);
    Send();
  }

  // Before the first message an error is clearer than a stream of signs of life.
  void EndIfNobodyIsThere() {
    if (Any(Source::State::kOpening) || Any(Source::State::kLive)) return;
    if (!Any(Source::State::kAway)) return End(denied_);
    if (began_) return;
    std::vector<std::string> names;
    for (size_t i = 0; i < sources_.size(); ++i) {
      if (sources_[i].state == Source::State::kAway) names.push_back(NameOf(i));
    }
    End(Away(names));
  }

  void Again(size_t index) {
    Source& source = sources_[index];
    const Timing& timing = call_->hub->timing;
    SteadyDuration pause = timing.denied_again;
    if (source.state == Source::State::kAway) {
      static thread_local std::mt19937 random{std::random_device{}()};
      pause = std::min(timing.backoff_min * (1 << std::min(source.attempts++, 10)), timing.backoff_max);
      pause = pause / 2 + pause * std::uniform_int_distribution<int>(0, 50)(random) / 100;
    }
    call_->hub->loop->After(pause, [weak = weak_from_this(), index, opening = source.opening] {
      const auto self = weak.lock();
      if (self == nullptr || self->outlet_.finished()) return;
      const Source& lost = self->sources_[index];
      if (lost.opening != opening || lost.stream != nullptr) return;
      if (lost.has_batch) return self->Again(index);  // It goes on behind what is not sent yet.
      self->Open(index);
    });
  }

  void Send() {
    if (outlet_.busy() || outlet_.finished()) return;
    for (size_t i = 0; i < sources_.size(); ++i) {
      const size_t index = (next_ + i) % sources_.size();
      if (!sources_[index].has_batch) continue;
      next_ = index + 1;
      return SendBatch(index);
    }
    if (!notice_ || (!began_ && Any(Source::State::kOpening) && !Any(Source::State::kLive))) return;
    Write("", [](Watch*) {});
  }

  void SendBatch(size_t index) {
    Source& source = sources_[index];
    std::string changes = std::move(source.batch.bytes);
    source.batch = {};
    Taken(index);
    observe_batch_(source.share.service);
    Write(std::move(changes), [index, opening = source.opening](Watch* self) {
      const Source& sent = self->sources_[index];
      if (sent.opening == opening && sent.stream != nullptr && !sent.reading) self->Read(index);
    });
  }

  void Write(std::string changes, const std::function<void(Watch*)>& then) {
    v1::WatchChangesResponse rest;
    rest.set_cursor(PackCursor(cursor_));
    rest.set_caught_up(CaughtUp());
    for (size_t i = 0; i < sources_.size(); ++i) {
      if (sources_[i].state == Source::State::kAway) rest.add_incomplete_services(NameOf(i));
    }
    for (const auto& [name, part] : cursor_) {
      if (!call_->services().Find(name).has_value()) rest.add_incomplete_services(name);
    }
    notice_ = false;
    began_ = true;
    outlet_.Write(JoinItems(changes, rest), [self = shared_from_this(), then](bool taken) {
      if (!taken) return self->End(absl::CancelledError());
      if (self->outlet_.finished()) return;
      then(self.get());
      self->Send();
    });
  }

  void End(const absl::Status& status) {
    if (outlet_.finished()) return;
    outlet_.Finish(status);
    for (Source& source : sources_) source.stream = nullptr;
    call_->Cancel();
  }

  const CallPointer call_;
  Outlet outlet_;
  const CheckCaller check_caller_;
  const std::function<void(size_t)> observe_batch_;
  v1::WatchChangesRequest request_;
  Cursor cursor_;  // Behind everything that has been sent.
  std::vector<Source> sources_;
  absl::Status denied_;
  size_t next_ = 0;      // Who sends next, so that a busy service does not crowd the others out.
  bool notice_ = false;  // There is something to tell, with changes or without.
  bool began_ = false;   // A message has been sent.
};

}  // namespace

std::shared_ptr<StreamWork> StartWatch(const CallPointer& call, const std::string& bytes,
                                       std::shared_ptr<rpc::ServerStream> stream, CheckCaller check_caller,
                                       std::function<void(size_t service)> observe_batch) {
  auto watch =
      std::make_shared<Watch>(call, std::move(stream), std::move(check_caller), std::move(observe_batch));
  watch->Start(bytes);
  return watch;
}

}  // namespace lianqiao::gateway::sync
