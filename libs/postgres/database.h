// SPDX-License-Identifier: Apache-2.0
// PostgreSQL for everybody else: named queries, statements, retried transactions and a fixed set of worker
// threads that own one connection each. The only library that knows libpqxx or catches an exception.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace lianqiao::postgres {

// SQL with $1 parameters. The name is metric label, log tag and prepared-statement name: one text per name,
// unless it is not prepared (text made at run time, such as a filter's, and utility statements).
struct Query {
  std::string name;
  std::string sql;
  bool prepared = true;
};

// Values for $1, $2, … in order. Text format on the wire; types come from the SQL (cast where it is unclear).
class Parameters {
 public:
  Parameters& Text(std::string value);
  Parameters& Null();
  Parameters& Integer(int64_t value);
  Parameters& Boolean(bool value);
  Parameters& Double(double value);           // Shortest text that reads back the same.
  Parameters& Bytes(const std::string& raw);  // bytea
  Parameters& Time(absl::Time value);         // timestamptz, microseconds
  Parameters& TextArray(
      const std::vector<std::string>& values);  // An array literal: text[], uuid[], date[] …
  size_t size() const { return values_.size(); }
  const std::vector<std::optional<std::string>>& values() const { return values_; }

 private:
  std::vector<std::optional<std::string>> values_;
};

// Rows of one statement; cheap to move. Reading past the end or a NULL as a value is a bug (assert).
class Result {
 public:
  struct Data;
  explicit Result(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  int rows() const;
  int columns() const;
  const std::string& ColumnName(int column) const;
  int64_t affected_rows() const;
  bool IsNull(int row, int column) const;
  const char* Value(int row, int column) const;  // NUL-terminated text as PostgreSQL sent it.
  size_t Size(int row, int column) const;
  std::string Text(int row, int column) const;
  int64_t Integer(int row, int column) const;
  double Double(int row, int column) const;
  bool Boolean(int row, int column) const;
  std::string Bytes(int row, int column) const;                   // bytea, decoded
  absl::Time Time(int row, int column) const;                     // timestamptz
  std::vector<std::string> TextArray(int row, int column) const;  // One-dimensional array without NULLs.

 private:
  std::shared_ptr<const Data> data_;
};

// {a,b} as PostgreSQL prints it, and back. Elements may hold any text.
std::string ArrayLiteral(const std::vector<std::string>& values);
std::vector<std::string> ParseArray(const char* text, size_t size);

// "name" as SQL wants it, quotes doubled.
std::string QuoteIdentifier(const std::string& name);

// Opens one connection and ends it. INVALID_ARGUMENT if the string cannot be read, FAILED_PRECONDITION if the
// server turns it away, UNAVAILABLE if there is none or it is not ready; the latter two with its words. Never
// a part of the string itself: a password may be what is wrong with it.
absl::Status TryConnection(const std::string& connection);

// What PostgreSQL said, inside a Status made by this library (nullopt: not from PostgreSQL).
struct DatabaseError {
  std::string sqlstate;
  std::string constraint;
};
std::optional<DatabaseError> DatabaseErrorOf(const absl::Status& status);

// Something that runs statements: a connection by itself (each statement its own transaction) or inside
// Transact.
class Statements {
 public:
  virtual ~Statements() = default;
  // Prepared on first use per connection. Errors: 23505 ALREADY_EXISTS, 23503 FAILED_PRECONDITION, other
  // 22/23 INVALID_ARGUMENT, 40001/40P01/55P03 ABORTED, 57014 DEADLINE_EXCEEDED, 53xxx RESOURCE_EXHAUSTED,
  // lost connection UNAVAILABLE, lost during COMMIT UNKNOWN, anything else INTERNAL (logged with the query's
  // name).
  virtual absl::StatusOr<Result> Execute(const Query& query, const Parameters& parameters) = 0;
};

// One worker's connection, valid during the task it was handed to.
class Session : public Statements {
 public:
  // Runs body in one READ COMMITTED transaction and commits if it answers OK, else rolls back. Re-runs it on
  // 40001, 40P01, 55P03, 57P0x, 08xxx: at most 3 tries, jittered, never past the deadline; so the body has no
  // effect but through its Statements. UNKNOWN if the connection broke, or COMMIT warned, after COMMIT was
  // sent.
  virtual absl::Status Transact(const std::function<absl::Status(Statements&)>& body) = 0;
  // A single writing statement as its own transaction: like Execute, but re-run as in Transact while it is
  // certain that nothing was written, and UNKNOWN if the connection broke, or the server warned, after it was
  // sent.
  virtual absl::StatusOr<Result> ExecuteWrite(const Query& query, const Parameters& parameters) = 0;
  // End of the call that the task works for; statement_timeout follows it in Transact.
  virtual absl::Time deadline() const = 0;
};

// Members of one batch: reads that queued up behind each other (see Database::SubmitBatch).
class BatchItem {
 public:
  virtual ~BatchItem() = default;
  // Called instead of the batch function when the item cannot run (queue closed, deadline passed).
  virtual void Fail(const absl::Status& status) = 0;
  absl::Time deadline = absl::InfiniteFuture();
};
using Batch = std::vector<std::unique_ptr<BatchItem>>;

// Worker threads with a connection each and one bounded queue. Thread-safe. A broken connection is replaced
// before the next task (with a pause after failures, so that a restarted server is not stormed).
class Database {
 public:
  struct Options {
    std::string connection;   // libpq string; hosts, user, dbname. Secrets by passfile only.
    std::string search_path;  // The service's schema.
    int workers = 8;
    int queue_max = 1024;  // Tasks; beyond it RESOURCE_EXHAUSTED at once.
    int batch_max = 64;
    // Batches of one key that run at the same time; 0: half as many as there are processors. Few and large
    // ones cost less than many small ones: what comes while they run is one statement afterwards.
    int batches_at_once_max = 0;
    std::string name;  // "read", "write": metric label.
    // Called after every statement with (query name, seconds, failed); may be null. From worker threads.
    std::function<void(const std::string&, double, bool)> observe_query;
    // Called for every task and item: with its seconds in the queue when it starts, or with the code that it
    // was refused with. May be null.
    std::function<void(double)> observe_wait;
    std::function<void(absl::StatusCode)> observe_refused;
    double abort_share = 0;  // Tests: share of transactions whose first try ends with a made-up 40001.
  };
  explicit Database(Options options);
  ~Database();  // Waits for running tasks, fails queued ones with UNAVAILABLE.
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs task on a worker. `failed` runs instead (on some thread) if it never starts: deadline passed while
  // queued (DEADLINE_EXCEEDED), queue full (RESOURCE_EXHAUSTED with retry advice, called inline), no
  // connection to be had before the deadline or for 2 s (UNAVAILABLE), shut down (UNAVAILABLE). Exactly one
  // of both runs.
  void Submit(absl::Time deadline, std::function<void(Session&)> task,
              std::function<void(const absl::Status&)> failed);

  // Like Submit, but a worker that takes the item takes every queued item with the same key along (up to
  // batch_max) and calls run once with all of them.
  void SubmitBatch(const std::string& key, std::unique_ptr<BatchItem> item,
                   const std::function<void(Session&, Batch&)>* run);

  // Submit and wait: for start-up, jobs and tests, never on a thread of gRPC.
  absl::Status Run(absl::Time deadline, const std::function<absl::Status(Session&)>& task);

  struct Load {
    int queued = 0;
    int busy = 0;
    int connected = 0;
    double oldest_wait_seconds = 0;
  };
  Load load() const;
  int workers() const;
  void Drain(absl::Duration limit);  // Refuses new tasks, waits for queued ones.

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace lianqiao::postgres
