// SPDX-License-Identifier: Apache-2.0
// The `lianqiao` command as a person or a script starts it, in a folder of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/e2e/process.h"

namespace lianqiao::e2e {

class CommandLine {
 public:
  // `gateway`: its gRPC address; `credentials`: a file.
  CommandLine(std::string gateway, std::string credentials);
  ~CommandLine();

  struct Result {
    int exit_code = 0;
    std::string out;
    std::string error;
  };
  // "list organisation -o json": words as a shell reads them; gateway and credentials are added.
  Result Run(const std::string& words);
  // The same with nothing added.
  Result RunAlone(const std::string& words);
  // Not yet started; what it prints goes to its log.
  std::unique_ptr<Process> Background(const std::string& name, std::vector<std::string> words);

  // Removed at the end; what login stores lies in it.
  const std::string& folder() const { return folder_; }

 private:
  const std::string gateway_;
  const std::string credentials_;
  std::string folder_ = "/tmp/lianqiao-command-XXXXXX";
};

// A consumer's own database and the mirror in it.
class MirrorUnderTest {
 public:
  // `platform`: libpq connection to the platform's database as its superuser, to compare by.
  MirrorUnderTest(CommandLine& command, std::string platform);

  Process& process() { return *process_; }
  // One value of the copy, and of the platform.
  std::string Copied(const std::string& sql) const { return Sql(copy_, sql); }
  std::string Published(const std::string& sql) const { return Sql(platform_, sql); }
  // Until it has made its tables; false after `limit`.
  bool WaitForTables(absl::Duration limit) const;
  // Until both hold the same ids in the same revisions, kind by kind; says what differs if they do not.
  std::string WhyDifferent(absl::Duration limit) const;
  // After the process has stopped: `mirror --verify --dry-run` finds no difference.
  void ExpectVerified();

 private:
  static std::string Sql(const std::string& connection, const std::string& sql);
  std::string Difference() const;
  std::string CopiedKinds() const;  // Separated by spaces.

  CommandLine& command_;
  const std::string platform_;
  const std::string copy_;
  std::unique_ptr<Process> process_;
};

}  // namespace lianqiao::e2e
