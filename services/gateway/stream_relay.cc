// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/stream_relay.h"

#include <grpcpp/alarm.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"

namespace lianqiao::gateway {

StreamRelay::StreamRelay(std::shared_ptr<rpc::ServerStream> client,
                         std::unique_ptr<rpc::ClientStream> service, absl::Duration slow_reader, Ended ended)
    : client_(std::move(client)),
      service_(std::move(service)),
      slow_reader_(slow_reader),
      ended_(std::move(ended)) {}

StreamRelay::~StreamRelay() {
  if (!over_.exchange(true))
    ended_(End::kClientGone, *service_).IgnoreError();  // Nobody is there to be told.
}

void StreamRelay::Start() {
  client_->OnCancel([self = shared_from_this()] { self->OnClientGone(); });
  PassToService();
  PassToClient();
}

void StreamRelay::PassToService() {
  client_->Read([self = shared_from_this()](std::optional<std::string> bytes) {
    // After a cancel this says nothing: the call to the service is cancelled by then.
    if (!bytes.has_value()) return self->service_->WritesDone();
    self->service_->Write(std::move(*bytes), [self](bool ok) {
      if (ok) self->PassToService();
    });
  });
}

void StreamRelay::PassToClient() {
  service_->Read([self = shared_from_this()](std::optional<std::string> bytes) {
    if (!bytes.has_value()) return self->OnServiceEnded();
    self->PassMetadata();
    self->LimitWrite();
    self->client_->Write(std::move(*bytes), [self](bool ok) {
      ++self->writes_;
      self->alarm_.reset();
      if (ok) return self->PassToClient();
      self->service_->Cancel();
    });
  });
}

// Complete with the service's first message, and due before ours.
void StreamRelay::PassMetadata() {
  if (metadata_passed_) return;
  metadata_passed_ = true;
  for (const auto& [name, value] : service_->metadata()) {
    for (const char* passed :
         {rpc::kPosition, rpc::kReplayed, rpc::kFileEtag, rpc::kFileSize, rpc::kFileName}) {
      if (name == passed) client_->AddMetadata(name, value);
    }
  }
}

void StreamRelay::OnServiceEnded() {
  if (!over_.exchange(true)) client_->Finish(ended_(End::kByService, *service_));
}

void StreamRelay::OnClientGone() {
  service_->Cancel();
  if (!over_.exchange(true))
    ended_(End::kClientGone, *service_).IgnoreError();  // Nobody is there to be told.
}

// An alarm of gRPC's for each write: setting one anew would race with its last run.
void StreamRelay::LimitWrite() {
  const int64_t write = ++writes_;
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(absl::ToChronoTime(absl::Now() + slow_reader_), [weak = weak_from_this(), write](bool expired) {
    const auto self = expired ? weak.lock() : nullptr;
    if (self != nullptr) self->OnTooSlow(write);
  });
}

// The end waits behind the write; the server cuts off who does not take that either.
void StreamRelay::OnTooSlow(int64_t write) {
  if (writes_ != write || over_.exchange(true)) return;
  service_->Cancel();
  client_->Finish(ended_(End::kClientTooSlow, *service_));
}

}  // namespace lianqiao::gateway
