// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/turns.h"

#include <utility>

#include "absl/time/clock.h"
#include "libs/base/status.h"

namespace lianqiao::sync {
namespace {

absl::Status Gone() {
  return absl::CancelledError("the client has gone");
}

}  // namespace

void Turns::Start(const access::Caller& caller) {
  const auto self = shared_from_this();
  stream_->OnCancel([self] { self->gone_ = true; });
  stream_->Read([self, caller](std::optional<std::string> bytes) {
    if (!bytes.has_value()) return self->End(Gone());
    if (const absl::Status status = self->Take(*bytes); !status.ok()) return self->End(status);
    self->Turn(caller);
  });
}

void Turns::Step() {
  if (gone_) return End(Gone());
  const auto self = shared_from_this();
  parts_.engine->options().authenticator->Authenticate(context_,
                                                       [self](const absl::StatusOr<access::Caller>& caller) {
                                                         if (!caller.ok()) return self->End(caller.status());
                                                         self->Turn(*caller);
                                                       });
}

void Turns::Submit(absl::Duration limit, std::function<void(postgres::Session&)> read) {
  if (gone_) return End(Gone());
  const auto self = shared_from_this();
  parts_.reads().Submit(
      absl::Now() + limit, [self, read = std::move(read)](postgres::Session& session) { read(session); },
      [self](const absl::Status& status) { self->End(status); });
}

void Turns::Write(std::string message, std::function<void()> then) {
  const auto self = shared_from_this();
  const int64_t timer = parts_.poller->At(absl::Now() + kSlowReader, [self](bool) {
    self->End(base::Fail(absl::StatusCode::kResourceExhausted, base::ErrorReason::CONSUMER_TOO_SLOW));
  });
  stream_->Write(std::move(message), [self, timer, then = std::move(then)](bool taken) {
    self->parts_.poller->Cancel(timer);
    if (!taken) return self->End(Gone());
    then();
  });
}

void Turns::End(const absl::Status& status) {
  if (!ended_.exchange(true)) stream_->Finish(status);
}

}  // namespace lianqiao::sync
