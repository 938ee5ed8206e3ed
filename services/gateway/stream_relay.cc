// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/stream_relay.h"

#include <optional>
#include <string>
#include <utility>

namespace lianqiao::gateway {

StreamRelay::StreamRelay(std::shared_ptr<rpc::ServerStream> client,
                         std::unique_ptr<rpc::ClientStream> service, Ended ended)
    : client_(std::move(client)), service_(std::move(service)), ended_(std::move(ended)) {}

StreamRelay::~StreamRelay() {
  if (!over_.exchange(true)) ended_(nullptr).IgnoreError();  // Nobody is there to be told.
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
    self->client_->Write(std::move(*bytes), [self](bool ok) {
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
    for (const char* passed : {rpc::kPosition, rpc::kReplayed, rpc::kFileEtag, rpc::kFileSize}) {
      if (name == passed) client_->AddMetadata(name, value);
    }
  }
}

void StreamRelay::OnServiceEnded() {
  if (!over_.exchange(true)) client_->Finish(ended_(service_.get()));
}

void StreamRelay::OnClientGone() {
  service_->Cancel();
  if (!over_.exchange(true)) ended_(nullptr).IgnoreError();  // Nobody is there to be told.
}

}  // namespace lianqiao::gateway
