// SPDX-License-Identifier: Apache-2.0
// A sub-command of `lianqiao`: what it is called, takes and does. One file each, command_<name>.cc.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/status.h"
#include "tools/cli/arguments.h"
#include "tools/cli/failure.h"

namespace lianqiao::cli {

// What a running command knows.
struct Context {
  Arguments arguments;
  base::Language language = base::Language::kChinese;
  bool json = false;   // -o json
  bool quiet = false;  // No progress on stderr.

  const char* Say(const char* zh, const char* en) const {
    return language == base::Language::kChinese ? zh : en;
  }
};

struct Command {
  const char* name;
  const char* words;  // What stands behind the name, for the help.
  size_t words_min;
  size_t words_max;
  const char* zh;  // What it does.
  const char* en;
  std::vector<Option> options;  // Beside those of all commands.
  // INVALID_ARGUMENT with WrongUsage is the caller's mistake on the command line.
  std::function<absl::Status(Context&)> run;
};

Command LoginCommand();
Command GetCommand();
Command ListCommand();
Command CreateCommand();
Command UpdateCommand();
Command ImportCommand();
Command ExportCommand();
Command WatchCommand();
Command ChangesCommand();
Command DigestCommand();
Command MirrorCommand();
Command JobsCommand();
Command CancelCommand();

// The whole command line behind the program's name; answers the exit code.
int RunCommandLine(const std::vector<std::string>& words);

}  // namespace lianqiao::cli
