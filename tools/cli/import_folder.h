// SPDX-License-Identifier: Apache-2.0
// Loads a folder of samples or of CSV tables through the public HTTP API: what `tools/up` does.
#pragma once

#include <string>
#include <vector>

namespace lianqiao::cli {

// Whether this command line, behind the program's name, means a folder.
bool IsFolderImport(const std::vector<std::string>& words);
// Answers the exit code.
int RunFolderImport(const std::vector<std::string>& words);

}  // namespace lianqiao::cli
