// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/repository_lint/text_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lianqiao::repository_lint {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Repeat(const std::string& text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

auto FindingAt(int line, const std::string& message) {
  return ::testing::AllOf(Field(&Finding::line, line), Field(&Finding::message, HasSubstr(message)));
}

TEST(FileSize, OfFiveHundredLinesPassesAndOneMoreFails) {
  EXPECT_THAT(CheckSizes({"libs/base/a.cc", Repeat("\n", 500)}), IsEmpty());
  EXPECT_THAT(CheckSizes({"libs/base/a.cc", Repeat("\n", 501)}),
              ElementsAre(FindingAt(0, "501 lines, at most 500")));
}

TEST(FileSize, OfTestsMayBeEightHundredLines) {
  EXPECT_THAT(CheckSizes({"libs/base/a_test.cc", Repeat("\n", 800)}), IsEmpty());
  EXPECT_THAT(CheckSizes({"libs/base/a_test.cc", Repeat("\n", 801)}),
              ElementsAre(FindingAt(0, "at most 800")));
}

TEST(FileSize, OfRecordedAndVendoredFilesIsFree) {
  EXPECT_THAT(CheckSizes({"tests/golden/registry.sql", Repeat("\n", 9000)}), IsEmpty());
  EXPECT_THAT(CheckSizes({"proto/google/api/http.proto", Repeat("\n", 9000)}), IsEmpty());
}

TEST(FunctionSize, CountsFromTheFirstLineOfTheSignature) {
  const std::string head = "// Comment.\nint F(int a\n      ) {\n";
  EXPECT_THAT(CheckSizes({"libs/base/a.cc", head + Repeat("  g();\n", 67) + "}\n"}), IsEmpty());
  EXPECT_THAT(CheckSizes({"libs/base/a.cc", head + Repeat("  g();\n", 68) + "}\n"}),
              ElementsAre(FindingAt(2, "function of 71 lines, at most 70")));
}

TEST(FunctionSize, DoesNotCountTheRowsOfATable) {
  const std::string text = "void F() {\n" + Repeat("    {1, 2},\n", 200) + "}\n";
  EXPECT_THAT(CheckSizes({"libs/base/a.cc", text}), IsEmpty());
}

TEST(FunctionSize, OfAMemberInsideItsClassCountsToo) {
  const std::string text = "class A {\n  void F() {\n" + Repeat("    g();\n", 69) + "  }\n};\n";
  EXPECT_THAT(CheckSizes({"libs/base/a.h", text}), ElementsAre(FindingAt(2, "function of 71 lines")));
}

TEST(FunctionSize, OfShellFunctionsCountsToo) {
  const std::string text = "f() {\n" + Repeat("  g\n", 69) + "}\n";
  EXPECT_THAT(CheckSizes({"tools/lib/a.sh", text}), ElementsAre(FindingAt(1, "function of 71 lines")));
}

TEST(FunctionSize, OfANamespaceIsFree) {
  const std::string text = "namespace a {\n" + Repeat("int b;\n", 200) + "}  // namespace a\n";
  EXPECT_THAT(CheckSizes({"libs/base/a.cc", text}), IsEmpty());
}

TEST(LineLength, CountsCharactersNotBytes) {
  EXPECT_THAT(CheckSizes({"libs/base/a.cc", Repeat("校", 110) + "\n"}), IsEmpty());
  EXPECT_THAT(CheckSizes({"libs/base/a.cc", "\n" + Repeat("校", 111) + "\n"}),
              ElementsAre(FindingAt(2, "111 columns, at most 110")));
}

TEST(LineLength, OfAnAddressIsFree) {
  EXPECT_THAT(CheckSizes({"libs/base/a.cc", "// https://" + Repeat("a", 200) + "\n"}), IsEmpty());
}

TEST(Licence, IsAskedOfCodeButNotOfProse) {
  EXPECT_THAT(CheckHead({"libs/base/a.cc", "int a;\n"}),
              ElementsAre(FindingAt(1, "SPDX-License-Identifier")));
  EXPECT_THAT(CheckHead({"tools/up", "#!/usr/bin/env bash\n"}), ElementsAre(FindingAt(1, "no licence line")));
  EXPECT_THAT(CheckHead({"README.md", "# Title\n"}), IsEmpty());
}

TEST(Header, WithoutAGuardIsFound) {
  const std::string licence = "// SPDX-License-Identifier: Apache-2.0\n";
  EXPECT_THAT(CheckHead({"libs/base/a.h", licence}), ElementsAre(FindingAt(1, "#pragma once")));
  EXPECT_THAT(CheckHead({"libs/base/a.h", licence + "#pragma once\n"}), IsEmpty());
}

TEST(Leftover, IsFoundAsAWholeWordOnly) {
  const std::string word =
      "TO"
      "DO";
  EXPECT_THAT(CheckLeftovers({"libs/base/a.cc", "int a;\n// " + word + "(me): later\n"}),
              ElementsAre(FindingAt(2, "leftover " + word)));
  EXPECT_THAT(CheckLeftovers({"libs/base/a.cc", "int MAS" + word + "S;\n"}), IsEmpty());
}

}  // namespace
}  // namespace lianqiao::repository_lint
