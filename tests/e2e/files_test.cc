// SPDX-License-Identifier: Apache-2.0
// Files over HTTP with the real programs: in pieces, through kills, in ranges, and large ones in little
// memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "tests/e2e/files_fixture.h"

namespace lianqiao::e2e {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kMebibyte = int64_t{1} << 20;
// design §9: what a service takes. A sanitised build keeps what was freed.
#ifdef __SANITIZE_ADDRESS__
constexpr int64_t kMemoryMebibytes = 900;
#else
constexpr int64_t kMemoryMebibytes = 150;
#endif

TEST_F(Files, AreSentInPiecesAndReadInRanges) {
  const std::string bytes = Pdf(700000);
  const std::string digest = base::Hex(base::Sha256(bytes));
  const std::string id = MakeFile(700000, "第1课 教案.pdf", digest);
  ExpectError(operator_.Get("/v1/files/" + id + "/content"), 400, "FAILED_PRECONDITION");
  HttpAnswer sent = Send(operator_, id, 0, bytes.substr(0, 300000));
  ASSERT_EQ(sent.status, 200) << sent.body;
  EXPECT_EQ(sent.json().Text("/receivedBytes"), "300000");
  EXPECT_EQ(sent.json().Text("/file/state"), "FILE_STATE_UPLOADING");
  EXPECT_EQ(Received(id), 300000);
  ExpectError(Send(operator_, id, 300001, "x"), 400, "INVALID_ARGUMENT");
  sent = Send(operator_, id, 300000, bytes.substr(300000));
  ASSERT_EQ(sent.status, 200) << sent.body;
  EXPECT_EQ(sent.json().Text("/file/state"), "FILE_STATE_STORED");
  EXPECT_TRUE(sent.headers.contains("lianqiao-position"));

  const std::string content = "/v1/files/" + id + "/content";
  const HttpAnswer whole = operator_.Get(content);
  EXPECT_EQ(whole.status, 200);
  EXPECT_TRUE(whole.body == bytes);
  EXPECT_EQ(whole.headers.at("etag"), absl::StrCat("\"", digest, "\""));
  EXPECT_EQ(whole.headers.at("content-type"), "application/pdf");
  EXPECT_EQ(whole.headers.at("content-length"), "700000");
  EXPECT_EQ(whole.headers.at("x-content-type-options"), "nosniff");
  EXPECT_THAT(whole.headers.at("content-disposition"), HasSubstr("filename*=UTF-8''%e7%ac%ac1%e8%af%be"));
  EXPECT_EQ(operator_.Send("GET", content, "", {"If-None-Match: \"" + digest + "\""}).status, 304);
  const HttpAnswer part = operator_.Send("GET", content, "", {"Range: bytes=100-199"});
  EXPECT_EQ(part.status, 206);
  EXPECT_TRUE(part.body == bytes.substr(100, 100));
  EXPECT_EQ(part.headers.at("content-range"), "bytes 100-199/700000");
  EXPECT_TRUE(operator_.Send("GET", content, "", {"Range: bytes=650000-"}).body == bytes.substr(650000));
  EXPECT_EQ(operator_.Send("GET", content, "", {"Range: bytes=700000-"}).status, 416);
}

// Killed while pieces are on their way, at moments of all kinds: what was answered is there, and the rest
// goes on until the file is whole.
TEST_F(Files, KilledWhileTheyComeNothingIsLostOrTorn) {
  constexpr size_t kPiece = 512 << 10;
  const std::string bytes = Pdf(24 * kPiece);
  const std::string digest = base::Hex(base::Sha256(bytes));
  const std::string id = MakeFile(static_cast<int64_t>(bytes.size()), "录像.pdf");
  std::mt19937 random(7);
  int kills = 0;
  const absl::Time end = absl::Now() + absl::Minutes(8);
  std::string state;
  while (state != "FILE_STATE_STORED" && absl::Now() < end) {
    const int64_t before = Received(id);
    const auto at = static_cast<size_t>(before);
    ASSERT_TRUE(at % kPiece == 0 && at <= bytes.size()) << at;
    HttpAnswer answer;
    std::thread sender([&] {
      HttpClient client = platform_.Operator();
      answer = Send(client, id, before, bytes.substr(at, kPiece));
    });
    const bool kill = random() % 2 == 0;
    if (kill) {
      absl::SleepFor(absl::Milliseconds(random() % 60));
      service().Kill();
      ++kills;
    }
    sender.join();
    if (kill) {
      service().Start();
      platform_.WaitReady();
    }
    if (answer.status == 200) state = answer.json().Text("/file/state");
    const int64_t after = Received(id);
    EXPECT_GE(after, answer.status == 200 ? before + static_cast<int64_t>(std::min(kPiece, bytes.size() - at))
                                          : before);
    if (after == static_cast<int64_t>(bytes.size()) && state.empty())
      state = operator_.Get("/v1/files/" + id).json().Text("/state");
  }
  EXPECT_EQ(state, "FILE_STATE_STORED");
  EXPECT_GT(kills, 3);
  const HttpAnswer whole = operator_.Get("/v1/files/" + id + "/content");
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(base::Hex(base::Sha256(whole.body)), digest);
  EXPECT_EQ(operator_.Get("/v1/files/" + id).json().Text("/sha256"), digest);
}

// 2 GiB with LIANQIAO_FILE_MEBIBYTES=2048; memory does not depend on it.
TEST_F(Files, ALargeOneTakesLittleMemory) {
  const char* wanted = std::getenv("LIANQIAO_FILE_MEBIBYTES");
  const int64_t mebibytes = wanted == nullptr ? 256 : std::strtoll(wanted, nullptr, 10);
  const std::string path = platform_.folder() + "/large.pdf";
  {
    std::ofstream file(path, std::ios::binary);
    const std::string piece = Pdf(kMebibyte);
    for (int64_t i = 0; i < mebibytes; ++i) file << piece;
    ASSERT_TRUE(file.good());
  }
  const std::string id = MakeFile(mebibytes * kMebibyte, "录像.pdf");
  const std::string url = platform_.url() + "/v1/files/" + id + "/content";
  const absl::Time start = absl::Now();
  Curl(absl::StrCat("-X POST -H 'Content-Type: application/pdf' -T ", path, " ", url));
  const absl::Time sent = absl::Now();
  EXPECT_EQ(operator_.Get("/v1/files/" + id).json().Text("/state"), "FILE_STATE_STORED");
  Curl(absl::StrCat("-o ", path, ".back ", url));
  const absl::Time read = absl::Now();
  EXPECT_EQ(RunShell(absl::StrCat("cmp ", path, " ", path, ".back")).exit_code, 0);
  const int64_t service_peak = PeakMebibytes(service());
  const int64_t gateway_peak = PeakMebibytes(platform_.gateway());
  EXPECT_LT(service_peak, kMemoryMebibytes);
  EXPECT_LT(gateway_peak, kMemoryMebibytes);
  const auto rate = [&](absl::Duration time) {
    return static_cast<int>(mebibytes / absl::ToDoubleSeconds(time));
  };
  RecordProperty("upload_mebibytes_per_second", rate(sent - start));
  RecordProperty("download_mebibytes_per_second", rate(read - sent));
  RecordProperty("service_peak_mebibytes", static_cast<int>(service_peak));
  RecordProperty("gateway_peak_mebibytes", static_cast<int>(gateway_peak));
  std::cout << mebibytes << " MiB: up " << rate(sent - start) << " MiB/s, down " << rate(read - sent)
            << " MiB/s, peak of resource-sharing " << service_peak << " MiB, of the gateway " << gateway_peak
            << " MiB\n";
}

}  // namespace
}  // namespace lianqiao::e2e
