// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/repository_lint/code_rules.h"

#include <cctype>

namespace lianqiao::repository_lint {
namespace {

struct Ban {
  // Found as a whole word, outside of comments.
  std::string_view word;
  // Where it counts: a prefix of the path.
  std::string_view inside;
  // Where it stays allowed: prefixes of the path, separated by spaces.
  std::string_view allowed;
  bool allowed_in_tests;
  std::string_view instead;
  std::string_view reason;
};

constexpr std::string_view kDatabase = "use Database, Query and Transact of libs/postgres/database.h";
constexpr std::string_view kOneDatabase = "one place turns exceptions and lost connections into Status";
constexpr std::string_view kClock = "take a Clock (libs/base/clock.h)";
constexpr std::string_view kTestableTime = "tests choose the time";
constexpr std::string_view kLog = "log through libs/base/log.h";
constexpr std::string_view kStructuredLog = "logs are one JSON object per line, without secrets";
constexpr std::string_view kWait = "wait on a condition variable or a deadline";
constexpr std::string_view kNoSleep = "a sleeping thread serves nobody and delays the drain";
constexpr std::string_view kOptions = "take an Options struct; libs/runtime and main fill it from flags";
constexpr std::string_view kOneSetting = "a second way to read a setting is a second copy of it";
constexpr std::string_view kIdList = "= ANY((SELECT $1::text::uuid[])::uuid[])";
constexpr std::string_view kReadOnce =
    "where the planner reads the whole table, the text of the list is read anew for every row";
constexpr std::string_view kEngine = "declare it in the contract; the engine (libs/resource) does it";
constexpr std::string_view kServiceIsDomain = "services hold rules of the domain only";
// Deadlines of calls are absl::Time, so what carries calls may ask for the time; rules, the engine and what
// is below it may not.
constexpr std::string_view kClockFiles =
    "libs/base/clock.cc libs/base/log.cc libs/rpc/ libs/access/ libs/feed/ libs/sync/ libs/bulk/ "
    "libs/runtime/ services/gateway/ tools/";
// Retries pause on a worker thread of their own, for a jittered moment.
constexpr std::string_view kPauseFiles = "libs/postgres/ libs/rpc/client.cc libs/runtime/signals.cc tools/";

constexpr Ban kBans[] = {
    {"pqxx", "", "libs/postgres/", false, kDatabase, kOneDatabase},
    {"grpc::internal", "", "libs/rpc/", false, "bind through libs/rpc/server.h",
     "gRPC's internals change with its versions; one file adapts"},
    {"absl::Now", "", kClockFiles, true, kClock, kTestableTime},
    {"system_clock::now", "", kClockFiles, true, kClock, kTestableTime},
    {"std::cout", "libs/", "libs/base/log.cc libs/json/random_message.cc", true, kLog, kStructuredLog},
    {"std::cout", "services/", "", true, kLog, kStructuredLog},
    {"std::cerr", "libs/", "libs/base/log.cc", true, kLog, kStructuredLog},
    {"std::cerr", "services/", "", true, kLog, kStructuredLog},
    {"printf", "libs/", "libs/base/log.cc", true, kLog, kStructuredLog},
    {"printf", "services/", "", true, kLog, kStructuredLog},
    {"fprintf", "libs/", "libs/base/log.cc", true, kLog, kStructuredLog},
    {"fprintf", "services/", "", true, kLog, kStructuredLog},
    {"sleep_for", "", kPauseFiles, true, kWait, kNoSleep},
    {"absl::SleepFor", "", kPauseFiles, true, kWait, kNoSleep},
    {"usleep", "", "", true, kWait, kNoSleep},
    {"ABSL_FLAG", "", "libs/runtime/ tools/cli/ tests/", true, kOptions, kOneSetting},
    {"throw", "libs/", "libs/postgres/", true, "return absl::Status (libs/base/status.h)",
     "no exception of ours crosses a function"},
    {"throw", "services/", "", true, "return absl::Status (libs/base/status.h)",
     "no exception of ours crosses a function"},
    {"ANY($1::text::uuid", "", "", false, kIdList, kReadOnce},
    {"ANY($2::text::uuid", "", "", false, kIdList, kReadOnce},
    {"ANY($3::text::uuid", "", "", false, kIdList, kReadOnce},
    {"SQLSTATE", "services/", "services/gateway/", true, kEngine, kServiceIsDomain},
    {"request_id", "services/", "services/gateway/", true, kEngine, kServiceIsDomain},
    {"feed_head", "services/", "services/gateway/", true, kEngine, kServiceIsDomain},
    {"write_scope", "services/", "services/gateway/", true, kEngine, kServiceIsDomain},
};

bool IsWordCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

bool HasWord(std::string_view line, std::string_view word) {
  for (size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const size_t after = at + word.size();
    const bool starts = at == 0 || !IsWordCharacter(line[at - 1]);
    if (starts && (after == line.size() || !IsWordCharacter(line[after]))) return true;
  }
  return false;
}

bool StartsWithOneOf(std::string_view path, std::string_view prefixes) {
  while (!prefixes.empty()) {
    const size_t space = prefixes.find(' ');
    const std::string_view prefix = prefixes.substr(0, space);
    if (StartsWith(path, prefix)) return true;
    if (space == std::string_view::npos) return false;
    prefixes.remove_prefix(space + 1);
  }
  return false;
}

bool Applies(const Ban& ban, std::string_view path) {
  if (!StartsWith(path, ban.inside) || StartsWithOneOf(path, ban.allowed)) return false;
  if (ban.allowed_in_tests && IsTest(path)) return false;
  // Programs read their flags in main.cc.
  return !(ban.word == "ABSL_FLAG" && EndsWith(path, "/main.cc"));
}

std::string_view WithoutComment(std::string_view line) {
  const size_t comment = line.find("//");
  return comment == std::string_view::npos ? line : line.substr(0, comment);
}

// The second part of a path: "base" of "libs/base/ids.h".
std::string_view SecondPart(std::string_view path) {
  path.remove_prefix(path.find('/') + 1);
  return path.substr(0, path.find('/'));
}

// Empty when `path` may include `included`, both from the root of the repository.
std::string WhyNot(std::string_view path, std::string_view included, const Layers& layers) {
  const std::string target(SecondPart(included));
  if (StartsWith(included, "services/")) {
    if (StartsWith(path, "libs/"))
      return "a library never uses a service: hand it in as an argument or an option";
    if (StartsWith(path, "services/") && SecondPart(path) != target) {
      return "a service never includes another: call it by its contract through libs/rpc, or move what both "
             "need "
             "into libs/";
    }
    return "";
  }
  if (!StartsWith(included, "libs/")) return "";
  if (target == "testing" && !IsTest(path)) {
    return "only tests use libs/testing: move what production needs into the library it belongs to";
  }
  if (!StartsWith(path, "libs/") || SecondPart(path) == target) return "";
  const auto layer = layers.find(SecondPart(path));
  if (layer == layers.end()) {
    return "libs/" + std::string(SecondPart(path)) + " has no row in the table of libs/README.md: add it";
  }
  if (layer->second.contains(target) || (target == "testing" && IsTest(path))) return "";
  return "libs/" + std::string(SecondPart(path)) + " may not use libs/" + target +
         " (table in libs/README.md): move the code up, or pass what it needs as an argument";
}

}  // namespace

Findings CheckIncludes(const File& file, const Layers& layers) {
  Findings findings;
  if (!IsSource(file.path)) return findings;
  int number = 0;
  for (const std::string_view line : Lines(file)) {
    ++number;
    constexpr std::string_view kInclude = "#include \"";
    if (!StartsWith(line, kInclude)) continue;
    const std::string_view included = line.substr(kInclude.size(), line.rfind('"') - kInclude.size());
    std::string reason = WhyNot(file.path, included, layers);
    if (!reason.empty()) {
      findings.push_back({file.path, number, "includes " + std::string(included) + ": " + reason});
    }
  }
  return findings;
}

Findings CheckBans(const File& file) {
  Findings findings;
  // The linter has to name what it bans.
  if (!IsSource(file.path) || StartsWith(file.path, "tests/gates/repository_lint/")) return findings;
  int number = 0;
  for (const std::string_view line : Lines(file)) {
    ++number;
    for (const Ban& ban : kBans) {
      if (!Applies(ban, file.path) || !HasWord(WithoutComment(line), ban.word)) continue;
      findings.push_back(
          {file.path, number,
           std::string(ban.word) + ": " + std::string(ban.instead) + ", because " + std::string(ban.reason)});
    }
  }
  return findings;
}

}  // namespace lianqiao::repository_lint
