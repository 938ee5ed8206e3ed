// SPDX-License-Identifier: Apache-2.0
// What files on their way have in common: threads for the disk, and a bound on how many there are. Only for
// libs/resource.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "libs/base/workers.h"
#include "libs/resource/core.h"
#include "libs/resource/transfer.h"

namespace lianqiao::resource {

// At most a few MiB each, so that all of them stay far below 100 MiB.
inline constexpr int kTransfersMax = 64;
// A client that sends or takes nothing for so long gives its place to another; what it sent waits for the
// rest.
inline constexpr absl::Duration kTransferIdleMax = absl::Seconds(60);
// How long the rights of a transfer count before they are asked for again.
inline constexpr absl::Duration kTransferAdmitted = absl::Seconds(1);

class Transfers {
 public:
  Transfers() : workers_(kWorkers) {}
  base::Workers& workers() { return workers_; }

  // One of the places; null if all are taken.
  std::shared_ptr<void> Enter();

 private:
  static constexpr int kWorkers = 8;  // A sync of a large upload takes one of them for a while.

  const std::shared_ptr<std::atomic<int>> running_ = std::make_shared<std::atomic<int>>(0);
  base::Workers workers_;
};

// One call that carries a file, either way.
class Transfer : public std::enable_shared_from_this<Transfer> {
 public:
  Transfer(EngineCore* core, const Method& method, std::shared_ptr<const rpc::CallContext> context,
           std::shared_ptr<rpc::ServerStream> stream)
      : core_(core), method_(method), context_(std::move(context)), stream_(std::move(stream)) {}
  virtual ~Transfer() = default;

  void Start(const access::Caller& caller);

 protected:
  virtual void Begin(const std::string& first) = 0;
  // It ends without having come to its end.
  virtual void Stopped() {}

  // The client's next message, and a message to it.
  void Read(std::function<void(std::optional<std::string>)> then);
  void Write(std::string bytes, std::function<void(bool)> then);
  // Asks for the caller's rights again if they are older than kTransferAdmitted, then runs `then`.
  void Renew(std::function<void()> then);
  void OnDisk(std::function<void()> work);
  void OnDatabase(bool writes, std::function<void(postgres::Session&)> work);
  void Fail(const absl::Status& status);
  // A call with the rights and the time of now.
  Call MakeCall(const Message& request) const;

  EngineCore* const core_;
  const Method& method_;
  const std::shared_ptr<const rpc::CallContext> context_;
  const std::shared_ptr<rpc::ServerStream> stream_;
  access::Caller caller_;
  std::atomic<bool> gone_{false};

 private:
  static constexpr int64_t kNever = INT64_MAX;
  int64_t NowSeconds() const { return absl::ToUnixSeconds(core_->options.clock->Now()); }
  void WatchIdle();

  std::shared_ptr<void> place_;
  absl::Time renewed_at_;
  std::atomic<int64_t> waits_since_seconds_{kNever};  // For the client.
};

// Decoded, without unknown fields, in bounds.
absl::Status DecodeStreamed(const std::string& bytes, Message* message);

}  // namespace lianqiao::resource
