// SPDX-License-Identifier: Apache-2.0
// The command line of `lianqiao import`. Secrets never stand on it: they come from the credentials file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/cli/import.h"

namespace lianqiao::cli {

struct Options {
  std::string server;
  std::string credentials;
  std::string sample;  // Exactly one of these two.
  std::string data;
  std::string mappings;  // Empty: the built-in ones.
  std::string report;    // Empty: none.
  Language language = Language::kChinese;
  ImportOptions import;
  bool help = false;
};

// `arguments` after the program's name; "--name=value" or "--name value". INVALID_ARGUMENT says what is
// wrong.
absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& arguments);

std::string Usage();

}  // namespace lianqiao::cli
