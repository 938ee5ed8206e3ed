// SPDX-License-Identifier: Apache-2.0
// ImportRecords: one message at a time from the stream to the receiver, on a worker of the writing pool.
#include <atomic>
#include <utility>

#include "absl/time/clock.h"
#include "libs/bulk/methods.h"
#include "libs/bulk/receiver.h"

namespace lianqiao::bulk {
namespace {

class Reception : public std::enable_shared_from_this<Reception> {
 public:
  Reception(resource::Engine* engine, std::string service, std::function<void()> submitted,
            Receiver::From from, std::shared_ptr<rpc::ServerStream> stream)
      : engine_(engine),
        service_(std::move(service)),
        submitted_(std::move(submitted)),
        stream_(std::move(stream)),
        receiver_(engine->options().contract.get(), std::move(from)) {}

  void Start() {
    stream_->OnCancel([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->gone_ = true;
    });
    Next();
  }

 private:
  void Next() {
    stream_->Read([self = shared_from_this()](std::optional<std::string> bytes) {
      if (bytes.has_value()) return self->Take(*std::move(bytes));
      // A cut connection is no end: what has come so far waits for the rest.
      self->gone_ ? self->Abandon() : self->Finish();
    });
  }

  void Take(std::string bytes) {
    auto message = std::make_shared<v1::ImportRecordsRequest>();
    if (!message->ParseFromString(bytes))
      return Fail(base::FailIfAny({base::Refuse("", base::ErrorReason::FIELD_BAD_FORMAT,
                                                {{"expected", "lianqiao.sync.v1.ImportRecordsRequest"}})}));
    Submit([message](Reception& self, postgres::Session& session) { return self.Work(session, *message); },
           [](Reception& self) { self.Next(); });
  }

  absl::Status Work(postgres::Session& session, const v1::ImportRecordsRequest& message) {
    const absl::Time now = engine_->options().clock->Now();
    const bool options = message.part_case() == v1::ImportRecordsRequest::kOptions;
    if (options == begun_)
      return base::FailIfAny({base::Refuse(
          "options", begun_ ? base::ErrorReason::FIELD_DUPLICATE : base::ErrorReason::FIELD_REQUIRED)});
    begun_ = true;
    switch (message.part_case()) {
      case v1::ImportRecordsRequest::kOptions:
        return receiver_.Begin(session, message.options(), now);
      case v1::ImportRecordsRequest::kChunk:
        return receiver_.Append(session, message.chunk().offset(), message.chunk().content(), now);
      case v1::ImportRecordsRequest::kRecord:
        return receiver_.AppendRecord(session, message.record(), now);
      default:
        return base::FailIfAny({base::Refuse("chunk", base::ErrorReason::FIELD_REQUIRED)});
    }
  }

  void Finish() {
    auto answer = std::make_shared<std::string>();
    Submit(
        [answer](Reception& self, postgres::Session& session) -> absl::Status {
          if (!self.begun_)
            return base::FailIfAny({base::Refuse("options", base::ErrorReason::FIELD_REQUIRED)});
          ASSIGN_OR_RETURN(const ImportRow row,
                           self.receiver_.Finish(session, self.engine_->options().clock->Now()));
          *answer = ToProto(row, self.service_).SerializeAsString();
          return absl::OkStatus();
        },
        [answer](Reception& self) {
          self.submitted_();
          self.stream_->Write(*answer, [stream = self.stream_](bool) { stream->Finish(absl::OkStatus()); });
        });
  }

  void Abandon() {
    engine_->options().writes->Submit(
        absl::Now() + absl::Seconds(10),
        [self = shared_from_this()](postgres::Session& session) {
          if (self->begun_) self->receiver_.Abandon(session, self->engine_->options().clock->Now());
          self->stream_->Finish(absl::CancelledError("the client is gone"));
        },
        [self = shared_from_this()](const absl::Status& status) { self->stream_->Finish(status); });
  }

  void Submit(std::function<absl::Status(Reception&, postgres::Session&)> work,
              std::function<void(Reception&)> then) {
    engine_->options().writes->Submit(
        absl::Now() + absl::Seconds(30),
        [self = shared_from_this(), work = std::move(work),
         then = std::move(then)](postgres::Session& session) {
          const absl::Status status = work(*self, session);
          if (status.ok()) return then(*self);
          if (self->begun_) self->receiver_.Abandon(session, self->engine_->options().clock->Now());
          self->Fail(status);
        },
        [self = shared_from_this()](const absl::Status& status) { self->Fail(status); });
  }

  void Fail(const absl::Status& status) { stream_->Finish(status); }

  resource::Engine* const engine_;
  const std::string service_;
  const std::function<void()> submitted_;
  const std::shared_ptr<rpc::ServerStream> stream_;
  Receiver receiver_;
  bool begun_ = false;
  std::atomic<bool> gone_{false};
};

}  // namespace

void ReceiveImport(resource::Engine* engine, const std::string& service,
                   const std::function<void()>& submitted, const access::Caller& caller,
                   const std::shared_ptr<const rpc::CallContext>& context,
                   std::shared_ptr<rpc::ServerStream> stream) {
  std::make_shared<Reception>(engine, service, submitted, Receiver::From{caller, context->trace_id},
                              std::move(stream))
      ->Start();
}

}  // namespace lianqiao::bulk
