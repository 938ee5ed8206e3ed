// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/csv_reader.h"

#include <gmock/gmock.h>

#include <sstream>

namespace lianqiao::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Rows = std::vector<std::vector<std::string>>;

absl::StatusOr<Rows> Read(const std::string& text, std::vector<int>* lines = nullptr) {
  std::istringstream input(text);
  CsvReader reader(input);
  Rows rows;
  CsvRow row;
  while (true) {
    const absl::StatusOr<bool> more = reader.Next(&row);
    if (!more.ok()) return more.status();
    if (!*more) return rows;
    rows.push_back(row.fields);
    if (lines != nullptr) lines->push_back(row.line);
  }
}

TEST(CsvReader, QuotesHoldCommasQuotesAndLineBreaks) {
  EXPECT_THAT(*Read("a,\"b,\"\"c\"\"\",\"d\r\ne\"\n"), ElementsAre(ElementsAre("a", "b,\"c\"", "d\r\ne")));
}

TEST(CsvReader, AByteOrderMarkAndBothLineEndsAreNoData) {
  EXPECT_THAT(*Read("\xEF\xBB\xBF"
                    "code,name\r\n1,一\n2,二"),
              ElementsAre(ElementsAre("code", "name"), ElementsAre("1", "一"), ElementsAre("2", "二")));
}

TEST(CsvReader, EmptyFieldsStayAndEmptyLinesGo) {
  EXPECT_THAT(*Read(",\n\n\r\n\"\"\n,,"),
              ElementsAre(ElementsAre("", ""), ElementsAre(""), ElementsAre("", "", "")));
  EXPECT_THAT(*Read(""), IsEmpty());
}

TEST(CsvReader, ARowKnowsTheLineOnWhichItBegins) {
  std::vector<int> lines;
  ASSERT_TRUE(Read("h\n\"a\nb\"\n\nc\n", &lines).ok());
  EXPECT_THAT(lines, ElementsAre(1, 2, 5));
}

TEST(CsvReader, TextThatIsNoCsvIsRefusedWithItsLine) {
  EXPECT_THAT(std::string(Read("a\n\"b").status().message()), HasSubstr("line 2"));
  EXPECT_THAT(std::string(Read("a\nb\"c\n").status().message()), HasSubstr("line 2"));
  EXPECT_THAT(std::string(Read("\"a\"b\n").status().message()), HasSubstr("line 1"));
}

}  // namespace
}  // namespace lianqiao::cli
