// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL database of the consumer's own, kept in step with the platform.
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/feed/verify.h"
#include "tools/cli/command.h"
#include "tools/cli/interruption.h"
#include "tools/cli/mirror.h"
#include "tools/cli/platform.h"
#include "tools/cli/progress_bar.h"
#include "tools/cli/text_table.h"

namespace lianqiao::cli {
namespace {

constexpr size_t kDifferencesShown = 20;

// One object a line: the differences, then what they come to.
void ReportJson(const feed::Verification& result) {
  for (const feed::Difference& difference : result.differences)
    std::cout << "{\"kind\":" << base::JsonQuote(difference.kind)
              << ",\"id\":" << base::JsonQuote(difference.id) << ",\"held\":" << difference.held
              << ",\"published\":" << difference.published << "}\n";
  std::cout << "{\"kinds\":" << result.kind_count << ",\"records\":" << result.record_count
            << ",\"differences\":" << result.differences.size() << ",\"repaired\":" << result.repaired_count
            << ",\"remaining\":" << result.remaining_count << ",\"questions\":" << result.question_count
            << "}\n";
}

void ReportTable(const feed::Verification& result, const Context& context) {
  std::cout << context.Say("核对类别 ", "kinds compared ") << result.kind_count
            << context.Say(",记录 ", ", records ") << Grouped(result.record_count)
            << context.Say(",不一致 ", ", differences ") << result.differences.size()
            << context.Say(",已修复 ", ", repaired ") << result.repaired_count << '\n';
  TextTable table({context.Say("类别", "kind"), context.Say("编号", "id"), context.Say("副本版本", "held"),
                   context.Say("平台版本", "published")});
  for (const feed::Difference& difference : result.differences) {
    if (table.rows() == kDifferencesShown) break;
    table.Add(
        {difference.kind, difference.id, absl::StrCat(difference.held), absl::StrCat(difference.published)});
  }
  if (table.rows() > 0) table.Print(std::cout);
  if (result.differences.size() > kDifferencesShown)
    std::cout << context.Say("……另有 ", "… and ") << result.differences.size() - kDifferencesShown
              << context.Say(" 条,见 -o json\n", " more: -o json\n");
}

absl::Status Report(const feed::Verification& result, const Context& context, bool repaired) {
  if (context.json) {
    ReportJson(result);
  } else {
    ReportTable(result, context);
  }
  for (const std::string& kind : result.unpublished_kinds)
    std::cerr << context.Say("已无权接收,未核对:", "received no more, not compared: ") << kind << '\n';
  if (result.remaining_count == 0 && !result.unpublished_kinds.empty())
    return Failed(
        absl::StatusCode::kPermissionDenied, "部分类别无权核对;请申请相应的“.changes”权限",
        "kinds that this client may not read were not compared; ask for their \".changes\" permission");
  if (result.remaining_count == 0) return absl::OkStatus();
  return Failed(absl::StatusCode::kDataLoss,
                repaired ? "副本与平台仍不一致;请再次执行 mirror --verify"
                         : "副本与平台不一致;mirror --verify(不带 --dry-run)可修复",
                repaired
                    ? "the copy still differs from the platform; run mirror --verify again"
                    : "the copy differs from the platform; mirror --verify without --dry-run repairs it");
}

absl::Status Work(Mirror& mirror, feed::Source* source, const Context& context, ProgressBar* bar) {
  const absl::Duration patience = absl::Minutes(5);
  // Whoever waits for the end is told at once that there is no platform; what breaks later may come back.
  if (context.arguments.Has("once") || context.arguments.Has("verify"))
    RETURN_IF_ERROR(source->GetFeed({}).status());
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
  if (!context.arguments.Has("database")) return WrongUsage("缺少 --database", "--database is missing");
  if (context.arguments.Has("dry-run") && !context.arguments.Has("verify"))
    return WrongUsage("--dry-run 仅用于 --verify", "--dry-run belongs to --verify");
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
       {"take-over", "", "允许换用其他客户端的凭据(其看不到的记录会从副本中删除)",
        "lets another client than before go on (records that it may not see leave the copy)"},
       {"verify", "", "追平后逐类核对并修复不一致", "catches up, compares kind by kind and repairs"},
       {"dry-run", "", "只核对,不修复;不一致时退出码为 1",
        "compares without repairing; exit code 1 if it differs"}},
      RunMirror};
}

}  // namespace lianqiao::cli
