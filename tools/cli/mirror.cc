// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/mirror.h"

#include <algorithm>
#include <iostream>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "tools/cli/text_table.h"

namespace lianqiao::cli {

using postgres::Parameters;
using postgres::Query;
using postgres::Result;
using postgres::Statements;

namespace {

constexpr char kConsumer[] = "mirror";
constexpr char kStatePrefix[] = "consumer_";
constexpr char kSchema[] = "lianqiao";
constexpr absl::Duration kSetUpLimit = absl::Seconds(60);

std::set<std::string> SetOf(const std::vector<std::string>& values) {
  return {values.begin(), values.end()};
}

// Rows and cursor commit together: what a crash of the database takes back is read again.
std::string WithoutWaiting(const std::string& connection) {
  const bool leave =
      connection.find("://") != std::string::npos || connection.find("options=") != std::string::npos;
  return leave ? connection : connection + " options='-c synchronous_commit=off'";
}

absl::Status Unprepared(const std::string& zh, const std::string& en) {
  return Failed(absl::StatusCode::kFailedPrecondition, zh, en);
}

absl::Status CheckConnection(const std::string& connection) {
  const absl::Status tried = postgres::TryConnection(connection);
  if (tried.ok()) return tried;
  if (absl::IsInvalidArgument(tried))
    return WrongUsage("--database 不是可读的 libpq 连接串",
                      "--database is no libpq connection string that can be read");
  return Failed(tried.code(),
                absl::StrCat("无法连接自有数据库:", tried.message(), ";请核对 --database 与该库的访问设置"),
                absl::StrCat("the database of --database cannot be reached: ", tried.message(),
                             "; check the connection string and who may connect"));
}

absl::Status MadeForOthers(const feed::Filter& filter) {
  const std::string kinds = absl::StrJoin(filter.kinds, ",");
  const std::string places = absl::StrJoin(filter.jurisdiction_ids, ",");
  return Unprepared(absl::StrCat("该副本建立时的范围是类别 ", kinds, places.empty() ? "" : ",辖区 ", places,
                                 ";其他范围请另用 --schema"),
                    absl::StrCat("this mirror was made for ", kinds, places.empty() ? "" : " in ", places,
                                 ": use another --schema for another choice"));
}

}  // namespace

Mirror::Mirror(const Context& context, ProgressBar* bar)
    : context_(context), bar_(bar), state_(kConsumer, kStatePrefix) {}

absl::StatusOr<std::unique_ptr<Mirror>> Mirror::Open(const Context& context, Platform& platform,
                                                     feed::Source* source, ProgressBar* bar) {
  std::unique_ptr<Mirror> mirror(new Mirror(context, bar));
  RETURN_IF_ERROR(mirror->SetUp(platform, source));
  return mirror;
}

absl::Status Mirror::SetUp(Platform& platform, feed::Source* source) {
  const Arguments& arguments = context_.arguments;
  ASSIGN_OR_RETURN(const int partitions, arguments.Integer("partitions", 4, 1, 16));
  ASSIGN_OR_RETURN(const std::vector<std::string> kinds, platform.Kinds(arguments.List("kinds")));
  schema_ = arguments.Has("schema") ? arguments.Text("schema") : kSchema;
  postgres::Database::Options options;
  options.connection = WithoutWaiting(arguments.Text("database"));
  options.search_path = schema_;
  options.workers = partitions + 2;
  options.name = kConsumer;
  RETURN_IF_ERROR(CheckConnection(options.connection));
  database_ = std::make_unique<postgres::Database>(options);
  RETURN_IF_ERROR(CheckRights());
  RETURN_IF_ERROR(MakeSchema());
  RETURN_IF_ERROR(MakeState(platform.client_id()));
  feed::Filter filter = {kinds, arguments.List("jurisdictions")};
  RETURN_IF_ERROR(Settle(source, &filter));
  std::vector<feed::CopiedKind> copied;
  for (const std::string& kind : filter.kinds) copied.push_back({kind, {}});
  feed::TableOptions tables;
  tables.consumer = kConsumer;
  tables.state_prefix = kStatePrefix;
  auto made = feed::Tables::Make(platform.shared_contract(), copied, tables);
  if (!made.ok())
    return Unprepared(absl::StrCat("平台的类别本程序不认识(", made.status().message(),
                                   ");请升级本程序,或用 --kinds 选择类别"),
                      absl::StrCat("the platform has kinds that this program does not know (",
                                   made.status().message(), "); use a newer program, or choose by --kinds"));
  tables_ = *std::move(made);
  RETURN_IF_ERROR(MakeTables(filter));
  MakeConsumer(source, filter, partitions);
  return absl::OkStatus();
}

absl::Status Mirror::Run(const std::function<absl::Status(postgres::Session&)>& body) {
  return database_->Run(absl::Now() + kSetUpLimit, body);
}

absl::Status Mirror::Transact(const std::function<absl::Status(Statements&)>& body) {
  return Run([&](postgres::Session& session) { return session.Transact(body); });
}

// Before anything is tried: a person can give a right, and wants to know which.
absl::Status Mirror::CheckRights() {
  return Run([&](postgres::Session& session) -> absl::Status {
    static const Query kRights{
        "mirror_rights",
        "SELECT current_user, current_database(), has_database_privilege(current_database(), 'CREATE'),"
        " n.oid IS NOT NULL, coalesce(has_schema_privilege(n.oid, 'CREATE') AND"
        " has_schema_privilege(n.oid, 'USAGE'), false)"
        " FROM (SELECT $1::text AS name) s LEFT JOIN pg_namespace n ON n.nspname = s.name"};
    ASSIGN_OR_RETURN(const Result row, session.Execute(kRights, Parameters().Text(schema_)));
    const std::string user = postgres::QuoteIdentifier(row.Text(0, 0));
    const std::string schema = postgres::QuoteIdentifier(schema_);
    const std::string database = postgres::QuoteIdentifier(row.Text(0, 1));
    const bool exists = row.Boolean(0, 3);
    if (exists ? row.Boolean(0, 4) : row.Boolean(0, 2)) return absl::OkStatus();
    const std::string grant = exists ? absl::StrCat("GRANT USAGE, CREATE ON SCHEMA ", schema, " TO ", user)
                                     : absl::StrCat("GRANT CREATE ON DATABASE ", database, " TO ", user);
    const std::string other = exists ? "" : absl::StrCat("CREATE SCHEMA ", schema, " AUTHORIZATION ", user);
    return Unprepared(absl::StrCat("数据库用户 ", user, " 不能建立副本的模式或表;请由管理员执行 ", grant,
                                   other.empty() ? "" : ";或 ", other),
                      absl::StrCat("the database's user ", user,
                                   " may not make the copy's schema or tables; have an "
                                   "administrator run ",
                                   grant, other.empty() ? "" : ", or ", other));
  });
}

// Whoever may not make schemas can be given one.
absl::Status Mirror::MakeSchema() {
  return Run([&](postgres::Session& session) -> absl::Status {
    static const Query kFind{"find_schema", "SELECT FROM pg_namespace WHERE nspname = $1"};
    ASSIGN_OR_RETURN(const Result found, session.Execute(kFind, Parameters().Text(schema_)));
    if (found.rows() > 0) return absl::OkStatus();
    return session
        .Execute({"set_up", absl::StrCat("CREATE SCHEMA ", postgres::QuoteIdentifier(schema_)), false}, {})
        .status();
  });
}

// Of these tables, in the mirror's schema.
absl::StatusOr<std::vector<std::string>> Mirror::Lacking(Statements& statements,
                                                         const std::vector<std::string>& names) const {
  static const Query kLacking{"lacking_tables",
                              "SELECT name FROM unnest($1::text[]) AS name"
                              " WHERE to_regclass(format('%I.%I', $2::text, name)) IS NULL ORDER BY name"};
  ASSIGN_OR_RETURN(const Result rows,
                   statements.Execute(kLacking, Parameters().TextArray(names).Text(schema_)));
  std::vector<std::string> lacking;
  for (int i = 0; i < rows.rows(); ++i) lacking.push_back(rows.Text(i, 0));
  return lacking;
}

// Of tables that are there: somebody else may have made them.
absl::Status Mirror::CheckTableRights(Statements& statements, const std::vector<std::string>& names) const {
  static const Query kForbidden{
      "forbidden_tables",
      "SELECT name, current_user FROM unnest($1::text[]) AS name,"
      " to_regclass(format('%I.%I', $2::text, name)) AS found WHERE found IS NOT NULL AND NOT"
      " (has_table_privilege(found, 'SELECT') AND has_table_privilege(found, 'INSERT')"
      " AND has_table_privilege(found, 'UPDATE') AND has_table_privilege(found, 'DELETE')) ORDER BY name"};
  ASSIGN_OR_RETURN(const Result rows,
                   statements.Execute(kForbidden, Parameters().TextArray(names).Text(schema_)));
  if (rows.rows() == 0) return absl::OkStatus();
  const std::string grant =
      absl::StrCat("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ",
                   postgres::QuoteIdentifier(schema_), " TO ", postgres::QuoteIdentifier(rows.Text(0, 1)));
  return Unprepared(absl::StrCat("数据库用户不能读写副本的表 ", rows.Text(0, 0), ";请由管理员执行 ", grant),
                    absl::StrCat("the database's user may not read and write the copy's table ",
                                 rows.Text(0, 0), "; have an administrator run ", grant));
}

// What another client may not see would leave the copy, as if this one had lost its grants.
absl::Status Mirror::CheckClient(Statements& transaction, const std::string& client_id) {
  static const Query kAdd{"add_mirror_client",
                          "INSERT INTO mirror_client (client_id) SELECT $1 WHERE NOT EXISTS"
                          " (SELECT FROM mirror_client)"};
  static const Query kTakeOver{"take_over_mirror", "UPDATE mirror_client SET client_id = $1"};
  static const Query kFind{"mirror_client", "SELECT client_id FROM mirror_client"};
  RETURN_IF_ERROR(
      transaction
          .Execute({"set_up", "CREATE TABLE IF NOT EXISTS mirror_client (client_id text NOT NULL)", false},
                   {})
          .status());
  RETURN_IF_ERROR(transaction.Execute(kAdd, Parameters().Text(client_id)).status());
  ASSIGN_OR_RETURN(const Result row, transaction.Execute(kFind, {}));
  const std::string owner = row.Text(0, 0);
  if (owner == client_id) return absl::OkStatus();
  if (context_.arguments.Has("take-over"))
    return transaction.Execute(kTakeOver, Parameters().Text(client_id)).status();
  return Unprepared(
      absl::StrCat("该副本属于客户端 ", owner, ",当前为 ", client_id,
                   ";其看不到的记录会从副本中删除。确需更换请加 --take-over,否则请换用原凭据或其他 --schema"),
      absl::StrCat(
          "this mirror is client ", owner, "'s, not ", client_id,
          "'s: records that it may not see would leave the copy. --take-over if you want that; else use "
          "the first one's credentials, or another --schema"));
}

// Without a table of its state a mirror does not know how far it is: parts or tombstones that are gone would
// read as none. Decided in the transaction that makes it again.
absl::Status Mirror::MakeState(const std::string& client_id) {
  return Transact([&](Statements& transaction) -> absl::Status {
    RETURN_IF_ERROR(CheckClient(transaction, client_id));
    const std::vector<std::string> names = state_.names();
    RETURN_IF_ERROR(CheckTableRights(transaction, names));
    ASSIGN_OR_RETURN(const std::vector<std::string> lacking, Lacking(transaction, names));
    const bool has_cursors = std::find(lacking.begin(), lacking.end(), names[0]) == lacking.end();
    if (has_cursors && !lacking.empty()) RETURN_IF_ERROR(state_.Restart(transaction));
    if (lacking.empty()) return absl::OkStatus();
    for (const std::string& sql : state_.Ddl())
      RETURN_IF_ERROR(transaction.Execute({"set_up", sql, false}, {}).status());
    return absl::OkStatus();
  });
}

// A mirror keeps what it was made with; a new one takes all kinds that the client may read.
absl::Status Mirror::Settle(feed::Source* source, feed::Filter* filter) {
  std::optional<feed::ConsumerState> known;
  RETURN_IF_ERROR(Run([&](postgres::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(known, state_.Load(session));
    return absl::OkStatus();
  }));
  known_ = known.has_value();
  if (!known_) return SettleNew(source, filter);
  const bool other = (!filter->kinds.empty() && SetOf(filter->kinds) != SetOf(known->filter.kinds)) ||
                     (!filter->jurisdiction_ids.empty() &&
                      SetOf(filter->jurisdiction_ids) != SetOf(known->filter.jurisdiction_ids));
  if (other) return MadeForOthers(known->filter);
  *filter = known->filter;
  begun_ = !known->cursor.empty() || known->reads_snapshot();
  return absl::OkStatus();
}

absl::Status Mirror::SettleNew(feed::Source* source, feed::Filter* filter) {
  ASSIGN_OR_RETURN(const sync::v1::Feed feed, source->GetFeed(*filter));
  if (!feed.incomplete_services().empty())
    return Failed(absl::StatusCode::kUnavailable,
                  absl::StrCat("服务 ", feed.incomplete_services(0), " 未应答,其类别未知;请稍后重试"),
                  absl::StrCat(feed.incomplete_services(0),
                               " did not answer, so its kinds are not known; try again later"));
  std::set<std::string> left_out = SetOf(filter->kinds);
  for (const std::string& kind : feed.kinds()) left_out.erase(kind);
  filter->kinds = {feed.kinds().begin(), feed.kinds().end()};
  if (!left_out.empty() || filter->kinds.empty()) {
    const std::string kinds = left_out.empty() ? "" : absl::StrJoin(left_out, ",");
    return Failed(absl::StatusCode::kPermissionDenied,
                  absl::StrCat("该客户端无权读取变更:", kinds.empty() ? "任何类别" : kinds,
                               ";请申请相应的“.changes”权限"),
                  absl::StrCat("this client may not read the changes of ", kinds.empty() ? "any kind" : kinds,
                               ": ask for their \".changes\" permission"));
  }
  return absl::OkStatus();
}

// A table that somebody has dropped comes back empty while the cursor says that its rows are held: then
// everything is read anew, decided in the transaction that makes the table. And rows that nobody knows the
// cursor of, as it was removed, are none of this copy's.
absl::Status Mirror::MakeTables(const feed::Filter& filter) {
  std::vector<std::string> names, lacking;
  for (const auto& [kind, table] : tables_->all()) names.push_back(table.name());
  RETURN_IF_ERROR(Transact([&](Statements& transaction) -> absl::Status {
    RETURN_IF_ERROR(CheckTableRights(transaction, names));
    ASSIGN_OR_RETURN(lacking, Lacking(transaction, names));
    if (!known_) RETURN_IF_ERROR(state_.Add(transaction, filter));
    if (begun_ && !lacking.empty()) RETURN_IF_ERROR(state_.Restart(transaction));
    for (const auto& [kind, table] : tables_->all()) {
      const bool is_there = std::find(lacking.begin(), lacking.end(), table.name()) == lacking.end();
      std::vector<std::string> statements = table.Ddl();
      if (is_there && known_) continue;
      if (is_there) statements = {absl::StrCat("DELETE FROM ", table.name())};
      for (const std::string& sql : statements)
        RETURN_IF_ERROR(transaction.Execute({"set_up", sql, false}, {}).status());
    }
    return absl::OkStatus();
  }));
  if (begun_ && !lacking.empty())
    std::cerr << context_.Say("副本缺少表,将重新读取全部记录:",
                              "tables of the copy are gone, everything is read anew: ")
              << absl::StrJoin(lacking, ", ") << '\n';
  return absl::OkStatus();
}

void Mirror::MakeConsumer(feed::Source* source, const feed::Filter& filter, int partitions) {
  feed::Consumer::Options options;
  options.source = source;
  options.database = database_.get();
  options.tables = tables_.get();
  options.filter = filter;
  options.partitions = partitions;
  options.observe = [this](const feed::Progress& progress) { Show(progress); };
  consumer_ = std::make_unique<feed::Consumer>(options);
}

void Mirror::Show(const feed::Progress& progress) {
  if (!bar_->drawn()) return Narrate(progress);
  switch (progress.phase) {
    case feed::Progress::Phase::kStarting:
      return;
    case feed::Progress::Phase::kSnapshot:
      return bar_->Set(context_.Say("读取快照", "snapshot"), progress.snapshot_records,
                       std::max(progress.snapshot_estimate, progress.snapshot_records));
    case feed::Progress::Phase::kSweep:
      return bar_->Set(context_.Say("清理旧记录", "sweep"), progress.snapshot_records, 0);
    case feed::Progress::Phase::kTail:
      return bar_->Set(!progress.trouble.ok() ? context_.Say("等待", "waiting")
                       : progress.caught_up   ? context_.Say("已追平", "in step")
                                              : context_.Say("追赶变更", "catching up"),
                       progress.change_count, 0);
  }
}

// Where nobody watches a bar, as under a service manager: a line when something begins or ends.
void Mirror::Narrate(const feed::Progress& progress) {
  if (context_.quiet) return;
  std::string line;
  if (!progress.trouble.ok()) {
    line = absl::StrCat(context_.Say("等待:", "waits: "), TextOf(progress.trouble, context_.language));
  } else if (progress.phase == feed::Progress::Phase::kSnapshot) {
    line = context_.Say("读取快照", "reads a snapshot");
  } else if (progress.phase == feed::Progress::Phase::kTail && progress.caught_up) {
    line = context_.Say("已追平", "in step");
  }
  const std::lock_guard lock(mutex_);
  if (line.empty() || line == told_) return;
  told_ = line;
  std::cerr << line << '\n';
}

}  // namespace lianqiao::cli
