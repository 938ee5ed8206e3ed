// SPDX-License-Identifier: Apache-2.0
// A worker's Session: one connection, replaced when it breaks, and the rules of retrying. For this library
// only.
#pragma once

#include <functional>
#include <memory>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"
#include "libs/postgres/database.h"

namespace lianqiao::postgres {

// What a queue's patience and a transaction's reconnecting share (Database::Submit).
inline constexpr absl::Duration kOutageLimit = absl::Seconds(2);

class WorkerSession final : public Session {
 public:
  explicit WorkerSession(const Database::Options& options);

  // For the pool: one attempt; whether there is a connection; whether it still is after idling.
  absl::Status Connect();
  bool connected() const { return connection_ != nullptr && connection_->usable(); }
  bool AliveWhileIdle() { return connection_ != nullptr && connection_->AliveWhileIdle(); }
  void set_deadline(absl::Time deadline) { deadline_ = deadline; }

  absl::StatusOr<Result> Execute(const Query& query, const Parameters& parameters) override;
  absl::StatusOr<Result> ExecuteWrite(const Query& query, const Parameters& parameters) override;
  absl::Status Transact(const std::function<absl::Status(Statements&)>& body) override;
  absl::Time deadline() const override { return deadline_; }

 private:
  class Transaction;

  absl::Status TryTransaction(const std::function<absl::Status(Statements&)>& body, bool abort);
  // Tries until the deadline or kOutageLimit, whichever comes first.
  absl::Status Reconnect();
  // False if the deadline would pass.
  bool PauseBefore(int attempt);

  const Database::Options& options_;
  std::unique_ptr<Connection> connection_;
  absl::Time deadline_ = absl::InfiniteFuture();
  std::minstd_rand random_;
};

}  // namespace lianqiao::postgres
