// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sync/copy.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/status.h"
#include "tests/bench/registry/child.h"

namespace lianqiao::bench {
namespace {

absl::StatusOr<Finished> Psql(const Platform& platform, const std::string& command) {
  return RunToEnd({"psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d",
                   absl::StrCat(platform.superuser_database, " options='-c search_path=alliance_registry'"),
                   "-c", command});
}

}  // namespace

absl::StatusOr<std::string> Sql(const Platform& platform, const std::string& sql) {
  ASSIGN_OR_RETURN(Finished finished, Psql(platform, sql));
  return std::string(absl::StripSuffix(finished.output, "\n"));
}

absl::StatusOr<Measured> Copy(const Platform& platform, const std::string& what, int64_t rows) {
  const Meter meter(platform);
  const auto start = std::chrono::steady_clock::now();
  ASSIGN_OR_RETURN(const Finished finished, Psql(platform, "\\copy " + what));
  Measured measured;
  meter.End(&measured);
  measured.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  measured.client = finished.processor_seconds;
  measured.operations = static_cast<double>(rows);
  if (finished.output != absl::StrCat("COPY ", rows, "\n"))
    return absl::UnavailableError(absl::StrCat("\\copy ", what, " gave ", finished.output));
  return measured;
}

}  // namespace lianqiao::bench
