// SPDX-License-Identifier: Apache-2.0
// jobs: the client's imports and exports. cancel: ends one, and makes room for another.
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "lianqiao/sync/v1/export.pb.h"
#include "lianqiao/sync/v1/import.pb.h"
#include "libs/base/status.h"
#include "libs/store/codec.h"
#include "tools/cli/command.h"
#include "tools/cli/platform.h"
#include "tools/cli/record_text.h"
#include "tools/cli/text_table.h"

namespace lianqiao::cli {

namespace v1 = sync::v1;

namespace {

constexpr char kImports[] = "/lianqiao.sync.v1.ImportService/";
constexpr char kExports[] = "/lianqiao.sync.v1.ExportService/";
constexpr int kPageSize = 1000;

template <typename Job>
std::string StateText(const Job& job, const Context& context) {
  const auto* value = Job::State_descriptor()->FindValueByNumber(job.state());
  if (value == nullptr) return absl::StrCat(static_cast<int>(job.state()));
  const auto& label = value->options().GetExtension(options::v1::label);
  return context.Say(label.zh().c_str(), label.en().c_str());
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M", store::TimestampOf(time), absl::LocalTimeZone());
}

std::vector<std::string> RowOf(const v1::Import& job, const Context& context) {
  return {context.Say("导入", "import"), job.id(),
          StateText(job, context),       TimeText(job.create_time()),
          Grouped(job.record_count()),   Grouped(job.refused_count()),
          job.options().kind()};
}

std::vector<std::string> RowOf(const v1::Export& job, const Context& context) {
  return {context.Say("导出", "export"),
          job.id(),
          StateText(job, context),
          TimeText(job.create_time()),
          Grouped(job.record_count()),
          "",
          absl::StrJoin(job.request().kinds(), ",")};
}

const auto& JobsOf(const v1::ListImportsResponse& page) {
  return page.imports();
}
const auto& JobsOf(const v1::ListExportsResponse& page) {
  return page.exports();
}

// All of them: a client has few, and none is older than a week.
template <typename Request, typename Response>
absl::Status ListAll(Platform& platform, const char* what, const std::string& path, const Context& context,
                     TextTable* table) {
  Request request;
  request.set_page_size(kPageSize);
  do {
    Response page;
    RETURN_IF_ERROR(platform.Call(path, request, &page));
    for (const auto& job : JobsOf(page)) {
      table->Add(RowOf(job, context));
      if (!context.json) continue;
      ASSIGN_OR_RETURN(const std::string json, JsonOf(job));
      std::cout << "{\"job\":\"" << what << "\"," << json.substr(1) << '\n';
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

// "import" and "imports" alike.
bool Names(const std::string& word, const char* what) {
  return word == what || word == absl::StrCat(what, "s");
}

bool Wants(const Context& context, const char* what) {
  const auto& words = context.arguments.words();
  return words.empty() || Names(words[0], what);
}

absl::Status Jobs(Context& context) {
  const bool imports = Wants(context, "import");
  const bool exports = Wants(context, "export");
  if (!imports && !exports)
    return WrongUsage("jobs 的参数为 imports 或 exports", "jobs takes imports or exports");
  ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform, Platform::Connect(context));
  TextTable table({context.Say("任务", "job"), context.Say("编号", "id"), context.Say("状态", "state"),
                   context.Say("提交时间", "created"), context.Say("记录数", "records"),
                   context.Say("拒绝", "refused"), context.Say("类别", "kinds")});
  if (imports) {
    RETURN_IF_ERROR((ListAll<v1::ListImportsRequest, v1::ListImportsResponse>(
        *platform, "import", absl::StrCat(kImports, "ListImports"), context, &table)));
  }
  if (exports) {
    RETURN_IF_ERROR((ListAll<v1::ListExportsRequest, v1::ListExportsResponse>(
        *platform, "export", absl::StrCat(kExports, "ListExports"), context, &table)));
  }
  if (!context.json) table.Print(std::cout);
  return absl::OkStatus();
}

template <typename Request, typename Job>
absl::Status CancelOne(Platform& platform, const std::string& path, const Context& context) {
  Request request;
  request.set_id(context.arguments.words()[1]);
  Job job;
  RETURN_IF_ERROR(platform.Call(path, request, &job));
  if (context.json) {
    ASSIGN_OR_RETURN(const std::string json, JsonOf(job));
    std::cout << json << '\n';
  } else {
    std::cout << job.id() << "  " << StateText(job, context) << '\n';
  }
  return absl::OkStatus();
}

absl::Status Cancel(Context& context) {
  const std::string& what = context.arguments.words()[0];
  const bool imports = Names(what, "import");
  if (!imports && !Names(what, "export"))
    return WrongUsage("cancel 的参数为 import 或 export 及任务编号",
                      "cancel takes import or export, and the job's id");
  ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform, Platform::Connect(context));
  return imports ? CancelOne<v1::CancelImportRequest, v1::Import>(
                       *platform, absl::StrCat(kImports, "CancelImport"), context)
                 : CancelOne<v1::CancelExportRequest, v1::Export>(
                       *platform, absl::StrCat(kExports, "CancelExport"), context);
}

}  // namespace

Command JobsCommand() {
  return {"jobs",
          "[imports|exports]",
          0,
          1,
          "列出本客户端近 7 天的导入与导出任务",
          "lists this client's imports and exports of the last 7 days",
          {},
          Jobs};
}

Command CancelCommand() {
  return {"cancel",
          "import|export ID",
          2,
          2,
          "结束一个导入(已写入的保留)或导出(文件删除),腾出名额",
          "ends an import (what is written stays) or an export (its files go), and makes room for another",
          {},
          Cancel};
}

}  // namespace lianqiao::cli
