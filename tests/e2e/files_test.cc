// SPDX-License-Identifier: Apache-2.0
// Files over HTTP with the real programs: in pieces, through kills, in ranges, and large ones in little
// memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "tests/e2e/platform.h"

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

std::string Pdf(size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::string bytes = "%PDF-1.7\n";
  while (bytes.size() < size) {
    const uint32_t word = random();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof(word));
  }
  bytes.resize(size);
  return bytes;
}

class Files : public ::testing::Test {
 protected:
  Files() {
    const std::string school = MakeSchool(operator_, "渭滨区第一小学", places_.near_id);
    const std::string quota =
        absl::StrCat(R"({"jurisdictionId":")", places_.near_id, R"(","organisationId":")", school,
                     R"(","limitBytes":"100000000000"})");
    HttpAnswer made;
    const absl::Time end = absl::Now() + absl::Seconds(30);
    do {  // The copy of the registry follows.
      made = operator_.Post("/v1/storage-quotas", quota);
    } while (made.status != 200 && absl::Now() < end);
    EXPECT_EQ(made.status, 200) << made.body;
    school_ = school;
    quota_ = made.json().Text("/id");
  }

  std::string MakeFile(int64_t size_bytes, const std::string& name, const std::string& sha256 = "") {
    const HttpAnswer made = operator_.Post(
        "/v1/files", absl::StrCat(R"({"organisationId":")", school_, R"(","storageQuotaId":")", quota_,
                                  R"(","name":")", name, R"(","contentType":"application/pdf","sizeBytes":")",
                                  size_bytes, R"(","sha256":")", sha256, R"(","showsMinors":false})"));
    EXPECT_EQ(made.status, 200) << made.body;
    return made.json().Text("/id");
  }
  HttpAnswer Send(HttpClient& client, const std::string& id, int64_t offset, const std::string& bytes) {
    return client.Post(absl::StrCat("/v1/files/", id, "/content?offset=", offset), bytes,
                       {"Content-Type: application/pdf"});
  }
  int64_t Received(const std::string& id) {
    const HttpAnswer answer = operator_.Get("/v1/files/" + id + "/upload");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json().Integer("/receivedBytes");
  }
  // Of resource-sharing, the most that it ever had.
  int64_t PeakMebibytes() {
    std::ifstream status(absl::StrCat("/proc/", platform_.follower("resource-sharing").pid(), "/status"));
    for (std::string line; std::getline(status, line);) {
      if (line.rfind("VmHWM:", 0) == 0) return std::strtoll(line.c_str() + 6, nullptr, 10) / 1024;
    }
    return -1;
  }
  std::string Curl(const std::string& arguments) {
    const CommandResult result = RunShell(absl::StrCat("curl -sS --fail-with-body -H 'Authorization: Bearer ",
                                                       platform_.operator_token(), "' ", arguments));
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return result.output;
  }

  static Platform::Options WithFiles() {
    Platform::Options options;
    options.followers = {"resource-sharing"};
    return options;
  }

  Platform platform_{WithFiles()};
  HttpClient operator_ = platform_.Operator();
  Places places_ = MakePlaces(operator_);
  std::string school_, quota_;
};

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
  Process& service = platform_.follower("resource-sharing");
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
      service.Kill();
      ++kills;
    }
    sender.join();
    if (kill) {
      service.Start();
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
  EXPECT_LT(PeakMebibytes(), kMemoryMebibytes);
  const auto rate = [&](absl::Duration time) {
    return static_cast<int>(mebibytes / absl::ToDoubleSeconds(time));
  };
  RecordProperty("upload_mebibytes_per_second", rate(sent - start));
  RecordProperty("download_mebibytes_per_second", rate(read - sent));
  RecordProperty("peak_mebibytes", static_cast<int>(PeakMebibytes()));
  std::cout << mebibytes << " MiB: up " << rate(sent - start) << " MiB/s, down " << rate(read - sent)
            << " MiB/s, peak " << PeakMebibytes() << " MiB\n";
}

}  // namespace
}  // namespace lianqiao::e2e
