// SPDX-License-Identifier: Apache-2.0
// `lianqiao import --sample` and `--data`: folders, over HTTP.
#include "tools/cli/import_folder.h"

#include <curl/curl.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "tools/cli/api_client.h"
#include "tools/cli/command.h"
#include "tools/cli/import.h"
#include "tools/cli/options.h"

namespace lianqiao::cli {
namespace {

// A sample holds records of several services, which know those of the first within a second or two; under
// load, within some more.
constexpr absl::Duration kReferenceWait = absl::Seconds(60);

int Fail(const absl::Status& status) {
  std::cerr << "lianqiao: " << status.message() << '\n';
  return kFailure;
}

absl::Status Import(const Options& options, Sender& sender, Report& report) {
  if (!options.sample.empty()) return ImportRecords(options.sample, options.import, sender, report);
  const absl::StatusOr<std::vector<Mapping>> mappings =
      options.mappings.empty() ? BuiltInMappings() : ReadMappings(options.mappings);
  if (!mappings.ok()) return mappings.status();
  return ImportTables(options.data, *mappings, options.import, sender, report);
}

int Run(Options options) {
  options.import.run = NewRun();
  if (!options.sample.empty()) options.import.reference_wait = kReferenceWait;
  absl::StatusOr<ClientCredentials> credentials = ReadCredentials(options.credentials);
  if (!credentials.ok()) return Fail(credentials.status());
  std::ofstream machine;
  if (!options.report.empty()) {
    machine.open(options.report, std::ios::binary | std::ios::trunc);
    if (!machine) return Fail(absl::NotFoundError("cannot write " + options.report));
  }
  Report report(options.language, options.report.empty() ? nullptr : &machine);
  ApiClient client(options.server, *std::move(credentials), options.language);
  const absl::Status status = Import(options, client, report);
  report.Print(std::cout);
  std::cout.flush();
  if (!status.ok()) return Fail(status);
  if (!options.report.empty() && !machine.flush())
    return Fail(absl::DataLossError("cannot write " + options.report));
  if (!options.sample.empty() && report.refused() > 0)
    return Fail(
        absl::FailedPreconditionError(report.Say("样例有记录被拒绝", "records of the sample were refused")));
  return kSuccess;
}

}  // namespace

bool IsFolderImport(const std::vector<std::string>& words) {
  if (words.empty() || words[0] != "import") return false;
  return std::any_of(words.begin() + 1, words.end(), [](const std::string& word) {
    return word.rfind("--sample", 0) == 0 || word.rfind("--data", 0) == 0 || word.rfind("--server", 0) == 0;
  });
}

int RunFolderImport(const std::vector<std::string>& words) {
  const absl::StatusOr<Options> options = ParseOptions(words);
  if (!options.ok()) {
    std::cerr << "lianqiao: " << options.status().message() << "\n\n" << Usage();
    return kWrongUsage;
  }
  if (options->help) {
    std::cout << Usage();
    return kSuccess;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const int code = Run(*options);
  curl_global_cleanup();
  return code;
}

}  // namespace lianqiao::cli
