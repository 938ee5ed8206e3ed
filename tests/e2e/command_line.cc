// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/command_line.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/testing/cluster.h"
#include "tests/e2e/installation.h"
#include "tests/e2e/json.h"

namespace lianqiao::e2e {
namespace {

using ::lianqiao::testing::Cluster;

constexpr char kCopy[] = "copy";

std::string MakeDatabase() {
  Cluster& cluster = Cluster::Instance();
  cluster.Administer(absl::StrCat("DROP DATABASE IF EXISTS ", kCopy, " WITH (FORCE)"));
  cluster.Administer(absl::StrCat("CREATE DATABASE ", kCopy));
  return cluster.Connection("postgres", kCopy);
}

}  // namespace

CommandLine::CommandLine(std::string gateway, std::string credentials)
    : gateway_(std::move(gateway)), credentials_(std::move(credentials)) {
  EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
  ::setenv("XDG_CONFIG_HOME", folder_.c_str(), 1);
  ::setenv("LC_ALL", "C.UTF-8", 1);
}

CommandLine::~CommandLine() {
  if (::testing::Test::HasFailure()) {
    std::fputs(RunShell("tail -n 20 " + folder_ + "/*.log").output.c_str(), stderr);
  } else {
    std::filesystem::remove_all(folder_);
  }
}

CommandLine::Result CommandLine::Run(const std::string& words) {
  return RunAlone(absl::StrCat(words, " --gateway ", gateway_, " --credentials ", credentials_));
}

CommandLine::Result CommandLine::RunAlone(const std::string& words) {
  const std::string errors = folder_ + "/errors";
  Result result;
  const CommandResult ran =
      RunShell(absl::StrCat(ProgramFolder(), "/lianqiao ", words, " 2>", errors, " </dev/null"));
  result.exit_code = ran.exit_code;
  result.out = ran.output;
  result.error = Contents(errors);
  return result;
}

std::unique_ptr<Process> CommandLine::Background(const std::string& name, std::vector<std::string> words) {
  words.insert(words.begin(), ProgramFolder() + "/lianqiao");
  words.insert(words.end(), {"--gateway", gateway_, "--credentials", credentials_});
  return std::make_unique<Process>(name, std::move(words), absl::StrCat(folder_, "/", name, ".log"));
}

MirrorUnderTest::MirrorUnderTest(CommandLine& command, std::string platform)
    : command_(command), platform_(std::move(platform)), copy_(MakeDatabase()) {
  process_ = command_.Background("mirror", {"mirror", "--database", copy_, "--quiet"});
}

std::string MirrorUnderTest::Sql(const std::string& connection, const std::string& sql) {
  const CommandResult result =
      RunShell(absl::StrCat("psql -X -q -A -t '", connection, "' <<'END'\n", sql, "\nEND"));
  EXPECT_EQ(result.exit_code, 0) << sql << result.output;
  return std::string(absl::StripAsciiWhitespace(result.output));
}

std::string MirrorUnderTest::CopiedKinds() const {
  return Copied(
      "SELECT string_agg(table_name, ' ' ORDER BY table_name) FROM information_schema.columns"
      " WHERE table_schema = 'lianqiao' AND column_name = 'sync_step'");
}

// A line per kind that differs.
std::string MirrorUnderTest::Difference() const {
  const std::string kinds = CopiedKinds();
  if (kinds.empty()) return "the mirror has no tables yet";
  // The services' own tables; copies that follow another service have a prefix of its name.
  const std::string tables = Published(
      "SELECT string_agg(table_name || '=' || table_schema, ' ') FROM information_schema.columns"
      " WHERE table_schema <> 'identity' AND column_name = 'delete_time'");
  const absl::flat_hash_map<std::string, std::string> schemas =
      absl::StrSplit(tables, absl::ByAnyChar(" ="), absl::SkipEmpty());
  const std::string query =
      "SELECT '$1 ' || count(*) || ' ' || coalesce(string_agg(id || ' ' || revision, ',' ORDER BY id), '')"
      " FROM $2.$1$3;\n";
  std::string held, published;
  for (const absl::string_view kind : absl::StrSplit(kinds, ' ')) {
    const auto schema = schemas.find(kind);
    if (schema == schemas.end()) return absl::StrCat("no service has a table ", kind);
    absl::StrAppend(&held, absl::StrReplaceAll(query, {{"$1", kind}, {"$2", "lianqiao"}, {"$3", ""}}));
    absl::StrAppend(&published,
                    absl::StrReplaceAll(
                        query, {{"$1", kind}, {"$2", schema->second}, {"$3", " WHERE delete_time IS NULL"}}));
  }
  const std::vector<std::string> left = absl::StrSplit(Copied(held), '\n');
  const std::vector<std::string> right = absl::StrSplit(Published(published), '\n');
  if (left.size() != right.size()) return "a query failed";
  std::string difference;
  for (size_t i = 0; i < left.size(); ++i)
    if (left[i] != right[i]) absl::StrAppend(&difference, "copy: ", left[i], "\nhere: ", right[i], "\n");
  return difference;
}

bool MirrorUnderTest::WaitForTables(absl::Duration limit) const {
  const absl::Time end = absl::Now() + limit;
  while (Copied("SELECT to_regclass('lianqiao.organisation')").empty()) {
    if (absl::Now() > end || !process_->Runs()) return false;
    absl::SleepFor(absl::Milliseconds(100));
  }
  return true;
}

std::string MirrorUnderTest::WhyDifferent(absl::Duration limit) const {
  const absl::Time end = absl::Now() + limit;
  while (true) {
    const std::string difference = Difference();
    if (difference.empty() || absl::Now() > end) return difference;
    absl::SleepFor(absl::Milliseconds(100));
  }
}

void MirrorUnderTest::ExpectVerified() {
  const CommandLine::Result verified =
      command_.Run(absl::StrCat("mirror --verify --dry-run -o json --quiet --database '", copy_, "'"));
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.error;
  const Json report(verified.out);
  EXPECT_EQ(report.Text("/differences"), "0") << verified.out;
  EXPECT_GT(report.Integer("/kinds"), 1) << verified.out;
  std::string count;
  for (const absl::string_view kind : absl::StrSplit(CopiedKinds(), ' '))
    absl::StrAppend(&count, count.empty() ? "SELECT " : " + ", "(SELECT count(*) FROM lianqiao.", kind, ")");
  EXPECT_EQ(report.Text("/records"), Copied(count)) << "every record of every kind was looked at";
}

}  // namespace lianqiao::e2e
