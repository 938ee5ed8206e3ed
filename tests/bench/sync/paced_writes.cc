// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sync/paced_writes.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lianqiao/registry/v1/funding.pb.h"
#include "libs/base/status.h"
#include "tests/bench/registry/report.h"

namespace lianqiao::bench {
namespace {

constexpr char kCreate[] = "/lianqiao.registry.v1.FundingService/CreateFunding";
constexpr int kOutstandingMax = 256;
// A call that leaves later than this after its turn shows that the rate is not held.
constexpr std::chrono::milliseconds kLateMax{100};

// What the answers share; it outlives the loop that waits for them.
struct Shared {
  std::mutex mutex;
  std::condition_variable changed;
  int outstanding = 0;
  absl::Status failure;
  std::vector<Written> writes;
  std::vector<std::string> answers;
};

std::string Request(const std::string& run, size_t number) {
  registry::v1::CreateFundingRequest request;
  registry::v1::Funding& funding = *request.mutable_funding();
  funding.set_jurisdiction_id(CountyId(static_cast<int>(number % 100) + 1));
  funding.set_year(2026);
  funding.set_source(registry::v1::FUNDING_SOURCE_PUBLIC_FUNDS);
  funding.set_payer_level(registry::v1::PAYER_LEVEL_COUNTY);
  funding.set_amount_fen(123450000);
  funding.set_purpose("teachers of the alliance, second half of the year");
  funding.set_allocated_on("2026-09-01");
  request.set_request_id(absl::StrCat(run, "-", number));
  return request.SerializeAsString();
}

void Send(Api* api, const std::string& authorization, const std::string& run, size_t number,
          const std::shared_ptr<Shared>& shared) {
  const std::string request = Request(run, number);
  shared->writes[number].sent = std::chrono::steady_clock::now();
  api->client().Call(kCreate, request, {{"authorization", authorization}}, absl::Now() + absl::Seconds(30),
                     [shared, number](const rpc::Answer& answer) {
                       const auto now = std::chrono::steady_clock::now();
                       const std::lock_guard<std::mutex> lock(shared->mutex);
                       shared->writes[number].answered = now;
                       shared->answers[number] = answer.bytes;
                       if (!answer.status.ok() && shared->failure.ok()) shared->failure = answer.status;
                       --shared->outstanding;
                       shared->changed.notify_all();
                     });
}

}  // namespace

double PacedWrites::AnswerMilliseconds() const {
  std::vector<double> times;
  for (const Written& write : writes)
    times.push_back(std::chrono::duration<double, std::milli>(write.answered - write.sent).count());
  return Median(std::move(times));
}

absl::StatusOr<PacedWrites> WriteAtRate(Api* api, const std::string& run, double rate, double seconds) {
  ASSIGN_OR_RETURN(const std::string authorization, api->Authorization());
  const auto shared = std::make_shared<Shared>();
  const auto count = static_cast<size_t>(rate * seconds);
  shared->writes.resize(count);
  shared->answers.resize(count);
  PacedWrites result;
  result.held = true;
  const auto start = std::chrono::steady_clock::now();
  for (size_t i = 0; i < count; ++i) {
    const auto turn = start + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                  std::chrono::duration<double>(static_cast<double>(i) / rate));
    std::this_thread::sleep_until(turn);
    {
      std::unique_lock<std::mutex> lock(shared->mutex);
      shared->changed.wait(lock, [&] { return shared->outstanding < kOutstandingMax; });
      if (!shared->failure.ok()) return shared->failure;
      ++shared->outstanding;
    }
    if (std::chrono::steady_clock::now() - turn > kLateMax) result.held = false;
    Send(api, authorization, run, i, shared);
  }
  std::unique_lock<std::mutex> lock(shared->mutex);
  shared->changed.wait(lock, [&] { return shared->outstanding == 0; });
  if (!shared->failure.ok()) return shared->failure;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.writes = std::move(shared->writes);
  for (size_t i = 0; i < count; ++i) {
    registry::v1::Funding funding;
    if (!funding.ParseFromString(shared->answers[i])) return absl::InternalError("no funding was answered");
    result.by_id[funding.id()] = i;
  }
  return result;
}

}  // namespace lianqiao::bench
