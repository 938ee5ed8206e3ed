// SPDX-License-Identifier: Apache-2.0
// A file on its way out: rights, a piece, send, again.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/resource/transfers.h"

namespace lianqiao::resource {

using base::ErrorReason;

namespace {

constexpr size_t kPieceBytes = size_t{256} << 10;

const FieldDescriptor* SingleField(const contract::Descriptor* message, const char* name,
                                   FieldDescriptor::Type type) {
  const FieldDescriptor* field = message->FindFieldByName(name);
  return field != nullptr && field->type() == type && !field->is_repeated() ? field : nullptr;
}

int64_t NumberIn(const Message& request, const char* name) {
  const FieldDescriptor* field = SingleField(request.GetDescriptor(), name, FieldDescriptor::TYPE_INT64);
  return field == nullptr ? 0 : request.GetReflection()->GetInt64(request, field);
}

// Metadata is ASCII; a file's name is not.
std::string PercentEncoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_';
    if (plain) {
      encoded.push_back(c);
    } else {
      absl::StrAppend(&encoded, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return encoded;
}

class Delivery final : public Transfer {
 public:
  Delivery(EngineCore* core, const Method& method, std::shared_ptr<const rpc::CallContext> context,
           std::shared_ptr<rpc::ServerStream> stream, std::unique_ptr<Outlet> outlet)
      : Transfer(core, method, std::move(context), std::move(stream)), outlet_(std::move(outlet)) {}

 private:
  static const Message* Prototype(const contract::Descriptor* type) {
    return google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
  }

  void Begin(const std::string& first) override {
    request_.reset(Prototype(method_.descriptor->input_type())->New());
    if (const absl::Status status = DecodeStreamed(first, request_.get()); !status.ok()) return Fail(status);
    offset_ = NumberIn(*request_, "offset");
    OnDatabase(false, [this](postgres::Session& session) { Admit(session); });
  }

  void Admit(postgres::Session& session) {
    const Call call = MakeCall(*request_);
    const absl::Status admitted = outlet_->Admit(*MakeReading(*core_, session, call), *request_);
    if (!admitted.ok()) return Fail(admitted);
    grants_ = caller_.grants;
    admitted_at_ = call.now;
    OnDisk([this] { begun_ ? Send() : Open(); });
  }

  void Open() {
    auto file = outlet_->Open();
    if (!file.ok()) return Fail(file.status());
    file_ = *std::move(file);
    if (offset_ > file_.size_bytes)
      return Fail(base::Fail(absl::StatusCode::kOutOfRange, ErrorReason::RANGE_BEHIND_END,
                             {{"size", absl::StrCat(file_.size_bytes)}}));
    const int64_t length = NumberIn(*request_, "length");
    const int64_t left = file_.size_bytes - offset_;
    end_ = offset_ + (length > 0 ? std::min(length, left) : left);
    begun_ = true;
    stream_->AddMetadata(rpc::kFileEtag, file_.etag);
    stream_->AddMetadata(rpc::kFileSize, absl::StrCat(file_.size_bytes));
    if (!file_.name.empty()) stream_->AddMetadata(rpc::kFileName, PercentEncoded(file_.name));
    if (!file_.record_id.empty() && method_.resource != nullptr) {
      const Call call = MakeCall(*request_);
      call.personal_reads[method_.resource->kind].insert(file_.record_id);
      core_->LogPersonalReads(call);
    }
    Send();
  }

  void Send() {
    if (gone_) return Fail(absl::CancelledError("the client has gone"));
    if (offset_ == end_) return stream_->Finish(absl::OkStatus());
    const auto size = static_cast<size_t>(std::min<int64_t>(end_ - offset_, kPieceBytes));
    auto piece = outlet_->ReadAt(offset_, size);
    if (!piece.ok()) return Fail(piece.status());
    if (piece->size() != size) return Fail(absl::DataLossError("a file is shorter than it was"));
    const contract::Descriptor* type = method_.descriptor->output_type();
    const std::unique_ptr<Message> response(Prototype(type)->New());
    const auto& reflection = *response->GetReflection();
    if (!typed_)
      reflection.SetString(response.get(), type->FindFieldByName("content_type"), file_.content_type);
    typed_ = true;
    reflection.SetString(response.get(), type->FindFieldByName("content"), *std::move(piece));
    offset_ += static_cast<int64_t>(size);
    Write(response->SerializeAsString(), [self = shared_from_this(), this](bool taken) {
      taken ? Next() : Fail(absl::CancelledError("the client has gone"));
    });
  }

  void Next() {
    Renew([this] {
      const bool known =
          caller_.grants == grants_ && core_->options.clock->Now() - admitted_at_ < kTransferAdmitted;
      if (known) return OnDisk([this] { Send(); });
      OnDatabase(false, [this](postgres::Session& session) { Admit(session); });
    });
  }

  const std::unique_ptr<Outlet> outlet_;
  std::unique_ptr<Message> request_;
  std::shared_ptr<const access::ClientGrants> grants_;
  absl::Time admitted_at_;
  Outlet::File file_;
  int64_t offset_ = 0;  // Of the next byte to send.
  int64_t end_ = 0;
  bool begun_ = false;
  bool typed_ = false;  // The first message has told the content type.
};

}  // namespace

void Engine::AddOutlet(const std::string& method, MakeOutlet make) {
  const Method* plan = core_->options.contract->FindMethod(method);
  const contract::Descriptor* answer = plan == nullptr ? nullptr : plan->descriptor->output_type();
  if (plan == nullptr || !plan->descriptor->server_streaming() || plan->descriptor->client_streaming() ||
      plan->writes || SingleField(answer, "content", FieldDescriptor::TYPE_BYTES) == nullptr ||
      SingleField(answer, "content_type", FieldDescriptor::TYPE_STRING) == nullptr)
    return core_->mistakes_.push_back(
        absl::StrCat(method, " gives files but does not stream content and content_type"));
  core_->UseTransfers();
  AddStream(method, [core = core_.get(), plan, make = std::move(make)](
                        const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                        std::shared_ptr<rpc::ServerStream> stream) {
    std::make_shared<Delivery>(core, *plan, std::move(context), std::move(stream), make())->Start(caller);
  });
}

}  // namespace lianqiao::resource
