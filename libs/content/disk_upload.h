// SPDX-License-Identifier: Apache-2.0
// One upload of a DiskStore. For this folder only.
#pragma once

#include <memory>
#include <string>

#include "libs/content/descriptor.h"
#include "libs/content/digest.h"
#include "libs/content/disk_store.h"

namespace lianqiao::content {

// How much of an upload is certain, with the state of its digest. Written by turns into two places, so that
// one of them is whole whenever the machine stops.
struct Mark {
  int64_t sequence = 0;
  int64_t size_bytes = 0;
  std::string digest_state;
};

// The last that is whole; one of nothing if there is none.
absl::StatusOr<Mark> ReadMark(const DiskStore& store, const std::string& name);

class DiskUpload final : public Upload {
 public:
  static absl::StatusOr<std::unique_ptr<DiskUpload>> Open(const DiskStore& store, const std::string& name);

  int64_t size_bytes() const override { return digest_.size_bytes(); }
  absl::StatusOr<std::string> ReadAt(int64_t offset, size_t bytes_max) const override;
  absl::Status Append(std::string_view bytes) override;
  absl::Status Keep() override;
  std::string sha256() const override { return digest_.Value(); }
  absl::StatusOr<std::unique_ptr<Hold>> Finish() override;
  absl::Status Discard() override;

 private:
  DiskUpload(const DiskStore& store, std::string name) : store_(store), name_(std::move(name)) {}
  // False: the file is no upload any more, and is gone under this name; to be tried again.
  absl::StatusOr<bool> TryOpen();
  absl::Status GoOn(int64_t file_bytes);
  absl::Status CutExcess();
  absl::Status CheckTakes() const;
  absl::Status KeepAll();
  absl::Status WriteMark();
  absl::Status Link(const std::string& key);

  const DiskStore& store_;
  const std::string name_;
  Descriptor file_;  // Locked for as long as it is open.
  Descriptor mark_file_;
  Digest digest_;
  Mark mark_;  // As it stands on the disk.
  bool entries_synced_ = false;
  bool finished_ = false;  // The file is a content too: it must not change.
  bool discarded_ = false;
  // What was given to the disk may be lost though the system forgets about it: only the mark counts now.
  bool broken_ = false;
  int64_t flushed_ = 0;  // Up to here the system was asked to begin writing.
};

}  // namespace lianqiao::content
