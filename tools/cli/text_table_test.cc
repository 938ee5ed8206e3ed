// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/text_table.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tools/cli/arguments.h"

namespace lianqiao::cli {
namespace {

TEST(TextTableTest, ChineseTakesTwoPlaces) {
  TextTable table({"名称", "n"});
  table.Add({"渭滨区", "1"});
  table.Add({"Feng", "23"});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(), "名称    n\n渭滨区  1\nFeng    23\n");
}

TEST(TextTableTest, LongCellsAreCutBetweenCharacters) {
  EXPECT_EQ(Shortened("渭滨区第一小学", 8), "渭滨区…");
  EXPECT_EQ(Shortened("渭滨区", 6), "渭滨区");
  EXPECT_EQ(Shortened("a\nb\x1b[31m", 20), "a b [31m") << "nothing from a record reaches the terminal raw";
  EXPECT_EQ(DisplayWidth("\xff\xfe"), 2u);
}

TEST(TextTableTest, NumbersAreGrouped) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
  EXPECT_EQ(Grouped(-123456), "-123,456");
}

TEST(ArgumentsTest, ReadsOptionsAndWords) {
  const std::vector<Option> options = {
      {"kinds", "A,B", "", ""}, {"once", "", "", ""}, {"output", "F", "", ""}};
  auto arguments =
      Arguments::Parse({"x", "--kinds=a,b", "--kinds", "c", "-o", "json", "--once", "--", "--y"}, options);
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  EXPECT_EQ(arguments->words(), (std::vector<std::string>{"x", "--y"}));
  EXPECT_EQ(arguments->List("kinds"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(arguments->Text("output"), "json");
  EXPECT_TRUE(arguments->Has("once"));
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"--other"}, {"--kinds"}, {"--once=1"}, {"--kinds="}, {"-x"}})
    EXPECT_FALSE(Arguments::Parse(wrong, options).ok()) << wrong[0];
}

TEST(ArgumentsTest, NumbersKeepToTheirBounds) {
  const std::vector<Option> options = {{"parts", "N", "", ""}};
  EXPECT_EQ(*Arguments::Parse({}, options)->Integer("parts", 4, 1, 9), 4);
  EXPECT_EQ(*Arguments::Parse({"--parts=9"}, options)->Integer("parts", 4, 1, 9), 9);
  EXPECT_FALSE(Arguments::Parse({"--parts=10"}, options)->Integer("parts", 4, 1, 9).ok());
  EXPECT_FALSE(Arguments::Parse({"--parts=x"}, options)->Integer("parts", 4, 1, 9).ok());
}

}  // namespace
}  // namespace lianqiao::cli
