// SPDX-License-Identifier: Apache-2.0
// A stream to one client in turns: its rights, what there is to send, and the next turn only when that was
// taken. What watchers, readers of snapshots and of files have in common. For libs/sync and libs/bulk.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "libs/sync/feed_methods.h"

namespace lianqiao::sync {

// A reader that has not taken its message by then is cut off.
inline constexpr absl::Duration kSlowReader = absl::Seconds(30);

class Turns : public std::enable_shared_from_this<Turns> {
 public:
  Turns(const Parts& parts, std::shared_ptr<const rpc::CallContext> context,
        std::shared_ptr<rpc::ServerStream> stream)
      : parts_(parts), context_(std::move(context)), stream_(std::move(stream)) {
    parts_.open_turns->Add();
  }
  virtual ~Turns() { parts_.open_turns->Remove(); }

  // Reads the request; then the first turn, of the caller whose rights were just looked at.
  void Start(const access::Caller& caller);

 protected:
  virtual absl::Status Take(const std::string& request) = 0;
  // Ends with one of those below, or comes back by Step later. Never two at once.
  virtual void Turn(const access::Caller& caller) = 0;

  // The next turn, with the caller's rights as they are now.
  void Step();
  void Submit(absl::Duration limit, std::function<void(postgres::Session&)> read);
  // `then` when it was taken; whoever is too slow is cut off, and who has gone is forgotten.
  void Write(std::string message, std::function<void()> then);
  void End(const absl::Status& status);

  const Parts& parts_;
  const std::shared_ptr<const rpc::CallContext> context_;
  const std::shared_ptr<rpc::ServerStream> stream_;

 private:
  std::atomic<bool> gone_{false};
  std::atomic<bool> ended_{false};
};

}  // namespace lianqiao::sync
