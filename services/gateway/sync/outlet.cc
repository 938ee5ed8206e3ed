// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/outlet.h"

namespace lianqiao::gateway::sync {

Outlet::Outlet(std::shared_ptr<Loop> loop, std::shared_ptr<rpc::ServerStream> stream)
    : loop_(std::move(loop)), stream_(std::move(stream)), last_write_(std::chrono::steady_clock::now()) {}

Outlet::~Outlet() {
  *alive_ = false;
}

void Outlet::Write(std::string bytes, std::function<void(bool)> then) {
  busy_ = true;
  last_write_ = std::chrono::steady_clock::now();
  stream_->Write(std::move(bytes), [this, loop = loop_, alive = alive_, then = std::move(then)](bool taken) {
    loop->Post([this, alive, then, taken] {
      if (!*alive) return;
      busy_ = false;
      then(taken);
    });
  });
}

void Outlet::AddMetadata(const std::string& name, const std::string& value) {
  if (stream_ != nullptr && !finished_) stream_->AddMetadata(name, value);
}

void Outlet::Finish(const absl::Status& status) {
  if (finished_) return;
  finished_ = true;
  stream_->Finish(status);
  stream_ = nullptr;
}

absl::Status TooSlow() {
  return base::Fail(absl::StatusCode::kResourceExhausted, base::ErrorReason::CONSUMER_TOO_SLOW);
}

void ReadRequest(const std::shared_ptr<Loop>& loop, const std::shared_ptr<rpc::ServerStream>& stream,
                 std::function<void(std::optional<std::string>)> then) {
  stream->Read([loop, then = std::move(then)](std::optional<std::string> request) {
    loop->Post([then, request = std::move(request)] { then(request); });
  });
}

}  // namespace lianqiao::gateway::sync
