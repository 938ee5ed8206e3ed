// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/line_router.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <random>

#include "libs/base/status.h"
#include "libs/bulk/limits.h"

namespace lianqiao::gateway::sync {
namespace {

class LineRouterTest : public ::testing::Test {
 protected:
  std::map<size_t, std::string> Route(const std::string& text, size_t piece = 1 << 20, bool gzip = false) {
    LineRouter router(&services_, gzip);
    std::map<size_t, std::string> parts;
    const auto take = [&] {
      for (const auto& [service, bytes] : router.Take()) parts[service] += bytes;
    };
    for (size_t at = 0; at < text.size() && status_.ok(); at += piece) {
      status_ = router.Feed(std::string_view(text).substr(at, piece));
      take();
    }
    if (status_.ok()) status_ = router.Finish();
    take();
    return parts;
  }

  const Services services_{{{"a", "unix:/a", {"x"}}, {"b", "unix:/b", {"y"}}, {"c", "unix:/c", {"z"}}}};
  absl::Status status_;
};

constexpr char kX[] = R"({"kind":"x","record":{"n":1}})";
constexpr char kY[] = R"({ "record": {"kind": "x"}, "kind": "y" })";

TEST_F(LineRouterTest, EveryLineKeepsItsNumber) {
  const std::string x = kX;
  const std::string y = kY;
  const auto parts = Route(x + "\n" + y + "\r\n\n" + y + "\n" + x);
  ASSERT_TRUE(status_.ok()) << status_;
  EXPECT_EQ(parts.at(0), x + "\n\n\n\n" + x) << "the last line is not ended here either";
  EXPECT_EQ(parts.at(1), "\n" + y + "\n\n" + y + "\n");
  EXPECT_EQ(parts.count(2), 0u);
}

TEST_F(LineRouterTest, WhatBelongsToNobodyGoesToTheFirst) {
  const auto parts =
      Route(std::string("{\"kind\":\"nothing\"}\nno json\n{\"kind\":5}\n{}\n[1]\n") + kY + "\n");
  ASSERT_TRUE(status_.ok()) << status_;
  EXPECT_EQ(parts.at(0), "{\"kind\":\"nothing\"}\nno json\n{\"kind\":5}\n{}\n[1]\n");
  EXPECT_EQ(parts.at(1), std::string("\n\n\n\n\n") + kY + "\n");
}

TEST_F(LineRouterTest, ALineThatIsTooLongStaysOneAndIsNotKept) {
  const auto parts =
      Route(std::string(kY) + "\n{\"kind\":\"y\",\"a\":\"" + std::string(3 << 20, 'a') + "\"}\n" + kY + "\n",
            100'000);
  ASSERT_TRUE(status_.ok()) << status_;
  EXPECT_EQ(parts.at(1), std::string(kY) + "\n\n" + kY + "\n");
  EXPECT_EQ(parts.at(0).find_first_not_of('\n'), 1u) << "on line 2";
  EXPECT_GT(parts.at(0).size(), bulk::kLineBytesMax + 1) << "so that it is refused as too long";
  EXPECT_LT(parts.at(0).size(), bulk::kLineBytesMax + 10);
}

TEST_F(LineRouterTest, PiecesMakeNoDifference) {
  std::mt19937 random(7);
  std::string text;
  for (int i = 0; i < 500; ++i) {
    const char* lines[] = {kX, kY, "", "{\"kind\":\"z\"}", "  ", "{broken"};
    text += lines[random() % 6];
    text += random() % 5 == 0 ? "\r\n" : "\n";
  }
  const auto whole = Route(text);
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{64}, size_t{4096}})
    EXPECT_EQ(Route(text, piece), whole) << piece;
}

std::string Packed(const std::string& text) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

TEST_F(LineRouterTest, UnpacksOnTheWay) {
  const std::string text = std::string(kX) + "\n" + kY + "\n";
  EXPECT_EQ(Route(Packed(text), 10, true), Route(text));
  const std::string packed = Packed(text);
  Route(packed.substr(0, packed.size() / 2), 10, true);
  EXPECT_EQ(base::FailureOf(status_).reason(), base::ErrorReason::IMPORT_COMPRESSION_INVALID);
}

TEST_F(LineRouterTest, AFileInAnotherEncodingIsRefusedAsAWhole) {
  Route(std::string("\xff\xfe{\0\"\0", 6) + std::string(100, '\0'));
  EXPECT_EQ(status_.code(), absl::StatusCode::kInvalidArgument) << status_;
}

}  // namespace
}  // namespace lianqiao::gateway::sync
