// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sync/changes_page.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/status.h"
#include "tests/bench/registry/report.h"

namespace lianqiao::bench {
namespace {

constexpr int kPageSize = 5000;
constexpr int kPagesARound = 10;

struct TimedPage {
  std::string begin;  // Its cursor.
  std::string next;
  int changes = 0;
  double milliseconds = 0;
  // A page finishes transactions, and an import's are large: what 5,000 changes take at its pace.
  double Milliseconds() const { return milliseconds * kPageSize / changes; }
};

absl::StatusOr<TimedPage> Read(Api* api, const std::string& kind, const std::string& cursor) {
  const auto start = std::chrono::steady_clock::now();
  ASSIGN_OR_RETURN(const sync::v1::ListChangesResponse page,
                   api->source().List({{kind}, {}}, cursor, kPageSize, 0));
  TimedPage timed;
  timed.milliseconds =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  timed.begin = cursor;
  timed.next = page.cursor();
  timed.changes = page.changes_size();
  return timed;
}

// Every page once, in order, without the last ones, which are not full.
absl::StatusOr<std::vector<TimedPage>> Walk(Api* api, const std::string& kind, std::string cursor) {
  std::vector<TimedPage> pages;
  while (true) {
    ASSIGN_OR_RETURN(TimedPage page, Read(api, kind, cursor));
    if (page.changes < kPageSize / 2) return pages;
    cursor = page.next;
    pages.push_back(std::move(page));
  }
}

absl::StatusOr<double> Milliseconds(Api* api, const std::string& kind, const std::string& cursor) {
  std::vector<double> times;
  for (int i = 0; i < kPagesARound; ++i) {
    ASSIGN_OR_RETURN(const TimedPage page, Read(api, kind, cursor));
    if (page.changes < kPageSize / 2)
      return absl::InternalError(absl::StrCat("a page has ", page.changes, " changes"));
    times.push_back(page.Milliseconds());
  }
  return Median(std::move(times));
}

}  // namespace

absl::Status MeasurePages(const Platform& platform, Api* api, const std::string& kind,
                          const std::string& cursor, int64_t changes) {
  ASSIGN_OR_RETURN(const std::vector<TimedPage> pages, Walk(api, kind, cursor));
  int64_t walked = 0;
  double slowest = 0;
  std::vector<double> each;
  for (const TimedPage& page : pages) {
    walked += page.changes;
    slowest = std::max(slowest, page.Milliseconds());
    each.push_back(page.Milliseconds());
  }
  if (walked < changes / 2)
    return absl::InternalError(absl::StrCat("full pages hold only ", walked, " of ", changes, " changes"));
  std::vector<std::string> places = {pages.front().begin};
  for (const size_t percent : {50, 90}) places.push_back(pages[(pages.size() - 1) * percent / 100].begin);
  std::vector<std::vector<double>> times(places.size());
  std::vector<double> ratios;
  for (int round = 0; round <= platform.rounds; ++round) {
    std::vector<double> of_round;
    for (const std::string& place : places) {
      ASSIGN_OR_RETURN(const double milliseconds, Milliseconds(api, kind, place));
      of_round.push_back(milliseconds);
    }
    if (round == 0) continue;  // Warm-up.
    Say(absl::StrFormat("round %d of %d: first %.1f, half way %.1f, at 90 %% %.1f ms", round, platform.rounds,
                        of_round[0], of_round[1], of_round[2]));
    for (size_t i = 0; i < places.size(); ++i) times[i].push_back(of_round[i]);
    ratios.push_back(std::max(of_round[1], of_round[2]) / of_round[0]);
  }
  Print(
      {"changes_page_deep", Median(ratios), "ratio", '<', 1.2,
       absl::StrFormat(
           "ListChanges of %d of %d changes, one call at a time, the slower of half way (%.1f ms) and "
           "90 %% (%.1f ms) against the first (%.1f ms), times for %d changes where a page finishes "
           "transactions; all %d full pages once, %.0f changes each: median %.1f, slowest %.1f ms",
           kPageSize, changes, Median(times[1]), Median(times[2]), Median(times[0]), kPageSize, pages.size(),
           static_cast<double>(walked) / static_cast<double>(pages.size()), Median(each), slowest)});
  return absl::OkStatus();
}

}  // namespace lianqiao::bench
