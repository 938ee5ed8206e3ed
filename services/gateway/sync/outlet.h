// SPDX-License-Identifier: Apache-2.0
// The caller's end of a stream of ours, on the loop: one message at a time, how long the caller has not taken
// it, one end.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "libs/rpc/stream.h"
#include "services/gateway/sync/call.h"

namespace lianqiao::gateway::sync {

// What runs for a stream and must be looked at from time to time. Kept alive by its own callbacks.
class StreamWork {
 public:
  virtual ~StreamWork() = default;
  virtual void Sweep(SteadyTime now) = 0;
  virtual bool finished() const = 0;
  // The caller has gone, or everything stops: lets everything go, once or more often.
  virtual void Stop() = 0;
};

// Used on the loop only.
class Outlet {
 public:
  Outlet(std::shared_ptr<Loop> loop, std::shared_ptr<rpc::ServerStream> stream);
  ~Outlet();

  bool busy() const { return busy_; }          // A message is on its way.
  bool finished() const { return finished_; }  // Nothing can be sent any more.
  // When the last message began to be sent; at first when the stream was opened.
  SteadyTime last_write() const { return last_write_; }
  // Whether the caller has left a message untaken for longer than the limit.
  bool IsSlow(SteadyTime now, SteadyDuration limit) const { return busy_ && now - last_write_ > limit; }

  // Only if neither busy nor finished. `then` runs on the loop: false if the caller has gone.
  void Write(std::string bytes, std::function<void(bool)> then);
  // Before the first message.
  void AddMetadata(const std::string& name, const std::string& value);
  void Finish(const absl::Status& status);

 private:
  const std::shared_ptr<Loop> loop_;
  std::shared_ptr<rpc::ServerStream> stream_;
  // Outlives the outlet in callbacks.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool busy_ = false;
  bool finished_ = false;
  SteadyTime last_write_;
};

// A reader that is too slow is told so; it goes on from its last cursor or token.
absl::Status TooSlow();

// Reads the one request of a server stream; `then` runs on the loop, with nullopt if the caller has gone.
void ReadRequest(const std::shared_ptr<Loop>& loop, const std::shared_ptr<rpc::ServerStream>& stream,
                 std::function<void(std::optional<std::string>)> then);

}  // namespace lianqiao::gateway::sync
