// SPDX-License-Identifier: Apache-2.0
// One service's part of a submission under way.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lianqiao/sync/v1/import.pb.h"
#include "services/gateway/sync/call.h"

namespace lianqiao::gateway::sync {

inline constexpr size_t kUploadPieceBytes = 256u << 10;

// Used on the loop only. Sends what it is given, a message at a time, and waits for the service's answer.
class UploadTarget : public std::enable_shared_from_this<UploadTarget> {
 public:
  // `changed` runs when something was taken, and when the service has answered or gone.
  UploadTarget(CallPointer call, size_t service, std::function<void()> changed)
      : call_(std::move(call)), service_(service), changed_(std::move(changed)) {}

  void Open();
  void Send(std::string message);
  // Bytes of the service's own part, in pieces.
  void SendBytes(const std::string& bytes);
  // Nothing more comes: said behind the last message.
  void Complete();
  void Cancel() { stream_ = nullptr; }

  size_t service() const { return service_; }
  bool idle() const { return queue_.empty() && !writing_; }
  bool over() const { return ended_.has_value(); }  // The service has said its last.
  const rpc::Answer& ended() const { return *ended_; }
  const v1::Import& import() const { return import_; }
  bool has_import() const { return has_import_; }
  bool IsStuck(SteadyTime now, SteadyDuration limit) const { return writing_ && now - wrote_ > limit; }

 private:
  void Pump();
  void Read();
  void Heard(const std::optional<std::string>& bytes);

  const CallPointer call_;
  const size_t service_;
  const std::function<void()> changed_;
  std::unique_ptr<rpc::ClientStream> stream_;
  std::deque<std::string> queue_;
  bool writing_ = false;
  bool complete_ = false;
  bool said_complete_ = false;
  SteadyTime wrote_;
  int64_t sent_bytes_ = 0;
  bool has_import_ = false;
  v1::Import import_;
  std::optional<rpc::Answer> ended_;
};

}  // namespace lianqiao::gateway::sync
