// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/staged.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "libs/bulk/limits.h"

namespace lianqiao::bulk {
namespace {

StagedRecord Record(uint32_t line, size_t bytes = 10) {
  StagedRecord record;
  record.line = line;
  record.id = absl::StrCat("id", line);
  record.message = std::string(bytes, 'm');
  return record;
}

TEST(Staged, ComesBackAsItWentIn) {
  StagedRecord record = Record(4000000, 300);
  record.by_id = true;
  record.exists = true;
  record.source_id = "来源";
  record.name = "system:来源";
  record.missing = {{7, -1, "a"}, {300, 4, "b"}};
  std::string block;
  AppendStaged(record, &block);
  AppendStaged(Record(2), &block);
  std::vector<StagedRecord> read;
  ASSERT_TRUE(ReadStaged(block, &read).ok());
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].line, record.line);
  EXPECT_TRUE(read[0].by_id);
  EXPECT_FALSE(read[0].own_id);
  EXPECT_TRUE(read[0].exists);
  EXPECT_EQ(read[0].source_id, record.source_id);
  EXPECT_EQ(read[0].name, record.name);
  ASSERT_EQ(read[0].missing.size(), 2u);
  EXPECT_EQ(read[0].missing[0].index, -1);
  EXPECT_EQ(read[0].missing[1].field, 300);
  EXPECT_EQ(read[0].missing[1].index, 4);
  EXPECT_EQ(read[0].message, record.message);
  EXPECT_EQ(read[1].id, "id2");
  for (size_t size = 1; size < block.size(); size += 7) {
    read.clear();
    const absl::Status status = ReadStaged(absl::string_view(block).substr(0, size), &read);
    EXPECT_TRUE(!status.ok() || read.size() == 1) << size;
  }
}

TEST(Blocks, AreFullAtTheirLimits) {
  Blocks blocks;
  for (uint32_t i = 1; i <= kBlockRecordsMax + 1; ++i) blocks.Add(1, 0, "kind", false, Record(i));
  const auto full = blocks.Take(false);
  ASSERT_EQ(full.size(), 1u);
  EXPECT_EQ(full[0].records, kBlockRecordsMax);
  for (uint32_t i = 0; i < 3; ++i) blocks.Add(2, 0, "kind", false, Record(i, kBlockBytesMax / 2));
  EXPECT_EQ(blocks.Take(false).size(), 1u);
  EXPECT_EQ(blocks.Take(true).size(), 2u);
}

TEST(Blocks, OpenOnesStayWithinTheirMemory) {
  Blocks blocks;
  size_t taken = 0;
  for (int step = 0; step < 100; ++step) blocks.Add(step, 0, "kind", false, Record(1, kBlockBytesMax - 1000));
  for (const Block& block : blocks.Take(false)) taken += block.bytes.size();
  EXPECT_GE(taken, 100 * (kBlockBytesMax - 1000) - kOpenBlocksBytesMax);
}

}  // namespace
}  // namespace lianqiao::bulk
