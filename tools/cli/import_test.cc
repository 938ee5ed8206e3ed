// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/import.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tools/cli/batch.h"
#include "tools/cli/options.h"

namespace lianqiao::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Answers from a list, the last again and again, and keeps what was sent.
class FakeSender : public Sender {
 public:
  explicit FakeSender(std::vector<HttpAnswer> answers) : answers_(std::move(answers)) {}

  absl::StatusOr<HttpAnswer> Post(const std::string& path, const std::string& body,
                                  const std::string& key) override {
    paths.push_back(path);
    bodies.push_back(body);
    keys.push_back(key);
    return answers_[std::min(bodies.size(), answers_.size()) - 1];
  }

  std::vector<std::string> paths, bodies, keys;

 private:
  std::vector<HttpAnswer> answers_;
};

HttpAnswer Results(const std::string& results) {
  return {200, R"({"results":[)" + results + "]}"};
}
constexpr char kCreated[] = R"({"outcome":"CREATED"})";

class ImportTest : public testing::Test {
 protected:
  ImportTest()
      : folder_(testing::TempDir() + "import_" +
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    options_.progress = false;
  }
  ~ImportTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
  }
  std::string Printed() const {
    std::ostringstream text;
    report_.Print(text);
    return text.str();
  }

  const std::string folder_;
  ImportOptions options_;
  Report report_{Language::kEnglish, nullptr};
};

std::vector<Mapping> Places(const std::string& more) {
  const auto mapping = ParseMapping(
      "places",
      R"({"file":"places.csv",)" + more +
          R"("records":[{"collection":"places","system":"s","id":"{code}","fields":{"name":"{name}"},
         "refuse":[{"when":{"name":"!"},"field":"name","reason":{"zh":"无效","en":"is no name"}}],
         "skip":[{"when":{"name":"-"},"reason":{"zh":"无名","en":"has no name"}}]}]})");
  EXPECT_TRUE(mapping.ok()) << mapping.status();
  return {*mapping};
}

TEST_F(ImportTest, RowsGoInChunksUnderKeysOfTheirOwn) {
  Write("places.csv", "code,name\n1,a\n2,b\n3,c\n");
  options_.batch_size = 2;
  FakeSender sender({Results(std::string(kCreated) + "," + kCreated), Results(kCreated)});
  ASSERT_TRUE(ImportTables(folder_, Places(""), options_, sender, report_).ok());
  EXPECT_THAT(sender.paths, ElementsAre("/v1/places:batchUpsert", "/v1/places:batchUpsert"));
  EXPECT_EQ(sender.bodies[1],
            R"({"sourceSystem":"s","places":[{"externalIds":[{"system":"s","id":"3"}],"name":"c"}]})");
  EXPECT_NE(sender.keys[0], sender.keys[1]);
  EXPECT_EQ(report_.At("places.csv", "places").created, 3);
  const std::vector<std::string> keys = sender.keys;
  FakeSender again({Results(std::string(kCreated) + "," + kCreated), Results(kCreated)});
  ASSERT_TRUE(ImportTables(folder_, Places(""), options_, again, report_).ok());
  EXPECT_EQ(again.keys, keys) << "what is sent again within a run is answered once";
  options_.run = NewRun();
  FakeSender later({Results(std::string(kCreated) + "," + kCreated), Results(kCreated)});
  ASSERT_TRUE(ImportTables(folder_, Places(""), options_, later, report_).ok());
  EXPECT_NE(later.keys, keys) << "the platform would answer with the results of the first run for a week";
  EXPECT_NE(NewRun(), options_.run);
}

TEST_F(ImportTest, SeveralRecordsOfARowInOneCollectionGoUnderKeysOfTheirOwn) {
  Write("pairs.csv", "lead,member\na,b\n");
  const auto mapping = ParseMapping(
      "pairs", R"({"file":"pairs.csv","records":[)"
               R"({"collection":"places","system":"s","id":"{lead}","fields":{"name":"{lead}"}},)"
               R"({"collection":"places","system":"s","id":"{member}","fields":{"name":"{member}"}}]})");
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  FakeSender sender({Results(kCreated)});
  ASSERT_TRUE(ImportTables(folder_, {*mapping}, options_, sender, report_).ok());
  ASSERT_EQ(sender.keys.size(), 2u);
  EXPECT_NE(sender.keys[0], sender.keys[1]) << "the platform refuses a key that comes with other contents";
}

TEST_F(ImportTest, ARecordWhoseReferenceHasNotArrivedYetIsSentAgainAndNothingElseIs) {
  Write("01_places.ndjson", R"({"externalIds":[{"system":"s","id":"1"}]})"
                            "\n"
                            R"({"externalIds":[{"system":"s","id":"2"}]})"
                            "\n");
  const std::string missing = R"({"outcome":"REFUSED","violations":[{"field":"places[1].schoolId",)"
                              R"("reason":"REFERENCE_NOT_FOUND","description":"there is none"}]})";
  options_.reference_wait = absl::Seconds(60);
  FakeSender sender({Results(kCreated + ("," + missing)), Results(missing), Results(kCreated)});
  ASSERT_TRUE(ImportRecords(folder_, options_, sender, report_).ok());
  ASSERT_EQ(sender.bodies.size(), 3u);
  EXPECT_EQ(sender.bodies[2], R"({"sourceSystem":"s","places":[{"externalIds":[{"system":"s","id":"2"}]}]})");
  EXPECT_NE(sender.keys[1], sender.keys[2]);
  EXPECT_EQ(report_.At("01_places.ndjson", "places").created, 2);
  EXPECT_EQ(report_.refused(), 0);
  // Not without end, and not what is wrong by itself.
  options_.reference_wait = absl::Milliseconds(1);
  Report late(Language::kEnglish, nullptr);
  FakeSender never({Results(kCreated + ("," + missing)), Results(missing)});
  ASSERT_TRUE(ImportRecords(folder_, options_, never, late).ok());
  EXPECT_EQ(never.bodies.size(), 2u);
  EXPECT_EQ(late.refused(), 1);
  Report wrong(Language::kEnglish, nullptr);
  FakeSender other({Results(R"({"outcome":"REFUSED","violations":[{"reason":"REFERENCE_NOT_FOUND"},)"
                            R"({"reason":"FIELD_REQUIRED"}]},{"outcome":"REFUSED"})")});
  ASSERT_TRUE(ImportRecords(folder_, options_, other, wrong).ok());
  EXPECT_EQ(other.bodies.size(), 1u);
  EXPECT_EQ(wrong.refused(), 2);
}

TEST_F(ImportTest, ARefusalIsReportedUnderTheLineThatItCameFrom) {
  Write("places.csv", "code,name\n1,-\n2,\"b\nb\"\n3,c\n4\n5,!\n");
  FakeSender sender(
      {Results(R"({"outcome":"UNCHANGED"},{"outcome":"REFUSED","violations":[{"field":"places[1].name",)"
               R"("reason":"FIELD_TOO_LONG","description":"too long"}]})")});
  ASSERT_TRUE(ImportTables(folder_, Places(""), options_, sender, report_).ok());
  EXPECT_THAT(Printed(), HasSubstr("places.csv:5  name  FIELD_TOO_LONG  too long"));
  EXPECT_THAT(Printed(), HasSubstr("places.csv:6  -  ROW_WIDTH"));
  EXPECT_THAT(Printed(), HasSubstr("skipped 1: has no name"));
  EXPECT_THAT(Printed(), HasSubstr("places.csv:7  name  VALUE_IMPOSSIBLE  is no name"));
  EXPECT_EQ(report_.refused(), 3);
}

TEST_F(ImportTest, RecordsThatTheContractRefusesFallOutAndTheOthersAreSentAgain) {
  Write("places.csv", "code,name\n1,a\n2,b\n");
  FakeSender sender({{400, R"({"error":{"details":[{"fieldViolations":[{"field":"places[0].name",)"
                           R"("reason":"JSON_TYPE","description":"no text"}]}]}})"},
                     Results(kCreated)});
  ASSERT_TRUE(ImportTables(folder_, Places(""), options_, sender, report_).ok());
  EXPECT_THAT(sender.bodies[1], Not(HasSubstr("\"1\"")));
  EXPECT_NE(sender.keys[0], sender.keys[1]);
  EXPECT_EQ(report_.At("places.csv", "places").refused, 1);
  EXPECT_EQ(report_.At("places.csv", "places").created, 1);
}

TEST_F(ImportTest, ABatchThatIsNotAcceptedAtAllIsAFailureWithItsReason) {
  Write("places.csv", "code,name\n1,a\n");
  FakeSender sender({{403, R"({"error":{"status":"PERMISSION_DENIED","message":"no right"}})"}});
  const absl::Status status = ImportTables(folder_, Places(""), options_, sender, report_);
  EXPECT_THAT(std::string(status.message()), HasSubstr("PERMISSION_DENIED: no right"));
}

TEST_F(ImportTest, AColumnThatTheFileLacksIsAFailureBeforeAnythingIsSent) {
  Write("places.csv", "code,title\n1,a\n");
  FakeSender sender({Results(kCreated)});
  EXPECT_FALSE(ImportTables(folder_, Places(""), options_, sender, report_).ok());
  EXPECT_TRUE(sender.bodies.empty());
}

TEST_F(ImportTest, JoinedRowsAndLookupsComeFromOtherFiles) {
  Write("places.csv", "code,name\n1,a\n2,b\n");
  Write("old.csv", "new,old\n1,7\n1,8\n");
  Write("heads.csv", "place,id\na,h1\nb,h2\nb,h3\n");
  const auto mapping = ParseMapping("places", R"({"file":"places.csv",
    "joins":[{"name":"old","file":"old.csv","key":"new","on":"{code}"}],
    "lookups":[{"name":"head","file":"heads.csv","key":"place","value":"id"}],
    "records":[{"collection":"places","system":"s","id":"{code}",
      "externalIds":[{"each":"old","when":{"{old.old}":{"not":"8"}},"value":{"system":"s","id":"{old.old}"}}],
      "fields":{"head":"{name|head}"}}]})");
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  FakeSender sender({Results(std::string(kCreated) + "," + kCreated)});
  ASSERT_TRUE(ImportTables(folder_, {*mapping}, options_, sender, report_).ok());
  EXPECT_THAT(sender.bodies[0],
              HasSubstr(R"([{"system":"s","id":"1"},{"system":"s","id":"7"}],"head":"h1")"));
  EXPECT_THAT(sender.bodies[0], HasSubstr(R"({"externalIds":[{"system":"s","id":"2"}]})"));
  EXPECT_THAT(Printed(), HasSubstr("old.csv: read along with places.csv"));
  EXPECT_THAT(Printed(), HasSubstr("heads.csv: no mapping names it"));
}

TEST_F(ImportTest, RecordsGoAsTheyAreToTheCollectionOfTheFileName) {
  const std::string record = R"({"externalIds":[{"system":"x","id":"1"}],"name":"一"})";
  Write("01_governing-bodies.ndjson", record + "\r\nnot json\n");
  FakeSender sender({Results(kCreated)});
  ASSERT_TRUE(ImportRecords(folder_, options_, sender, report_).ok());
  EXPECT_THAT(sender.paths, ElementsAre("/v1/governing-bodies:batchUpsert"));
  EXPECT_EQ(sender.bodies[0], R"({"sourceSystem":"x","governingBodies":[)" + record + "]}");
  EXPECT_EQ(report_.refused(), 1);
}

// Accepts everything, one result for each record.
class AcceptingSender : public Sender {
 public:
  absl::StatusOr<HttpAnswer> Post(const std::string& path, const std::string& body,
                                  const std::string&) override {
    const std::string start = "{\"externalIds\":[{\"system\":\"";
    std::string results;
    for (size_t at = body.find(start); at != std::string::npos; at = body.find(start, at + 1)) {
      results += results.empty() ? kCreated : std::string(",") + kCreated;
      const std::string id = path + body.substr(at, body.find('}', at) - at);
      if (!ids_.insert(id).second) twice.push_back(id);
    }
    return Results(results);
  }

  std::vector<std::string> twice;

 private:
  std::set<std::string> ids_;
};

TEST_F(ImportTest, TheTablesOfTheSharedFolderFitTheMappings) {
  const char* given = std::getenv("LIANQIAO_DATA");
  const std::string data = given != nullptr ? given : "../shared/data";
  if (!std::filesystem::exists(data + "/divisions.csv")) GTEST_SKIP() << "no tables in " << data;
  const auto mappings = BuiltInMappings();
  ASSERT_TRUE(mappings.ok()) << mappings.status();
  AcceptingSender sender;
  const absl::Status status = ImportTables(data, *mappings, options_, sender, report_);
  ASSERT_TRUE(status.ok()) << status;
  // Functional zones come out of several tables; nothing else does.
  EXPECT_THAT(sender.twice, testing::Each(HasSubstr("functional-zones")));
  EXPECT_THAT(Printed(), Not(HasSubstr("VALUE_UNKNOWN")));
  EXPECT_EQ(report_.At("divisions.csv", "jurisdictions").read, 3351);
}

TEST(Options, SecretsAndUnknownOptionsHaveNoPlaceOnTheCommandLine) {
  EXPECT_TRUE(ParseOptions({"import", "--server=http://h", "--credentials", "f", "--data", "d"}).ok());
  EXPECT_FALSE(ParseOptions({"import", "--server=http://h", "--credentials=f"}).ok());
  EXPECT_FALSE(ParseOptions({"import", "--server=h", "--credentials=f", "--data=d", "--sample=s"}).ok());
  EXPECT_FALSE(
      ParseOptions({"import", "--server=h", "--credentials=f", "--data=d", "--client-secret=x"}).ok());
  EXPECT_FALSE(
      ParseOptions({"import", "--server=h", "--credentials=f", "--data=d", "--batch-size=501"}).ok());
  EXPECT_FALSE(ParseOptions({"export"}).ok());
}

}  // namespace
}  // namespace lianqiao::cli
