// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/items.h"
#include "services/gateway/sync/snapshot.h"

namespace lianqiao::gateway::sync {
namespace {

// Reads one service after the other, a message at a time.
class Reading : public StreamWork, public std::enable_shared_from_this<Reading> {
 public:
  Reading(CallPointer call, std::shared_ptr<rpc::ServerStream> stream)
      : call_(std::move(call)), outlet_(call_->hub->loop, std::move(stream)) {}

  void Start(const std::string& bytes) {
    v1::ReadSnapshotRequest request;
    if (!request.ParseFromString(bytes)) return End(NotA(request));
    std::vector<base::Violation> violations;
    Check(request, &violations);
    if (!request.token().empty() && request.kinds_size() > 0)
      violations.push_back(base::Refuse("kinds", base::ErrorReason::FIELD_CONFLICT, {{"other", "token"}}));
    if (!request.token().empty() && request.jurisdiction_ids_size() > 0)
      violations.push_back(
          base::Refuse("jurisdictionIds", base::ErrorReason::FIELD_CONFLICT, {{"other", "token"}}));
    const auto token = UnpackSnapshotToken(request.token());
    if (!request.token().empty() && !token.has_value())
      violations.push_back(base::Refuse("token", base::ErrorReason::CURSOR_INVALID));
    if (!violations.empty()) return End(base::FailIfAny(violations));
    include_scopes_ = request.include_scopes();
    if (token.has_value()) return Begin(*token);
    v1::StartSnapshotRequest all;
    *all.mutable_kinds() = request.kinds();
    *all.mutable_jurisdiction_ids() = request.jurisdiction_ids();
    BeginSnapshot(call_, all, [self = shared_from_this()](absl::StatusOr<Snapshot> snapshot) {
      if (!snapshot.ok()) return self->End(snapshot.status());
      self->Begin({std::move(snapshot->cursor), std::move(snapshot->entries)});
    });
  }

  void Sweep(SteadyTime now) override {
    const Timing& timing = call_->hub->timing;
    if (outlet_.IsSlow(now, timing.slow_reader)) return End(TooSlow());
    if (reading_ && now - asked_ > timing.silent_service && !outlet_.finished()) End(Away({Current()}));
  }
  bool finished() const override { return outlet_.finished(); }
  void Stop() override { End(Away({"gateway"})); }

 private:
  const std::string& Current() const { return left_.rest.front().first; }

  bool IsOpen(int opening) const { return !outlet_.finished() && stream_ != nullptr && opening == opening_; }

  void Begin(SnapshotToken token) {
    left_ = std::move(token);
    Next();
  }

  // The first entry of what is left; at the end of everything a last message says so.
  void Next() {
    if (outlet_.finished()) return;
    if (left_.rest.empty()) return Write("", [](Reading* self) { self->End(absl::OkStatus()); });
    const std::optional<size_t> service = call_->services().Find(Current());
    if (!service.has_value()) return End(Away({Current()}));
    service_ = *service;
    v1::ReadSnapshotRequest request;
    request.set_token(left_.rest.front().second);
    request.set_include_scopes(include_scopes_);
    stream_ =
        call_->services().OpenStream(service_, kReadSnapshot, call_->Metadata(), call_->context->deadline);
    if (stream_ == nullptr) return End(Away({Current()}));
    messages_ = 0;
    const int opening = ++opening_;
    stream_->Write(request.SerializeAsString(), [self = shared_from_this(), opening](bool sent) {
      self->call_->hub->loop->Post([self, opening, sent] {
        if (sent && self->IsOpen(opening)) self->stream_->WritesDone();
      });
    });
    Read();
  }

  void Read() {
    reading_ = true;
    asked_ = std::chrono::steady_clock::now();
    stream_->Read([self = shared_from_this(), opening = opening_](std::optional<std::string> bytes) {
      self->call_->hub->loop->Post([self, opening, bytes = std::move(bytes)] {
        if (self->IsOpen(opening)) self->Heard(bytes);
      });
    });
  }

  void Heard(const std::optional<std::string>& bytes) {
    reading_ = false;
    if (!bytes.has_value()) return Ended();
    ++messages_;
    Items records;
    v1::ReadSnapshotResponse rest;
    if (!SplitItems(*bytes, &records, &rest)) return End(BadAnswer(*call_, service_));
    if (rest.token().empty()) {
      left_.rest.erase(left_.rest.begin());
      entry_done_ = true;
    } else {
      left_.rest.front().second = rest.token();
    }
    Write(std::move(records.bytes), [](Reading* self) {
      if (self->entry_done_ && self->left_.rest.empty()) return self->End(absl::OkStatus());
      self->Read();
    });
  }

  // All is well if the service said that these were the last, or had none at all. One that ends in the
  // middle of its records has stopped, whatever it says.
  void Ended() {
    rpc::Answer answer;
    answer.status = stream_->status();
    answer.error_details = stream_->error_details();
    stream_ = nullptr;
    const Verdict verdict = Judge(answer);
    if (!entry_done_ && (verdict == Verdict::kAway || (verdict == Verdict::kOk && messages_ > 0)))
      return End(Away({Current()}));
    if (!entry_done_ && verdict != Verdict::kOk)
      return End(FailureOf(*call_, service_, answer, left_.cursor));
    if (!entry_done_) left_.rest.erase(left_.rest.begin());
    entry_done_ = false;
    Next();
  }

  void Write(std::string records, const std::function<void(Reading*)>& then) {
    v1::ReadSnapshotResponse rest;
    if (!left_.rest.empty()) rest.set_token(PackSnapshotToken(left_));
    rest.set_cursor(PackCursor(left_.cursor));
    outlet_.Write(JoinItems(records, rest), [self = shared_from_this(), then](bool taken) {
      if (!taken) return self->End(absl::CancelledError());
      if (!self->outlet_.finished()) then(self.get());
    });
  }

  void End(const absl::Status& status) {
    if (outlet_.finished()) return;
    outlet_.Finish(status);
    stream_ = nullptr;
    call_->Cancel();
  }

  const CallPointer call_;
  Outlet outlet_;
  SnapshotToken left_;
  size_t service_ = 0;  // Who is being read.
  std::unique_ptr<rpc::ClientStream> stream_;
  int opening_ = 0;   // Counts the streams, so that what an older one still says is not heard.
  int messages_ = 0;  // Of this one.
  bool include_scopes_ = false;
  bool entry_done_ = false;  // The service has said that it has no more.
  bool reading_ = false;
  SteadyTime asked_;
};

}  // namespace

std::shared_ptr<StreamWork> ReadSnapshot(const CallPointer& call, const std::string& bytes,
                                         std::shared_ptr<rpc::ServerStream> stream) {
  auto reading = std::make_shared<Reading>(call, std::move(stream));
  reading->Start(bytes);
  return reading;
}

}  // namespace lianqiao::gateway::sync
