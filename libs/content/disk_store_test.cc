// SPDX-License-Identifier: Apache-2.0
#include "libs/content/disk_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/content/store_fixture.h"

namespace lianqiao::content {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DiskStoreTest : public StoreFixture {
 protected:
  static std::unique_ptr<Upload> Open(DiskStore& store, const std::string& name) {
    auto upload = store.Open(name);
    EXPECT_TRUE(upload.ok()) << upload.status();
    return *std::move(upload);
  }
  // The key of the content, without a hold.
  static std::string Put(DiskStore& store, const std::string& name, const std::string& bytes) {
    const auto upload = Open(store, name);
    for (size_t at = 0; at < bytes.size(); at += kChunkBytesMax)
      EXPECT_TRUE(upload->Append(std::string_view(bytes).substr(at, kChunkBytesMax)).ok());
    const auto hold = upload->Finish();
    EXPECT_TRUE(hold.ok()) << hold.status();
    EXPECT_TRUE(upload->Discard().ok());
    return hold.ok() ? (*hold)->key() : "";
  }
  static bool Remove(DiskStore& store, const std::string& key, bool needed,
                     absl::Time before = absl::InfiniteFuture()) {
    const auto gone = store.Remove(key, before, [&] { return needed; });
    EXPECT_TRUE(gone.ok()) << gone.status();
    return gone.ok() && *gone;
  }
};

TEST_F(DiskStoreTest, GivesBackWhatItTook) {
  const auto store = Make();
  const std::string bytes = Bytes(3 * kChunkBytesMax + 17);
  const std::string key = Put(*store, "one", bytes);
  EXPECT_EQ(key, KeyOf(bytes));
  EXPECT_EQ(ReadAll(*store, key), bytes);
  const auto source = store->Read(key);
  ASSERT_TRUE(source.ok());
  EXPECT_EQ(*(*source)->ReadAt(5, 10), bytes.substr(5, 10));
  EXPECT_EQ(*(*source)->ReadAt(static_cast<int64_t>(bytes.size()) - 3, 10), bytes.substr(bytes.size() - 3));
  EXPECT_EQ(*(*source)->ReadAt(static_cast<int64_t>(bytes.size()) + 3, 10), "");
  EXPECT_THAT(*store->ListContents("", 10), ElementsAre(key));
  EXPECT_THAT(*store->ListUploads("", 10), IsEmpty());
}

TEST_F(DiskStoreTest, KeepsTheSameContentOnce) {
  const auto store = Make();
  const std::string bytes = Bytes(1000);
  const std::string key = Put(*store, "one", bytes);
  EXPECT_EQ(Put(*store, "two", bytes), key);
  EXPECT_NE(Put(*store, "three", Bytes(1000, 2)), key);
  EXPECT_EQ(store->ListContents("", 10)->size(), 2u);
}

// The connection breaks behind every piece, of every size.
TEST_F(DiskStoreTest, GoesOnAfterEveryCut) {
  const auto store = Make();
  const std::string bytes = Bytes(2000);
  for (const size_t piece : {1u, 63u, 64u, 65u, 127u, 500u, 2000u}) {
    const std::string name = absl::StrCat("cut-", piece);
    for (size_t at = 0; at < bytes.size(); at += piece) {
      const auto upload = Open(*store, name);
      ASSERT_EQ(upload->size_bytes(), static_cast<int64_t>(at));
      ASSERT_TRUE(upload->Append(std::string_view(bytes).substr(at, piece)).ok());
      ASSERT_TRUE(upload->Keep().ok());
      ASSERT_EQ(*store->Received(name), static_cast<int64_t>(std::min(at + piece, bytes.size())));
    }
    const auto upload = Open(*store, name);
    EXPECT_EQ(*upload->ReadAt(0, 5000), bytes);
    EXPECT_EQ(upload->sha256(), KeyOf(bytes));
    ASSERT_TRUE(upload->Finish().ok());
  }
  EXPECT_THAT(*store->ListContents("", 10), ElementsAre(KeyOf(bytes)));
}

TEST_F(DiskStoreTest, ForgetsWhatCameBehindTheMark) {
  const auto store = Make();
  {
    const auto upload = Open(*store, "one");
    ASSERT_TRUE(upload->Append(Bytes(100)).ok());
    ASSERT_TRUE(upload->Keep().ok());
    ASSERT_TRUE(upload->Append("not kept").ok());
  }
  const auto upload = Open(*store, "one");
  EXPECT_EQ(upload->size_bytes(), 100);
  ASSERT_TRUE(upload->Append("other").ok());
  const auto hold = upload->Finish();
  ASSERT_TRUE(hold.ok());
  EXPECT_EQ((*hold)->key(), KeyOf(Bytes(100) + "other"));
  EXPECT_EQ(ReadAll(*store, (*hold)->key()), Bytes(100) + "other");
}

TEST_F(DiskStoreTest, KeepsByItself) {
  const auto store = Make({.keep_every_bytes = 1000});
  const auto upload = Open(*store, "one");
  ASSERT_TRUE(upload->Append(Bytes(999)).ok());
  EXPECT_EQ(*store->Received("one"), 0);
  ASSERT_TRUE(upload->Append("x").ok());
  EXPECT_EQ(*store->Received("one"), 1000);
}

TEST_F(DiskStoreTest, AnUploadIsOneCallersAtATime) {
  const auto store = Make();
  const auto other = Make();  // As another process would have it.
  auto upload = Open(*store, "one");
  EXPECT_TRUE(absl::IsAborted(store->Open("one").status()));
  EXPECT_TRUE(absl::IsAborted(other->Open("one").status()));
  upload.reset();
  EXPECT_TRUE(other->Open("one").ok());
}

TEST_F(DiskStoreTest, TakesNothingAfterItsEnd) {
  const auto store = Make();
  const auto upload = Open(*store, "one");
  EXPECT_TRUE(absl::IsInvalidArgument(upload->Append(Bytes(kChunkBytesMax + 1))));
  ASSERT_TRUE(upload->Append("abc").ok());
  ASSERT_TRUE(upload->Finish().ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(upload->Append("d")));
  EXPECT_TRUE(upload->Finish().ok());  // Whoever could not commit its row tries again.
  ASSERT_TRUE(upload->Discard().ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(upload->Finish().status()));
  EXPECT_EQ(ReadAll(*store, KeyOf("abc")), "abc");
}

// Killed between the link and the row, begun anew by the client, with other content: the first stays whole.
TEST_F(DiskStoreTest, AFinishedUploadNeverTouchesItsContentAgain) {
  const auto store = Make();
  {
    const auto upload = Open(*store, "one");
    ASSERT_TRUE(upload->Append("abc").ok());
    ASSERT_TRUE(upload->Finish().ok());
  }
  {
    const auto upload = Open(*store, "one");
    EXPECT_EQ(upload->size_bytes(), 3);
    EXPECT_TRUE(absl::IsFailedPrecondition(upload->Append("d")));
    ASSERT_TRUE(upload->Discard().ok());
  }
  EXPECT_EQ(Put(*store, "one", "other"), KeyOf("other"));
  EXPECT_EQ(ReadAll(*store, KeyOf("abc")), "abc");
}

TEST_F(DiskStoreTest, ADamagedMarkCostsTheUploadAndNothingElse) {
  const auto store = Make();
  {
    const auto upload = Open(*store, "finished");
    ASSERT_TRUE(upload->Append("abc").ok());
    ASSERT_TRUE(upload->Finish().ok());
  }
  {
    const auto upload = Open(*store, "begun");
    ASSERT_TRUE(upload->Append("abc").ok());
    ASSERT_TRUE(upload->Keep().ok());
  }
  for (const std::string name : {"finished", "begun"}) {
    std::ofstream(folder_ + "/store/uploads/" + name + ".mark", std::ios::trunc) << "1 3 0 0";
    EXPECT_EQ(Open(*store, name)->size_bytes(), 0) << name;
  }
  EXPECT_EQ(ReadAll(*store, KeyOf("abc")), "abc");
}

// One place of the mark is torn: the other one holds.
TEST_F(DiskStoreTest, OneOfTheTwoMarksIsAlwaysWhole) {
  const auto store = Make();
  {
    const auto upload = Open(*store, "one");
    ASSERT_TRUE(upload->Append("abc").ok());
    ASSERT_TRUE(upload->Keep().ok());
    ASSERT_TRUE(upload->Append("def").ok());
    ASSERT_TRUE(upload->Keep().ok());
  }
  std::fstream mark(folder_ + "/store/uploads/one.mark");
  mark.seekp(5) << "torn";  // The second mark is in the first place.
  mark.close();
  const auto upload = Open(*store, "one");
  EXPECT_EQ(upload->size_bytes(), 3);
  ASSERT_TRUE(upload->Append("xyz").ok());
  EXPECT_EQ(upload->sha256(), KeyOf("abcxyz"));
}

// A file that is shorter than its mark says lost its end: nothing of the old mark counts for what comes.
TEST_F(DiskStoreTest, AMarkVouchesForNoOtherBytes) {
  const auto store = Make();
  {
    const auto upload = Open(*store, "one");
    ASSERT_TRUE(upload->Append(Bytes(200)).ok());
    ASSERT_TRUE(upload->Keep().ok());
  }
  std::filesystem::resize_file(folder_ + "/store/uploads/one", 100);
  {
    const auto upload = Open(*store, "one");
    EXPECT_EQ(upload->size_bytes(), 0);
    ASSERT_TRUE(upload->Append(Bytes(300, 2)).ok());  // And dies before it is kept.
  }
  EXPECT_EQ(Open(*store, "one")->size_bytes(), 0);
}

TEST_F(DiskStoreTest, RemovesWhatNobodyNeeds) {
  const auto store = Make();
  const std::string key = Put(*store, "one", "abc");
  EXPECT_FALSE(Remove(*store, key, true));
  EXPECT_EQ(ReadAll(*store, key), "abc");
  EXPECT_TRUE(Remove(*store, key, false));
  EXPECT_TRUE(absl::IsDataLoss(store->Read(key).status()));
  EXPECT_TRUE(Remove(*store, key, false));  // It is gone.
}

TEST_F(DiskStoreTest, NothingIsRemovedWhileItIsHeld) {
  const auto store = Make();
  const auto upload = Open(*store, "one");
  ASSERT_TRUE(upload->Append("abc").ok());
  {
    const auto hold = upload->Finish();
    ASSERT_TRUE(hold.ok());
    EXPECT_FALSE(Remove(*store, (*hold)->key(), false));
  }
  EXPECT_TRUE(Remove(*store, KeyOf("abc"), false));
}

// The row that names a content may be committed after the process that held it is gone: whatever somebody has
// finished lately stays, also what was there before.
TEST_F(DiskStoreTest, NothingIsRemovedThatWasFinishedLately) {
  const auto store = Make();
  const std::string key = Put(*store, "one", "abc");
  EXPECT_FALSE(Remove(*store, key, false, absl::Now() - absl::Hours(24)));
  // Times of files may lag behind the clock.
  const auto pause = [] { absl::SleepFor(absl::Milliseconds(50)); };
  pause();
  const absl::Time between = absl::Now();
  pause();
  EXPECT_EQ(Put(*store, "two", "abc"), key);
  EXPECT_FALSE(Remove(*store, key, false, between));
  EXPECT_EQ(ReadAll(*store, key), "abc");
  pause();
  EXPECT_TRUE(Remove(*store, key, false, absl::Now()));
  EXPECT_TRUE(absl::IsDataLoss(store->Read(key).status()));
}

// Uploads of one content that come and go while it is collected whenever nobody needs it: whoever has a row
// always finds it.
TEST_F(DiskStoreTest, ARowAlwaysFindsItsContent) {
  const auto store = Make();
  const std::string bytes = Bytes(3000);
  const std::string key = KeyOf(bytes);
  std::mutex mutex;
  std::multiset<std::string> rows;
  std::atomic<int> running{4};
  std::atomic<int> removed{0};
  std::thread collector([&] {
    while (running > 0) {
      const auto gone = store->Remove(key, absl::InfiniteFuture(), [&]() -> absl::StatusOr<bool> {
        const std::lock_guard lock(mutex);
        return rows.contains(key);
      });
      ASSERT_TRUE(gone.ok()) << gone.status();
      removed += *gone;
    }
  });
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      for (int turn = 0; turn < 60; ++turn) {
        const auto upload = Open(*store, absl::StrCat("w", writer));
        EXPECT_TRUE(upload->Append(bytes).ok());
        {
          const auto hold = upload->Finish();
          ASSERT_TRUE(hold.ok()) << hold.status();
          const std::lock_guard lock(mutex);
          rows.insert(key);
        }
        EXPECT_TRUE(upload->Discard().ok());
        EXPECT_EQ(ReadAll(*store, key), bytes);
        const std::lock_guard lock(mutex);
        rows.erase(rows.find(key));
      }
      --running;
    });
  }
  for (std::thread& writer : writers) writer.join();
  collector.join();
  EXPECT_GT(removed, 0);
}

TEST_F(DiskStoreTest, ListsInOrderPageByPage) {
  const auto store = Make();
  std::vector<std::string> keys;
  for (int i = 0; i < 20; ++i) keys.push_back(Put(*store, "one", absl::StrCat("content ", i)));
  std::sort(keys.begin(), keys.end());
  std::vector<std::string> listed;
  for (std::string after;;) {
    const auto page = store->ListContents(after, 7);
    ASSERT_TRUE(page.ok());
    if (page->empty()) break;
    listed.insert(listed.end(), page->begin(), page->end());
    after = page->back();
  }
  EXPECT_EQ(listed, keys);

  for (const char* name : {"b", "a", "c"}) EXPECT_TRUE(Open(*store, name)->Append("x").ok());
  const auto first = store->ListUploads("", 2);
  ASSERT_EQ(first->size(), 2u);
  EXPECT_EQ((*first)[0].name, "a");
  EXPECT_LT(absl::Now() - (*first)[0].touched, absl::Minutes(1));
  EXPECT_EQ((*store->ListUploads("b", 2))[0].name, "c");
}

// Of an upload whose process died between its two files.
TEST_F(DiskStoreTest, AMarkWithoutItsUploadIsFoundAndGoes) {
  const auto store = Make();
  for (const char* name : {"a", "a-1", "b"}) EXPECT_TRUE(Open(*store, name)->Append("x").ok());
  std::filesystem::remove(store->UploadPath("a"));
  const auto listed = store->ListUploads("", 10);
  ASSERT_EQ(listed->size(), 3u);
  EXPECT_EQ((*listed)[0].name, "a");
  EXPECT_LT(absl::Now() - (*listed)[0].touched, absl::Minutes(1));
  EXPECT_EQ((*store->ListUploads("a", 10))[0].name, "a-1");
  EXPECT_EQ(store->ListUploads("a-1", 10)->size(), 1u);
  EXPECT_TRUE(Open(*store, "a")->Discard().ok());
  EXPECT_EQ(store->ListUploads("", 10)->size(), 2u);
  EXPECT_FALSE(std::filesystem::exists(store->UploadPath("a") + ".mark"));
}

TEST_F(DiskStoreTest, OneBadEntryHidesNoOther) {
  const auto store = Make();
  EXPECT_TRUE(Open(*store, "b")->Append("x").ok());
  std::filesystem::create_symlink("a", folder_ + "/store/uploads/a");  // Leads to itself.
  const auto listed = store->ListUploads("", 10);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ((*listed)[0].name, "b");
}

TEST_F(DiskStoreTest, ADamagedContentIsReplaced) {
  const auto store = Make();
  const std::string key = Put(*store, "one", "abc");
  std::filesystem::resize_file(store->ObjectPath(key), 1);
  EXPECT_EQ(Put(*store, "two", "abc"), key);
  EXPECT_EQ(ReadAll(*store, key), "abc");
}

TEST_F(DiskStoreTest, NamesLeadNowhereElse) {
  const auto store = Make();
  for (const std::string& name : {std::string(""), std::string("../x"), std::string("a/b"),
                                  std::string("a.mark"), std::string(65, 'a'), std::string("a\0b", 3)}) {
    EXPECT_TRUE(absl::IsInvalidArgument(store->Open(name).status())) << name;
    EXPECT_TRUE(absl::IsInvalidArgument(store->Received(name).status())) << name;
    EXPECT_TRUE(absl::IsInvalidArgument(store->Read(name).status())) << name;
  }
  EXPECT_TRUE(
      absl::IsInvalidArgument(store->Remove("../x", absl::InfiniteFuture(), [] { return false; }).status()));
  EXPECT_EQ(*store->Received("unknown"), 0);
  EXPECT_TRUE(absl::IsInvalidArgument(DiskStore::Make({.folder = "relative"}).status()));
  EXPECT_FALSE(DiskStore::Make({.folder = folder_ + "/no/such"}).ok());
}

}  // namespace
}  // namespace lianqiao::content
