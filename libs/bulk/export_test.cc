// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "libs/base/ids.h"
#include "libs/bulk/export_gzip.h"
#include "libs/bulk/export_lines.h"

namespace lianqiao::bulk {
namespace {

constexpr char kId[] = "01890000-0000-7000-8000-000000000001";

std::string Inflate(const std::string& gzip) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string text;
  std::string piece(1 << 16, '\0');
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(piece, 0, piece.size() - stream.avail_out);
  }
  EXPECT_EQ(result, Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0u) << "one member, and nothing behind it";
  inflateEnd(&stream);
  return text;
}

// Pieces as they are stored.
std::vector<std::string> Compress(const std::vector<std::string>& texts, ExportGzip* gzip) {
  std::vector<std::string> chunks;
  std::string chunk;
  for (const std::string& text : texts) {
    gzip->Add(text);
    while (gzip->Take(&chunk)) chunks.push_back(chunk);
  }
  gzip->Finish();
  while (gzip->Take(&chunk)) chunks.push_back(chunk);
  return chunks;
}

TEST(ExportGzip, PiecesOfOneSizeReadBackAndAreNamedByTheirChecksum) {
  std::mt19937_64 random(1);
  std::vector<std::string> texts;
  for (int i = 0; i < 60000; ++i) texts.push_back(absl::StrCat(random(), "\n"));
  ExportGzip gzip;
  const std::vector<std::string> chunks = Compress(texts, &gzip);
  ASSERT_GT(chunks.size(), 2u);
  std::string whole, text;
  for (size_t i = 0; i < chunks.size(); ++i) {
    if (i + 1 < chunks.size()) {
      EXPECT_EQ(chunks[i].size(), kExportChunkBytes);
    }
    whole += chunks[i];
  }
  for (const std::string& line : texts) text += line;
  EXPECT_FALSE(chunks.back().empty());
  EXPECT_EQ(static_cast<int64_t>(whole.size()), gzip.size_bytes());
  EXPECT_EQ(base::Sha256(whole), gzip.Sha256());
  EXPECT_EQ(Inflate(whole), text);
  ExportGzip again;
  EXPECT_EQ(Compress(texts, &again), chunks) << "the same text gives the same bytes";
}

TEST(ExportGzip, AnEmptyFileIsAGzipFile) {
  ExportGzip gzip;
  const std::vector<std::string> chunks = Compress({}, &gzip);
  ASSERT_EQ(chunks.size(), 1u);
  EXPECT_EQ(Inflate(chunks[0]), "");
}

class Lines : public ::testing::Test {
 protected:
  Lines() {
    auto contract = contract::Contract::Load({"lianqiao.registry.v1"});
    EXPECT_TRUE(contract.ok()) << contract.status();
    contract_ = *contract;
    resource_ = contract_->FindKind("organisation");
  }
  std::string Line(v1::CreateExportRequest::Format format, const registry::v1::Organisation& school) {
    v1::SnapshotRecord record;
    record.set_kind("organisation");
    record.set_id(school.id());
    record.set_revision(school.revision());
    record.mutable_record()->set_value(school.SerializeAsString());
    std::string line;
    ExportLines lines(format, resource_);
    EXPECT_TRUE(lines.Append(record, &line).ok());
    return line;
  }
  // The cell of a field; only for lines without quoted commas before it.
  std::string Name(const std::string& name) {
    registry::v1::Organisation school;
    school.set_name(name);
    const std::string line = Line(v1::CreateExportRequest::FORMAT_CSV, school);
    size_t begin = 0;
    for (const contract::Field& field : resource_->fields) {
      if (field.name == "name") break;
      begin = line.find(',', begin) + 1;
    }
    size_t end = line.find_last_not_of(",\r\n");
    return end == std::string::npos || end < begin ? "" : line.substr(begin, end - begin + 1);
  }
  std::shared_ptr<const contract::Contract> contract_;
  const contract::Resource* resource_ = nullptr;
};

TEST_F(Lines, NdjsonHoldsKindIdRevisionAndTheRecordAsJsonHasIt) {
  registry::v1::Organisation school;
  school.set_id(kId);
  school.set_revision(7);
  school.set_name("第一\"小学\"\n");
  EXPECT_EQ(Line(v1::CreateExportRequest::FORMAT_NDJSON, school),
            absl::StrCat("{\"kind\":\"organisation\",\"id\":\"", kId, "\",\"revision\":\"7\",\"record\":{",
                         "\"id\":\"", kId, "\",\"revision\":\"7\",\"name\":\"第一\\\"小学\\\"\\n\"}}\n"));
  EXPECT_EQ(ExportLines(v1::CreateExportRequest::FORMAT_NDJSON, resource_).Header(), "");
}

TEST_F(Lines, CsvBeginsWithTheMarkOfUtf8AndTheNamesOfJson) {
  const std::string header = ExportLines(v1::CreateExportRequest::FORMAT_CSV, resource_).Header();
  EXPECT_EQ(header.rfind("\xEF\xBB\xBFid,", 0), 0u) << header;
  EXPECT_NE(header.find(",jurisdictionId,"), std::string::npos);
  EXPECT_EQ(header.substr(header.size() - 2), "\r\n");
}

TEST_F(Lines, CsvHasACellForEveryFieldAndNestedValuesAsJson) {
  registry::v1::Organisation school;
  school.set_id(kId);
  school.add_stages(type::v1::STAGE_PRIMARY);
  auto* external = school.add_external_ids();
  external->set_system("a,b");
  external->set_id("1");
  const std::string line = Line(v1::CreateExportRequest::FORMAT_CSV, school);
  EXPECT_EQ(line.rfind(std::string(kId) + ",", 0), 0u) << line;
  EXPECT_NE(line.find(R"("[""STAGE_PRIMARY""]")"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("[{""system"":""a,b"",""id"":""1""}]")"), std::string::npos) << line;
  size_t cells = 1;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) ++cells;
  }
  EXPECT_EQ(cells, resource_->fields.size());
}

TEST_F(Lines, CsvKeepsSpreadsheetsFromCalculating) {
  for (const char* text : {"=1+1", "+1", "-1", "@SUM(A1)", "\tx"})
    EXPECT_EQ(Name(text), absl::StrCat("'", text));
  EXPECT_EQ(Name("\rx"), "\"'\rx\"");
  EXPECT_EQ(Name("=\"a\""), "\"'=\"\"a\"\"\"");
  for (const char* text : {"1-1", "第一小学", "a=b", "'x", " x"}) EXPECT_EQ(Name(text), text);
}

TEST_F(Lines, CsvQuotesWhatWouldEndACell) {
  EXPECT_EQ(CsvCell("a,b", true), "\"a,b\"");
  EXPECT_EQ(CsvCell("a\"b", true), "\"a\"\"b\"");
  EXPECT_EQ(CsvCell("a\nb", true), "\"a\nb\"");
  EXPECT_EQ(CsvCell("", true), "");
  EXPECT_EQ(CsvCell("-5", false), "-5") << "a number is no formula";
}

}  // namespace
}  // namespace lianqiao::bulk
