// SPDX-License-Identifier: Apache-2.0
// A mirror as `lianqiao mirror` keeps one, in a database of its own: the consumer of libs/feed, started and
// killed again and again.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "libs/feed/consumer.h"
#include "tests/convergence/copy.h"
#include "tests/convergence/installation.h"
#include "tests/convergence/reach.h"

namespace lianqiao::convergence {

class Mirror {
 public:
  struct Options {
    std::string name;  // Its token too.
    uint32_t seed = 0;
    bool gateway = false;
  };
  Mirror(Installation* installation, Options options, Reach reach, Report* report);
  ~Mirror() { Stop(); }

  void Start();
  void Stop();
  const Reach& reach() const { return reach_; }
  const std::string& name() const { return options_.name; }
  // When nobody writes any more: follows until it holds exactly these revisions, then compares itself with
  // the platform as `mirror --verify` does. What is wrong is reported.
  void Check(const std::map<Key, int64_t>& expected, absl::Duration limit);
  // After that: in no row stands a text that matches.
  void CheckErased(const std::string& pattern);

 private:
  class Life;
  void Run();
  std::map<Key, int64_t> Held();
  // Rows of a statement about every table, "$TABLE" being its name; with its kind.
  std::vector<std::pair<std::string, postgres::Result>> ReadAll(const std::string& sql);
  int Random(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  Installation* const installation_;
  const Options options_;
  const Reach reach_;
  Report* const report_;
  std::minstd_rand random_;
  std::string connection_;
  std::unique_ptr<feed::Tables> tables_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

}  // namespace lianqiao::convergence
