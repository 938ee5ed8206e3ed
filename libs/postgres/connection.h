// SPDX-License-Identifier: Apache-2.0
// One session with PostgreSQL, without policy: no retries, no reconnecting. For this library only.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/database.h"

namespace lianqiao::postgres {

// The session's own statement_timeout; a shorter one is set per transaction.
inline constexpr absl::Duration kStatementTimeout = absl::Seconds(30);

// One thread at a time. After an error that spoils the session, usable() is false for good.
class Connection {
 public:
  // `schema` becomes the search_path; empty leaves the role's own.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& connection,
                                                          const std::string& schema);
  ~Connection();

  bool usable() const;

  // False, and unusable, if the server hung up while nothing was going on. Costs one poll(2).
  bool AliveWhileIdle();

  absl::StatusOr<Result> Execute(const Query& query, const Parameters& parameters);

  // UNKNOWN if the connection broke, or the server warned, once the statement was under way.
  absl::StatusOr<Result> ExecuteWrite(const Query& query, const Parameters& parameters);

  // Several statements without parameters.
  absl::Status ExecuteScript(const std::string& name, const std::string& sql);

  // Of the session, from now on.
  absl::Status SetStatementTimeout(absl::Duration timeout);

  // statement_timeout for this transaction only; anything from kStatementTimeout on leaves the session's own.
  absl::Status Begin(absl::Duration statement_timeout);
  absl::Status Commit();
  void Rollback();

 private:
  struct Link;
  explicit Connection(std::unique_ptr<Link> link);

  std::unique_ptr<Link> link_;
};

}  // namespace lianqiao::postgres
