// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lianqiao/options/v1/options.pb.h"
#include "libs/testing/golden.h"
#include "tests/gates/api_style/proto_tree.h"

namespace lianqiao::gates {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const ProtoTree& Api() {
  static const ProtoTree* tree = new ProtoTree("proto");
  return *tree;
}

TEST(ApiStyleGate, EveryProtoOfTheSuiteIsRead) {
  EXPECT_EQ(Api().errors(), "");
  EXPECT_GT(Api().files().size(), 30u);
  EXPECT_GT(Api().Methods().size(), 200u);
}

TEST(ApiStyleGate, PackagesFieldsStatesAndEnumsKeepTheRules) {
  const Findings findings = CheckNames(Api());
  EXPECT_THAT(findings, IsEmpty()) << absl::StrJoin(findings, "\n");
}

TEST(ApiStyleGate, MethodsKeepTheRules) {
  const Findings findings = CheckMethods(Api());
  EXPECT_THAT(findings, IsEmpty()) << absl::StrJoin(findings, "\n");
}

TEST(ApiStyleGate, NoOtherMethodIsPublic) {
  std::string methods;
  for (const MethodDescriptor* method : Api().Methods())
    if (method->options().GetExtension(options::v1::access).public_())
      absl::StrAppend(&methods, method->full_name(), "\n");
  testing::ExpectGolden("public_methods.txt", methods, "this method must answer without a token");
}

TEST(ApiStyleGate, NoReleasedEnumValueIsRenamedOrRemoved) {
  std::set<std::string> present;
  for (const EnumDescriptor* type : Api().Enums())
    for (int i = 0; i < type->value_count(); ++i)
      present.insert(
          absl::StrCat(type->full_name(), " ", type->value(i)->name(), " ", type->value(i)->number()));
  const std::vector<std::string> lines = testing::LinesOf(testing::ReadGolden("enum_values.txt"));
  const std::set<std::string> released(lines.begin(), lines.end());
  for (const std::string& value : released)
    EXPECT_TRUE(present.contains(value)) << value
                                         << " is gone: its name stands in rows, filters and policies. "
                                            "Bring it back; what is out of use is marked deprecated.";
  if (testing::UpdatesGolden())
    return testing::WriteGolden("enum_values.txt", absl::StrJoin(present, "\n") + "\n");
  for (const std::string& value : present)
    EXPECT_TRUE(released.contains(value)) << value
                                          << " is new: run this test with UPDATE_GOLDEN=1 and commit "
                                             "tests/golden/enum_values.txt; from then on it stays for ever.";
}

// Each rule against a proto that breaks it.
class BadProto : public ::testing::Test {
 protected:
  Findings Check(const std::string& text, const std::string& package = "lianqiao.bad.v1") {
    const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "api_style" /
                                         ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder / "lianqiao/bad/v1");
    std::ofstream(folder / "lianqiao/bad/v1/bad.proto")
        << "syntax = \"proto3\";\npackage " << package << ";\n"
        << "import \"google/api/annotations.proto\";\nimport \"lianqiao/options/v1/options.proto\";\n"
        << "import \"lianqiao/type/v1/standard.proto\";\n"
        << text;
    const ProtoTree tree(folder.string(), "proto");
    EXPECT_EQ(tree.files().size(), 1u) << tree.errors();
    Findings findings = CheckNames(tree);
    for (const std::string& finding : CheckMethods(tree)) findings.push_back(finding);
    return findings;
  }
};

constexpr char kThing[] = R"(
// A thing.
message Thing {
  option (lianqiao.options.v1.resource) = {kind: "thing" plural: "Things"};
  string id = 1 [(lianqiao.options.v1.field) = {label: {zh: "编号" en: "id"}}];
}
)";

TEST_F(BadProto, APackageThatIsNotItsFolderOrHasNoVersionIsFound) {
  EXPECT_THAT(Check("", "lianqiao.other.v1"), Contains(HasSubstr("belongs in proto/lianqiao/other/v1")));
  EXPECT_THAT(Check("", "lianqiao.bad"), Contains(HasSubstr("end it in a version")));
}

TEST_F(BadProto, AnEnumWithoutZeroPrefixOrLabelIsFound) {
  const Findings findings = Check("enum Colour { RED = 0; COLOUR_BLUE = 1; }");
  EXPECT_THAT(findings, Contains(HasSubstr("must begin with COLOUR_UNSPECIFIED = 0")));
  EXPECT_THAT(findings, Contains(HasSubstr("begin it with COLOUR_")));
  EXPECT_THAT(findings, Contains(HasSubstr("label on COLOUR_BLUE")));
}

TEST_F(BadProto, AFieldWithoutALabelIsFound) {
  EXPECT_THAT(Check("message Thing { string id = 1; }"),
              Contains(HasSubstr("has no label in both languages")));
  EXPECT_THAT(Check(R"(message Thing {
  string id = 1 [(lianqiao.options.v1.field) = {label: {zh: "编号" en: "id"}}];
})"),
              IsEmpty());
}

TEST_F(BadProto, AStateThatClientsSetIsFound) {
  EXPECT_THAT(Check(R"(
enum State { STATE_UNSPECIFIED = 0; }
// A thing.
message Thing {
  option (lianqiao.options.v1.resource) = {kind: "thing" plural: "Things"};
  State state = 1 [(lianqiao.options.v1.field) = {label: {zh: "状态" en: "state"}}];
}
service Things {
  // Opens it. Errors: UNAUTHENTICATED, PERMISSION_DENIED.
  rpc Open(lianqiao.type.v1.TransitionRequest) returns (Thing) {
    option (google.api.http) = {post: "/v1/things/{id}:open" body: "*"};
    option (lianqiao.options.v1.access) = {};
    option (lianqiao.options.v1.transition) = {field: "state"};
  }
})"),
              ::testing::AllOf(Contains(HasSubstr("is a state that a client could set")),
                               Contains(HasSubstr("which a client could set itself"))));
}

TEST_F(BadProto, AMethodWithoutErrorsRouteOrAccessIsFound) {
  const Findings findings = Check(absl::StrCat(kThing, "service Things { rpc Do(Thing) returns (Thing); }"));
  EXPECT_THAT(findings, Contains(HasSubstr("ends with \"Errors:")));
  EXPECT_THAT(findings, Contains(HasSubstr("has no google.api.http option")));
  EXPECT_THAT(findings, Contains(HasSubstr("has no access option")));
}

TEST_F(BadProto, AnErrorThatIsNoCanonicalCodeIsFound) {
  EXPECT_THAT(Check(absl::StrCat(kThing, R"(service Things {
  // Does it. Errors: MISSING, UNAUTHENTICATED, PERMISSION_DENIED.
  rpc Do(Thing) returns (Thing) {
    option (google.api.http) = {post: "/v1/things:do" body: "*"};
    option (lianqiao.options.v1.access) = {};
  }
})")),
              Contains(HasSubstr("\"MISSING\", which is no canonical code")));
}

TEST_F(BadProto, AStandardMethodOfAnotherShapeIsFound) {
  const Findings findings = Check(absl::StrCat(kThing, R"(service Things {
  // Makes one. Errors: UNAUTHENTICATED, PERMISSION_DENIED.
  rpc CreateThing(Thing) returns (Thing) {
    option (google.api.http) = {get: "/things"};
    option (lianqiao.options.v1.access) = {};
  }
})"));
  EXPECT_THAT(findings, Contains(HasSubstr("must be (lianqiao.bad.v1.CreateThingRequest)")));
  EXPECT_THAT(findings, Contains(HasSubstr("must have the field request_id")));
  EXPECT_THAT(findings, Contains(HasSubstr("begin it with /v1/")));
  EXPECT_THAT(findings, Contains(HasSubstr("a Create is a POST")));
}

}  // namespace
}  // namespace lianqiao::gates
