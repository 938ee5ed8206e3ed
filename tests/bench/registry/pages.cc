// SPDX-License-Identifier: Apache-2.0
// Time of one page of 1,000 organisations: the first, one at 90 % depth, and the first of a caller who sees 1
// %.
#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "tests/bench/registry/cpu.h"
#include "tests/bench/registry/platform.h"
#include "tests/bench/registry/report.h"

#include "absl/time/clock.h"
#include "libs/rpc/client.h"

namespace lianqiao::bench {
namespace {

constexpr char kList[] = "/lianqiao.registry.v1.OrganisationService/ListOrganisations";
constexpr int kPageSize = 1000;
constexpr int kPagesARound = 20;

class Lister {
 public:
  explicit Lister(const Platform& platform) : client_({platform.registry_target(), 1}) {}

  absl::StatusOr<registry::v1::ListOrganisationsResponse> Page(const std::string& token,
                                                               const std::string& page_token,
                                                               bool ids_only = false) {
    type::v1::ListRequest request;
    request.set_page_size(kPageSize);
    request.set_page_token(page_token);
    if (ids_only) request.mutable_read_mask()->add_paths("id");
    registry::v1::ListOrganisationsResponse response;
    const absl::Status status = client_.CallAndWait(
        kList, request, &response, {{"authorization", "Bearer " + token}}, absl::Now() + absl::Seconds(30));
    if (!status.ok()) return status;
    return response;
  }

  // Median milliseconds of some pages.
  absl::StatusOr<double> Milliseconds(const std::string& token, const std::string& page_token) {
    std::vector<double> times;
    for (int i = 0; i < kPagesARound; ++i) {
      const auto start = std::chrono::steady_clock::now();
      const auto page = Page(token, page_token);
      if (!page.ok()) return page.status();
      if (page->organisations_size() != kPageSize)
        return absl::InternalError(absl::StrCat("a page has ", page->organisations_size(), " rows"));
      times.push_back(
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    return Median(std::move(times));
  }

 private:
  rpc::Client client_;
};

absl::StatusOr<std::string> TokenAtDepth(const Platform& platform, Lister* lister, const std::string& token) {
  std::string place;
  const int pages = platform.organisations / kPageSize * 9 / 10;
  for (int i = 0; i < pages; ++i) {
    ASSIGN_OR_RETURN(const auto page, lister->Page(token, place, true));
    place = page.next_page_token();
    if (place.empty()) return absl::InternalError("the list ended early");
  }
  return place;
}

absl::Status Run() {
  ASSIGN_OR_RETURN(const Platform platform, Platform::FromEnvironment());
  Lister lister(platform);
  ASSIGN_OR_RETURN(std::string city, platform.Token("city"));
  Say("walking to 90 % depth");
  ASSIGN_OR_RETURN(const std::string deep_token, TokenAtDepth(platform, &lister, city));
  std::vector<double> first;
  std::vector<double> deep;
  std::vector<double> scoped;
  std::vector<double> deep_ratio;
  std::vector<double> scoped_ratio;
  for (int round = 0; round <= platform.rounds; ++round) {
    ASSIGN_OR_RETURN(city, platform.Token("city"));
    ASSIGN_OR_RETURN(const std::string county, platform.Token("county"));
    ASSIGN_OR_RETURN(const double of_first, lister.Milliseconds(city, ""));
    ASSIGN_OR_RETURN(const double of_deep, lister.Milliseconds(city, deep_token));
    ASSIGN_OR_RETURN(const double of_scoped, lister.Milliseconds(county, ""));
    if (round == 0) continue;  // Warm-up.
    Say(absl::StrFormat("round %d of %d: first %.1f, deep %.1f, of one county %.1f ms", round,
                        platform.rounds, of_first, of_deep, of_scoped));
    first.push_back(of_first);
    deep.push_back(of_deep);
    scoped.push_back(of_scoped);
    deep_ratio.push_back(of_deep / of_first);
    scoped_ratio.push_back(of_scoped / of_first);
  }
  Print(
      {"page_deep", Median(deep_ratio), "ratio", '<', 1.2,
       absl::StrFormat("%d rows a page, %d rows, one call at a time: at 90 %% depth %.1f ms, page 1 %.1f ms",
                       kPageSize, platform.organisations, Median(deep), Median(first))});
  Print({"page_scoped", Median(scoped_ratio), "ratio", '<', 3,
         absl::StrFormat("first page of a caller who sees every hundredth of %d rows %.1f ms, page 1 %.1f ms",
                         platform.organisations, Median(scoped), Median(first))});
  return absl::OkStatus();
}

}  // namespace
}  // namespace lianqiao::bench

int main() {
  const absl::Status status = lianqiao::bench::Run();
  if (!status.ok()) lianqiao::bench::Say(status.ToString());
  return status.ok() ? 0 : 1;
}
