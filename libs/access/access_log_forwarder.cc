// SPDX-License-Identifier: Apache-2.0
#include "libs/access/access_log_forwarder.h"

#include <chrono>
#include <utility>
#include <vector>

#include "libs/access/access_log_rows.h"
#include "libs/base/log.h"
#include "libs/base/status.h"

namespace lianqiao::access {

using identity::v1::AppendAccessLogRequest;
using identity::v1::AppendAccessLogResponse;
using postgres::Parameters;
using postgres::Query;

namespace {

constexpr char kAppend[] = "/lianqiao.identity.v1.AccessLogService/AppendAccessLog";
constexpr int kBatchMax = 500;
constexpr size_t kBatchBytesMax = 1 << 20;  // An entry with 1,000 record ids has some 40 KiB.
constexpr absl::Duration kLimit = absl::Seconds(3);

const Query& ReadQuery() {
  static const Query query{"access_log_waiting",
                           std::string("SELECT ") + kAccessLogColumns +
                               " FROM access_log WHERE forward_time IS NULL ORDER BY id LIMIT $1"};
  return query;
}
const Query kMark = {
    "access_log_forwarded",
    "UPDATE access_log SET forward_time = $2::timestamptz WHERE id = ANY((SELECT $1::text::uuid[])::uuid[])"};

}  // namespace

AccessLogForwarder::AccessLogForwarder(Options options)
    : options_(std::move(options)), thread_([this] { Run(); }) {}

AccessLogForwarder::~AccessLogForwarder() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void AccessLogForwarder::Run() {
  bool stuck = false;
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    lock.unlock();
    const absl::StatusOr<bool> more = SendSome();
    if (more.ok() == stuck) {
      base::Log(stuck ? base::Severity::kInfo : base::Severity::kWarning,
                stuck ? "access_log_forwarding" : "access_log_waits", {{"status", more.status().ToString()}});
      stuck = !stuck;
    }
    lock.lock();
    if (!more.ok() || !*more)
      changed_.wait_for(lock, absl::ToChronoNanoseconds(options_.pause), [this] { return stopped_; });
  }
}

absl::StatusOr<bool> AccessLogForwarder::SendSome() {
  const std::string authorization = options_.authorization();
  if (authorization.empty()) return false;
  AppendAccessLogRequest request;
  bool more = false;
  RETURN_IF_ERROR(
      options_.database->Run(absl::Now() + kLimit, [&](postgres::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(const postgres::Result waiting,
                         session.Execute(ReadQuery(), Parameters().Integer(kBatchMax)));
        size_t bytes = 0;
        request.clear_entries();
        for (int row = 0; row < waiting.rows() && bytes < kBatchBytesMax; ++row) {
          *request.add_entries() = AccessLogEntryAt(waiting, row);
          bytes += request.entries(row).ByteSizeLong();
        }
        more = waiting.rows() == kBatchMax || request.entries_size() < waiting.rows();
        return absl::OkStatus();
      }));
  if (request.entries_size() == 0) return false;
  AppendAccessLogResponse response;
  RETURN_IF_ERROR(options_.identity->CallAndWait(
      kAppend, request, &response, {{rpc::kAuthorization, authorization}}, absl::Now() + kLimit));
  std::vector<std::string> ids;
  for (const auto& entry : request.entries()) ids.push_back(entry.id());
  RETURN_IF_ERROR(options_.database->Run(absl::Now() + kLimit, [&](postgres::Session& session) {
    return session.Execute(kMark, Parameters().TextArray(ids).Time(absl::Now())).status();
  }));
  return more;
}

}  // namespace lianqiao::access
