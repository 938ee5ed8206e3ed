// SPDX-License-Identifier: Apache-2.0
#include "libs/content/descriptor.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"

namespace lianqiao::content {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;

absl::Status Lock(const Descriptor& file, int operation) {
  while (flock(file.number(), operation) != 0) {
    if (errno == EWOULDBLOCK) return absl::AbortedError("somebody else has it");
    if (errno != EINTR) return ErrorOf("flock");
  }
  return absl::OkStatus();
}

absl::Status Done(const Step& step) {
  step.Done();
  return absl::OkStatus();
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

absl::Status ErrorOf(const std::string& step) {
  const int error = errno;
  const std::string text = absl::StrCat(step, ": ", std::strerror(error));
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::ResourceExhaustedError(text);
    case ENOENT:
      return absl::NotFoundError(text);
    default:
      return absl::InternalError(text);
  }
}

absl::StatusOr<Descriptor> OpenFile(const std::string& path, int flags) {
  const int number = open(path.c_str(), flags | O_CLOEXEC, kFileMode);
  if (number < 0) return ErrorOf("open");
  return Descriptor(number);
}

absl::Status MakeFolder(const std::string& path, const Step& step) {
  if (mkdir(path.c_str(), kFolderMode) == 0) return Done(step);
  return errno == EEXIST ? absl::OkStatus() : ErrorOf("mkdir");
}

absl::Status SyncFolder(const std::string& path, const Step& step) {
  ASSIGN_OR_RETURN(const Descriptor folder, OpenFile(path, O_RDONLY | O_DIRECTORY));
  return fsync(folder.number()) == 0 ? Done(step) : ErrorOf("fsync of a folder");
}

absl::Status SyncData(const Descriptor& file, const Step& step) {
  return fdatasync(file.number()) == 0 ? Done(step) : ErrorOf("fdatasync");
}

absl::Status Touch(const Descriptor& file, const Step& step) {
  if (futimens(file.number(), nullptr) != 0) return ErrorOf("futimens");
  return fsync(file.number()) == 0 ? Done(step) : ErrorOf("fsync");
}

absl::Status CutFile(const Descriptor& file, int64_t size_bytes, const Step& step) {
  return ftruncate(file.number(), size_bytes) == 0 ? Done(step) : ErrorOf("ftruncate");
}

absl::Status LinkFile(const std::string& from, const std::string& to, const Step& step) {
  if (link(from.c_str(), to.c_str()) == 0) return Done(step);
  return errno == EEXIST ? absl::AlreadyExistsError("link") : ErrorOf("link");
}

absl::StatusOr<struct stat> StatusOf(const Descriptor& file) {
  struct stat status {};
  if (fstat(file.number(), &status) != 0) return ErrorOf("fstat");
  return status;
}

absl::Status WriteAt(const Descriptor& file, int64_t offset, std::string_view bytes, const Step& step) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(file.number(), bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrorOf("pwrite");
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += written;
  }
  return Done(step);
}

absl::StatusOr<std::string> ReadFrom(const Descriptor& file, int64_t offset, size_t bytes_max) {
  std::string bytes(bytes_max, '\0');
  size_t size = 0;
  while (size < bytes_max) {
    const ssize_t read =
        pread(file.number(), bytes.data() + size, bytes_max - size, offset + static_cast<int64_t>(size));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return ErrorOf("pread");
    if (read == 0) break;
    size += static_cast<size_t>(read);
  }
  bytes.resize(size);
  return bytes;
}

absl::Status RemoveFile(const std::string& path, const Step& step) {
  return unlink(path.c_str()) == 0 || errno == ENOENT ? Done(step) : ErrorOf("unlink");
}

absl::Status LockNow(const Descriptor& file, bool shared) {
  return Lock(file, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB);
}

absl::Status LockWaiting(const Descriptor& file, bool shared) {
  return Lock(file, shared ? LOCK_SH : LOCK_EX);
}

}  // namespace lianqiao::content
