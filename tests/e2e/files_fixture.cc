// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/files_fixture.h"

#include <cstdlib>
#include <fstream>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace lianqiao::e2e {

std::string Pdf(size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes = "%PDF-1.7\n";
  while (bytes.size() < size) {
    const uint32_t word = random();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof(word));
  }
  bytes.resize(size);
  return bytes;
}

Files::Files() {
  const std::string school = MakeSchool(operator_, "渭滨区第一小学", places_.near_id);
  const std::string quota = absl::StrCat(R"({"jurisdictionId":")", places_.near_id, R"(","organisationId":")",
                                         school, R"(","limitBytes":"100000000000"})");
  HttpAnswer made;
  const absl::Time end = absl::Now() + absl::Seconds(30);
  do {  // The copy of the registry follows.
    made = operator_.Post("/v1/storage-quotas", quota);
  } while (made.status != 200 && absl::Now() < end);
  EXPECT_EQ(made.status, 200) << made.body;
  school_ = school;
  quota_ = made.json().Text("/id");
}

std::string Files::MakeFile(int64_t size_bytes, const std::string& name, const std::string& sha256) {
  const HttpAnswer made = operator_.Post(
      "/v1/files", absl::StrCat(R"({"organisationId":")", school_, R"(","storageQuotaId":")", quota_,
                                R"(","name":")", name, R"(","contentType":"application/pdf","sizeBytes":")",
                                size_bytes, R"(","sha256":")", sha256, R"(","showsMinors":false})"));
  EXPECT_EQ(made.status, 200) << made.body;
  return made.json().Text("/id");
}

HttpAnswer Files::Send(HttpClient& client, const std::string& id, int64_t offset, const std::string& bytes) {
  return client.Post(absl::StrCat("/v1/files/", id, "/content?offset=", offset), bytes,
                     {"Content-Type: application/pdf"});
}

int64_t Files::Received(const std::string& id) {
  const HttpAnswer answer = operator_.Get("/v1/files/" + id + "/upload");
  EXPECT_EQ(answer.status, 200) << answer.body;
  return answer.json().Integer("/receivedBytes");
}

int64_t Files::PeakMebibytes(const Process& process) {
  std::ifstream status(absl::StrCat("/proc/", process.pid(), "/status"));
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::strtoll(line.c_str() + 6, nullptr, 10) / 1024;
  }
  return -1;
}

std::string Files::Curl(const std::string& arguments) {
  const CommandResult result = RunShell(absl::StrCat("curl -sS --fail-with-body -H 'Authorization: Bearer ",
                                                     platform_.operator_token(), "' ", arguments));
  EXPECT_EQ(result.exit_code, 0) << result.output;
  return result.output;
}

Platform::Options Files::WithFiles() {
  Platform::Options options;
  options.followers = {"resource-sharing"};
  return options;
}

}  // namespace lianqiao::e2e
