// SPDX-License-Identifier: Apache-2.0
// The `lianqiao` command: a client of the platform's public API for operators.
#include <curl/curl.h>

#include <fstream>
#include <iostream>

#include "tools/cli/api_client.h"
#include "tools/cli/import.h"
#include "tools/cli/options.h"

namespace lianqiao::cli {
namespace {

constexpr int kSuccess = 0;
constexpr int kFailure = 1;
constexpr int kWrongUsage = 2;

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
}  // namespace lianqiao::cli

int main(int count, char** values) {
  using namespace lianqiao::cli;  // NOLINT: the command itself.
  const absl::StatusOr<Options> options = ParseOptions(std::vector<std::string>(values + 1, values + count));
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
