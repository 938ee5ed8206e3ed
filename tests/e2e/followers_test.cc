// SPDX-License-Identifier: Apache-2.0
// What the services beside the registry hold goes in by a file, comes out by an export and stands in a
// consumer's copy, as the registry's records do; a person who is erased leaves all of them.
#include <gmock/gmock.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/testing/cluster.h"
#include "tests/e2e/command_line.h"
#include "tests/e2e/installation.h"
#include "tests/e2e/platform.h"

namespace lianqiao::e2e {
namespace {

using ::lianqiao::testing::Cluster;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kInStepLimit = absl::Seconds(90);
constexpr absl::Duration kCopyLimit = absl::Seconds(30);
constexpr absl::Duration kStopLimit = absl::Seconds(30);

Platform::Options AllServices() {
  Platform::Options options;
  for (const auto& [name, package] : kFollowers) options.followers.push_back(name);
  return options;
}

class Followers : public ::testing::Test {
 protected:
  CommandLine::Result Import(const std::string& kind, const std::string& lines) {
    const std::string path = absl::StrCat(command_.folder(), "/", kind, ".ndjson");
    std::ofstream(path, std::ios::binary) << lines;
    return command_.Run(
        absl::StrCat("import -o json --quiet --source-system register --kind ", kind, " ", path));
  }
  void ExpectImported(const std::string& kind, const std::string& lines, int count) {
    const CommandLine::Result result = Import(kind, lines);
    EXPECT_EQ(result.exit_code, 0) << kind << ": " << result.out << result.error;
    EXPECT_EQ(Json(result.out).Text("/createdCount"), absl::StrCat(count)) << kind << ": " << result.out;
  }
  // Until every service's copy has the registry's record.
  bool WaitForCopies(const std::string& organisation_id) {
    const absl::Time end = absl::Now() + kCopyLimit;
    for (const std::string schema : {"teacher_exchange", "teaching_research", "resource_sharing"}) {
      while (platform_.Count(absl::StrCat("SELECT count(*) FROM ", schema,
                                          ".registry_organisation WHERE id = '", organisation_id, "'")) ==
             0) {
        if (absl::Now() > end) return false;
        absl::SleepFor(absl::Milliseconds(50));
      }
    }
    return true;
  }
  // Names of what was exported, all files unpacked.
  std::string Exported(const std::string& name) {
    const std::string out = absl::StrCat(command_.folder(), "/", name);
    const CommandLine::Result exported = command_.Run("export --quiet " + out);
    EXPECT_EQ(exported.exit_code, 0) << exported.out << exported.error;
    return RunShell("zcat " + out + "/*.gz").output;
  }

  Platform platform_{AllServices()};
  HttpClient operator_ = platform_.Operator();
  const Places places_ = MakePlaces(operator_);
  CommandLine command_{platform_.grpc_address(), platform_.folder() + "/operator.json"};
};

TEST_F(Followers, RecordsGoInByAFileAndOutByAnExportAndAnErasedPersonLeavesTheCopyToo) {
  MirrorUnderTest mirror(command_, Cluster::Instance().Connection("postgres", "lianqiao"));
  mirror.process().Start();
  ExpectImported("organisation",
                 absl::StrCat(R"({"externalIds":[{"system":"register","id":"1"}],"name":"渭滨区第一小学",)",
                              R"("kind":"ORGANISATION_KIND_SCHOOL","stages":["STAGE_PRIMARY"],)",
                              R"("jurisdictionId":")", places_.near_id, "\"}\n"),
                 1);
  const std::string school =
      operator_.Get("/v1/organisations:lookup?externalId=register:1").json().Text("/id");
  ASSERT_TRUE(WaitForCopies(school));
  // What they refer to is named as the source names it, although another service holds it.
  std::string teachers;
  for (int i = 1; i <= 30; ++i)
    absl::StrAppend(&teachers, R"({"externalIds":[{"system":"register","id":"t)", i, R"("}],"personRef":"p-)",
                    i, R"(","name":"样例教师)", i, R"(号","schoolId":"register:1"})", "\n");
  ExpectImported("teacher", teachers, 30);
  ExpectImported(
      "practice_model",
      R"({"externalIds":[{"system":"register","id":"m1"}],"kind":"PRACTICE_MODEL_KIND_RESEARCH_MODE",)"
      R"("code":"434","unitKind":"UNIT_KIND_ORGANISATION","unitId":"register:1"})"
      "\n",
      1);
  ExpectImported("platform",
                 R"({"externalIds":[{"system":"register","id":"p1"}],"name":"优质资源平台",)"
                 R"("kind":"PLATFORM_KIND_RESOURCE","ownerOrganisationId":"register:1"})"
                 "\n",
                 1);
  const CommandLine::Result unknown =
      Import("resource_item", R"({"externalIds":[{"system":"register","id":"i1"}],"schoolId":"register:9"})");
  EXPECT_NE(unknown.exit_code, 0) << unknown.out;

  const std::string exported = Exported("before");
  for (const char* text : {"样例教师30号", "\"434\"", "优质资源平台", "渭滨区第一小学"})
    EXPECT_THAT(exported, HasSubstr(text));
  EXPECT_EQ(mirror.WhyDifferent(kInStepLimit), "");
  EXPECT_EQ(mirror.Copied("SELECT count(DISTINCT name) FROM lianqiao.teacher"), "30");

  const std::string person = operator_.Get("/v1/teachers:lookup?externalId=register:t7").json().Text("/id");
  const HttpAnswer erased =
      operator_.Post(absl::StrCat("/v1/teachers/", person, ":erase"), R"({"reason":"本人申请"})");
  ASSERT_EQ(erased.status, 200) << erased.body;
  EXPECT_EQ(mirror.WhyDifferent(kInStepLimit), "");
  EXPECT_EQ(
      mirror.Copied(absl::StrCat("SELECT count(*) FROM lianqiao.teacher t WHERE t::text LIKE '%样例教师7号%'",
                                 " OR t::text ~ 'p-7\\y'")),
      "0");
  EXPECT_EQ(mirror.Copied("SELECT count(*) FROM lianqiao.teacher"), "30") << "the record itself stays";
  EXPECT_THAT(Exported("after"), Not(HasSubstr("样例教师7号")));
  EXPECT_EQ(mirror.process().Terminate(kStopLimit), 0);
  mirror.ExpectVerified();
}

}  // namespace
}  // namespace lianqiao::e2e
