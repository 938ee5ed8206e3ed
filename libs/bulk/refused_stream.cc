// SPDX-License-Identifier: Apache-2.0
// ReadRefusedLines: a piece is read when the transport has taken the one before.
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "libs/bulk/methods.h"
#include "libs/bulk/refused_lines.h"

namespace lianqiao::bulk {
namespace {

class Sending : public std::enable_shared_from_this<Sending> {
 public:
  Sending(resource::Engine* engine, access::Caller caller, std::shared_ptr<rpc::ServerStream> stream)
      : engine_(engine), caller_(std::move(caller)), stream_(std::move(stream)) {}

  void Start() {
    stream_->Read([self = shared_from_this()](std::optional<std::string> bytes) {
      std::vector<base::Violation> violations;
      if (!bytes.has_value() || !self->request_.ParseFromString(*bytes)) {
        violations.push_back(base::Refuse("", base::ErrorReason::FIELD_BAD_FORMAT,
                                          {{"expected", "lianqiao.sync.v1.ReadRefusedLinesRequest"}}));
      } else {
        contract::Validate(self->request_, "", &violations);
      }
      if (!violations.empty()) return self->stream_->Finish(base::FailIfAny(violations));
      self->Next();
    });
  }

 private:
  void Next() {
    engine_->options().reads->Submit(
        absl::Now() + absl::Seconds(30),
        [self = shared_from_this()](postgres::Session& session) {
          const absl::Status status = self->Send(session);
          if (!status.ok()) self->stream_->Finish(status);
        },
        [self = shared_from_this()](const absl::Status& status) { self->stream_->Finish(status); });
  }

  absl::Status Send(postgres::Session& session) {
    v1::ReadRefusedLinesResponse message;
    if (!lines_.has_value()) {
      ASSIGN_OR_RETURN(ImportRow row, ReadImport(session, caller_.client_id, request_.id()));
      lines_.emplace(engine_->options().contract.get(), std::move(row));
      message.set_content_type(lines_->content_type());
    }
    bool ended = false;
    // Pieces without a refused line are passed over here.
    while (message.content().empty() && !ended) {
      ASSIGN_OR_RETURN(*message.mutable_content(), lines_->Next(session, &ended));
    }
    if (message.content().empty() && message.content_type().empty()) {
      stream_->Finish(absl::OkStatus());
      return absl::OkStatus();
    }
    stream_->Write(message.SerializeAsString(), [self = shared_from_this(), ended](bool taken) {
      if (taken && !ended) return self->Next();
      self->stream_->Finish(taken ? absl::OkStatus() : absl::CancelledError("the client is gone"));
    });
    return absl::OkStatus();
  }

  resource::Engine* const engine_;
  const access::Caller caller_;
  const std::shared_ptr<rpc::ServerStream> stream_;
  v1::ReadRefusedLinesRequest request_;
  std::optional<RefusedLines> lines_;
};

}  // namespace

void SendRefusedLines(resource::Engine* engine, const access::Caller& caller,
                      std::shared_ptr<rpc::ServerStream> stream) {
  std::make_shared<Sending>(engine, caller, std::move(stream))->Start();
}

}  // namespace lianqiao::bulk
