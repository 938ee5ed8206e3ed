// SPDX-License-Identifier: Apache-2.0
// changes: one page of the feed. watch: the feed as it goes on.
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/store/codec.h"
#include "tools/cli/command.h"
#include "tools/cli/interruption.h"
#include "tools/cli/platform.h"
#include "tools/cli/record_text.h"
#include "tools/cli/text_table.h"

namespace lianqiao::cli {

namespace v1 = sync::v1;

namespace {

constexpr absl::Duration kPauseMax = absl::Seconds(10);

absl::StatusOr<feed::Filter> FilterOf(const Context& context, const Platform& platform) {
  ASSIGN_OR_RETURN(std::vector<std::string> kinds, platform.Kinds(context.arguments.List("kinds")));
  return feed::Filter{std::move(kinds), context.arguments.List("jurisdictions")};
}

std::string EventText(v1::Change::Event event, base::Language language) {
  const auto* value = v1::Change::Event_descriptor()->FindValueByNumber(event);
  if (value == nullptr) return absl::StrCat(static_cast<int>(event));
  const auto& label = value->options().GetExtension(options::v1::label);
  return language == base::Language::kChinese ? label.zh() : label.en();
}

std::vector<std::string> RowOf(const v1::Change& change, const Context& context) {
  return {change.has_time()
              ? absl::FormatTime("%m-%d %H:%M:%S", store::TimestampOf(change.time()), absl::LocalTimeZone())
              : "",
          EventText(change.event(), context.language),
          change.kind(),
          change.id(),
          change.event() == v1::Change::EVENT_SCOPE_CHANGED ? "" : absl::StrCat(change.revision()),
          change.operation(),
          absl::StrJoin(change.changed_fields(), ",")};
}

void NoteIncomplete(const google::protobuf::RepeatedPtrField<std::string>& services, const Context& context) {
  if (services.empty() || context.quiet) return;
  std::cerr << context.Say("未应答的服务:", "services that did not answer: ") << absl::StrJoin(services, ", ")
            << '\n';
}

absl::Status Changes(Context& context) {
  ASSIGN_OR_RETURN(const int page_size, context.arguments.Integer("page-size", 100, 1, 5000));
  ASSIGN_OR_RETURN(const int wait, context.arguments.Integer("wait", 0, 0, 30));
  ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform, Platform::Connect(context));
  ASSIGN_OR_RETURN(const feed::Filter filter, FilterOf(context, *platform));
  const auto source = platform->NewSource();
  ASSIGN_OR_RETURN(const v1::ListChangesResponse page,
                   source->List(filter, context.arguments.Text("cursor"), page_size, wait));
  if (context.json) {
    ASSIGN_OR_RETURN(const std::string json, JsonOf(page));
    std::cout << json << '\n';
    return absl::OkStatus();
  }
  TextTable table({context.Say("时间", "time"), context.Say("事件", "event"), context.Say("类别", "kind"),
                   context.Say("编号", "id"), context.Say("版本", "revision"),
                   context.Say("操作", "operation"), context.Say("变更字段", "changed fields")});
  for (const v1::Change& change : page.changes()) table.Add(RowOf(change, context));
  if (table.rows() > 0) table.Print(std::cout);
  std::cout << context.Say("游标 ", "cursor ") << page.cursor() << '\n';
  if (page.has_more() && !context.quiet)
    std::cerr << context.Say("还有更多变更\n", "there are more changes\n");
  NoteIncomplete(page.incomplete_services(), context);
  return absl::OkStatus();
}

absl::Status PrintBatch(const v1::WatchChangesResponse& batch, const Context& context) {
  for (const v1::Change& change : batch.changes()) {
    if (context.json) {
      ASSIGN_OR_RETURN(const std::string json, JsonOf(change));
      std::cout << json << '\n';
    } else {
      std::cout << absl::StrJoin(RowOf(change, context), "  ") << '\n';
    }
  }
  // So that a program can go on from here.
  if (context.json && batch.changes_size() > 0) std::cout << "{\"cursor\":\"" << batch.cursor() << "\"}\n";
  std::cout.flush();
  if (!std::cout) return absl::CancelledError("nobody reads");
  NoteIncomplete(batch.incomplete_services(), context);
  return absl::OkStatus();
}

// Goes on from the last cursor after everything that passes.
absl::Status WatchFrom(std::string cursor, const feed::Filter& filter, feed::Source& source,
                       const Context& context, const Interruption& interruption) {
  absl::Duration pause = absl::Milliseconds(200);
  int refusals = 0;
  while (!interruption.came()) {
    const absl::Status status =
        source.Watch(filter, cursor, 500, [&](const v1::WatchChangesResponse& batch) -> absl::Status {
          RETURN_IF_ERROR(PrintBatch(batch, context));
          cursor = batch.cursor();
          pause = absl::Milliseconds(200);
          refusals = 0;
          return absl::OkStatus();
        });
    if (interruption.came() || !std::cout) break;
    const bool refused = absl::IsUnauthenticated(status) && ++refusals > 2;
    const bool passes = status.ok() || absl::IsUnavailable(status) || absl::IsUnauthenticated(status) ||
                        absl::IsResourceExhausted(status) || absl::IsDeadlineExceeded(status);
    if (!passes || refused) return status;
    if (!context.quiet && !status.ok() && !absl::IsUnauthenticated(status))
      std::cerr << context.Say("连接中断,稍后继续:", "interrupted, goes on shortly: ")
                << TextOf(status, context.language) << '\n';
    absl::SleepFor(pause);
    pause = std::min(pause * 2, kPauseMax);
  }
  if (!context.quiet) std::cerr << context.Say("游标 ", "cursor ") << cursor << '\n';
  return absl::OkStatus();
}

absl::Status Watch(Context& context) {
  if (context.arguments.Has("cursor") && context.arguments.Has("from-oldest"))
    return WrongUsage("--cursor 与 --from-oldest 只能给出一个", "give --cursor or --from-oldest, not both");
  Interruption interruption;
  ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform, Platform::Connect(context));
  ASSIGN_OR_RETURN(const feed::Filter filter, FilterOf(context, *platform));
  const auto source = platform->NewSource();
  std::string cursor = context.arguments.Text("cursor");
  if (cursor.empty()) {
    ASSIGN_OR_RETURN(const v1::Feed feed, source->GetFeed(filter));
    if (!feed.incomplete_services().empty())
      return Failed(absl::StatusCode::kUnavailable,
                    absl::StrCat("服务 ", feed.incomplete_services(0), " 未应答,请稍后重试"),
                    absl::StrCat(feed.incomplete_services(0), " did not answer; try again later"));
    cursor = context.arguments.Has("from-oldest") ? feed.oldest_cursor() : feed.newest_cursor();
  }
  interruption.Then([&source] { source->Cancel(); });
  const absl::Status status = WatchFrom(cursor, filter, *source, context, interruption);
  interruption.End();
  return status;
}

std::vector<Option> FilterOptions() {
  return {{"kinds", "A,B", "只含这些类别", "these kinds only"},
          {"jurisdictions", "ID,ID", "只含这些辖区", "these jurisdictions only"},
          {"cursor", "TEXT", "从此游标之后", "behind this cursor"}};
}

}  // namespace

Command ChangesCommand() {
  std::vector<Option> options = FilterOptions();
  options.push_back({"page-size", "N", "每页条数(100)", "changes in the page (100)"});
  options.push_back(
      {"wait", "SECONDS", "无变更时最多等待(0,最多 30)", "how long to wait for a change (0; at most 30)"});
  return {"changes", "", 0, 0, "读取一页变更", "reads one page of changes", options, Changes};
}

Command WatchCommand() {
  std::vector<Option> options = FilterOptions();
  options.push_back({"from-oldest", "", "从保留的最早变更开始", "from the oldest change that is kept"});
  return {"watch",
          "",
          0,
          0,
          "持续显示变更,每条一行,直到中断",
          "shows changes as they come, one a line, until interrupted",
          options,
          Watch};
}

}  // namespace lianqiao::cli
