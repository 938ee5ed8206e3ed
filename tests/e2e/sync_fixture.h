// SPDX-License-Identifier: Apache-2.0
// A platform of its own for each test of sync: they cut, kill and falsify. And what its consumers do again
// and again.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/e2e/feed_copy.h"
#include "tests/e2e/platform.h"
#include "tests/e2e/stream.h"

namespace lianqiao::e2e {

// For what happens at once on a machine that does nothing else.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

class SyncFixture : public ::testing::Test {
 protected:
  // `count` schools in a county, named with a number; their ids.
  std::vector<std::string> MakeSchools(int count, const std::string& jurisdiction_id);

  // Whoever may read a county's records, and their changes; acts when this returns.
  struct Reader {
    Guest guest;
    std::string changes_grant_id;
  };
  Reader MakeReader(const std::string& jurisdiction_id);

  // Reads pages until there is no more, applies them and answers the last cursor. `query` as "&kinds=…".
  std::string CatchUp(HttpClient& client, FeedCopy* copy, std::string cursor, const std::string& query = "");
  HttpStream Watch(const std::string& token, const std::string& query, const HttpClient::Headers& headers) {
    return HttpStream(platform_.url(), token, "/v1/changes?" + query, headers);
  }

  Platform platform_;
  HttpClient operator_ = platform_.Operator();
  Places places_ = MakePlaces(operator_);
};

// A member of the ErrorInfo of an error: "reason", "metadata/oldest_cursor".
std::string ErrorInfo(const Json& answer, const std::string& member);

}  // namespace lianqiao::e2e
