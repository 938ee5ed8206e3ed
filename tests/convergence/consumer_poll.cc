// SPDX-License-Identifier: Apache-2.0
// Asks for one page after another.
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "tests/convergence/consumer.h"

namespace lianqiao::convergence {
namespace {

class PollConsumer final : public Consumer {
 public:
  using Consumer::Consumer;
  ~PollConsumer() override { Stop(); }

 private:
  const char* way() const override { return "pages"; }
  absl::Status Tail() override {
    constexpr int kSizes[] = {1, 2, 3, 7, 50, 0};
    bool caught_up = false;
    RETURN_IF_ERROR(Poll(kSizes[Random(6)], Chance(20) ? 1 : 0, &caught_up));
    if (caught_up && !settled()) absl::SleepFor(absl::Milliseconds(Random(20)));
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<Consumer> MakePoll(Installation* installation, Consumer::Options options, Reach reach,
                                   Report* report) {
  return std::make_unique<PollConsumer>(installation, std::move(options), std::move(reach), report);
}

}  // namespace lianqiao::convergence
