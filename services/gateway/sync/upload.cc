// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/upload.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "lianqiao/options/v1/options.pb.h"
#include "services/gateway/sync/combine.h"
#include "services/gateway/sync/jobs.h"
#include "services/gateway/sync/line_router.h"
#include "services/gateway/sync/upload_target.h"

namespace lianqiao::gateway::sync {
namespace {

// What is unpacked and routed before the services have taken the last of it: packed content can become a
// hundred times as much.
constexpr size_t kSliceBytes = 16u << 10;

class Upload : public StreamWork, public std::enable_shared_from_this<Upload> {
 public:
  Upload(CallPointer call, std::shared_ptr<rpc::ServerStream> stream)
      : call_(std::move(call)), outlet_(call_->hub->loop, stream), stream_(std::move(stream)) {}

  void Start(const std::string& first) {
    v1::ImportRecordsRequest request;
    if (!request.ParseFromString(first)) return End(NotA(request));
    std::vector<base::Violation> violations;
    Check(request, &violations);
    if (!request.has_options())
      violations.push_back(base::Refuse("options", base::ErrorReason::FIELD_REQUIRED));
    const std::string& kind = request.options().kind();
    const std::optional<size_t> owner = call_->services().OwnerOf(kind);
    if (!kind.empty() && !owner.has_value())
      violations.push_back(
          base::Refuse("options.kind", base::ErrorReason::KIND_UNKNOWN, {{"value", kind}}));
    if (kind.empty() && request.options().format() == v1::ImportOptions::FORMAT_CSV)
      violations.push_back(base::Refuse("options.kind", base::ErrorReason::FIELD_REQUIRED));
    if (!violations.empty()) return End(base::FailIfAny(violations));
    options_ = request.options();
    divides_ = !owner.has_value() && call_->services().size() > 1;
    if (divides_) {
      router_ = std::make_unique<LineRouter>(&call_->services(), options_.gzip());
      options_.set_gzip(false);  // The services get their lines unpacked.
    } else {
      TargetOf(owner.value_or(0));
    }
    Continue();
  }

  void Sweep(SteadyTime now) override {
    if (outlet_.finished()) return;
    const Timing& timing = call_->hub->timing;
    if (reading_ && now - asked_ > timing.silent_caller)
      return End(base::Fail(absl::StatusCode::kDeadlineExceeded, base::ErrorReason::REQUEST_TIMEOUT));
    for (const auto& [service, target] : targets_) {
      if (target->IsStuck(now, timing.slow_reader)) return End(Away({call_->services().name(service)}));
    }
  }
  bool finished() const override { return outlet_.finished(); }
  void Stop() override { End(Away({"gateway"})); }

 private:
  // Opened with the first line for it. Nullptr if that ended the submission.
  UploadTarget* TargetOf(size_t service) {
    auto& target = targets_[service];
    if (target != nullptr) return target.get();
    if (options_.atomic() && targets_.size() > 1) {
      End(base::FailIfAny({base::RefuseRule("options.atomic", "整批成败一致的提交只能包含同一服务的记录",
                                            "all or nothing holds for records of one service only")}));
      return nullptr;
    }
    target = std::make_shared<UploadTarget>(call_, service, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self != nullptr && !self->outlet_.finished()) self->Continue();
    });
    target->Open();
    v1::ImportRecordsRequest request;
    *request.mutable_options() = options_;
    target->Send(request.SerializeAsString());
    return target.get();
  }

  // What can be done next, whenever something has happened.
  void Continue() {
    if (answering_) return;
    size_t over = 0;
    for (const auto& [service, target] : targets_) {
      if (!target->over()) continue;
      if (!target->ended().status.ok()) return Fail(service, target->ended());
      ++over;
    }
    if (over == targets_.size() && (complete_ || (over > 0 && !divides_))) return Answer();
    const bool idle = std::all_of(targets_.begin(), targets_.end(),
                                  [](const auto& target) { return target.second->idle(); });
    if (!idle || complete_ || reading_) return;
    if (left_.empty()) return Read();
    Route(left_.substr(0, kSliceBytes));
    left_.erase(0, std::min(kSliceBytes, left_.size()));
    if (outlet_.finished()) return;
    call_->hub->loop->Post([self = shared_from_this()] {  // Others have their turn between slices.
      if (!self->outlet_.finished()) self->Continue();
    });
  }

  void Read() {
    reading_ = true;
    asked_ = std::chrono::steady_clock::now();
    stream_->Read([self = shared_from_this()](std::optional<std::string> bytes) {
      self->call_->hub->loop->Post([self, bytes = std::move(bytes)] {
        self->reading_ = false;
        if (!self->outlet_.finished()) self->Heard(bytes);
      });
    });
  }

  void Heard(const std::optional<std::string>& bytes) {
    if (!bytes.has_value()) return Complete();
    if (!divides_) {
      targets_.begin()->second->Send(*bytes);
      return Continue();
    }
    v1::ImportRecordsRequest request;
    if (!request.ParseFromString(*bytes)) return End(NotA(request));
    if (request.has_record()) {
      if (UploadTarget* target = TargetOf(OwnerOf(request.record()))) target->Send(*bytes);
    } else if (request.has_chunk()) {
      if (request.chunk().offset() != received_) return End(WrongOffset());
      received_ += static_cast<int64_t>(request.chunk().content().size());
      left_ = std::move(*request.mutable_chunk()->mutable_content());
    } else {
      return End(base::FailIfAny({base::Refuse("chunk", base::ErrorReason::FIELD_REQUIRED)}));
    }
    if (!outlet_.finished()) Continue();
  }

  // Each service has a part of it, so there is no place to go on from: it is sent anew from its beginning,
  // and the services know again what they have.
  absl::Status WrongOffset() const {
    const std::string expected = absl::StrCat(received_);
    return base::FailIfAny({base::Refuse("chunk.offset", base::ErrorReason::FIELD_OUT_OF_RANGE,
                                         {{"min", expected}, {"max", expected}})});
  }

  size_t OwnerOf(const v1::ImportRecord& record) const {
    const std::string& url = record.record().type_url();
    const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
        url.substr(url.rfind('/') + 1));
    if (type == nullptr || !type->options().HasExtension(options::v1::resource)) return 0;
    return call_->services().OwnerOf(type->options().GetExtension(options::v1::resource).kind()).value_or(0);
  }

  void Route(const std::string& bytes) {
    const absl::Status routed = router_->Feed(bytes);
    if (!routed.ok()) return End(routed);
    SendRouted();
  }

  void SendRouted() {
    for (const auto& [service, text] : router_->Take()) {
      UploadTarget* target = TargetOf(service);
      if (target == nullptr) return;
      target->SendBytes(text);
    }
  }

  void Complete() {
    if (divides_ && received_ > 0) {
      const absl::Status routed = router_->Finish();
      if (!routed.ok()) return End(routed);
      SendRouted();
      if (outlet_.finished()) return;
    }
    if (targets_.empty()) TargetOf(0);  // It says what an empty submission is.
    complete_ = true;
    // The jobs begin with it: only when every service has everything.
    for (const auto& [service, target] : targets_) target->Complete();
    Continue();
  }

  void Fail(size_t service, const rpc::Answer& answer) {
    if (Judge(answer) == Verdict::kAway) return End(Away({call_->services().name(service)}));
    End(FailureOf(*call_, service, answer, {}));
  }

  void Answer() {
    answering_ = true;
    std::vector<v1::Import> parts;
    JobParts group;
    for (const auto& [service, target] : targets_) {
      if (!target->has_import()) return End(BadAnswer(*call_, service));
      const std::string& name = call_->services().name(service);
      parts.push_back(target->import());
      NameImport(name, &parts.back());
      group.emplace_back(name, parts.back().id());
    }
    if (parts.size() == 1) return Send(parts.front());
    SaveGroup(call_, group, [self = shared_from_this(), parts](const absl::StatusOr<std::string>& id) {
      if (!id.ok()) return self->End(id.status());
      self->Send(CombineImports(*id, parts));
    });
  }

  void Send(const v1::Import& import) {
    if (outlet_.finished()) return;
    outlet_.Write(import.SerializeAsString(), [self = shared_from_this()](bool taken) {
      self->End(taken ? absl::OkStatus() : absl::CancelledError());
    });
  }

  void End(const absl::Status& status) {
    if (outlet_.finished()) return;
    outlet_.Finish(status);
    for (const auto& [service, target] : targets_) {
      if (target != nullptr) target->Cancel();
    }
    call_->Cancel();
  }

  const CallPointer call_;
  Outlet outlet_;
  const std::shared_ptr<rpc::ServerStream> stream_;
  v1::ImportOptions options_;
  bool divides_ = false;
  std::unique_ptr<LineRouter> router_;
  std::map<size_t, std::shared_ptr<UploadTarget>> targets_;
  std::string left_;  // Of the chunk that came last.
  int64_t received_ = 0;
  bool reading_ = false;
  bool complete_ = false;
  bool answering_ = false;
  SteadyTime asked_;
};

}  // namespace

std::shared_ptr<StreamWork> ImportRecords(const CallPointer& call, const std::string& first,
                                          std::shared_ptr<rpc::ServerStream> stream) {
  auto upload = std::make_shared<Upload>(call, std::move(stream));
  upload->Start(first);
  return upload;
}

}  // namespace lianqiao::gateway::sync
