// SPDX-License-Identifier: Apache-2.0
// Watches by server-sent events through the gateway; comes back with the last id.
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/json/json.h"
#include "tests/convergence/consumer.h"
#include "tests/convergence/event_stream.h"

namespace lianqiao::convergence {
namespace {

class EventsConsumer final : public Consumer {
 public:
  using Consumer::Consumer;
  ~EventsConsumer() override { Stop(); }

 private:
  const char* way() const override { return "events"; }
  absl::Status Tail() override {
    copy_.BeginAgain();
    Delivery delivery = Asking();
    const std::string& place = options().filter_id;
    EventStream stream(installation_->http_port(),
                       absl::StrCat("/v1/changes", place.empty() ? "" : "?jurisdictionIds=", place),
                       options().name, copy_.cursor());
    if (stream.status() != 200) return Refused(stream.status(), stream.ReadBody());
    google::protobuf::RepeatedPtrField<sync::v1::Change> changes;
    bool whole = true;
    for (int left = 1 + Random(20); left > 0 && !stopped() && !settled();) {
      const auto event = stream.Next();
      if (!event.has_value()) return absl::UnavailableError("the connection broke");
      if (event->name == "degraded" || event->name == "recovered") {
        whole = event->name == "recovered";
      } else if (event->name == "change") {
        RETURN_IF_ERROR(json::JsonToMessage(event->data, {}, changes.Add(), nullptr));
      } else if (event->name == "end" || event->name == "error") {
        return Refused(0, event->data);
      } else if (event->name != "batch") {
        Unexpected("an event " + event->name);
      }
      if (event->id.empty()) continue;  // The batch goes on.
      sync::v1::WatchChangesResponse batch;
      if (event->name == "batch") RETURN_IF_ERROR(json::JsonToMessage(event->data, {}, &batch, nullptr));
      Came(&delivery);
      delivery.caught_up = whole && batch.caught_up();
      Delivery next = Asking();
      next.buffered = true;
      Take(std::move(delivery), changes, event->id);
      delivery = next;
      changes.Clear();
      --left;
      if (only_unsaid()) break;  // Said by the first batch of the next stream, for events do not say it.
    }
    return absl::OkStatus();
  }

  // The same cursor once more over gRPC: what is wrong with it is told there in a form that Recover knows.
  absl::Status Refused(int status, const std::string& body) {
    if (status == 400 || status == 500) Unexpected(absl::StrCat("HTTP ", status, ": ", body));
    bool caught_up = false;
    return Poll(0, 0, &caught_up);
  }
};

}  // namespace

std::unique_ptr<Consumer> MakeEvents(Installation* installation, Consumer::Options options, Reach reach,
                                     Report* report) {
  return std::make_unique<EventsConsumer>(installation, std::move(options), std::move(reach), report);
}

}  // namespace lianqiao::convergence
