// SPDX-License-Identifier: Apache-2.0
// The sample, then the folder of real tables twice, by the command that operators use.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "tests/e2e/platform.h"
#include "tools/cli/table.h"

namespace lianqiao::e2e {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string DataFolder() {
  const char* given = std::getenv("LIANQIAO_DATA");
  return given != nullptr ? given : "../shared/data";
}

bool HasCharactersBeyondAscii(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

// What one run of the command reported.
struct Import {
  struct Counts {
    int64_t read = 0;
    int64_t created = 0;
    int64_t updated = 0;
    int64_t unchanged = 0;
    int64_t refused = 0;
    int64_t skipped = 0;
  };
  struct Refusal {
    std::string field;
    std::string reason;
    std::string description;
  };
  int exit_code = -1;
  std::string output;
  double seconds = 0;
  std::map<std::string, Counts> counts;                        // "divisions.csv jurisdictions"
  std::map<std::string, std::map<int64_t, Refusal>> refusals;  // By file and line.
  Counts total;
};

void ReadReport(const std::string& file, Import* import) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    const Json json(line);
    const std::string outcome = json.Text("/outcome");
    const auto count = [&](const char* name) { return json.Integer(std::string("/") + name); };
    if (outcome == "REFUSED")
      import->refusals[json.Text("/file")][count("line")] = {json.Text("/field"), json.Text("/reason"),
                                                             json.Text("/description")};
    if (outcome != "SUMMARY") continue;
    const Import::Counts one{count("read"),      count("created"), count("updated"),
                             count("unchanged"), count("refused"), count("skipped")};
    import->counts[json.Text("/file") + " " + json.Text("/collection")] = one;
    import->total.read += one.read;
    import->total.created += one.created;
    import->total.updated += one.updated;
    import->total.unchanged += one.unchanged;
    import->total.refused += one.refused;
    import->total.skipped += one.skipped;
  }
}

// "what" like "--data=…".
Import RunImport(const Platform& platform, const std::string& what, const std::string& language) {
  const std::string report = platform.folder() + "/report.ndjson";
  const absl::Time start = absl::Now();
  const CommandResult result =
      RunShell(absl::StrCat(ProgramFolder(), "/lianqiao import --quiet --server=", platform.url(),
                            " --credentials=", platform.folder(), "/operator.json --language=", language,
                            " --report=", report, " '", what, "'"));
  Import import;
  import.exit_code = result.exit_code;
  import.output = result.output;
  import.seconds = absl::ToDoubleSeconds(absl::Now() - start);
  ReadReport(report, &import);
  std::printf(
      "%s: %lld records in %.1f s, %.0f a second (created %lld, updated %lld, unchanged %lld, refused %lld, "
      "skipped %lld)\n",
      what.c_str(), static_cast<long long>(import.total.read), import.seconds,
      static_cast<double>(import.total.read) / import.seconds, static_cast<long long>(import.total.created),
      static_cast<long long>(import.total.updated), static_cast<long long>(import.total.unchanged),
      static_cast<long long>(import.total.refused), static_cast<long long>(import.total.skipped));
  return import;
}

class RealData : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(DataFolder() + "/divisions.csv")) return;
    Platform::Options options;
    // The sample holds records of them, too.
    for (const auto& [name, package] : kFollowers) options.followers.push_back(name);
    // The command is one client that sends as fast as it can.
    options.gateway_flags = {"--access_log=false"};
    platform_ = new Platform(options);
    *sample_ = RunImport(*platform_, "--sample=tools/samples/baoji", "en");
    *figures_of_sample_ = Figures();
    *first_ = RunImport(*platform_, "--data=" + DataFolder(), "zh");
    *figures_of_first_ = Figures();
    *rows_of_first_ = Rows();
    *second_ = RunImport(*platform_, "--data=" + DataFolder(), "en");
    *figures_of_second_ = Figures();
  }
  static void TearDownTestSuite() {
    delete platform_;
    platform_ = nullptr;
  }
  void SetUp() override {
    if (platform_ == nullptr)
      GTEST_SKIP() << "no real tables in " << DataFolder() << ": LIANQIAO_DATA names their folder";
  }

  static std::string Figures() {
    HttpClient client = platform_->Operator();
    const std::string city =
        client.Get("/v1/jurisdictions:lookup?externalId=gb-t-2260:610300").json().Text("/id");
    const HttpAnswer answer =
        client.Get(absl::StrCat("/v1/registry-statistics?jurisdictionId=", city, "&date=2023-12-31"));
    const Json json = answer.json();
    std::string text;
    for (size_t i = 0; i < json.Size("/allianceTypes"); ++i) {
      const std::string type = absl::StrCat("/allianceTypes/", i);
      absl::StrAppend(&text, json.Text(type + "/type"), " ", json.Integer(type + "/allianceCount"), " of ",
                      json.Integer(type + "/distinctSchoolCount"), "; ");
    }
    return absl::StrCat(text, "together ", json.Integer("/schoolAlliances/distinctSchoolCount"), "; groups ",
                        json.Integer("/educationGroups/groupCount"), ", members ",
                        json.Integer("/educationGroups/distinctMemberSchoolCount"), ", leads ",
                        json.Integer("/educationGroups/distinctLeadSchoolCount"), "; coverage ",
                        json.Integer("/coverage/distinctSchoolCount"),
                        json.Has("/coverage/ratio") ? " with a ratio" : "");
  }

  // Of every table, with the changes: what a repetition must leave alone.
  static std::map<std::string, int64_t> Rows() {
    std::map<std::string, int64_t> rows;
    for (const char* table : {"jurisdiction", "organisation", "alliance", "membership", "fact_submission",
                              "school_year_facts", "external_id", "change", "revision"})
      rows[table] = platform_->Count(absl::StrCat("SELECT count(*) FROM alliance_registry.", table));
    return rows;
  }

  Json Lookup(const std::string& collection, const std::string& external_id) {
    HttpClient client = platform_->Operator();
    const HttpAnswer answer =
        client.Get(absl::StrCat("/v1/", collection, ":lookup?externalId=", Escaped(external_id)));
    EXPECT_EQ(answer.status, 200) << external_id << ": " << answer.body;
    return answer.json();
  }

  static inline Platform* platform_ = nullptr;
  static inline Import* const sample_ = new Import;
  static inline Import* const first_ = new Import;
  static inline Import* const second_ = new Import;
  static inline std::string* const figures_of_sample_ = new std::string;
  static inline std::string* const figures_of_first_ = new std::string;
  static inline std::string* const figures_of_second_ = new std::string;
  static inline std::map<std::string, int64_t>* const rows_of_first_ = new std::map<std::string, int64_t>;
};

TEST_F(RealData, EverythingIsSent) {
  for (const Import* import : {sample_, first_, second_}) EXPECT_EQ(import->exit_code, 0) << import->output;
  EXPECT_EQ(sample_->total.refused, 0) << sample_->output;
  EXPECT_EQ(sample_->total.created, sample_->total.read);
  for (const char* file : {"divisions.csv", "townships.csv", "schools-baoji.csv", "schools-shaanxi-other.csv",
                           "schools-other-cities.csv", "schools-beijing.csv", "baoji-alliances.csv"}) {
    const bool there = std::any_of(first_->counts.begin(), first_->counts.end(),
                                   [&](const auto& entry) { return entry.first.starts_with(file); });
    EXPECT_TRUE(there) << file << " was not loaded:\n" << first_->output;
  }
  for (const auto& [file, counts] : first_->counts) {
    EXPECT_EQ(counts.read,
              counts.created + counts.updated + counts.unchanged + counts.refused + counts.skipped)
        << file;
  }
  EXPECT_THAT(first_->output, HasSubstr("division-changes.csv: "));
}

TEST_F(RealData, TheSecondTimeNothingChanges) {
  EXPECT_EQ(second_->total.created, 0) << second_->output;
  EXPECT_EQ(second_->total.updated, 0) << second_->output;
  EXPECT_EQ(second_->total.read, first_->total.read);
  EXPECT_EQ(second_->total.refused, first_->total.refused);
  EXPECT_EQ(second_->total.unchanged,
            first_->total.created + first_->total.updated + first_->total.unchanged);
  EXPECT_EQ(Rows(), *rows_of_first_);
}

TEST_F(RealData, ThePublishedFiguresHoldThroughout) {
  for (const std::string* figures : {figures_of_sample_, figures_of_first_, figures_of_second_}) {
    EXPECT_THAT(*figures, HasSubstr("ALLIANCE_TYPE_COUNTY 6 of "));
    EXPECT_THAT(*figures, HasSubstr("ALLIANCE_TYPE_CROSS_COUNTY 76 of 146; "));
    EXPECT_THAT(*figures, HasSubstr("ALLIANCE_TYPE_IN_COUNTY 248 of 921; "));
    EXPECT_THAT(*figures, HasSubstr("together 979; groups 21, members 57, leads 21; coverage 979"));
    EXPECT_THAT(*figures, Not(HasSubstr("ratio"))) << "nobody reported a total of schools";
  }
}

TEST_F(RealData, EveryDivisionIsThereOnce) {
  std::set<std::string> codes;
  const auto visit = [&](int, bool, const cli::Columns& row) {
    codes.insert(row.at("code"));
    return absl::OkStatus();
  };
  ASSERT_TRUE(cli::ReadTable(DataFolder() + "/divisions.csv", {"code"}, visit).ok());
  const Import::Counts counts = first_->counts.at("divisions.csv jurisdictions");
  EXPECT_EQ(counts.read, 3351);
  EXPECT_EQ(counts.refused, 0) << first_->output;
  // Cities without counties stand there twice, the second time as a county of themselves.
  const auto places = static_cast<int64_t>(codes.size());
  EXPECT_EQ(places, counts.read - counts.skipped);
  EXPECT_EQ(platform_->Count(absl::StrCat(
                "SELECT count(DISTINCT id) FROM alliance_registry.external_id WHERE kind = 'jurisdiction'"
                " AND system = 'gb-t-2260' AND value IN ('",
                absl::StrJoin(codes, "','"), "')")),
            places);
  EXPECT_EQ(
      platform_->Count(
          "SELECT count(*) FROM (SELECT value FROM alliance_registry.external_id WHERE kind = 'jurisdiction'"
          " AND system = 'gb-t-2260' GROUP BY value HAVING count(DISTINCT id) > 1) doubled"),
      0);
  // Codes of before lead to the same place.
  const Json now = Lookup("jurisdictions", "gb-t-2260:610305");
  EXPECT_EQ(now.Text("/name"), "凤翔区");
  EXPECT_EQ(Lookup("jurisdictions", "gb-t-2260:610322").Text("/id"), now.Text("/id"));
  EXPECT_EQ(Lookup("jurisdictions", "gb-t-2260:610322").Text("/name"), "凤翔区");
}

TEST_F(RealData, TheCountyAlliancesOfTheFileAreThoseOfTheSample) {
  EXPECT_EQ(
      platform_->Count("SELECT count(*) FROM alliance_registry.alliance WHERE type = 'ALLIANCE_TYPE_COUNTY'"
                       " AND state = 'ALLIANCE_STATE_ACTIVE' AND delete_time IS NULL"),
      6);
  const Json alliance = Lookup("alliances", "baoji-alliances:county/current/渭滨区/凤县");
  std::set<std::string> systems;
  for (size_t i = 0; i < alliance.Size("/externalIds"); ++i)
    systems.insert(alliance.Text(absl::StrCat("/externalIds/", i, "/system")));
  EXPECT_THAT(systems, Contains("baoji-sample")) << "the file made an alliance of its own";
}

TEST_F(RealData, AnEarlierGenerationHasEndedOnADayThatNobodyKnows) {
  const Json alliance = Lookup("alliances", "baoji-alliances:county/2016/渭滨区/麟游县");
  EXPECT_EQ(alliance.Text("/state"), "ALLIANCE_STATE_DISSOLVED");
  EXPECT_FALSE(alliance.Has("/endedOn")) << alliance.Text("/endedOn");
  EXPECT_EQ(alliance.Text("/activeOn"), "2016-01-01");
  EXPECT_EQ(alliance.Text("/startPrecision"), "DATE_PRECISION_YEAR");
  EXPECT_EQ(alliance.Integer("/generation"), 1);
  EXPECT_EQ(
      platform_->Count("SELECT count(*) FROM alliance_registry.membership m JOIN alliance_registry.alliance a"
                       " ON a.id = m.alliance_id WHERE a.state = 'ALLIANCE_STATE_DISSOLVED'"
                       " AND m.state NOT IN ('MEMBERSHIP_STATE_ENDED', 'MEMBERSHIP_STATE_WITHDRAWN')"),
      0)
      << "a membership outlives its alliance";
}

TEST_F(RealData, ASchoolWhoseCountyIsNotStatedHasNone) {
  int64_t seen = 0;
  const auto visit = [&](int, bool, const cli::Columns& row) {
    if (row.at("division_code") != "610300") return absl::OkStatus();
    ++seen;
    const Json school = Lookup("organisations", "school-lists:" + row.at("local_id"));
    EXPECT_FALSE(school.Has("/divisionId")) << row.at("name");
    const std::string place =
        row.at("zone").empty() ? "gb-t-2260:610300" : "functional-zones:610300/" + row.at("zone");
    EXPECT_EQ(school.Text("/jurisdictionId"), Lookup("jurisdictions", place).Text("/id")) << row.at("name");
    return absl::OkStatus();
  };
  ASSERT_TRUE(cli::ReadTable(DataFolder() + "/schools-baoji.csv", {"division_code"}, visit).ok());
  EXPECT_GT(seen, 0);
}

TEST_F(RealData, ImpossibleValuesAreRefusedWithTheirLineFieldAndReason) {
  std::set<int64_t> impossible;
  const auto visit = [&](int line, bool, const cli::Columns& row) {
    const std::set<std::string> one_stage = {"kindergarten", "primary", "junior",
                                             "senior",       "special", "secondary_vocational"};
    if (one_stage.contains(row.at("stage")) &&
        row.at("quality_flags").find("class_size") != std::string::npos)
      impossible.insert(line);
    return absl::OkStatus();
  };
  ASSERT_TRUE(cli::ReadTable(DataFolder() + "/schools-beijing.csv", {"quality_flags"}, visit).ok());
  ASSERT_FALSE(impossible.empty());
  std::set<int64_t> refused;
  for (const auto& [line, refusal] : first_->refusals["schools-beijing.csv"]) {
    refused.insert(line);
    EXPECT_EQ(refusal.field, "classes") << line;
    EXPECT_EQ(refusal.reason, "VALUE_IMPOSSIBLE") << line;
    EXPECT_THAT(first_->output,
                HasSubstr(absl::StrCat("schools-beijing.csv:", line, "  classes  VALUE_IMPOSSIBLE  ")));
  }
  EXPECT_EQ(refused, impossible);
}

TEST_F(RealData, RefusalsSpeakBothLanguages) {
  EXPECT_EQ(first_->total.refused, second_->total.refused);
  for (const auto& [file, lines] : first_->refusals) {
    for (const auto& [line, chinese] : lines) {
      ASSERT_TRUE(second_->refusals[file].contains(line)) << file << ":" << line;
      const Import::Refusal& english = second_->refusals[file][line];
      EXPECT_EQ(english.reason, chinese.reason) << file << ":" << line;
      EXPECT_TRUE(HasCharactersBeyondAscii(chinese.description))
          << file << ":" << line << " " << chinese.description;
      EXPECT_NE(english.description, chinese.description) << file << ":" << line;
    }
  }
}

}  // namespace
}  // namespace lianqiao::e2e
