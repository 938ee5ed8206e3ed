// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and SIGTERM as a request to stop in good order: what is stored stays, what is under way ends.
#pragma once

#include <signal.h>

#include <atomic>
#include <functional>
#include <thread>

namespace lianqiao::cli {

// Made before any other thread, so that all of them leave the signals to this one.
class Interruption {
 public:
  Interruption() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
    signal(SIGPIPE, SIG_IGN);
  }
  ~Interruption() {
    ended_ = true;
    if (waiter_.joinable()) waiter_.join();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  // Runs `then` once when a signal comes.
  void Then(std::function<void()> then) {
    waiter_ = std::thread([this, then = std::move(then)] {
      const timespec pause = {0, 200'000'000};
      while (!ended_) {
        if (sigtimedwait(&set_, nullptr, &pause) <= 0) continue;
        came_ = true;
        return then();
      }
    });
  }
  // What `then` uses may go now.
  void End() {
    ended_ = true;
    if (waiter_.joinable()) waiter_.join();
  }
  bool came() const { return came_; }

 private:
  sigset_t set_;
  sigset_t before_;
  std::atomic<bool> ended_{false};
  std::atomic<bool> came_{false};
  std::thread waiter_;
};

}  // namespace lianqiao::cli
