// SPDX-License-Identifier: Apache-2.0
// Transfers of files give back what they hold: a place each, of a bounded number.
#include <gmock/gmock.h>

#include "absl/time/clock.h"
#include "libs/resource/transfers.h"
#include "tests/conformance/files_world.h"

namespace lianqiao::conformance {
namespace {

class FileTransfers : public FilesWorld {};

TEST_F(FileTransfers, AClientThatFallsSilentGivesItsPlaceBackAndGoesOnLater) {
  const std::string bytes = Pdf(1 << 20);
  const resources::File file = Made(NewFile(static_cast<int64_t>(bytes.size())));
  const auto silent = BeginUpload(file.id());
  ASSERT_TRUE(Send(*silent, 0, bytes.substr(0, 1 << 19)));
  absl::SleepFor(absl::Seconds(1));
  resources_.clock().Advance(resource::kTransferIdleMax - absl::Seconds(15));
  absl::SleepFor(absl::Seconds(2));
  EXPECT_TRUE(Send(*silent, 1 << 19, bytes.substr(1 << 19, 1 << 18))) << "a pause of its connection is none";
  absl::SleepFor(absl::Seconds(1));
  resources_.clock().Advance(resource::kTransferIdleMax + absl::Seconds(1));
  EXPECT_EQ(silent->ReadAndWait(), std::nullopt);
  EXPECT_TRUE(absl::IsDeadlineExceeded(silent->status())) << silent->status();
  constexpr int kCame = (1 << 19) + (1 << 18);
  auto rest = Upload(file.id(), bytes.substr(kCame), kCame);
  while (absl::IsAborted(rest.status())) {  // Until the silent one has let go.
    absl::SleepFor(absl::Milliseconds(50));
    rest = Upload(file.id(), bytes.substr(kCame), kCame);
  }
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_EQ(Read(file.id())->bytes, bytes);
}

}  // namespace
}  // namespace lianqiao::conformance
