// SPDX-License-Identifier: Apache-2.0
// Stands between a service and PostgreSQL on a Unix socket and breaks connections at the moments that matter:
// just before a statement arrives, or just after it did and before its answer is back. Tests only.
#pragma once

#include <atomic>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace lianqiao::convergence {

class Proxy {
 public:
  // `server_folder` holds the server's socket.
  explicit Proxy(std::string server_folder, uint32_t seed);
  ~Proxy();

  // Where to connect to: "host=<folder>".
  const std::string& folder() const { return folder_; }

  enum class Cut { kRequest, kAnswer };
  // The next message from a client is lost, or its answer is; `at_commit`: the next COMMIT's. `on` false: not
  // any more.
  void Arm(Cut cut, bool at_commit, bool on);
  // Every message waits up to so long; 0: not at all.
  void Slow(int microseconds) { slow_microseconds_ = microseconds; }
  int cuts() const { return cuts_; }

 private:
  struct Link {
    int client = -1;
    int server = -1;
    bool mute = false;  // The answer is lost: closed when it comes.
  };
  void Run();
  void Accept();
  bool Pass(Link* link, bool from_client);  // False: both ends are to be closed.

  const std::string server_folder_;
  std::string folder_;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  std::vector<Link> links_;
  std::minstd_rand random_;
  std::atomic<int> armed_{0};  // 0: not; else 1 + Cut + 2 * at_commit.
  std::atomic<int> slow_microseconds_{0};
  std::atomic<int> cuts_{0};
  std::thread thread_;
};

}  // namespace lianqiao::convergence
