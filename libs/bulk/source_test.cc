// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/bulk/limits.h"

namespace lianqiao::bulk {
namespace {

using base::ErrorReason;
using ::testing::ElementsAre;

std::string Gzip(const std::string& text) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// Every item as "line:text", of CSV "line:cell|cell"; what cannot be read as "line!REASON".
struct Read {
  absl::Status status;
  std::vector<std::string> items;
};
Read ReadAll(Form form, const std::string& bytes, size_t piece, bool gzip = false) {
  Read read;
  Source source(form, gzip, [&](const SourceItem& item) {
    std::string text = absl::StrCat(item.line);
    if (item.violation.has_value()) {
      absl::StrAppend(&text, "!", base::ReasonName(item.violation->reason()));
    } else {
      absl::StrAppend(&text, ":",
                      item.cells == nullptr ? std::string(item.text) : absl::StrJoin(*item.cells, "|"));
    }
    read.items.push_back(text);
    return absl::OkStatus();
  });
  for (size_t at = 0; at < bytes.size() && read.status.ok(); at += piece)
    read.status = source.Feed(absl::string_view(bytes).substr(at, piece));
  if (read.status.ok()) read.status = source.Finish();
  return read;
}
ErrorReason ReasonOf(const absl::Status& status) {
  const base::Failure failure = base::FailureOf(status);
  return failure.violations_size() > 0 ? failure.violations(0).reason() : failure.reason();
}

// However the bytes come, the same lines come out.
class InPieces : public ::testing::TestWithParam<size_t> {};
INSTANTIATE_TEST_SUITE_P(Sizes, InPieces, ::testing::Values(1, 2, 3, 7, 1000000));

TEST_P(InPieces, LinesKeepTheirNumbersAndLoseTheirEnds) {
  EXPECT_THAT(ReadAll(Form::kNdjson, "\xEF\xBB\xBF{1}\r\n\n  \n{2}\n{3}", GetParam()).items,
              ElementsAre("1:{1}", "4:{2}", "5:{3}"));
}

TEST_P(InPieces, RowsHoldQuotesCommasAndLineEnds) {
  EXPECT_THAT(
      ReadAll(Form::kCsv, "a,b\r\n\"x,\"\"y\"\"\r\nz\",2\r\n\r\n,\n\"\",\"q\"\r\n学校,", GetParam()).items,
      ElementsAre("1:a|b", "2:x,\"y\"\r\nz|2", "5:|", "6:|q", "7:学校|"));
}

TEST_P(InPieces, ABadRowDoesNotKeepTheNextFromBeingRead) {
  EXPECT_THAT(ReadAll(Form::kCsv, "a,b\nx\"y,1\n\"x\"y,2\n3,4\n", GetParam()).items,
              ElementsAre("1:a|b", "2!FIELD_BAD_FORMAT", "3!FIELD_BAD_FORMAT", "4:3|4"));
}

TEST_P(InPieces, AnOpenQuoteCostsItsOwnLineOnly) {
  EXPECT_THAT(ReadAll(Form::kCsv, "a,b\n1,\"open\n3,4\n5,6\n", GetParam()).items,
              ElementsAre("1:a|b", "2!RECORD_TRUNCATED", "3:3|4", "4:5|6"));
}

TEST_P(InPieces, GzipInSeveralMembersIsOneFile) {
  EXPECT_THAT(ReadAll(Form::kNdjson, Gzip("{1}\n{2") + Gzip("}\n{3}\n"), GetParam(), true).items,
              ElementsAre("1:{1}", "2:{2}", "3:{3}"));
}

TEST_P(InPieces, TypedRecordsStandBehindTheirSize) {
  EXPECT_THAT(
      ReadAll(Form::kTyped, std::string("\x03") + "abc" + std::string("\x80\x01") + std::string(128, 'x'),
              GetParam())
          .items,
      ElementsAre("1:abc", "2:" + std::string(128, 'x')));
}

TEST(Source, AWrongLineIsToldAndTheOthersAreRead) {
  EXPECT_THAT(
      ReadAll(Form::kNdjson, "{\"名\":1}\n\xC3\xFB\xB3\xC6\n" + std::string("a\0b", 3) + "\n{2}\n", 5).items,
      ElementsAre("1:{\"名\":1}", "2!TEXT_NOT_UTF8", "3!FIELD_BAD_FORMAT", "4:{2}"));
}

TEST(Source, ALineOfMoreThanAMegabyteIsRefusedAndPassed) {
  const std::string lines =
      "{1}\n" + std::string(kLineBytesMax + 1, 'x') + "\n" + std::string(kLineBytesMax, 'y') + "\n{4}\n";
  std::string lines_of_text;
  while (lines_of_text.size() < 3u << 20) lines_of_text += std::string(1000, 'z') + "\n";
  for (const size_t piece : {size_t{1} << 16, size_t{1} << 22}) {
    const Read read = ReadAll(Form::kNdjson, lines, piece);
    ASSERT_EQ(read.items.size(), 4u);
    EXPECT_EQ(read.items[1], "2!LINE_TOO_LONG");
    EXPECT_EQ(read.items[2].size(), kLineBytesMax + 2);
    EXPECT_EQ(read.items[3], "4:{4}");
    const Read rows = ReadAll(Form::kCsv, "a\n" + std::string(3 << 20, 'x') + "\nz\n", piece);
    EXPECT_THAT(rows.items, ElementsAre("1:a", "2!LINE_TOO_LONG", "3:z")) << piece;
    const Read open = ReadAll(Form::kCsv, "a,b\n1,\"" + lines_of_text + "7,8\n", piece);
    EXPECT_EQ(open.items[1], "2!LINE_TOO_LONG");
    EXPECT_THAT(open.items.back(), ::testing::EndsWith(":7|8"));
  }
}

TEST(Source, NamesTheEncodingOfAFileInAnother) {
  // 名称,学校 / 一小,1: its second line is UTF-8 by chance.
  const std::string gbk = "\xC3\xFB\xB3\xC6,\xD1\xA7\xD0\xA3\n\xD2\xBB\xD0\xA1,1\n";
  Read read = ReadAll(Form::kCsv, gbk, 1000);
  EXPECT_EQ(ReasonOf(read.status), ErrorReason::TEXT_NOT_UTF8);
  EXPECT_EQ(base::FailureOf(read.status).violations(0).arguments().at("encoding"), "GBK/GB18030");
  EXPECT_TRUE(read.items.empty());
  EXPECT_EQ(ReasonOf(ReadAll(Form::kNdjson, gbk, 1000).status), ErrorReason::TEXT_NOT_UTF8);
  const std::string wide("\xFF\xFE{\0}\0\n\0", 8);
  read = ReadAll(Form::kNdjson, wide, 3);
  EXPECT_EQ(base::FailureOf(read.status).violations(0).arguments().at("encoding"), "UTF-16LE");
  read = ReadAll(Form::kCsv, std::string("\0a\0,\0b\0\n\0001\0,\0002\0\n", 16), 1000);
  EXPECT_EQ(base::FailureOf(read.status).violations(0).arguments().at("encoding"), "UTF-16BE");
}

TEST(Source, AFileThatIsNoTextIsNamedForWhatItIs) {
  for (const auto& [beginning, format] : std::vector<std::pair<std::string, std::string>>{
           {std::string("PK\x03\x04\x14\0\x06\0", 8) + std::string(200, '\0'), "XLSX/ZIP"},
           {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "XLS"},
           {std::string("\x1F\x8B\x08\0\0\0", 6), "gzip"},
           {"%PDF-1.7\n", "PDF"}}) {
    const Read read = ReadAll(Form::kCsv, beginning, 1000);
    EXPECT_EQ(ReasonOf(read.status), ErrorReason::FILE_NOT_TEXT) << format;
    EXPECT_EQ(base::FailureOf(read.status).violations(0).arguments().at("format"), format);
    EXPECT_TRUE(read.items.empty());
  }
  EXPECT_TRUE(ReadAll(Form::kCsv, "PK,b\n1,2\n", 1000).status.ok());
}

TEST(Source, ACutOffOrBrokenGzipIsTold) {
  std::string lines;
  for (int i = 0; i < 5000; ++i) absl::StrAppend(&lines, "{\"number\": ", i * 7919, "}\n");
  std::string zip = Gzip(lines);
  EXPECT_TRUE(ReadAll(Form::kNdjson, zip, 100, true).status.ok());
  EXPECT_EQ(ReasonOf(ReadAll(Form::kNdjson, zip.substr(0, zip.size() - 5), 100, true).status),
            ErrorReason::IMPORT_COMPRESSION_INVALID);
  zip[zip.size() / 2] = static_cast<char>(zip[zip.size() / 2] ^ 0x55);
  EXPECT_EQ(ReasonOf(ReadAll(Form::kNdjson, zip, 100, true).status), ErrorReason::IMPORT_COMPRESSION_INVALID);
  EXPECT_EQ(ReasonOf(ReadAll(Form::kNdjson, "{1}\n", 100, true).status),
            ErrorReason::IMPORT_COMPRESSION_INVALID);
  EXPECT_EQ(ReasonOf(ReadAll(Form::kNdjson, "", 100, true).status), ErrorReason::IMPORT_COMPRESSION_INVALID);
}

TEST(Source, ABombIsStoppedEarly) {
  const std::string bomb = Gzip(std::string(64 << 20, 'x'));
  Source source(Form::kNdjson, true, [](const SourceItem&) { return absl::OkStatus(); });
  EXPECT_EQ(ReasonOf(source.Feed(bomb)), ErrorReason::IMPORT_COMPRESSION_INVALID);
}

TEST(Source, CountsEmptyLinesToo) {
  Read read = ReadAll(Form::kNdjson, std::string(kLinesMax + 1, '\n'), 1 << 20);
  EXPECT_EQ(ReasonOf(read.status), ErrorReason::IMPORT_TOO_LARGE);
}

}  // namespace
}  // namespace lianqiao::bulk
