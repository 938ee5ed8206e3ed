// SPDX-License-Identifier: Apache-2.0
#include "libs/content/disk_upload.h"

#include <fcntl.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"

namespace lianqiao::content {
namespace {

constexpr int64_t kPlaceBytes = 256;  // Of one mark in its file.
constexpr int64_t kFlushBytes = 8 << 20;
constexpr int kTriesMax = 10;

// "sequence size state checksum", filled up with spaces.
std::string MarkText(const Mark& mark) {
  const std::string text = absl::StrCat(mark.sequence, " ", mark.size_bytes, " ", mark.digest_state);
  return absl::StrFormat("%-255s\n", absl::StrCat(text, " ", base::Hex(base::Sha256(text))));
}

bool ParseMark(const std::string& text, Mark* mark) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  if (parts.size() != 4 || !absl::SimpleAtoi(parts[0], &mark->sequence) ||
      !absl::SimpleAtoi(parts[1], &mark->size_bytes))
    return false;
  mark->digest_state = parts[2];
  return parts[3] == base::Hex(base::Sha256(absl::StrCat(parts[0], " ", parts[1], " ", parts[2])));
}

Mark LastMark(const std::string& places) {
  Mark last;
  for (const size_t at : {size_t{0}, static_cast<size_t>(kPlaceBytes)}) {
    Mark mark;
    const bool whole = places.size() > at && ParseMark(places.substr(at, kPlaceBytes), &mark);
    if (whole && mark.sequence > last.sequence) last = mark;
  }
  return last;
}

class DiskHold final : public Hold {
 public:
  DiskHold(std::string key, Descriptor folder) : key_(std::move(key)), folder_(std::move(folder)) {}
  const std::string& key() const override { return key_; }

 private:
  const std::string key_;
  const Descriptor folder_;  // Of its content, locked.
};

}  // namespace

absl::StatusOr<Mark> ReadMark(const DiskStore& store, const std::string& name) {
  const auto file = OpenFile(store.MarkPath(name), O_RDONLY);
  if (absl::IsNotFound(file.status())) return Mark();
  RETURN_IF_ERROR(file.status());
  ASSIGN_OR_RETURN(const std::string places, ReadFrom(*file, 0, 2 * kPlaceBytes));
  return LastMark(places);
}

absl::StatusOr<std::unique_ptr<DiskUpload>> DiskUpload::Open(const DiskStore& store,
                                                             const std::string& name) {
  std::unique_ptr<DiskUpload> upload(new DiskUpload(store, name));
  for (int tries = 0; tries < kTriesMax; ++tries) {
    ASSIGN_OR_RETURN(const bool opened, upload->TryOpen());
    if (opened) return upload;
  }
  return absl::AbortedError("the upload comes and goes");
}

absl::StatusOr<bool> DiskUpload::TryOpen() {
  const std::string path = store_.UploadPath(name_);
  ASSIGN_OR_RETURN(file_, OpenFile(path, O_RDWR | O_CREAT));
  RETURN_IF_ERROR(LockNow(file_, false));
  ASSIGN_OR_RETURN(const struct stat status, StatusOf(file_));
  // Whoever had the lock before may have discarded it meanwhile.
  struct stat present {};
  if (stat(path.c_str(), &present) != 0 || present.st_ino != status.st_ino) return false;
  ASSIGN_OR_RETURN(mark_file_, OpenFile(store_.MarkPath(name_), O_RDWR | O_CREAT));
  ASSIGN_OR_RETURN(mark_, ReadMark(store_, name_));
  finished_ = status.st_nlink > 1;
  if (finished_ && mark_.size_bytes != status.st_size) {
    // A content whose upload cannot be trusted: the content stays, the upload begins anew. The mark goes
    // first, as in Discard.
    RETURN_IF_ERROR(RemoveFile(store_.MarkPath(name_), store_.StepOf("upload_mark_removed")));
    RETURN_IF_ERROR(RemoveFile(path, store_.StepOf("upload_untrusted_removed")));
    return false;
  }
  RETURN_IF_ERROR(GoOn(status.st_size));
  return true;
}

// From the mark on: what came behind it may not have reached the disk.
absl::Status DiskUpload::GoOn(int64_t file_bytes) {
  const bool begun = mark_.size_bytes > 0;
  if (begun && (mark_.size_bytes > file_bytes || !digest_.Restore(mark_.digest_state, mark_.size_bytes))) {
    mark_.size_bytes = 0;
    digest_ = Digest();
    RETURN_IF_ERROR(CutExcess());
    RETURN_IF_ERROR(WriteMark());  // Before other bytes come, which the old one would vouch for.
    store_.StepOf("upload_mark_forgotten").Done();
    return absl::OkStatus();
  }
  const int64_t from = digest_.size_bytes();
  if (mark_.size_bytes > from) {
    ASSIGN_OR_RETURN(const std::string rest,
                     ReadFrom(file_, from, static_cast<size_t>(mark_.size_bytes - from)));
    digest_.Update(rest);
  }
  flushed_ = mark_.size_bytes;
  return finished_ ? absl::OkStatus() : CutExcess();
}

// What a failed write, or one behind the mark, has left.
absl::Status DiskUpload::CutExcess() {
  ASSIGN_OR_RETURN(const struct stat status, StatusOf(file_));
  if (status.st_size <= size_bytes()) return absl::OkStatus();
  return CutFile(file_, size_bytes(), store_.StepOf("upload_cut"));
}

absl::StatusOr<std::string> DiskUpload::ReadAt(int64_t offset, size_t bytes_max) const {
  const int64_t left = std::max<int64_t>(size_bytes() - offset, 0);
  return ReadFrom(file_, offset, static_cast<size_t>(std::min(left, static_cast<int64_t>(bytes_max))));
}

absl::Status DiskUpload::Append(std::string_view bytes) {
  if (bytes.size() > kChunkBytesMax) return absl::InvalidArgumentError("a chunk is too large");
  RETURN_IF_ERROR(CheckTakes());
  if (finished_) return absl::FailedPreconditionError("the upload is finished");
  RETURN_IF_ERROR(WriteAt(file_, size_bytes(), bytes, store_.StepOf("upload_written")));
  digest_.Update(bytes);
  // Begun early, so that little is left to wait for, and few pages wait in memory.
  if (size_bytes() - flushed_ >= kFlushBytes) {
    sync_file_range(file_.number(), flushed_, size_bytes() - flushed_, SYNC_FILE_RANGE_WRITE);
    flushed_ = size_bytes();
  }
  return size_bytes() - mark_.size_bytes >= store_.options().keep_every_bytes ? Keep() : absl::OkStatus();
}

absl::Status DiskUpload::CheckTakes() const {
  if (discarded_) return absl::FailedPreconditionError("the upload was discarded");
  return broken_ ? absl::AbortedError("the upload has to be opened anew") : absl::OkStatus();
}

absl::Status DiskUpload::Keep() {
  RETURN_IF_ERROR(CheckTakes());
  if (mark_.size_bytes == size_bytes()) return absl::OkStatus();
  const absl::Status kept = KeepAll();
  broken_ = !kept.ok();
  return kept;
}

absl::Status DiskUpload::KeepAll() {
  RETURN_IF_ERROR(SyncData(file_, store_.StepOf("upload_synced")));
  return WriteMark();
}

absl::Status DiskUpload::WriteMark() {
  const Mark next = {mark_.sequence + 1, size_bytes(), digest_.State()};
  RETURN_IF_ERROR(WriteAt(mark_file_, next.sequence % 2 * kPlaceBytes, MarkText(next),
                          store_.StepOf("upload_mark_written")));
  RETURN_IF_ERROR(SyncData(mark_file_, store_.StepOf("upload_mark_synced")));
  if (!entries_synced_)
    RETURN_IF_ERROR(SyncFolder(store_.UploadsFolder(), store_.StepOf("upload_entries_synced")));
  entries_synced_ = true;
  mark_ = next;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Hold>> DiskUpload::Finish() {
  RETURN_IF_ERROR(CheckTakes());
  if (!finished_) RETURN_IF_ERROR(CutExcess());
  RETURN_IF_ERROR(Keep());
  const std::string key = sha256();
  ASSIGN_OR_RETURN(Descriptor folder, OpenFile(store_.ShardPath(key), O_RDONLY | O_DIRECTORY));
  RETURN_IF_ERROR(LockWaiting(folder, true));
  RETURN_IF_ERROR(Link(key));
  finished_ = true;
  // Also for one that was there: whoever made it may not have come to this.
  RETURN_IF_ERROR(SyncFolder(store_.ShardPath(key), store_.StepOf("upload_shard_synced")));
  return std::make_unique<DiskHold>(key, std::move(folder));
}

absl::Status DiskUpload::Link(const std::string& key) {
  const std::string from = store_.UploadPath(name_);
  const std::string to = store_.ObjectPath(key);
  const absl::Status linked = LinkFile(from, to, store_.StepOf("upload_linked"));
  if (!absl::IsAlreadyExists(linked)) return linked;
  ASSIGN_OR_RETURN(const Descriptor known, OpenFile(to, O_RDONLY));
  ASSIGN_OR_RETURN(const struct stat status, StatusOf(known));
  if (status.st_size == size_bytes()) return Touch(known, store_.StepOf("upload_touched"));
  base::Log(base::Severity::kError, "content_damaged", {{"key", key}});
  RETURN_IF_ERROR(RemoveFile(to, store_.StepOf("upload_damaged_removed")));
  return LinkFile(from, to, store_.StepOf("upload_linked"));
}

absl::Status DiskUpload::Discard() {
  discarded_ = true;
  // The mark first: without it whatever is left counts for nothing.
  RETURN_IF_ERROR(RemoveFile(store_.MarkPath(name_), store_.StepOf("upload_mark_removed")));
  return RemoveFile(store_.UploadPath(name_), store_.StepOf("upload_removed"));
}

}  // namespace lianqiao::content
