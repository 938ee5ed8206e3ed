// SPDX-License-Identifier: Apache-2.0
// Files that are too large for a row: bytes under the name of what they are, the SHA-256 of all of them. The
// same content is kept once. A row that names a content is written only after Finish has answered, so that a
// row never refers to what is not there; what no row names is collected (Remove).
//
// Calls block on a disk or a network: never on a thread of gRPC. Errors: ABORTED while somebody else has the
// upload or the content, NOT_FOUND, RESOURCE_EXHAUSTED when there is no more room, DATA_LOSS, INTERNAL.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace lianqiao::content {

// More than this at once is refused: what is under way bounds the memory.
inline constexpr size_t kChunkBytesMax = size_t{1} << 20;

// Bytes that can be read from anywhere. Thread-safe.
class Source {
 public:
  virtual ~Source() = default;
  virtual int64_t size_bytes() const = 0;
  // Up to bytes_max from the offset on; less only at the end.
  virtual absl::StatusOr<std::string> ReadAt(int64_t offset, size_t bytes_max) const = 0;
};

// Keeps a content from being removed until the row that names it is committed.
class Hold {
 public:
  virtual ~Hold() = default;
  virtual const std::string& key() const = 0;  // 64 hex digits.
};

// One upload, of this process alone for as long as the object lives. When it goes, or the process dies, what
// had come until the last Keep is there to go on from. One caller at a time.
class Upload : public Source {
 public:
  // Appends up to kChunkBytesMax. After a failure nothing of it counts, and it may be tried again.
  virtual absl::Status Append(std::string_view bytes) = 0;
  // What has come until now survives a crash of the machine.
  virtual absl::Status Keep() = 0;
  // Of what has come until now, 64 hex digits.
  virtual std::string sha256() const = 0;
  // Makes all of it a content, durably. The upload stays as it is until Discard, so that whoever dies in
  // between finishes it again.
  virtual absl::StatusOr<std::unique_ptr<Hold>> Finish() = 0;
  // Forgets it; then it takes nothing more.
  virtual absl::Status Discard() = 0;
};

struct UploadEntry {
  std::string name;
  absl::Time touched;  // When something came last.
};

// Thread-safe; several processes of one machine may share the store.
class Store {
 public:
  virtual ~Store() = default;
  // Begins an upload or goes on with it. Names are ids: letters, digits and dashes, up to 64.
  virtual absl::StatusOr<std::unique_ptr<Upload>> Open(const std::string& name) = 0;
  // What has come of it and would survive; 0 if there is no such upload.
  virtual absl::StatusOr<int64_t> Received(const std::string& name) = 0;

  // DATA_LOSS if it is not there: whoever asks has a row that says it is.
  virtual absl::StatusOr<std::unique_ptr<Source>> Read(const std::string& key) = 0;

  // Removes a content for good unless it is held, was finished by somebody since `before`, or `is_needed`
  // says so, which is asked while nobody can begin to hold it; true if it is gone. `before` leaves time for
  // rows whose commit outlives the process that held their content.
  virtual absl::StatusOr<bool> Remove(const std::string& key, absl::Time before,
                                      const std::function<absl::StatusOr<bool>()>& is_needed) = 0;
  // In order of the keys, those after `after`.
  virtual absl::StatusOr<std::vector<std::string>> ListContents(const std::string& after, size_t max) = 0;
  // The same, by name.
  virtual absl::StatusOr<std::vector<UploadEntry>> ListUploads(const std::string& after, size_t max) = 0;
};

}  // namespace lianqiao::content
