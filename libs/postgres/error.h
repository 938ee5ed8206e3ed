// SPDX-License-Identifier: Apache-2.0
// From SQLSTATE to Status. For this library only; others read DatabaseErrorOf in database.h.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "libs/postgres/database.h"

namespace lianqiao::postgres {

inline constexpr char kConnectionLost[] = "08006";
inline constexpr char kMadeUpConflict[] = "40001";

// What PostgreSQL, or the client library in its place, reported.
struct ServerError {
  std::string sqlstate;
  std::string constraint;
  std::string message;  // First line only: later ones quote stored values.
};

// Takes a message of verbosity "verbose" apart ("ERROR:  23505: text\nDETAIL: …\nCONSTRAINT NAME:  x\n…").
ServerError ParseServerError(const std::string& verbose);

// Logs what is nobody's mistake but ours, with the query's name.
absl::Status StatusOf(const ServerError& error, const std::string& query_name);

// The write may or may not have been committed.
absl::Status OutcomeUnknown(const ServerError& error);

// The queue's and the connection's own failures.
absl::Status Unavailable(const ServerError& error = {});
absl::Status Overloaded();
absl::Status DeadlineExceeded();

// Nothing was written, and the same again may succeed: 40001, 40P01, 55P03, 57P0x, 08xxx.
bool Repeatable(const absl::Status& status);

// The session is of no more use (the server goes down, became a standby, or forgot our statements).
bool SpoilsConnection(const std::string& sqlstate);

}  // namespace lianqiao::postgres
