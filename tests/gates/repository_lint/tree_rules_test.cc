// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/repository_lint/tree_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lianqiao::repository_lint {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

auto FindingIn(const std::string& path, const std::string& message) {
  return AllOf(Field(&Finding::path, path), Field(&Finding::message, HasSubstr(message)));
}

TEST(Readme, IsAskedOfEveryFolderAndOfTheRootsThemselves) {
  EXPECT_THAT(CheckReadmes({{"libs/README.md", ""}, {"libs/base/ids.cc", ""}, {"proto/a/b.proto", ""}}),
              ElementsAre(FindingIn("libs/base", "no README.md")));
  EXPECT_THAT(CheckReadmes({{"tools/up", ""}}), ElementsAre(FindingIn("tools", "no README.md")));
  EXPECT_THAT(CheckReadmes({{"tools/README.md", ""}, {"tools/cli/a/b.cc", ""}, {"tools/cli/README.md", ""}}),
              IsEmpty());
}

TEST(Migrations, HaveANumberOfTheirOwn) {
  EXPECT_THAT(CheckMigrations({{"services/a/migrations/0001_create_alliance.sql", ""},
                               {"services/a/migrations/0010_add_alliance_code.sql", ""},
                               {"services/b/migrations/0001_create_member.sql", ""}}),
              IsEmpty());
  EXPECT_THAT(CheckMigrations({{"services/a/migrations/0001_create_alliance.sql", ""},
                               {"services/a/migrations/0001_create_member.sql", ""}}),
              ElementsAre(FindingIn("services/a/migrations/0001_create_member.sql", "number is taken")));
}

TEST(Migrations, AreNamedByVerbAndObject) {
  for (const std::string name :
       {"create_alliance.sql", "0001_create.sql", "0001_Create_alliance.sql", "0001_create__alliance.sql",
        "0001-create-alliance.sql", "0001_create_a.txt"}) {
    const std::string path = "services/a/migrations/" + name;
    EXPECT_THAT(CheckMigrations({{path, ""}}), ElementsAre(FindingIn(path, "NNNN_verb_object.sql"))) << name;
  }
}

TEST(Targets, NameEverySourceInTheirFolderOrAbove) {
  const std::vector<File> files = {{"libs/a/CMakeLists.txt", "lianqiao_library(a SOURCES b.cc parts/c.cc)"},
                                   {"libs/a/b.cc", ""},
                                   {"libs/a/parts/c.cc", ""},
                                   {"libs/a/bb.cc", ""},
                                   {"libs/a/b.h", ""}};
  EXPECT_THAT(CheckTargets(files), ElementsAre(FindingIn("libs/a/bb.cc", "in no target")));
}

TEST(Targets, NameEveryContract) {
  EXPECT_THAT(CheckTargets({{"proto/a/v1/CMakeLists.txt", "foreach(file b c)"}, {"proto/a/v1/b.proto", ""}}),
              IsEmpty());
  EXPECT_THAT(CheckTargets({{"proto/CMakeLists.txt", "PROTOS a/v1/b.proto"}, {"proto/a/v1/c.proto", ""}}),
              ElementsAre(FindingIn("proto/a/v1/c.proto", "in no target")));
}

TEST(GrpcInternals, MayBeTouchedByOneFile) {
  const File one = {"libs/rpc/bind.cc", "grpc::internal::Call"};
  EXPECT_THAT(CheckInternals({one, {"libs/rpc/call.cc", ""}}), IsEmpty());
  EXPECT_THAT(CheckInternals({one, {"libs/rpc/call.cc", "grpc::internal::Call"}}),
              ElementsAre(FindingIn("libs/rpc/call.cc", "keep that in one file")));
}

}  // namespace
}  // namespace lianqiao::repository_lint
