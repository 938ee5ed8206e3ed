// SPDX-License-Identifier: Apache-2.0
// Files on their way in and out: streaming methods of a service's own, whose bytes lie outside of the
// database. The engine reads and writes the stream, asks for the caller's rights again and again, and calls
// what stands here; a service does what is the domain's. One object per call, one function at a time.
//
// Admit and Answer run in the database and do nothing else; all other functions run on threads that may wait
// for a disk, outside of any transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/contract/contract.h"

namespace lianqiao::resource {

using contract::Message;

class Reading;
class Writing;

// A request that streams `oneof {options, chunk}`; a chunk has `int64 offset` and `bytes content`. The method
// is one that writes (its permission ends in .write).
class Intake {
 public:
  virtual ~Intake() = default;
  // The options have come: loads, and so checks, the record that the file belongs to; changes nothing.
  virtual absl::Status Admit(Writing& writing, const Message& options) = 0;
  // Before the first piece.
  virtual absl::Status Open() = 0;
  virtual absl::Status Take(int64_t offset, const std::string& content) = 0;
  // The client has sent all that it sends with this call.
  virtual absl::Status Complete() = 0;
  // Writes what refers to the content, with the rights that the caller has by now, and answers. May run
  // again.
  virtual absl::StatusOr<std::unique_ptr<Message>> Answer(Writing& writing) = 0;
  // What Answer wrote is committed.
  virtual void Committed() = 0;
  // The client has gone, or something failed: keeps what has come.
  virtual void Suspend() = 0;
};
using MakeIntake = std::function<std::unique_ptr<Intake>()>;

// An answer that streams messages with `bytes content`, of which the first has `string content_type`. The
// request may have `int64 offset` and `int64 length` (0: to the end).
class Outlet {
 public:
  struct File {
    int64_t size_bytes = 0;
    std::string etag;  // Names the content for ever.
    std::string name;
    std::string content_type;
    std::string record_id;  // Whose reading goes into the access log as that of personal data; may be empty.
  };
  virtual ~Outlet() = default;
  // Finds what is asked for, with the rights that the caller has: before the first byte, and again every
  // second for as long as bytes go out.
  virtual absl::Status Admit(Reading& reading, const Message& request) = 0;
  // Once, behind the first Admit.
  virtual absl::StatusOr<File> Open() = 0;
  // Within the file.
  virtual absl::StatusOr<std::string> ReadAt(int64_t offset, size_t bytes_max) = 0;
};
using MakeOutlet = std::function<std::unique_ptr<Outlet>()>;

}  // namespace lianqiao::resource
