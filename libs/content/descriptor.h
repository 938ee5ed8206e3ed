// SPDX-License-Identifier: Apache-2.0
// Files and folders of the operating system, with its errors as Status. For this folder only.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/content/step.h"

namespace lianqiao::content {

// An open file; closes it. What locks it holds go with it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int number() const { return number_; }

 private:
  int number_ = -1;
};

// Of errno: RESOURCE_EXHAUSTED when there is no room, NOT_FOUND, else INTERNAL; names the step.
absl::Status ErrorOf(const std::string& step);

absl::StatusOr<Descriptor> OpenFile(const std::string& path, int flags);
absl::StatusOr<struct stat> StatusOf(const Descriptor& file);
// Up to bytes_max; less only at the end.
absl::StatusOr<std::string> ReadFrom(const Descriptor& file, int64_t offset, size_t bytes_max);

// What changes the disk, each with the step that it is.
//
// Makes it if it is not there; durable once the folder above is synced.
absl::Status MakeFolder(const std::string& path, const Step& step);
absl::Status SyncFolder(const std::string& path, const Step& step);
absl::Status SyncData(const Descriptor& file, const Step& step);
// Its times are now, durably.
absl::Status Touch(const Descriptor& file, const Step& step);
// All of it, or an error.
absl::Status WriteAt(const Descriptor& file, int64_t offset, std::string_view bytes, const Step& step);
// Nothing is left behind the first `size_bytes`.
absl::Status CutFile(const Descriptor& file, int64_t size_bytes, const Step& step);
// A second name; ALREADY_EXISTS if somebody has it.
absl::Status LinkFile(const std::string& from, const std::string& to, const Step& step);
// Harmless if it is not there.
absl::Status RemoveFile(const std::string& path, const Step& step);

// ABORTED if somebody else has a lock that does not go with it. flock(2): between processes and within one.
absl::Status LockNow(const Descriptor& file, bool shared);
// Waits for it.
absl::Status LockWaiting(const Descriptor& file, bool shared);

}  // namespace lianqiao::content
