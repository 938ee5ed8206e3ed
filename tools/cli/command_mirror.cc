// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL database of the consumer's own, kept in step with the platform.
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/feed/consumer.h"
#include "libs/feed/verify.h"
#include "tools/cli/command.h"
#include "tools/cli/interruption.h"
#include "tools/cli/platform.h"
#include "tools/cli/progress_bar.h"
#include "tools/cli/text_table.h"

namespace lianqiao::cli {
namespace {

constexpr char kConsumer[] = "mirror";
constexpr char kStatePrefix[] = "consumer_";
constexpr char kSchema[] = "lianqiao";
constexpr absl::Duration kSetUpLimit = absl::Seconds(60);
constexpr size_t kDifferencesShown = 20;

std::set<std::string> SetOf(const std::vector<std::string>& values) {
  return {values.begin(), values.end()};
}

// What a mirror is made of, in the order in which it is taken down.
class Mirror {
 public:
  static absl::StatusOr<std::unique_ptr<Mirror>> Open(const Context& context, Platform& platform,
                                                      feed::Source* source, ProgressBar* bar) {
    std::unique_ptr<Mirror> mirror(new Mirror(context));
    RETURN_IF_ERROR(mirror->SetUp(platform, source, bar));
    return mirror;
  }

  feed::Consumer& consumer() { return *consumer_; }
  postgres::Database& database() { return *database_; }
  const feed::Tables& tables() const { return *tables_; }

 private:
  explicit Mirror(const Context& context) : context_(context) {}

  absl::Status SetUp(Platform& platform, feed::Source* source, ProgressBar* bar) {
    const Arguments& arguments = context_.arguments;
    ASSIGN_OR_RETURN(const int partitions, arguments.Integer("partitions", 4, 1, 16));
    const std::string schema = arguments.Has("schema") ? arguments.Text("schema") : kSchema;
    postgres::Database::Options options;
    options.connection = WithoutWaiting(arguments.Text("database"));
    options.search_path = schema;
    options.workers = partitions + 2;
    options.name = kConsumer;
    database_ = std::make_unique<postgres::Database>(options);
    const feed::StateTables state(kConsumer, kStatePrefix);
    RETURN_IF_ERROR(MakeSchema(schema));
    RETURN_IF_ERROR(Execute(state.Ddl()));
    feed::Filter filter = {arguments.List("kinds"), arguments.List("jurisdictions")};
    RETURN_IF_ERROR(Settle(state, source, &filter));
    std::vector<feed::CopiedKind> kinds;
    for (const std::string& kind : filter.kinds) kinds.push_back({kind, {}});
    feed::TableOptions tables;
    tables.consumer = kConsumer;
    tables.state_prefix = kStatePrefix;
    ASSIGN_OR_RETURN(tables_, feed::Tables::Make(platform.shared_contract(), kinds, tables));
    RETURN_IF_ERROR(Execute(tables_->Ddl()));
    MakeConsumer(source, filter, partitions, bar);
    return absl::OkStatus();
  }

  // Rows and cursor commit together: what a crash of the database takes back is read again.
  static std::string WithoutWaiting(const std::string& connection) {
    const bool leave =
        connection.find("://") != std::string::npos || connection.find("options=") != std::string::npos;
    return leave ? connection : connection + " options='-c synchronous_commit=off'";
  }

  // Whoever may not make schemas can be given one.
  absl::Status MakeSchema(const std::string& schema) {
    return database_->Run(absl::Now() + kSetUpLimit, [&](postgres::Session& session) -> absl::Status {
      static const postgres::Query kFind{"find_schema", "SELECT FROM pg_namespace WHERE nspname = $1"};
      ASSIGN_OR_RETURN(const postgres::Result found,
                       session.Execute(kFind, postgres::Parameters().Text(schema)));
      if (found.rows() > 0) return absl::OkStatus();
      return Execute(session, absl::StrCat("CREATE SCHEMA ", postgres::QuoteIdentifier(schema)));
    });
  }

  static absl::Status Execute(postgres::Statements& statements, const std::string& sql) {
    return statements.Execute({"set_up", sql, false}, {}).status();
  }

  absl::Status Execute(const std::vector<std::string>& statements) {
    return database_->Run(absl::Now() + kSetUpLimit, [&](postgres::Session& session) {
      return session.Transact([&](postgres::Statements& transaction) -> absl::Status {
        for (const std::string& sql : statements) RETURN_IF_ERROR(Execute(transaction, sql));
        return absl::OkStatus();
      });
    });
  }

  // A mirror keeps what it was made with; a new one takes all kinds that the client may read.
  absl::Status Settle(const feed::StateTables& state, feed::Source* source, feed::Filter* filter) {
    std::optional<feed::ConsumerState> known;
    RETURN_IF_ERROR(
        database_->Run(absl::Now() + kSetUpLimit, [&](postgres::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(known, state.Load(session));
          return absl::OkStatus();
        }));
    if (known.has_value()) {
      const bool other = (!filter->kinds.empty() && SetOf(filter->kinds) != SetOf(known->filter.kinds)) ||
                         (!filter->jurisdiction_ids.empty() &&
                          SetOf(filter->jurisdiction_ids) != SetOf(known->filter.jurisdiction_ids));
      if (other)
        return absl::FailedPreconditionError(absl::StrCat(
            "this mirror was made for ", absl::StrJoin(known->filter.kinds, ","),
            known->filter.jurisdiction_ids.empty() ? "" : " in ",
            absl::StrJoin(known->filter.jurisdiction_ids, ","), ": use another --schema for another choice"));
      *filter = known->filter;
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const sync::v1::Feed feed, source->GetFeed(*filter));
    if (!feed.incomplete_services().empty())
      return absl::UnavailableError(
          absl::StrCat(feed.incomplete_services(0), " did not answer: its kinds are not known"));
    std::set<std::string> left_out = SetOf(filter->kinds);
    for (const std::string& kind : feed.kinds()) left_out.erase(kind);
    if (!left_out.empty())
      return absl::PermissionDeniedError(
          absl::StrCat("this client may not read the changes of ", absl::StrJoin(left_out, ",")));
    filter->kinds = {feed.kinds().begin(), feed.kinds().end()};
    if (filter->kinds.empty())
      return absl::PermissionDeniedError("this client may read the changes of no kind");
    return database_->Run(absl::Now() + kSetUpLimit, [&](postgres::Session& session) {
      return session.Transact(
          [&](postgres::Statements& transaction) { return state.Add(transaction, *filter); });
    });
  }

  void MakeConsumer(feed::Source* source, const feed::Filter& filter, int partitions, ProgressBar* bar) {
    feed::Consumer::Options options;
    options.source = source;
    options.database = database_.get();
    options.tables = tables_.get();
    options.filter = filter;
    options.partitions = partitions;
    options.observe = [this, bar](const feed::Progress& progress) { Show(progress, bar); };
    consumer_ = std::make_unique<feed::Consumer>(options);
  }

  void Show(const feed::Progress& progress, ProgressBar* bar) {
    switch (progress.phase) {
      case feed::Progress::Phase::kStarting:
        return;
      case feed::Progress::Phase::kSnapshot:
        return bar->Set(context_.Say("读取快照", "snapshot"), progress.snapshot_records,
                        std::max(progress.snapshot_estimate, progress.snapshot_records));
      case feed::Progress::Phase::kSweep:
        return bar->Set(context_.Say("清理旧记录", "sweep"), progress.snapshot_records, 0);
      case feed::Progress::Phase::kTail:
        return bar->Set(!progress.trouble.ok() ? context_.Say("等待平台", "waiting")
                        : progress.caught_up   ? context_.Say("已追平", "in step")
                                               : context_.Say("追赶变更", "catching up"),
                        progress.change_count, 0);
    }
  }

  const Context& context_;
  std::unique_ptr<postgres::Database> database_;
  std::unique_ptr<feed::Tables> tables_;
  std::unique_ptr<feed::Consumer> consumer_;
};

absl::Status Report(const feed::Verification& result, const Context& context, bool repaired) {
  if (context.json) {
    std::cout << "{\"kinds\":" << result.kind_count << ",\"records\":" << result.record_count
              << ",\"differences\":" << result.differences.size() << ",\"repaired\":" << result.repaired_count
              << ",\"remaining\":" << result.remaining_count << ",\"questions\":" << result.question_count
              << "}\n";
  } else {
    std::cout << context.Say("核对类别 ", "kinds compared ") << result.kind_count
              << context.Say(",记录 ", ", records ") << Grouped(result.record_count)
              << context.Say(",不一致 ", ", differences ") << result.differences.size()
              << context.Say(",已修复 ", ", repaired ") << result.repaired_count << '\n';
    TextTable table({context.Say("类别", "kind"), context.Say("编号", "id"), context.Say("副本版本", "held"),
                     context.Say("平台版本", "published")});
    for (const feed::Difference& difference : result.differences) {
      if (table.rows() == kDifferencesShown) break;
      table.Add({difference.kind, difference.id, absl::StrCat(difference.held),
                 absl::StrCat(difference.published)});
    }
    if (table.rows() > 0) table.Print(std::cout);
  }
  for (const std::string& kind : result.unpublished_kinds)
    std::cerr << context.Say("已无权接收,未核对:", "received no more, not compared: ") << kind << '\n';
  if (result.differences.empty() || (repaired && result.remaining_count == 0)) return absl::OkStatus();
  return absl::DataLossError(context.Say("副本与平台不一致", "the copy differs from the platform"));
}

absl::Status Work(Mirror& mirror, feed::Source* source, const Context& context, ProgressBar* bar) {
  const absl::Duration patience = absl::Minutes(5);
  if (!context.arguments.Has("verify")) {
    if (!context.arguments.Has("once")) return mirror.consumer().Follow();
    const absl::Time start = absl::Now();
    RETURN_IF_ERROR(mirror.consumer().CatchUp(patience));
    bar->Clear();
    const feed::Progress progress = mirror.consumer().progress();
    if (!context.quiet)
      std::cerr << context.Say("已追平:快照记录 ", "in step: snapshot records ")
                << Grouped(progress.snapshot_records) << context.Say(",变更 ", ", changes ")
                << Grouped(progress.change_count) << context.Say(",用时 ", ", in ")
                << absl::FormatDuration(absl::Trunc(absl::Now() - start, absl::Milliseconds(10))) << '\n';
    return absl::OkStatus();
  }
  feed::VerifyOptions verify;
  verify.consumer = &mirror.consumer();
  verify.source = source;
  verify.database = &mirror.database();
  verify.tables = &mirror.tables();
  verify.repair = !context.arguments.Has("dry-run");
  verify.patience = patience;
  verify.observe = [&](const std::string& kind, int64_t done, int64_t kinds) {
    bar->Set(absl::StrCat(context.Say("核对 ", "comparing "), kind), done, kinds);
  };
  ASSIGN_OR_RETURN(const feed::Verification result, feed::Verify(verify));
  bar->Clear();
  return Report(result, context, verify.repair);
}

absl::Status RunMirror(Context& context) {
  if (!context.arguments.Has("database")) return WrongUsage("--database is missing");
  if (context.arguments.Has("dry-run") && !context.arguments.Has("verify"))
    return WrongUsage("--dry-run belongs to --verify");
  Interruption interruption;
  ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform, Platform::Connect(context));
  const auto source = platform->NewSource();
  ProgressBar bar(!context.quiet);
  ASSIGN_OR_RETURN(const std::unique_ptr<Mirror> mirror,
                   Mirror::Open(context, *platform, source.get(), &bar));
  interruption.Then([&mirror] { mirror->consumer().Stop(); });
  const absl::Status status = Work(*mirror, source.get(), context, &bar);
  interruption.End();
  // Nothing is lost by it: the next run goes on.
  return interruption.came() && absl::IsCancelled(status) ? absl::OkStatus() : status;
}

}  // namespace

Command MirrorCommand() {
  return {
      "mirror",
      "",
      0,
      0,
      "让自有的 PostgreSQL 数据库与平台保持同步\n表由契约生成;先读取快照,再持续应用变更;可随时中断并继续。",
      "keeps a PostgreSQL database of your own in step with the platform\n"
      "Its tables are made from the contract; a snapshot first, then changes as they come. It may be "
      "interrupted at any time and goes on where it was.",
      {{"database", "CONNECTION", "libpq 连接串,如 \"host=/run/postgresql dbname=copy\"(密码放 passfile)",
        "libpq connection, such as \"host=/run/postgresql dbname=copy\" (passwords in a passfile)"},
       {"schema", "NAME", "表所在的模式(lianqiao)", "the schema of its tables (lianqiao)"},
       {"kinds", "A,B", "只含这些类别(首次执行时确定)", "these kinds only (settled by the first run)"},
       {"jurisdictions", "ID,ID", "只含这些辖区(首次执行时确定)",
        "these jurisdictions only (settled by the first run)"},
       {"partitions", "N", "快照并行数(4)", "parts of a snapshot read side by side (4)"},
       {"once", "", "追平后退出", "catches up and ends"},
       {"verify", "", "追平后逐类核对并修复不一致", "catches up, compares kind by kind and repairs"},
       {"dry-run", "", "只核对,不修复;不一致时退出码为 1",
        "compares without repairing; exit code 1 if it differs"}},
      RunMirror};
}

}  // namespace lianqiao::cli
