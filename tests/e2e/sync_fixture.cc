// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/sync_fixture.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace lianqiao::e2e {

std::vector<std::string> SyncFixture::MakeSchools(int count, const std::string& jurisdiction_id) {
  static int number = 0;
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i)
    ids.push_back(MakeSchool(operator_, absl::StrCat("第", ++number, "小学"), jurisdiction_id));
  return ids;
}

SyncFixture::Reader SyncFixture::MakeReader(const std::string& jurisdiction_id) {
  Reader reader;
  reader.guest = MakeGuest(platform_, operator_, "registry.*.read", jurisdiction_id);
  const HttpAnswer grant = operator_.Post(
      "/v1/identity/grants",
      absl::StrCat(R"({"permission":"registry.*.changes","clientId":")", reader.guest.client_id,
                   R"(","scopeId":")", jurisdiction_id, R"(","scopeKind":"GRANT_SCOPE_KIND_JURISDICTION"})"));
  EXPECT_EQ(grant.status, 200) << grant.body;
  reader.changes_grant_id = grant.json().Text("/id");
  HttpClient client(platform_.url(), reader.guest.token);
  const absl::Time end = absl::Now() + kPatience;
  while (client.Get("/v1/changes").status != 200 && absl::Now() < end) absl::SleepFor(absl::Milliseconds(20));
  EXPECT_EQ(client.Get("/v1/changes").status, 200);
  return reader;
}

std::string SyncFixture::CatchUp(HttpClient& client, FeedCopy* copy, std::string cursor,
                                 const std::string& query) {
  while (true) {
    const HttpAnswer answer = client.Get(absl::StrCat("/v1/changes?cursor=", Escaped(cursor), query));
    EXPECT_EQ(answer.status, 200) << answer.failure << answer.body;
    const Json page = answer.json();
    EXPECT_FALSE(page.Text("/cursor").empty()) << "every answer has a cursor: " << answer.body;
    EXPECT_EQ(page.Size("/incompleteServices"), 0u) << answer.body;
    if (answer.status != 200) return cursor;
    for (size_t i = 0; i < page.Size("/changes"); ++i) copy->Apply(page.Text(absl::StrCat("/changes/", i)));
    cursor = page.Text("/cursor");
    if (page.Text("/hasMore") != "true") return cursor;
  }
}

std::string ErrorInfo(const Json& answer, const std::string& member) {
  for (size_t i = 0; i < answer.Size("/error/details"); ++i) {
    const std::string detail = absl::StrCat("/error/details/", i);
    if (absl::EndsWith(answer.Text(detail + "/@type"), "google.rpc.ErrorInfo"))
      return answer.Text(absl::StrCat(detail, "/", member));
  }
  return "";
}

}  // namespace lianqiao::e2e
