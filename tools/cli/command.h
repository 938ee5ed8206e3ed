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

namespace lianqiao::cli {

// Exit codes, as the README documents them.
inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kNotFound = 3;
inline constexpr int kDenied = 4;
inline constexpr int kConflict = 5;
inline constexpr int kUnavailable = 6;

int ExitCodeOf(const absl::Status& status);

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

// What is wrong with the command line itself.
absl::Status WrongUsage(const std::string& what);
bool IsWrongUsage(const absl::Status& status);

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

// The whole command line behind the program's name; answers the exit code.
int RunCommandLine(const std::vector<std::string>& words);

// A failure as a person reads it: what, where, and what to do about it.
void PrintFailure(const absl::Status& status, base::Language language, std::ostream& out);

}  // namespace lianqiao::cli
