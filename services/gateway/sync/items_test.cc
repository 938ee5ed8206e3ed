// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/items.h"

#include <gmock/gmock.h>

#include <random>

#include "lianqiao/sync/v1/feed.pb.h"

namespace lianqiao::gateway::sync {
namespace {

namespace v1 = ::lianqiao::sync::v1;

v1::ListChangesResponse Page(int count) {
  v1::ListChangesResponse page;
  for (int i = 0; i < count; ++i) {
    page.add_changes()->set_position(i);
    page.mutable_changes(i)->mutable_record()->set_value(std::string(i * 37 % 300, 'x'));
  }
  page.set_cursor("cursor");
  page.set_has_more(true);
  return page;
}

TEST(Items, AreTheBytesThatTheyWere) {
  for (const int count : {0, 1, 3, 500}) {
    const v1::ListChangesResponse page = Page(count);
    Items items;
    v1::ListChangesResponse rest;
    ASSERT_TRUE(SplitItems(page.SerializeAsString(), &items, &rest));
    EXPECT_EQ(items.count, count);
    EXPECT_EQ(rest.changes_size(), 0);
    EXPECT_EQ(rest.cursor(), "cursor");
    EXPECT_EQ(JoinItems(items.bytes, rest), page.SerializeAsString());
  }
}

TEST(Items, AreFoundWhereverTheyStandAndWhateverElseDoes) {
  v1::ListChangesResponse end;
  end.set_cursor("last");
  // A field that this version does not know, between the items.
  const std::string unknown = "\xfa\x07\x03xyz";
  const std::string wire =
      Page(2).SerializeAsString() + unknown + Page(1).SerializeAsString() + end.SerializeAsString();
  Items items;
  v1::ListChangesResponse rest;
  ASSERT_TRUE(SplitItems(wire, &items, &rest));
  EXPECT_EQ(items.count, 3);
  EXPECT_EQ(rest.cursor(), "last");
  v1::ListChangesResponse whole;
  ASSERT_TRUE(whole.ParseFromString(JoinItems(items.bytes, rest)));
  EXPECT_EQ(whole.changes_size(), 3);
}

TEST(Items, WhatIsNoMessageIsRefusedAndNothingElseHappens) {
  const std::string good = Page(3).SerializeAsString();
  Items items;
  v1::ListChangesResponse rest;
  for (const size_t length : {size_t{1}, size_t{3}, good.size() - 1})
    EXPECT_FALSE(SplitItems(good.substr(0, length), &items, &rest)) << length;
  EXPECT_FALSE(SplitItems(std::string("\x0a\xff\xff\xff\xff\x0f", 6), &items, &rest))
      << "longer than there is";
  std::mt19937 random(11);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good.substr(0, 1 + random() % 60);
    for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    Items some;
    v1::ListChangesResponse others;
    if (!SplitItems(bytes, &some, &others)) continue;
    ASSERT_LE(some.bytes.size(), bytes.size());
  }
}

}  // namespace
}  // namespace lianqiao::gateway::sync
