// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/connection.h"

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <pqxx/pqxx>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/postgres/error.h"
#include "libs/postgres/result_data.h"

#if defined(__SANITIZE_ADDRESS__)
// libpqxx 6.4 loses the last PGresult (2 KiB) of a connection that breaks under a statement: it asks for the
// client encoding, which throws, before it takes the result into its care.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libpqxx";
}
extern "C" const char* __lsan_default_options() {
  return "print_suppressions=0";
}
#endif

namespace lianqiao::postgres {
namespace {

// What makes the text format the one that values.cc reads, and what bounds a session that hangs.
constexpr char kSessionSettings[] =
    "SET client_encoding = 'UTF8'; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET bytea_output = "
    "'hex'; "
    "SET extra_float_digits = 1; SET default_transaction_isolation = 'read committed'; "
    "SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '60s'; SET statement_timeout = ";

// Remembers whether the server said anything beside its results; a warning at COMMIT means that it is not as
// durable as was asked for (say, a standby went missing).
class Notices final : public pqxx::errorhandler {
 public:
  explicit Notices(pqxx::connection_base& connection) : pqxx::errorhandler(connection) {}
  bool operator()(const char[]) noexcept override {
    heard = true;
    return false;
  }
  bool heard = false;
};

// What comes without a SQLSTATE are libpq's own words, and libpq has none for anything but a connection that
// is of no more use, even where it still calls it open.
ServerError OrConnectionLost(ServerError error) {
  if (error.sqlstate.empty()) error.sqlstate = kConnectionLost;
  return error;
}

// Names the server's error inside the exception being handled. Doubt first: it is not a plain failure.
ServerError CurrentError() {
  try {
    throw;
  } catch (const pqxx::in_doubt_error&) {
    return {.sqlstate = "40003", .constraint = "", .message = "in doubt"};
  } catch (const pqxx::statement_completion_unknown& e) {
    return {.sqlstate = "40003", .constraint = "", .message = e.what()};
  } catch (const pqxx::sql_error& e) {
    ServerError error = ParseServerError(e.what());
    // Some of libpqxx's exceptions leave it out.
    if (!e.sqlstate().empty()) error.sqlstate = e.sqlstate();
    return OrConnectionLost(std::move(error));
  } catch (const pqxx::failure& e) {
    return OrConnectionLost(ParseServerError(e.what()));
  } catch (const std::exception& e) {
    return ParseServerError(e.what());
  }
}

// libpq quotes a string that it cannot read, and a password may stand in what it quotes. What a server or its
// absence has to say names host and role only.
std::string WithoutSecrets(const std::string& message) {
  constexpr char kOfServer[] = "connection to server";
  return message.rfind(kOfServer, 0) == 0 ? message
                                          : "the connection string cannot be read, or its host is not known";
}

// Every worker tries again and again while the server is away; one line in five seconds tells enough.
void LogFailedAttempt(const ServerError& error) {
  static std::atomic<int64_t> next_second{0};
  const int64_t now = absl::ToUnixSeconds(base::Clock::System().Now());
  int64_t due = next_second.load();
  if (now < due || !next_second.compare_exchange_strong(due, now + 5)) return;
  base::Log(base::Severity::kWarning, "database_connection_failed",
            {{"message", WithoutSecrets(error.message)}});
}

// A host that vanishes without a word must not hold a worker for minutes (design §5). What the operator says
// in the string holds.
std::string WithTimeouts(std::string connection) {
  const bool uri = connection.find("://") != std::string::npos;
  for (const char* setting : {"connect_timeout=2", "tcp_user_timeout=3000", "keepalives_idle=5",
                              "keepalives_interval=2", "keepalives_count=3"}) {
    const std::string name(setting, std::strchr(setting, '='));
    if (connection.find(name) != std::string::npos) continue;
    connection.append(!uri ? " " : connection.find('?') == std::string::npos ? "?" : "&");
    connection.append(setting);
  }
  return connection;
}

Result MakeResult(pqxx::result result) {
  auto data = std::make_shared<Result::Data>();
  data->rows = static_cast<int>(result.size());
  data->columns = static_cast<int>(result.columns());
  for (int i = 0; i < data->columns; ++i) data->names.emplace_back(result.column_name(i));
  data->affected_rows = static_cast<int64_t>(result.affected_rows());
  data->cells.reserve(static_cast<size_t>(data->rows) * static_cast<size_t>(data->columns));
  for (auto row = result.begin(); row != result.end(); ++row) {
    for (auto cell = row->begin(); cell != row->end(); ++cell) {
      if (cell->is_null()) {
        data->cells.emplace_back();
      } else {
        data->cells.push_back({cell->c_str(), static_cast<int>(cell->size())});
      }
    }
  }
  data->owner = std::make_shared<const pqxx::result>(std::move(result));
  return Result(std::move(data));
}

// libpq passes text as C strings: a value with a NUL would be cut short in silence.
bool HasNul(const Parameters& parameters) {
  for (const auto& value : parameters.values()) {
    if (value.has_value() && value->find('\0') != std::string::npos) return true;
  }
  return false;
}

std::vector<const char*> Pointers(const Parameters& parameters) {
  std::vector<const char*> pointers;
  pointers.reserve(parameters.size());
  for (const auto& value : parameters.values())
    pointers.push_back(value.has_value() ? value->c_str() : nullptr);
  return pointers;
}

}  // namespace

struct Connection::Link {
  explicit Link(const std::string& connection) : session(connection), notices(session), statements(session) {
    session.set_verbosity(pqxx::connection_base::verbose);
  }

  // libpqxx would silently reconnect, without our settings; so it is never called when its link is down.
  bool usable() const { return !spoiled && session.is_open(); }

  // Runs `action`, which talks to the server. Nothing of libpqxx leaves this function.
  template <typename Action>
  bool Run(const Action& action, ServerError* error) {
    notices.heard = false;
    if (!usable()) {
      *error = {.sqlstate = kConnectionLost, .constraint = "", .message = "not connected"};
      return false;
    }
    try {
      action();
      return true;
    } catch (...) {
      *error = CurrentError();
    }
    if (!session.is_open() && !SpoilsConnection(error->sqlstate)) error->sqlstate = kConnectionLost;
    if (SpoilsConnection(error->sqlstate)) spoiled = true;
    return false;
  }

  // One text per name and connection: a second one is a programming error that must not run the first's SQL.
  bool Prepare(const Query& query) {
    const auto [known, inserted] = prepared.emplace(query.name, query.sql);
    if (inserted) session.prepare(query.name, query.sql);
    return inserted || known->second == query.sql;
  }

  bool Execute(const Query& query, const Parameters& parameters, pqxx::result* result, ServerError* error) {
    if (HasNul(parameters)) {
      *error = {.sqlstate = "22021", .constraint = "", .message = "NUL character in a parameter"};
      return false;
    }
    const std::vector<const char*> pointers = Pointers(parameters);
    const auto values = pqxx::prepare::make_dynamic_params(pointers.begin(), pointers.end());
    if (!query.prepared) {
      return Run([&] { *result = statements.exec_params(query.sql, values); }, error);
    }
    if (!Prepare(query)) {
      *error = {.sqlstate = "42710", .constraint = "", .message = "two statements of one name"};
      return false;
    }
    return Run([&] { *result = statements.exec_prepared(query.name, values); }, error);
  }

  pqxx::connection session;
  Notices notices;
  pqxx::nontransaction statements;
  std::unordered_map<std::string, std::string> prepared;
  bool spoiled = false;
};

Connection::Connection(std::unique_ptr<Link> link) : link_(std::move(link)) {}
Connection::~Connection() = default;

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& connection,
                                                             const std::string& schema) {
  std::unique_ptr<Connection> opened;
  try {
    opened.reset(new Connection(std::make_unique<Link>(WithTimeouts(connection))));
  } catch (...) {
    ServerError error = CurrentError();
    if (!SpoilsConnection(error.sqlstate)) error.sqlstate = kConnectionLost;
    LogFailedAttempt(error);
    return Unavailable(error);
  }
  std::string settings = absl::StrCat(kSessionSettings, absl::ToInt64Milliseconds(kStatementTimeout), ";");
  if (!schema.empty()) absl::StrAppend(&settings, "SET search_path = ", QuoteIdentifier(schema), ";");
  RETURN_IF_ERROR(opened->ExecuteScript("session_settings", settings));
  return opened;
}

absl::Status TryConnection(const std::string& connection) {
  std::string message;
  try {
    pqxx::connection tried(WithTimeouts(connection));
    if (tried.is_open()) return absl::OkStatus();
    message = "connection to server was closed at once";
  } catch (...) {
    message = CurrentError().message;
  }
  if (message.rfind("could not translate host name", 0) == 0)
    return absl::UnavailableError("the host's name cannot be resolved");
  const std::string told = WithoutSecrets(message);
  if (told != message) return absl::InvalidArgumentError(told);
  // "FATAL:" is a server's word; it has no code here. These two of them pass by themselves.
  const bool passes = message.find("FATAL:") == std::string::npos ||
                      message.find("the database system is") != std::string::npos ||
                      message.find("too many") != std::string::npos ||
                      message.find("connection slots") != std::string::npos;
  return passes ? absl::UnavailableError(told) : absl::FailedPreconditionError(told);
}

bool Connection::usable() const {
  return link_->usable();
}

bool Connection::AliveWhileIdle() {
  if (!usable()) return false;
  pollfd descriptor = {link_->session.sock(), POLLIN, 0};
  // Unasked, a server has little to say but good-bye.
  if (::poll(&descriptor, 1, 0) != 0) link_->spoiled = true;
  return !link_->spoiled;
}

absl::StatusOr<Result> Connection::Execute(const Query& query, const Parameters& parameters) {
  ServerError error;
  pqxx::result result;
  if (!link_->Execute(query, parameters, &result, &error)) return StatusOf(error, query.name);
  return MakeResult(std::move(result));
}

absl::StatusOr<Result> Connection::ExecuteWrite(const Query& query, const Parameters& parameters) {
  if (!usable()) return Unavailable({.sqlstate = kConnectionLost, .constraint = "", .message = ""});
  ServerError error;
  pqxx::result result;
  if (!link_->Execute(query, parameters, &result, &error)) {
    // The server's own word that it did not run is certain; silence is not, nor is a shutdown midway.
    const bool refused = error.sqlstate == "25006" || error.sqlstate == "26000" ||
                         error.sqlstate == "42P05" || error.sqlstate == "0A000";
    if ((!usable() && !refused) || error.sqlstate == "40003") return OutcomeUnknown(error);
    return StatusOf(error, query.name);
  }
  if (link_->notices.heard) return OutcomeUnknown({.sqlstate = "01000", .constraint = "", .message = ""});
  return MakeResult(std::move(result));
}

absl::Status Connection::ExecuteScript(const std::string& name, const std::string& sql) {
  ServerError error;
  if (link_->Run([&] { link_->statements.exec(sql); }, &error)) return absl::OkStatus();
  return StatusOf(error, name);
}

absl::Status Connection::SetStatementTimeout(absl::Duration timeout) {
  const int64_t milliseconds = std::max<int64_t>(1, absl::ToInt64Milliseconds(timeout));
  return ExecuteScript("set_statement_timeout", absl::StrCat("SET statement_timeout = ", milliseconds));
}

absl::Status Connection::Begin(absl::Duration statement_timeout) {
  if (statement_timeout >= kStatementTimeout) return ExecuteScript("begin", "BEGIN");
  const int64_t milliseconds = std::max<int64_t>(1, absl::ToInt64Milliseconds(statement_timeout));
  // Both in one round trip.
  const absl::Status status =
      ExecuteScript("begin", absl::StrCat("BEGIN; SET LOCAL statement_timeout = ", milliseconds));
  if (!status.ok()) Rollback();
  return status;
}

absl::Status Connection::Commit() {
  ServerError error;
  if (!link_->Run([this] { link_->statements.exec("COMMIT"); }, &error)) {
    if (!usable() || error.sqlstate == "40003") return OutcomeUnknown(error);
    // Refused by a deferred constraint, or cut off before it began: it will not happen. Cut off, it leaves
    // the transaction open.
    Rollback();
    return StatusOf(error, "commit");
  }
  if (link_->notices.heard) return OutcomeUnknown({.sqlstate = "01000", .constraint = "", .message = ""});
  return absl::OkStatus();
}

void Connection::Rollback() {
  ServerError error;
  // Cut off by the transaction's own time limit it leaves a session in which nothing can begin any more.
  if (usable() && !link_->Run([this] { link_->statements.exec("ROLLBACK"); }, &error)) link_->spoiled = true;
}

}  // namespace lianqiao::postgres
