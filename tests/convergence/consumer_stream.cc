// SPDX-License-Identifier: Apache-2.0
// Watches; leaves the stream now and then, and comes back with its last cursor.
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "tests/convergence/consumer.h"

namespace lianqiao::convergence {
namespace {

class StreamConsumer final : public Consumer {
 public:
  using Consumer::Consumer;
  ~StreamConsumer() override { Stop(); }

 private:
  const char* way() const override { return "a stream"; }
  absl::Status Tail() override {
    sync::v1::WatchChangesRequest request;
    Narrow(&request);
    request.set_cursor(copy_.cursor());
    // Streams of whole batches share what the process reads; those of smaller ones read for themselves.
    if (Chance(25)) request.set_page_size(1 + Random(9));
    copy_.BeginAgain();
    Delivery delivery = Asking();
    const auto stream = Open("/lianqiao.sync.v1.FeedService/WatchChanges", request);
    const int batches = 1 + Random(20);
    int silent = 0;
    for (int i = 0; i < batches && !stopped() && !settled();) {
      const absl::Duration limit = i == 0 ? absl::Seconds(10) : absl::Seconds(3);
      const auto bytes = Next(stream.get(), limit);
      if (!bytes.has_value()) {
        // Nobody wrote for a while.
        if (absl::IsCancelled(stream->status()) && i > 0 && ++silent > 0) return absl::OkStatus();
        return stream->status();
      }
      sync::v1::WatchChangesResponse batch;
      if (!batch.ParseFromString(*bytes)) return absl::DataLossError("bad batch");
      Came(&delivery);
      delivery.caught_up = batch.caught_up() && batch.incomplete_services().empty();
      Delivery next = Asking();
      next.buffered = true;
      Take(std::move(delivery), batch.changes(), batch.cursor());
      delivery = next;
      ++i;
    }
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<Consumer> MakeStream(Installation* installation, Consumer::Options options, Reach reach,
                                     Report* report) {
  return std::make_unique<StreamConsumer>(installation, std::move(options), std::move(reach), report);
}

}  // namespace lianqiao::convergence
