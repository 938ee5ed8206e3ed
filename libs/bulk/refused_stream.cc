// SPDX-License-Identifier: Apache-2.0
// ReadRefusedLines: a piece is read when the transport has taken the one before.
#include <optional>
#include <utility>

#include "libs/bulk/methods.h"
#include "libs/bulk/refused_lines.h"
#include "libs/sync/turns.h"

namespace lianqiao::bulk {
namespace {

constexpr absl::Duration kReadLimit = absl::Seconds(30);

class RefusedReading final : public sync::Turns {
 public:
  using Turns::Turns;

 private:
  absl::Status Take(const std::string& request) override { return sync::Decode(request, &request_); }

  void Turn(const access::Caller& caller) override {
    Submit(kReadLimit, [this, caller](postgres::Session& session) {
      if (const absl::Status status = Send(session, caller); !status.ok()) End(status);
    });
  }

  absl::Status Send(postgres::Session& session, const access::Caller& caller) {
    v1::ReadRefusedLinesResponse message;
    if (!lines_.has_value()) {
      ASSIGN_OR_RETURN(ImportRow row, ReadImport(session, caller.client_id, request_.id()));
      lines_.emplace(&parts_.contract(), std::move(row));
      message.set_content_type(lines_->content_type());
    }
    ASSIGN_OR_RETURN(*message.mutable_content(), lines_->Next(session));
    if (!message.content().empty() || !message.content_type().empty()) {
      Write(message.SerializeAsString(), [this] { Step(); });
    } else if (lines_->ended()) {
      End(absl::OkStatus());
    } else {
      Step();  // Nothing was refused in what was read.
    }
    return absl::OkStatus();
  }

  v1::ReadRefusedLinesRequest request_;
  std::optional<RefusedLines> lines_;
};

}  // namespace

resource::StreamMethod ReadRefusedLines(const sync::Parts& parts) {
  return [&parts](const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                  std::shared_ptr<rpc::ServerStream> stream) {
    std::make_shared<RefusedReading>(parts, std::move(context), std::move(stream))->Start(caller);
  };
}

}  // namespace lianqiao::bulk
