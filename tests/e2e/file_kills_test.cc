// SPDX-License-Identifier: Apache-2.0
// The service dies behind every single step of a file's life (libs/base/fault_point.h), one after the other,
// on one platform. Clients then go on, or give up, and the collector runs: every file is whole, no row is
// without its bytes, no bytes are without a row, and the quota counts what is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/base/fault_point.h"
#include "libs/base/ids.h"
#include "tests/e2e/files_fixture.h"

namespace lianqiao::e2e {
namespace {

constexpr size_t kBytes = 300'000;  // More than one piece.
constexpr absl::Duration kLimit = absl::Seconds(90);

enum class When {
  kUpload,     // Of a file whose content is new.
  kResume,     // Of one that was killed while bytes came, which are there and not certain.
  kShrunken,   // Of one that the disk holds less of than its mark says.
  kKnown,      // Of a content that is there.
  kDamaged,    // Of a content that is there, shorter than it was.
  kUntrusted,  // The collector finds a content's upload without its mark.
  kGivenUp,    // The collector finds an upload that nobody went on with.
  kRemoved,    // The collector finds a content whose file was removed.
  kStart,      // The store is opened.
};

struct Kill {
  const char* step;
  When when;
};
// Each step of base::kFaultPoints at least once; those of the collector last.
constexpr Kill kKills[] = {{"store_folder_made", When::kStart},
                           {"store_objects_synced", When::kStart},
                           {"store_folder_synced", When::kStart},
                           {"store_parent_synced", When::kStart},
                           {"upload_written", When::kUpload},
                           {"upload_synced", When::kUpload},
                           {"upload_mark_written", When::kUpload},
                           {"upload_mark_synced", When::kUpload},
                           {"upload_entries_synced", When::kUpload},
                           {"upload_linked", When::kUpload},
                           {"upload_shard_synced", When::kUpload},
                           {"upload_row_written", When::kUpload},
                           {"upload_committed", When::kUpload},
                           {"upload_mark_removed", When::kUpload},
                           {"upload_removed", When::kUpload},
                           {"upload_answered", When::kUpload},
                           {"upload_cut", When::kResume},
                           {"upload_mark_written", When::kResume},
                           {"upload_linked", When::kResume},
                           {"upload_mark_forgotten", When::kShrunken},
                           {"upload_touched", When::kKnown},
                           {"upload_row_written", When::kKnown},
                           {"upload_damaged_removed", When::kDamaged},
                           {"upload_linked", When::kDamaged},
                           {"upload_untrusted_removed", When::kUntrusted},
                           {"upload_mark_removed", When::kGivenUp},
                           {"upload_removed", When::kGivenUp},
                           {"content_unneeded", When::kRemoved},
                           {"content_removed", When::kRemoved},
                           {"content_removal_synced", When::kRemoved}};

class FileKills : public Files {
 protected:
  struct Sent {
    std::string id;
    std::string bytes;
    std::string key() const { return base::Hex(base::Sha256(bytes)); }
  };

  void RunKill(const Kill& kill);
  void UploadUntilItDies(const Sent& file);
  void GoOn(const Sent& file);
  void ExpectWhole(const Sent& file);
  void ExpectUse(size_t stored, size_t uploading, size_t kept_removed);
  void ExpectRowsAndBytesAgree();

  // It dies behind this step; none: it lives. `ahead`: whatever the store calls young is old.
  void Start(const std::string& fatal = "", bool ahead = false) {
    service().Kill();
    ::setenv("LIANQIAO_FATAL_STEP", fatal.c_str(), 1);
    ::setenv("LIANQIAO_AHEAD_HOURS", ahead ? "25" : "0", 1);
    service().Start();
    ::unsetenv("LIANQIAO_FATAL_STEP");
    ::unsetenv("LIANQIAO_AHEAD_HOURS");
  }
  void StartReady(const std::string& fatal = "", bool ahead = false) {
    Start(fatal, ahead);
    platform_.WaitReady();
  }
  void ExpectDeath() {
    const absl::Time end = absl::Now() + kLimit;
    while (service().Runs() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(5));
    ASSERT_FALSE(service().Runs()) << "the step was not come to: has it gone, or does the scenario miss it?";
    ASSERT_EQ(service().exit_code(), -1) << "it ended by itself";
  }

  Sent New() {
    Sent file{"", Pdf(kBytes, ++seed_)};
    file.id = MakeFile(kBytes, absl::StrCat("录像", seed_, ".pdf"));
    return file;
  }
  Sent NewStored() {
    Sent file = New();
    GoOn(file);
    return file;
  }
  std::string Folder(const std::string& below) const { return platform_.content_folder() + "/" + below; }
  std::string Object(const std::string& key) const {
    return Folder(absl::StrCat("objects/", key.substr(0, 2), "/", key));
  }
  // As if nothing had come of it for two hours.
  void AgeUpload(const std::string& id) {
    const std::string path = Folder("uploads/" + id);
    std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) - std::chrono::hours(2));
  }
  // Makes a time of the file's row eight days earlier.
  void AgeRow(const std::string& id, const std::string& time) {
    platform_.Sql(absl::StrCat("UPDATE resource_sharing.file SET ", time, " = ", time,
                               " - interval '8 days' WHERE id = '", id, "'"));
  }
  std::vector<std::string> Uploads() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(Folder("uploads")))
      names.push_back(entry.path().filename());
    return names;
  }
  std::set<std::string> Objects() const {
    std::set<std::string> keys;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(Folder("objects")))
      if (entry.is_regular_file()) keys.insert(entry.path().filename());
    return keys;
  }
  std::set<std::string> NeededKeys() {
    const std::string keys = platform_.Sql(
        "SELECT string_agg(DISTINCT sha256, ' ') FROM resource_sharing.file WHERE state = "
        "'FILE_STATE_STORED' AND delete_time IS NULL");
    return absl::StrSplit(keys, ' ', absl::SkipEmpty());
  }

  unsigned seed_ = 0;
  std::vector<Sent> interrupted_;  // Their clients go on.
  std::vector<Sent> abandoned_;    // Theirs do not.
  std::vector<Sent> stored_;       // Their clients know that they are.
};

void FileKills::UploadUntilItDies(const Sent& file) {
  const absl::Time end = absl::Now() + kLimit;
  while (service().Runs() && absl::Now() < end) {
    Send(operator_, file.id, 0, file.bytes);
    absl::SleepFor(absl::Milliseconds(20));
  }
  ExpectDeath();
}

// As a client does that was cut off: asks how much is there, and sends the rest.
void FileKills::GoOn(const Sent& file) {
  const absl::Time end = absl::Now() + kLimit;
  std::string state;
  HttpAnswer answer;
  while (state != "FILE_STATE_STORED" && absl::Now() < end) {
    const HttpAnswer known = operator_.Get("/v1/files/" + file.id + "/upload");
    if (known.status == 200) {
      const int64_t received = known.json().Integer("/receivedBytes");
      ASSERT_LE(received, static_cast<int64_t>(file.bytes.size()));
      answer = Send(operator_, file.id, received, file.bytes.substr(static_cast<size_t>(received)));
      if (answer.status == 200) state = answer.json().Text("/file/state");
    }
    if (answer.status != 200) absl::SleepFor(absl::Milliseconds(50));
  }
  ASSERT_EQ(state, "FILE_STATE_STORED") << answer.status << answer.failure << answer.body;
}

void FileKills::RunKill(const Kill& kill) {
  Sent file;
  switch (kill.when) {
    case When::kStart:
      service().Kill();
      std::filesystem::remove(Folder("objects/00"));  // An empty one that was never made.
      Start(kill.step);
      return ExpectDeath();
    case When::kUpload:
      StartReady(kill.step);
      abandoned_.push_back(New());
      interrupted_.push_back(New());
      UploadUntilItDies(interrupted_.back());
      StartReady(kill.step);
      return UploadUntilItDies(abandoned_.back());
    case When::kResume:
      StartReady("upload_written");
      interrupted_.push_back(New());
      UploadUntilItDies(interrupted_.back());
      StartReady(kill.step);
      return UploadUntilItDies(interrupted_.back());
    case When::kShrunken:
      StartReady(kill.step);
      file = New();
      ASSERT_EQ(Send(operator_, file.id, 0, file.bytes.substr(0, kBytes / 2)).status, 200);
      std::filesystem::resize_file(Folder("uploads/" + file.id), 10);
      interrupted_.push_back(file);
      return UploadUntilItDies(file);
    case When::kKnown:
    case When::kDamaged:
      StartReady();
      stored_.push_back(NewStored());
      StartReady(kill.step);
      if (kill.when == When::kDamaged) std::filesystem::resize_file(Object(stored_.back().key()), 10);
      file = {MakeFile(kBytes, "同一录像.pdf"), stored_.back().bytes};
      interrupted_.push_back(file);
      return UploadUntilItDies(file);
    case When::kUntrusted:
      StartReady("upload_mark_removed");
      stored_.push_back(New());
      UploadUntilItDies(stored_.back());
      AgeUpload(stored_.back().id);
      Start(kill.step);
      return ExpectDeath();
    case When::kGivenUp:
      StartReady();
      file = New();
      ASSERT_EQ(Send(operator_, file.id, 0, file.bytes.substr(0, kBytes / 2)).status, 200);
      service().Kill();
      AgeRow(file.id, "create_time");
      AgeUpload(file.id);
      Start(kill.step);
      return ExpectDeath();
    case When::kRemoved:
      StartReady();
      file = NewStored();
      ASSERT_EQ(operator_.Delete("/v1/files/" + file.id).status, 200);
      AgeRow(file.id, "delete_time");
      Start(kill.step, true);
      return ExpectDeath();
  }
}

void FileKills::ExpectWhole(const Sent& file) {
  const HttpAnswer record = operator_.Get("/v1/files/" + file.id);
  EXPECT_EQ(record.json().Text("/state"), "FILE_STATE_STORED") << record.body;
  EXPECT_EQ(record.json().Text("/sha256"), file.key());
  const HttpAnswer whole = operator_.Get("/v1/files/" + file.id + "/content");
  EXPECT_EQ(whole.status, 200) << whole.body.substr(0, 200);
  EXPECT_TRUE(whole.body == file.bytes) << file.id;
}

void FileKills::ExpectUse(size_t stored, size_t uploading, size_t kept_removed) {
  const HttpAnswer use = operator_.Get(absl::StrCat("/v1/storage-quotas/", quota_, "/use"));
  ASSERT_EQ(use.status, 200) << use.body;
  EXPECT_EQ(use.json().Integer("/storedFileCount"), static_cast<int64_t>(stored));
  EXPECT_EQ(use.json().Integer("/uploadingFileCount"), static_cast<int64_t>(uploading));
  EXPECT_EQ(use.json().Integer("/usedBytes"),
            static_cast<int64_t>((stored + uploading + kept_removed) * kBytes));
}

void FileKills::ExpectRowsAndBytesAgree() {
  const absl::Time end = absl::Now() + kLimit;
  while ((!Uploads().empty() || Objects() != NeededKeys()) && absl::Now() < end)
    absl::SleepFor(absl::Milliseconds(100));
  EXPECT_THAT(Uploads(), ::testing::IsEmpty()) << "what uploads left behind is collected";
  EXPECT_EQ(Objects(), NeededKeys()) << "a row for all bytes, and bytes for every row";
  for (const std::string& key : Objects()) {
    std::ifstream object(Object(key), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(object), {}};
    EXPECT_EQ(base::Hex(base::Sha256(bytes)), key) << bytes.size() << " bytes are not what they are called";
  }
}

TEST(FileKillsTable, HasAScenarioForEveryStep) {
  std::set<std::string> killed, listed;
  for (const Kill& kill : kKills) killed.insert(kill.step);
  for (const std::string_view step : base::kFaultPoints) listed.insert(std::string(step));
  EXPECT_EQ(killed, listed) << "give each step of libs/base/fault_point.h a row in kKills";
}

TEST_F(FileKills, BehindEveryStepNothingIsTornLostOrLeftBehind) {
#ifdef NDEBUG
  GTEST_SKIP() << "a release has no fault points";
#endif
  for (const Kill& kill : kKills) {
    SCOPED_TRACE(absl::StrCat(kill.step, " ", static_cast<int>(kill.when)));
    if (kill.when == When::kUntrusted) break;
    RunKill(kill);
    if (HasFatalFailure()) return;
  }
  StartReady();
  for (const Sent& file : interrupted_) {
    SCOPED_TRACE(file.id);
    GoOn(file);
    if (HasFatalFailure()) return;
    ExpectWhole(file);
  }
  for (const Sent& file : stored_) ExpectWhole(file);
  size_t kept = 0;  // Of the abandoned ones: the row was there before the service died.
  for (const Sent& file : abandoned_)
    kept += operator_.Get("/v1/files/" + file.id).json().Text("/state") == "FILE_STATE_STORED" ? 1 : 0;
  EXPECT_EQ(kept, 4u) << "committed, mark removed, removed, answered";
  ExpectUse(interrupted_.size() + stored_.size() + kept, abandoned_.size() - kept, 0);

  for (const Kill& kill : kKills) {
    SCOPED_TRACE(absl::StrCat(kill.step, " ", static_cast<int>(kill.when)));
    if (kill.when < When::kUntrusted || kill.when == When::kStart) continue;
    RunKill(kill);
    if (HasFatalFailure()) return;
  }
  service().Kill();
  for (const Sent& file : abandoned_) AgeRow(file.id, "create_time");
  StartReady("", true);
  ExpectRowsAndBytesAgree();
  for (const Sent& file : interrupted_) ExpectWhole(file);
  for (const Sent& file : stored_) ExpectWhole(file);
  ExpectUse(interrupted_.size() + stored_.size() + kept, 0, 0);
}

}  // namespace
}  // namespace lianqiao::e2e
