// SPDX-License-Identifier: Apache-2.0
#include "libs/rpc/stream.h"

#include <future>

#include "absl/time/clock.h"

namespace lianqiao::rpc {

absl::Status StatusOfGone(const CallContext& context) {
  // A client's deadline passes at its side first: its cancel comes before ours by the time that the call took
  // to come here.
  constexpr absl::Duration kAhead = absl::Milliseconds(100);
  if (absl::Now() + kAhead >= context.deadline) return absl::DeadlineExceededError("the deadline passed");
  return absl::CancelledError("the client has gone");
}

std::optional<std::string> ClientStream::ReadAndWait() {
  const auto answer = std::make_shared<std::promise<std::optional<std::string>>>();
  auto future = answer->get_future();
  Read([answer](std::optional<std::string> bytes) { answer->set_value(std::move(bytes)); });
  return future.get();
}

bool ClientStream::WriteAndWait(std::string bytes) {
  const auto answer = std::make_shared<std::promise<bool>>();
  auto future = answer->get_future();
  Write(std::move(bytes), [answer](bool ok) { answer->set_value(ok); });
  return future.get();
}

}  // namespace lianqiao::rpc
