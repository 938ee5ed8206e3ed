// SPDX-License-Identifier: Apache-2.0
// The `lianqiao` command: a client of the platform for operators and for those who keep a copy of it.
#include <string>
#include <vector>

#include "tools/cli/command.h"
#include "tools/cli/import_folder.h"

int main(int count, char** values) {
  const std::vector<std::string> words(values + 1, values + count);
  if (lianqiao::cli::IsFolderImport(words)) return lianqiao::cli::RunFolderImport(words);
  return lianqiao::cli::RunCommandLine(words);
}
