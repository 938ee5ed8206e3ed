// SPDX-License-Identifier: Apache-2.0
// A process that is killed between any two steps, and a disk that is full at any byte.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "libs/content/store_fixture.h"

namespace lianqiao::content {
namespace {

constexpr size_t kPiece = 700;
constexpr char kName[] = "upload";

class CrashTest : public StoreFixture {
 protected:
  // How far the child says that it has come, before it goes on.
  struct Told {
    int64_t kept = 0;
    bool finished = false;
    bool discarded = false;
  };

  // Runs an upload in a process of its own that is killed behind its step number `fatal`. True: it came to
  // its end before.
  bool RunUntil(int fatal, const std::string& bytes, Told* told) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      Upload(fatal, bytes, ends[1]);
      _exit(0);
    }
    close(ends[1]);
    while (read(ends[0], told, sizeof(*told)) == sizeof(*told)) continue;
    close(ends[0]);
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
      EXPECT_EQ(WTERMSIG(status), SIGKILL);
      return false;
    }
    EXPECT_EQ(WEXITSTATUS(status), 0);
    return true;
  }

 private:
  void Upload(int fatal, const std::string& bytes, int pipe_end) {
    const auto must = [](bool ok) {
      if (!ok) _exit(1);
    };
    int step = 0;
    const auto store = Make({.keep_every_bytes = 1000, .at_step = [&](const char*) {
                               if (step++ == fatal) kill(getpid(), SIGKILL);
                             }});
    Told told;
    const auto tell = [&] { must(write(pipe_end, &told, sizeof(told)) == sizeof(told)); };
    auto upload = store->Open(kName);
    must(upload.ok());
    while ((*upload)->size_bytes() < static_cast<int64_t>(bytes.size())) {
      const auto at = static_cast<size_t>((*upload)->size_bytes());
      must((*upload)->Append(std::string_view(bytes).substr(at, kPiece)).ok());
      told.kept = *store->Received(kName);
      tell();
    }
    must((*upload)->Finish().ok());
    told.finished = true;
    tell();
    must((*upload)->Discard().ok());
    told.discarded = true;
    tell();
  }
};

TEST_F(CrashTest, KilledAtEveryStepNothingIsTornOrLost) {
  const std::string bytes = Bytes(5000);
  bool whole = false;
  int fatal = 0;
  for (; !whole; ++fatal) {
    ASSERT_LT(fatal, 1000);
    std::filesystem::remove_all(folder_ + "/store");
    Told told;
    whole = RunUntil(fatal, bytes, &told);
    const auto store = Make();
    // A content is whole from the moment on in which it is there.
    const std::vector<std::string> contents = *store->ListContents("", 10);
    for (const std::string& key : contents) {
      EXPECT_EQ(key, KeyOf(bytes));
      EXPECT_EQ(ReadAll(*store, key), bytes) << fatal;
    }
    if (told.finished) {
      EXPECT_EQ(contents.size(), 1u) << fatal;
      continue;
    }
    EXPECT_GE(*store->Received(kName), told.kept) << fatal;
    auto upload = store->Open(kName);
    ASSERT_TRUE(upload.ok()) << upload.status();
    const auto got = static_cast<size_t>((*upload)->size_bytes());
    EXPECT_EQ(*(*upload)->ReadAt(0, bytes.size()), bytes.substr(0, got)) << fatal;
    for (size_t at = got; at < bytes.size(); at += kPiece)
      ASSERT_TRUE((*upload)->Append(std::string_view(bytes).substr(at, kPiece)).ok());
    ASSERT_TRUE((*upload)->Finish().ok());
    ASSERT_TRUE((*upload)->Discard().ok());
    EXPECT_EQ(ReadAll(*store, KeyOf(bytes)), bytes) << fatal;
    EXPECT_TRUE(store->ListUploads("", 10)->empty());
  }
  EXPECT_GT(fatal, 20);  // Writes, syncs, marks, the link, its folder, and the end.
}

// Killed again and again while it goes on: every run begins where the last one stood.
TEST_F(CrashTest, KilledOverAndOverItComesToItsEnd) {
  const std::string bytes = Bytes(20000);
  int runs = 0;
  Told told;
  for (int64_t before = 0; !RunUntil(6, bytes, &told); ++runs) {
    ASSERT_LT(runs, 100);
    EXPECT_GE(told.kept, before);
    before = told.kept;
  }
  EXPECT_GT(runs, 5);
  EXPECT_EQ(ReadAll(*Make(), KeyOf(bytes)), bytes);
}

// The limit of a file's size stands for a full disk; it is met within every chunk.
TEST_F(CrashTest, AFullDiskLosesNothing) {
  signal(SIGXFSZ, SIG_IGN);
  const std::string bytes = Bytes(5000);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto limit = [&](rlim_t size) {
    const rlimit soft = {size, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &soft), 0);
  };
  for (rlim_t room = 600; room < bytes.size(); room += 333) {  // Marks need 512.
    std::filesystem::remove_all(folder_ + "/store");
    const auto store = Make({.keep_every_bytes = 1000});
    auto upload = store->Open(kName);
    ASSERT_TRUE(upload.ok());
    limit(room);
    absl::Status status;
    while (status.ok()) {
      const auto at = static_cast<size_t>((*upload)->size_bytes());
      status = (*upload)->Append(std::string_view(bytes).substr(at, kPiece));
    }
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
    const auto got = static_cast<size_t>((*upload)->size_bytes());
    EXPECT_LE(got, room);
    EXPECT_EQ((*upload)->sha256(), KeyOf(bytes.substr(0, got)));
    limit(before.rlim_cur);
    // What was written of the piece that failed is no part of the content.
    if (room % 2 == 0) {
      const auto hold = (*upload)->Finish();
      ASSERT_TRUE(hold.ok()) << hold.status();
      EXPECT_EQ(ReadAll(*store, (*hold)->key()), bytes.substr(0, got));
      continue;
    }
    for (size_t at = got; at < bytes.size(); at += kPiece)
      ASSERT_TRUE((*upload)->Append(std::string_view(bytes).substr(at, kPiece)).ok());
    ASSERT_TRUE((*upload)->Finish().ok());
    EXPECT_EQ(ReadAll(*store, KeyOf(bytes)), bytes);
  }
}

}  // namespace
}  // namespace lianqiao::content
