// SPDX-License-Identifier: Apache-2.0
// Imports of many and of odd records.
#include <malloc.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/store/codec.h"
#include "tests/conformance/import_world.h"
#include "tests/conformance/testdata/specimen.pb.h"

// Debian's package of the compiler comes without the header that declares it.
extern "C" size_t __sanitizer_get_current_allocated_bytes();

namespace lianqiao::conformance {
namespace {

namespace v1 = conformancetest::v1;
using ::testing::ElementsAre;

runtime::Definition SpecimenDefinition() {
  v1::Specimen::default_instance();
  const auto contract = contract::Contract::Load({"lianqiao.conformancetest.v1"});
  EXPECT_TRUE(contract.ok()) << contract.status();
  return {"specimen",
          {"lianqiao.conformancetest.v1"},
          {{"0010_create_specimen", store::TableDdl(*(*contract)->FindKind("specimen"))}},
          [](resource::Service&) {}};
}

// No two specimens of one name: a rule on stored rows, of which those of the same chunk are some.
runtime::Definition WithoutTwins() {
  runtime::Definition definition = SpecimenDefinition();
  definition.add = [](resource::Service& service) {
    service.AddFacts(
        v1::Specimen::descriptor(),
        {"twins",
         "SELECT 1 FROM specimen WHERE plain_string = $1 AND id <> $2::uuid AND delete_time IS NULL",
         {"plain_string", "id"},
         {}});
    service.AddRules(v1::Specimen::descriptor(),
                     [](const contract::Message*, const contract::Message&, const resource::Facts& facts) {
                       resource::Violations violations;
                       if (!facts.rows("twins").empty())
                         violations.push_back(base::RefuseRule("plain_string", "重名", "is taken"));
                       return violations;
                     });
  };
  return definition;
}

// What the process holds now. Not its resident pages: a sanitiser keeps 256 MiB of what was freed.
int64_t HeldMiB() {
#ifdef __SANITIZE_ADDRESS__
  return static_cast<int64_t>(__sanitizer_get_current_allocated_bytes()) >> 20;
#else
  return static_cast<int64_t>(mallinfo2().uordblks) >> 20;
#endif
}

class Load : public ::testing::Test {
 protected:
  Load() : world_(SpecimenDefinition()) {
    options_.set_kind("specimen");
    options_.set_source_system("register");
  }
  ImportService world_;
  sync::ImportOptions options_;
};

TEST_F(Load, AHundredThousandLinesNeedLittleMemory) {
  const int lines = 100000;
  std::string content;
  for (int i = 0; i < lines; ++i)  // One in twenty can be read, of those one in fifty is refused by a rule.
    absl::StrAppend(&content, "{\"sourceId\":\"", i, "\",\"plainString\":\"",
                    i % 1000 == 20 ? "13812345678" : "x",
                    "\",\"plainInt32\":", i % 20 == 0 ? "7" : "\"seven\"", "}\n");
  const auto sent = world_.Send(options_, content);
  ASSERT_TRUE(sent.ok()) << sent.status();
  content.clear();
  content.shrink_to_fit();
  const int64_t before = HeldMiB();
  int64_t most = before;
  for (bool more = true; more;) {
    const auto worked = world_.imports().RunSome(absl::Now() + absl::Seconds(300), 20);
    ASSERT_TRUE(worked.ok()) << worked.status();
    more = *worked;
    most = std::max(most, HeldMiB());
  }
  const auto import = world_.Get(sent->id());
  EXPECT_EQ(CountsOf(import), "4900 0 0 0 95100");
  EXPECT_EQ(world_.Value("SELECT count(*) FROM specimen"), "4900");
  EXPECT_EQ(world_.Value("SELECT count(*) FROM import_error"), "95100");
  EXPECT_LT(most - before, 48);
}

TEST_F(Load, TypedRecordsComeWithTheirExternalIds) {
  std::vector<sync::ImportRecord> records(3);
  for (int i = 0; i < 3; ++i) {
    v1::Specimen specimen;
    specimen.set_plain_string(absl::StrCat("s", i));
    specimen.set_shade(v1::SHADE_DARK);
    (*specimen.mutable_counts())["a"] = i;
    auto* id = specimen.add_external_ids();
    id->set_system("register");
    id->set_id(absl::StrCat(i));
    records[static_cast<size_t>(i)].mutable_record()->PackFrom(specimen);
  }
  records[1].mutable_record()->set_type_url("type.googleapis.com/lianqiao.sync.v1.Import");
  options_.clear_kind();
  const auto sent = world_.SendRecords(options_, records);
  ASSERT_TRUE(sent.ok()) << sent.status();
  world_.Work();
  EXPECT_EQ(CountsOf(world_.Get(sent->id())), "2 0 0 0 1");
  EXPECT_THAT(world_.Errors(sent->id()), ElementsAre("2 record FIELD_UNKNOWN_CODE"));
  records.erase(records.begin() + 1);
  for (auto& record : records) record.set_delete_(true);
  const auto deleted = world_.SendRecords(options_, records);
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  world_.Work();
  EXPECT_EQ(CountsOf(world_.Get(deleted->id())), "0 0 0 2 0");
}

TEST(Twins, OfOneChunkAreNotBothWritten) {
  ImportService world(WithoutTwins());
  sync::ImportOptions options;
  options.set_kind("specimen");
  options.set_source_system("register");
  std::string lines;
  for (int i = 0; i < 90; ++i)
    absl::StrAppend(&lines, "{\"sourceId\":\"", i, "\",\"plainString\":\"",
                    i % 2 == 0 ? "twin" : absl::StrCat("n", i), "\"}\n");
  const auto import = world.Run(options, lines);
  EXPECT_EQ(CountsOf(import), "46 0 0 0 44");
  EXPECT_EQ(world.Value("SELECT count(*) FROM specimen WHERE plain_string = 'twin'"), "1");
  for (const std::string& error : world.Errors(import.id()))
    EXPECT_THAT(error, ::testing::EndsWith(" plainString RULE_VIOLATED"));
}

TEST_F(Load, RefusedLinesOfAnyFormComeBackAsTheyWere) {
  const std::string good = "{\"sourceId\":\"1\",\"plainString\":\"x\"}\n";
  const std::string bad = "{\"sourceId\":\"2\",\"plainInt32\":\"abc\"}\n{broken\n";
  const auto import = world_.Run(options_, good + bad + good);
  EXPECT_EQ(CountsOf(import), "1 0 0 0 3");
  EXPECT_EQ(world_.RefusedLines(import.id()), bad + good);
}

}  // namespace
}  // namespace lianqiao::conformance
