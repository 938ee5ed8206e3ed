// SPDX-License-Identifier: Apache-2.0
#include "libs/content/file_type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace lianqiao::content {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kDocx[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
constexpr char kPptx[] = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
constexpr char kXlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr char kOdt[] = "application/vnd.oasis.opendocument.text";

class Text final : public Source {
 public:
  explicit Text(std::string bytes) : bytes_(std::move(bytes)) {}
  int64_t size_bytes() const override { return static_cast<int64_t>(bytes_.size()); }
  absl::StatusOr<std::string> ReadAt(int64_t offset, size_t bytes_max) const override {
    if (offset > size_bytes()) return std::string();
    return bytes_.substr(static_cast<size_t>(offset), bytes_max);
  }

 private:
  const std::string bytes_;
};

std::string Number(uint64_t number, int size) {
  std::string bytes;
  for (; size > 0; --size, number >>= 8) bytes.push_back(static_cast<char>(number & 0xff));
  return bytes;
}

// Entries that are not packed, as (name, content).
std::string Zip(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string file;
  std::string directory;
  for (const auto& [name, content] : entries) {
    const auto sizes = Number(0, 4) + Number(static_cast<uint32_t>(content.size()), 4) +
                       Number(static_cast<uint32_t>(content.size()), 4);
    directory += "PK\x01\x02" + Number(20, 2) + Number(20, 2) + Number(0, 8) + sizes +
                 Number(static_cast<uint32_t>(name.size()), 2) + Number(0, 12) +
                 Number(static_cast<uint32_t>(file.size()), 4) + name;
    file += "PK\x03\x04" + Number(20, 2) + Number(0, 8) + sizes +
            Number(static_cast<uint32_t>(name.size()), 2) + Number(0, 2) + name + content;
  }
  const auto at = static_cast<uint32_t>(file.size());
  const auto count = static_cast<uint32_t>(entries.size());
  return file + directory + "PK\x05\x06" + Number(0, 4) + Number(count, 2) + Number(count, 2) +
         Number(static_cast<uint32_t>(directory.size()), 4) + Number(at, 4) + Number(0, 2);
}

std::string Office(const std::string& part, const std::string& more = "docProps/app.xml") {
  return Zip({{"[Content_Types].xml", "<Types/>"}, {part, "<x/>"}, {more, "x"}});
}

// Every known type that these bytes are taken for.
std::vector<std::string> TypesOf(const std::string& bytes) {
  std::vector<std::string> types;
  for (const std::string& type : KnownTypes()) {
    const auto is = IsOfType(type, Text(bytes));
    EXPECT_TRUE(is.ok()) << is.status();
    if (!is.ok() || !*is) continue;
    types.push_back(type);
    EXPECT_TRUE(MayBegin(type, bytes.substr(0, kHeadBytes))) << type;
  }
  return types;
}

TEST(FileType, EachIsOneOrAFewOfThem) {
  using std::string_literals::operator""s;
  const std::map<std::string, std::vector<std::string>> cases = {
      {"%PDF-1.7\n\0"s, {"application/pdf"}},
      {"\x89PNG\r\n\x1a\n....", {"image/png"}},
      {"\xff\xd8\xff\xe0..JFIF", {"image/jpeg"}},
      {"GIF89a..\0"s, {"image/gif"}},
      {"RIFF....WEBPVP8 \0"s, {"image/webp"}},
      {"RIFF....WAVEfmt \0"s, {"audio/wav"}},
      {"OggS....\0"s, {"audio/ogg"}},
      {"\0\0\0\x20"
       "ftypisom\0\0\2\0"s,
       {"video/mp4"}},
      {"\0\0\0\x20"
       "ftypM4A \0\0\2\0"s,
       {"audio/mp4"}},
      {"\0\0\0\x14"
       "ftypqt  \0\0\2\0"s,
       {"video/quicktime"}},
      {"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", {"video/webm"}},
      {"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska", {"video/x-matroska"}},
      {"ID3\x03\0\0\0\0\0\0"s, {"audio/mpeg"}},
      {"\xff\xfb\x90\x64..", {"audio/mpeg"}},
      {Office("word/document.xml"), {kDocx, "application/zip"}},
      {Office("xl/workbook.xml"), {kXlsx, "application/zip"}},
      {Office("ppt/presentation.xml"), {kPptx, "application/zip"}},
      {Zip({{"mimetype", kOdt}, {"content.xml", "x"}}), {kOdt, "application/zip"}},
      {Zip({{"a.txt", "x"}}), {"application/zip"}},
      {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....",
       {"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"}},
      {"教案\n", {"text/csv", "text/markdown", "text/plain"}},
      {"\xbd\xcc\xb0\xb8\r\n", {"text/csv", "text/markdown", "text/plain"}},  // GBK
      {"a < b", {"text/csv", "text/markdown", "text/plain"}},
  };
  for (const auto& [bytes, types] : cases)
    EXPECT_THAT(TypesOf(bytes), ::testing::UnorderedElementsAreArray(types)) << bytes.substr(0, 16);
}

TEST(FileType, WhatCouldRunIsNothing) {
  using std::string_literals::operator""s;
  for (const std::string& bytes :
       {"<!DOCTYPE html><p>"s, "\xef\xbb\xbf\n <HTML>"s, "<script>alert(1)</script>"s, "<svg onload=x>"s,
        "<?xml version='1.0'?><svg/>"s, "MZ\x90\0\3"s,
        "\x7f"
        "ELF\2\1\1\0"s,
        "#!/bin/sh\nx\0"s, "\0\0\0"s, "RIFF\0"s, "\xff\xd9"s, "PK\x01\x02"s, "\xff\xff\xff\xff"s})
    EXPECT_THAT(TypesOf(bytes), IsEmpty()) << bytes;
}

TEST(FileType, AnOfficeFileWithMacrosIsNone) {
  EXPECT_THAT(TypesOf(Office("word/document.xml", "word/vbaProject.bin")),
              UnorderedElementsAre("application/zip"));
}

TEST(FileType, TextIsLookedAtToItsEnd) {
  const std::string text(1 << 20, 'a');
  EXPECT_FALSE(TypesOf(text).empty());
  EXPECT_THAT(TypesOf(text + std::string(1, '\0')), IsEmpty());
}

TEST(FileType, ADirectoryThatLiesIsNoOffice) {
  std::string file = Office("word/document.xml");
  for (size_t at = file.size() - 10; at < file.size() - 2; ++at) file[at] = '\xff';
  EXPECT_THAT(TypesOf(file), UnorderedElementsAre("application/zip"));
  for (size_t size = 0; size < file.size(); ++size) TypesOf(file.substr(0, size));  // Reads nothing outside.
}

TEST(FileType, TypesStandInOrderAndOnce) {
  EXPECT_TRUE(std::is_sorted(KnownTypes().begin(), KnownTypes().end()));
  EXPECT_TRUE(IsKnownType("video/mp4"));
  EXPECT_FALSE(IsKnownType("text/html"));
  EXPECT_FALSE(MayBegin("text/html", "<html>"));
}

}  // namespace
}  // namespace lianqiao::content
