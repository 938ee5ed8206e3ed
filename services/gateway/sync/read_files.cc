// SPDX-License-Identifier: Apache-2.0
// Files of jobs, streamed through from the services that hold them.
#include "services/gateway/sync/combine.h"
#include "services/gateway/sync/job_methods.h"
#include "services/gateway/sync/jobs.h"

namespace lianqiao::gateway::sync {
namespace {

// One stream of a service after the other, message by message as they are.
class Relay : public StreamWork, public std::enable_shared_from_this<Relay> {
 public:
  Relay(CallPointer call, std::string path, std::shared_ptr<rpc::ServerStream> stream)
      : call_(std::move(call)), path_(std::move(path)), outlet_(call_->hub->loop, std::move(stream)) {}

  void Begin(std::vector<Question> questions) {
    questions_ = std::move(questions);
    Next();
  }
  void End(const absl::Status& status) {
    if (outlet_.finished()) return;
    outlet_.Finish(status);
    stream_ = nullptr;
    call_->Cancel();
  }

  void Sweep(SteadyTime now) override {
    const Timing& timing = call_->hub->timing;
    if (outlet_.finished()) return;
    if (outlet_.IsSlow(now, timing.slow_reader)) return End(TooSlow());
    if (reading_ && now - asked_ > timing.silent_service) End(Away({Current()}));
  }
  bool finished() const override { return outlet_.finished(); }
  void Stop() override { End(Away({"gateway"})); }

 private:
  const std::string& Current() const { return call_->services().name(questions_[next_ - 1].service); }
  bool IsOpen(size_t opening) const { return !outlet_.finished() && stream_ != nullptr && opening == next_; }

  void Next() {
    if (outlet_.finished()) return;
    if (next_ == questions_.size()) return End(absl::OkStatus());
    const Question& question = questions_[next_++];
    stream_ =
        call_->services().OpenStream(question.service, path_, call_->Metadata(), call_->context->deadline);
    if (stream_ == nullptr) return End(Away({Current()}));
    stream_->Write(question.request, [self = shared_from_this(), opening = next_](bool sent) {
      self->call_->hub->loop->Post([self, opening, sent] {
        if (sent && self->IsOpen(opening)) self->stream_->WritesDone();
      });
    });
    Read();
  }

  void Read() {
    reading_ = true;
    asked_ = std::chrono::steady_clock::now();
    stream_->Read([self = shared_from_this(), opening = next_](std::optional<std::string> bytes) {
      self->call_->hub->loop->Post([self, opening, bytes = std::move(bytes)] {
        if (self->IsOpen(opening)) self->Heard(bytes);
      });
    });
  }

  void Heard(const std::optional<std::string>& bytes) {
    reading_ = false;
    if (bytes.has_value()) {
      TellOfFile();
      return outlet_.Write(*bytes, [self = shared_from_this()](bool taken) {
        if (!taken) return self->End(absl::CancelledError());
        if (self->stream_ != nullptr) self->Read();
      });
    }
    rpc::Answer answer;
    answer.status = stream_->status();
    if (answer.status.ok()) TellOfFile();  // Of one that has no more bytes: its size is what matters.
    answer.error_details = stream_->error_details();
    stream_ = nullptr;
    const Verdict verdict = Judge(answer);
    if (verdict == Verdict::kOk) return Next();
    if (verdict == Verdict::kAway) return End(Away({Current()}));
    End(FailureOf(*call_, questions_[next_ - 1].service, answer, {}));
  }

  // What a single file's service says of it: known with the first bytes, and due before ours.
  void TellOfFile() {
    if (told_ || questions_.size() != 1) return;
    told_ = true;
    for (const auto& [name, value] : stream_->metadata()) {
      if (name == rpc::kFileEtag || name == rpc::kFileSize) outlet_.AddMetadata(name, value);
    }
  }

  const CallPointer call_;
  const std::string path_;
  Outlet outlet_;
  std::vector<Question> questions_;
  size_t next_ = 0;  // Behind the one that is under way.
  std::unique_ptr<rpc::ClientStream> stream_;
  bool told_ = false;
  bool reading_ = false;
  SteadyTime asked_;
};

template <typename Request>
bool Parse(const std::string& bytes, Request* request, Relay* relay) {
  std::vector<base::Violation> violations;
  if (!request->ParseFromString(bytes)) {
    relay->End(NotA(*request));
    return false;
  }
  Check(*request, &violations);
  if (!violations.empty()) relay->End(base::FailIfAny(violations));
  return violations.empty();
}

absl::Status NoSuchFile() {
  return base::Fail(absl::StatusCode::kNotFound, base::ErrorReason::RESOURCE_NOT_FOUND,
                    {{"kind", "file"}, {"kind_zh", "文件"}});
}

}  // namespace

std::shared_ptr<StreamWork> ReadRefusedLines(const CallPointer& call, const std::string& bytes,
                                             std::shared_ptr<rpc::ServerStream> stream) {
  auto relay = std::make_shared<Relay>(call, kReadRefusedLines, std::move(stream));
  v1::ReadRefusedLinesRequest request;
  if (!Parse(bytes, &request, relay.get())) return relay;
  FindParts(call, request.id(), [=](const absl::StatusOr<JobParts>& parts) {
    if (!parts.ok()) return relay->End(parts.status());
    if (parts->empty()) {  // Only the service that has the import says whose it is.
      v1::GetImportRequest get;
      get.set_id(request.id());
      return AskOwner(call, kGetImport, get.SerializeAsString(), [=](const absl::StatusOr<Told>& told) {
        if (!told.ok()) return relay->End(told.status());
        relay->Begin({{told->service, bytes}});
      });
    }
    std::vector<Question> questions;
    for (const auto& [name, id] : *parts) {
      const std::optional<size_t> service = call->services().Find(name);
      if (!service.has_value()) return relay->End(Away({name}));
      v1::ReadRefusedLinesRequest part;
      part.set_id(id);
      questions.push_back({*service, part.SerializeAsString()});
    }
    relay->Begin(std::move(questions));
  });
  return relay;
}

std::shared_ptr<StreamWork> ReadExportFile(const CallPointer& call, const std::string& bytes,
                                           std::shared_ptr<rpc::ServerStream> stream) {
  auto relay = std::make_shared<Relay>(call, kReadExportFile, std::move(stream));
  v1::ReadExportFileRequest request;
  if (!Parse(bytes, &request, relay.get())) return relay;
  const auto [service_name, file_name] = SplitFileName(request.name());
  const std::optional<size_t> service = call->services().Find(service_name);
  if (!service.has_value()) {
    relay->End(NoSuchFile());
    return relay;
  }
  request.set_name(file_name);
  FindParts(call, request.id(), [=, name = service_name](const absl::StatusOr<JobParts>& parts) mutable {
    if (!parts.ok()) return relay->End(parts.status());
    bool found = parts->empty();  // Then the id is the service's own.
    for (const auto& [part_service, id] : *parts) {
      if (part_service != name) continue;
      request.set_id(id);
      found = true;
    }
    if (!found) return relay->End(NoSuchFile());
    relay->Begin({{*service, request.SerializeAsString()}});
  });
  return relay;
}

}  // namespace lianqiao::gateway::sync
