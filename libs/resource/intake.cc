// SPDX-License-Identifier: Apache-2.0
// A file on its way in: options, pieces one at a time, then the record that it belongs to.
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/fault_point.h"
#include "libs/base/status.h"
#include "libs/resource/transfers.h"
#include "libs/resource/unit.h"

namespace lianqiao::resource {

using base::ErrorReason;

namespace {

// Of the request: its parts by name, as the gateway finds them (services/gateway/stream_shape.h).
struct Shape {
  const FieldDescriptor* options = nullptr;
  const FieldDescriptor* chunk = nullptr;
  const FieldDescriptor* offset = nullptr;
  const FieldDescriptor* content = nullptr;

  bool whole() const { return options != nullptr && offset != nullptr && content != nullptr; }
};

Shape ShapeOf(const Method& method) {
  Shape shape;
  const contract::Descriptor* request = method.descriptor->input_type();
  const FieldDescriptor* options = request->FindFieldByName("options");
  shape.chunk = request->FindFieldByName("chunk");
  if (options == nullptr || shape.chunk == nullptr || options->message_type() == nullptr ||
      shape.chunk->message_type() == nullptr || options->real_containing_oneof() == nullptr ||
      options->real_containing_oneof() != shape.chunk->real_containing_oneof())
    return shape;
  shape.options = options;
  const FieldDescriptor* offset = shape.chunk->message_type()->FindFieldByName("offset");
  const FieldDescriptor* content = shape.chunk->message_type()->FindFieldByName("content");
  if (offset != nullptr && offset->type() == FieldDescriptor::TYPE_INT64) shape.offset = offset;
  if (content != nullptr && content->type() == FieldDescriptor::TYPE_BYTES) shape.content = content;
  return shape;
}

std::unique_ptr<Message> New(const contract::Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

class Reception final : public Transfer {
 public:
  Reception(EngineCore* core, const Method& method, std::shared_ptr<const rpc::CallContext> context,
            std::shared_ptr<rpc::ServerStream> stream, std::unique_ptr<Intake> intake)
      : Transfer(core, method, std::move(context), std::move(stream)),
        shape_(ShapeOf(method)),
        intake_(std::move(intake)) {}

 private:
  void Begin(const std::string& first) override {
    const std::unique_ptr<Message> message = New(method_.descriptor->input_type());
    if (const absl::Status status = DecodeStreamed(first, message.get()); !status.ok()) return Fail(status);
    const auto& reflection = *message->GetReflection();
    if (!reflection.HasField(*message, shape_.options))
      return Fail(base::FailIfAny({base::Refuse("options", ErrorReason::FIELD_REQUIRED)}));
    options_.reset(reflection.ReleaseMessage(message.get(), shape_.options));
    OnDatabase(true, [this](postgres::Session& session) { Admit(session); });
  }

  absl::StatusOr<rpc::Reply> Write(
      postgres::Session& session, const Call& call,
      const std::function<absl::StatusOr<std::unique_ptr<Message>>(Writing&)>& work) {
    return RunUnit(*core_, session, call, [&](Unit& unit) -> absl::StatusOr<std::unique_ptr<Message>> {
      return work(*MakeWriting(*core_, unit, call));
    });
  }

  void Admit(postgres::Session& session) {
    const Call call = MakeCall(*options_);
    const auto admitted =
        Write(session, call, [&](Writing& writing) -> absl::StatusOr<std::unique_ptr<Message>> {
          RETURN_IF_ERROR(intake_->Admit(writing, *options_));
          return New(method_.descriptor->output_type());
        });
    if (!admitted.ok()) return Fail(admitted.status());
    OnDisk([this] {
      const absl::Status opened = intake_->Open();
      if (!opened.ok()) return Fail(opened);
      opened_ = true;
      Next();
    });
  }

  void Next() {
    Read([self = shared_from_this(), this](std::optional<std::string> bytes) {
      // A cut connection is no end: what has come so far waits for the rest.
      if (gone_) return Fail(absl::CancelledError("the client is gone"));
      if (!bytes.has_value()) return OnDisk([this] { Complete(); });
      const auto piece = std::make_shared<const std::string>(*std::move(bytes));
      Renew([this, piece] { OnDisk([this, piece] { Take(*piece); }); });
    });
  }

  void Take(const std::string& bytes) {
    const std::unique_ptr<Message> message = New(method_.descriptor->input_type());
    if (const absl::Status status = DecodeStreamed(bytes, message.get()); !status.ok()) return Fail(status);
    const auto& reflection = *message->GetReflection();
    if (!reflection.HasField(*message, shape_.chunk)) {
      const bool again = reflection.HasField(*message, shape_.options);
      return Fail(base::FailIfAny({base::Refuse(
          again ? "options" : "chunk", again ? ErrorReason::FIELD_DUPLICATE : ErrorReason::FIELD_REQUIRED)}));
    }
    const Message& chunk = reflection.GetMessage(*message, shape_.chunk);
    std::string scratch;
    const absl::Status taken =
        intake_->Take(chunk.GetReflection()->GetInt64(chunk, shape_.offset),
                      chunk.GetReflection()->GetStringReference(chunk, shape_.content, &scratch));
    taken.ok() ? Next() : Fail(taken);
  }

  void Complete() {
    const absl::Status complete = intake_->Complete();
    if (!complete.ok()) return Fail(complete);
    Renew([this] { OnDatabase(true, [this](postgres::Session& session) { Answer(session); }); });
  }

  void Answer(postgres::Session& session) {
    const Call call = MakeCall(*options_);
    auto reply = Write(session, call, [&](Writing& writing) { return intake_->Answer(writing); });
    if (!reply.ok()) return Fail(reply.status());
    if (core_->options.on_commit) core_->options.on_commit();
    OnDisk([this, reply = *std::move(reply)] {
      intake_->Committed();
      for (const auto& [name, value] : reply.metadata) stream_->AddMetadata(name, value);
      stream_->Write(reply.bytes, [stream = stream_](bool) {
        base::PassFaultPoint("upload_answered");
        stream->Finish(absl::OkStatus());
      });
    });
  }

  void Stopped() override {
    if (opened_) intake_->Suspend();
  }

  const Shape shape_;
  const std::unique_ptr<Intake> intake_;
  std::unique_ptr<Message> options_;
  bool opened_ = false;
};

}  // namespace

void Engine::AddIntake(const std::string& method, MakeIntake make) {
  const Method* plan = core_->options.contract->FindMethod(method);
  if (plan == nullptr || !plan->descriptor->client_streaming() || !plan->writes || !ShapeOf(*plan).whole())
    return core_->mistakes_.push_back(
        absl::StrCat(method, " takes files but does not stream {options, chunk} with the right to write"));
  core_->UseTransfers();
  AddStream(method, [core = core_.get(), plan, make = std::move(make)](
                        const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                        std::shared_ptr<rpc::ServerStream> stream) {
    std::make_shared<Reception>(core, *plan, std::move(context), std::move(stream), make())->Start(caller);
  });
}

}  // namespace lianqiao::resource
