// SPDX-License-Identifier: Apache-2.0
// An installation as tools/up makes it, on the programs of this build, in a folder and on ports of its own:
// for tests of the commands in tools/. Stopped and removed with the test, however the test ends.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/e2e/http.h"
#include "tests/e2e/process.h"

namespace lianqiao::e2e {

std::string Contents(const std::string& path);

class Installation {
 public:
  Installation();
  ~Installation();  // Shows the ends of the logs if the test failed.
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  CommandResult Up(const std::string& options = "");  // --detach
  CommandResult Down();
  // tools/<command> for this installation.
  CommandResult Tool(const std::string& command);

  // Processes whose command line names the folder, and those that run below them (PostgreSQL's).
  std::vector<int> Running() const;

  std::string url() const;
  const std::string& folder() const { return folder_; }  // Holds var/.
  int ports() const { return ports_; }
  HttpClient Operator() const;  // With a new token.

 private:
  void Guard();

  std::string folder_ = "/tmp/lianqiao-up-XXXXXX";
  std::string variables_;
  int ports_ = 0;
  pid_t guard_ = -1;
  int guard_pipe_ = -1;
};

}  // namespace lianqiao::e2e
