// SPDX-License-Identifier: Apache-2.0
// Every fact of the seed documents has an owner and a check, and what is checked is there.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lianqiao/options/v1/options.pb.h"
#include "libs/contract/packages.h"
#include "tools/cli/table.h"

namespace lianqiao {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;

// Services all of whose kinds are built: a kind that is not there is a mistake of the table.
const std::set<std::string> kBuiltServices = {"alliance-registry", "resource-sharing", "teacher-exchange",
                                              "teaching-research"};

const std::map<std::string, std::string> kPackages = {{"alliance-registry", "lianqiao.registry.v1"},
                                                      {"teacher-exchange", "lianqiao.exchange.v1"},
                                                      {"teaching-research", "lianqiao.research.v1"},
                                                      {"resource-sharing", "lianqiao.resources.v1"},
                                                      {"supervision-evaluation", "lianqiao.supervision.v1"}};
const std::set<std::string> kChecks = {"statistic", "record", "rule", "text"};
const std::set<std::string> kOperators = {"=", ">", ">=", "~", "range"};

struct Row {
  std::string id, service, check, comparison, target, remark;
};

std::vector<Row> Table() {
  std::ifstream file(LIANQIAO_SEED_FACTS);
  std::vector<Row> rows;
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "id,service,check,operator,target,remark");
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = absl::StrSplit(line, absl::MaxSplits(',', 5));
    EXPECT_EQ(cells.size(), 6) << line;
    if (cells.size() == 6) rows.push_back({cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]});
  }
  return rows;
}

// "cooperation_project" is the kind, "RankMove" the message; null: the package has none such.
const Descriptor* FindTarget(const std::string& package, const std::string& name) {
  std::string message = name;
  if (absl::ascii_islower(static_cast<unsigned char>(name[0]))) {
    message.clear();
    for (const std::string& word : std::vector<std::string>(absl::StrSplit(name, '_')))
      absl::StrAppend(&message, std::string(1, absl::ascii_toupper(static_cast<unsigned char>(word[0]))),
                      word.substr(1));
  }
  return DescriptorPool::generated_pool()->FindMessageTypeByName(absl::StrCat(package, ".", message));
}

TEST(SeedFacts, EveryRowIsComplete) {
  const std::vector<Row> rows = Table();
  EXPECT_EQ(rows.size(), 180);
  std::set<std::string> ids;
  for (const Row& row : rows) {
    EXPECT_TRUE(ids.insert(row.id).second) << row.id << " stands twice: keep one row";
    EXPECT_EQ(kPackages.count(row.service), 1) << row.id << ": no such service";
    EXPECT_EQ(kChecks.count(row.check), 1) << row.id << ": no such check";
    if (row.check == "text") {
      EXPECT_TRUE(row.comparison.empty() && row.target.empty()) << row.id << ": text is not compared";
      EXPECT_FALSE(row.remark.empty()) << row.id << ": say why it is text only";
    } else {
      EXPECT_EQ(kOperators.count(row.comparison), 1) << row.id << ": no such operator";
      const std::vector<std::string> target = absl::StrSplit(row.target, '.');
      EXPECT_EQ(target.size(), 2) << row.id << ": name kind.field or Message.field";
    }
  }
}

TEST(SeedFacts, EveryTargetIsAFieldOfTheContract) {
  ASSERT_FALSE(contract::KindsByPackage().empty()) << "no contract is linked: the gate would find nothing";
  int found = 0;
  for (const Row& row : Table()) {
    const std::vector<std::string> target = absl::StrSplit(row.target, '.');
    if (target.size() != 2) continue;
    const Descriptor* message = FindTarget(kPackages.at(row.service), target[0]);
    if (message == nullptr) {
      EXPECT_EQ(kBuiltServices.count(row.service), 0)
          << row.id << ": " << row.service << " has no " << target[0] << ": correct the table";
      continue;
    }
    ++found;
    EXPECT_NE(message->FindFieldByName(target[1]), nullptr)
        << row.id << ": " << target[0] << " has no " << target[1] << ": correct the table";
  }
  EXPECT_GT(found, 120);
}

// Of the samples' figures (tests/e2e/samples): the operators by which each fact is compared.
std::map<std::string, std::set<std::string>> ComparedFigures() {
  std::map<std::string, std::set<std::string>> compared;
  for (const auto& entry : std::filesystem::directory_iterator(LIANQIAO_SAMPLE_FIGURES)) {
    if (entry.path().extension() != ".csv") continue;
    const absl::Status read =
        cli::ReadTable(entry.path(), {"fact", "operator"}, [&](int, bool fits, const cli::Columns& row) {
          if (fits) compared[row.at("fact")].insert(row.at("operator"));
          return absl::OkStatus();
        });
    EXPECT_TRUE(read.ok()) << entry.path() << ": " << read;
  }
  return compared;
}

// The registry's facts are compared by its own tests, those of supervision when it is there.
TEST(SeedFacts, EveryFactOfTheServicesBesideTheRegistryIsAskedOfASample) {
  const std::set<std::string> services = {"resource-sharing", "teacher-exchange", "teaching-research"};
  const auto compared = ComparedFigures();
  EXPECT_GT(compared.size(), 50);
  std::set<std::string> known;
  for (const Row& row : Table()) {
    known.insert(row.id);
    if (services.count(row.service) == 0 || row.check == "text") continue;
    const auto figures = compared.find(row.id);
    if (figures == compared.end()) {
      ADD_FAILURE() << row.id << " is asked by no row of tests/e2e/samples/*.csv: add one";
      continue;
    }
    const std::set<std::string> wanted =
        row.comparison == "range" ? std::set<std::string>{">=", "<="} : std::set<std::string>{row.comparison};
    for (const std::string& comparison : wanted)
      EXPECT_EQ(figures->second.count(comparison), 1)
          << row.id << " is never compared by " << comparison << ", the operator that the fact states";
  }
  for (const auto& [fact, operators] : compared)
    EXPECT_EQ(known.count(fact), 1) << fact << " is no fact of seed_facts.csv";
}

TEST(SeedFacts, ExactlyTheFactsOfTheSeedsAreAccountedFor) {
  const char* given = std::getenv("LIANQIAO_DATA");
  std::ifstream file(absl::StrCat(given != nullptr ? given : "../shared/data", "/seed-facts.json"));
  if (!file.good()) GTEST_SKIP() << "the data folder is not at hand";
  std::stringstream text;
  text << file.rdbuf();
  google::protobuf::Struct facts;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(text.str(), &facts).ok());
  std::set<std::string> wanted;
  for (const auto& fact : facts.fields().at("facts").list_value().values())
    wanted.insert(fact.struct_value().fields().at("id").string_value());
  std::set<std::string> accounted;
  for (const Row& row : Table()) accounted.insert(row.id);
  EXPECT_EQ(accounted, wanted);
}

}  // namespace
}  // namespace lianqiao
