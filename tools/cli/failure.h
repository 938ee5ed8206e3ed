// SPDX-License-Identifier: Apache-2.0
// How a command fails: exit codes, texts in both languages, and what a person reads.
#pragma once

#include <ostream>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "libs/base/status.h"

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

// A failure of the command's own, with what to do about it in its text. The status' message is the English
// one.
absl::Status Failed(absl::StatusCode code, const std::string& zh, const std::string& en);

// What is wrong with the command line itself.
absl::Status WrongUsage(const std::string& zh, const std::string& en);
bool IsWrongUsage(const absl::Status& status);

// Files of this machine: exit code 1, whatever is wrong with them. Without a cause none is told.
absl::Status CannotRead(const std::string& path, std::error_code cause = {});
absl::Status CannotWrite(const std::string& path, std::error_code cause = {});
std::error_code LastError();  // Of the system call before.

// What a status says, in this language if it has a text in it.
std::string TextOf(const absl::Status& status, base::Language language);

// A failure as a person reads it: what, where, and what to do about it.
void PrintFailure(const absl::Status& status, base::Language language, std::ostream& out);

}  // namespace lianqiao::cli
