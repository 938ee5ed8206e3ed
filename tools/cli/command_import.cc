// SPDX-License-Identifier: Apache-2.0
// A file into the platform: streamed, then followed until its job has ended. Folders of samples and CSV
// tables go the older way, over HTTP (import_folder.cc).
#include <openssl/evp.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lianqiao/sync/v1/import.pb.h"
#include "libs/base/status.h"
#include "tools/cli/command.h"
#include "tools/cli/platform.h"
#include "tools/cli/progress_bar.h"
#include "tools/cli/record_text.h"
#include "tools/cli/text_table.h"

namespace lianqiao::cli {

namespace v1 = sync::v1;

namespace {

constexpr char kImportRecords[] = "/lianqiao.sync.v1.ImportService/ImportRecords";
constexpr char kGetImport[] = "/lianqiao.sync.v1.ImportService/GetImport";
constexpr char kListImports[] = "/lianqiao.sync.v1.ImportService/ListImports";
constexpr char kListErrors[] = "/lianqiao.sync.v1.ImportService/ListImportErrors";
constexpr char kReadRefused[] = "/lianqiao.sync.v1.ImportService/ReadRefusedLines";
constexpr size_t kChunkBytes = 512u << 10;
constexpr int kTries = 8;
constexpr absl::Duration kPoll = absl::Milliseconds(400);
constexpr int kErrorsShown = 200;

// Of the content and of all that decides what it does: the same submission is the same request.
absl::StatusOr<std::string> RequestIdOf(const std::string& path, const v1::ImportOptions& options) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return CannotRead(path, LastError());
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> hash(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr);
  const std::string how = options.SerializeAsString();
  EVP_DigestUpdate(hash.get(), how.data(), how.size());
  std::vector<char> block(1 << 16);
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0)
    EVP_DigestUpdate(hash.get(), block.data(), static_cast<size_t>(file.gcount()));
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_DigestFinal_ex(hash.get(), digest, nullptr);
  return "file-" + absl::BytesToHexString(std::string(reinterpret_cast<const char*>(digest), 16));
}

absl::StatusOr<v1::ImportOptions> OptionsOf(const Context& context, const Platform& platform,
                                            const std::string& path) {
  const Arguments& arguments = context.arguments;
  v1::ImportOptions options;
  std::ifstream file(path, std::ios::binary);
  if (!file) return CannotRead(path, LastError());
  char magic[2] = {};
  file.read(magic, 2);
  options.set_gzip(magic[0] == '\x1f' && magic[1] == '\x8b');
  std::string name = path;
  if (absl::EndsWith(name, ".gz")) name.resize(name.size() - 3);
  const std::string format = arguments.Text("format");
  if (format == "csv" || (format.empty() && absl::EndsWith(name, ".csv"))) {
    options.set_format(v1::ImportOptions::FORMAT_CSV);
  } else if (format.empty() || format == "ndjson") {
    options.set_format(v1::ImportOptions::FORMAT_NDJSON);
  } else {
    return WrongUsage("--format 取 ndjson 或 csv", "--format takes ndjson or csv");
  }
  const std::string mode = arguments.Text("mode");
  if (mode.empty() || mode == "upsert") {
    options.set_mode(v1::ImportOptions::MODE_UPSERT);
  } else if (mode == "create") {
    options.set_mode(v1::ImportOptions::MODE_CREATE);
  } else if (mode == "delete") {
    options.set_mode(v1::ImportOptions::MODE_DELETE);
  } else {
    return WrongUsage("--mode 取 upsert、create 或 delete", "--mode takes upsert, create or delete");
  }
  if (arguments.Has("kind")) {
    ASSIGN_OR_RETURN(const contract::Resource* kind, platform.FindKind(arguments.Text("kind")));
    options.set_kind(kind->kind);
  }
  if (options.format() == v1::ImportOptions::FORMAT_CSV && options.kind().empty())
    return WrongUsage("CSV 须以 --kind 指明类别", "CSV needs --kind");
  options.set_source_system(arguments.Text("source-system"));
  options.set_atomic(arguments.Has("atomic"));
  options.set_validate_only(arguments.Has("dry-run"));
  options.set_language(context.Say("zh-CN", "en"));
  return options;
}

bool IsEnded(const v1::Import& job) {
  return job.state() >= v1::Import::STATE_SUCCEEDED;
}

// Sends a file, again and again from where the platform has it, until it is stored.
class Submission {
 public:
  Submission(Platform& platform, std::string path, v1::ImportOptions options, const Context& context)
      : platform_(platform), path_(std::move(path)), options_(std::move(options)), context_(context) {}

  absl::StatusOr<v1::Import> Send() {
    std::error_code error;
    total_ = static_cast<int64_t>(std::filesystem::file_size(path_, error));
    if (error) return CannotRead(path_, error);
    absl::Duration pause = absl::Milliseconds(300);
    for (int attempt = 1;; ++attempt) {
      absl::StatusOr<v1::Import> job = SendOnce();
      if (job.ok()) return job;
      const absl::Status status = job.status();
      const bool passes = absl::IsUnavailable(status) || absl::IsResourceExhausted(status) ||
                          absl::IsUnauthenticated(status) || absl::IsDeadlineExceeded(status);
      if (!passes || attempt == kTries) return status;
      if (!context_.quiet)
        std::cerr << context_.Say("暂不能提交,稍后重试:", "not taken yet, trying again: ")
                  << TextOf(status, context_.language) << '\n';
      const auto advice = absl::Milliseconds(base::FailureOf(status).retry_after_milliseconds());
      absl::SleepFor(std::max(pause, std::min(advice, absl::Seconds(30))));
      pause *= 2;
      RETURN_IF_ERROR(FindReceived());
    }
  }

 private:
  // How much of this submission lies at the platform already.
  absl::Status FindReceived() {
    v1::ListImportsRequest request;
    request.set_page_size(100);
    v1::ListImportsResponse response;
    const absl::Status status = platform_.Call(kListImports, request, &response);
    if (absl::IsUnavailable(status)) return absl::OkStatus();  // The next attempt will tell.
    RETURN_IF_ERROR(status);
    received_ = 0;
    for (const v1::Import& known : response.imports())
      if (known.options().request_id() == options_.request_id() &&
          known.state() == v1::Import::STATE_RECEIVING)
        received_ = std::min(known.received_bytes(), total_);
    return absl::OkStatus();
  }

  absl::StatusOr<v1::Import> SendOnce() {
    std::ifstream file(path_, std::ios::binary);
    file.seekg(received_);
    if (!file) return CannotRead(path_);
    ASSIGN_OR_RETURN(const auto stream, platform_.Open(kImportRecords));
    v1::ImportRecordsRequest message;
    *message.mutable_options() = options_;
    bool taken = stream->WriteAndWait(message.SerializeAsString());
    std::string block(kChunkBytes, '\0');
    ProgressBar bar(!context_.quiet);
    for (int64_t offset = received_; taken;) {
      file.read(block.data(), static_cast<std::streamsize>(block.size()));
      const int64_t size = file.gcount();
      if (size == 0) break;
      message.mutable_chunk()->set_offset(offset);
      message.mutable_chunk()->set_content(block.data(), static_cast<size_t>(size));
      taken = stream->WriteAndWait(message.SerializeAsString());
      offset += size;
      bar.Set(context_.Say("上传", "sending"), offset, total_);
    }
    // A write that was not taken: the call has ended, its status says why, or it was answered already.
    if (taken) stream->WritesDone();
    v1::Import job;
    const std::optional<std::string> answer = stream->ReadAndWait();
    if (!answer.has_value()) {
      const absl::Status status = stream->status();
      return status.ok() ? Failed(absl::StatusCode::kUnavailable, "平台未给出答复;重新执行即从断点继续",
                                  "the platform gave no answer; run it again, it goes on")
                         : status;
    }
    if (!job.ParseFromString(*answer)) return absl::DataLossError("bad answer of ImportRecords");
    return job;
  }

  Platform& platform_;
  const std::string path_;
  const v1::ImportOptions options_;
  const Context& context_;
  int64_t total_ = 0;
  int64_t received_ = 0;
};

absl::StatusOr<v1::Import> Await(Platform& platform, v1::Import job, const Context& context) {
  ProgressBar bar(!context.quiet);
  v1::GetImportRequest request;
  request.set_id(job.id());
  while (!IsEnded(job)) {
    absl::SleepFor(kPoll);
    RETURN_IF_ERROR(platform.Call(kGetImport, request, &job));
    bar.Set(context.Say("写入", "writing"),
            job.created_count() + job.updated_count() + job.unchanged_count() + job.deleted_count() +
                job.refused_count(),
            job.record_count());
  }
  return job;
}

absl::Status PrintErrors(Platform& platform, const std::string& id, const Context& context) {
  v1::ListImportErrorsRequest request;
  request.set_id(id);
  request.set_page_size(context.json ? 1000 : kErrorsShown);
  TextTable table({context.Say("行", "line"), context.Say("记录", "record"), context.Say("字段", "field"),
                   context.Say("原因", "reason"), context.Say("说明", "what to do")},
                  80);
  do {
    v1::ListImportErrorsResponse page;
    RETURN_IF_ERROR(platform.Call(kListErrors, request, &page));
    for (const v1::ImportError& error : page.errors()) {
      if (context.json) {
        ASSIGN_OR_RETURN(const std::string json, JsonOf(error));
        std::cout << json << '\n';
      }
      for (const v1::ImportProblem& problem : error.problems())
        table.Add({absl::StrCat(error.line()), error.record(),
                   problem.column().empty() ? problem.field() : problem.column(), problem.reason(),
                   ProblemText(problem, context)});
    }
    request.set_page_token(page.next_page_token());
  } while (context.json && !request.page_token().empty());
  if (context.json) return absl::OkStatus();
  table.Print(std::cout);
  if (!request.page_token().empty())
    std::cout << context.Say("……其余见 -o json 或 --refused 文件\n",
                             "… the others: -o json, or the file of --refused\n");
  return absl::OkStatus();
}

absl::Status SaveRefused(Platform& platform, const std::string& id, const std::string& path) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  if (!out) return CannotWrite(path, LastError());
  v1::ReadRefusedLinesRequest request;
  request.set_id(id);
  ASSIGN_OR_RETURN(const auto stream, platform.Open(kReadRefused));
  if (stream->WriteAndWait(request.SerializeAsString())) stream->WritesDone();
  while (const auto bytes = stream->ReadAndWait()) {
    v1::ReadRefusedLinesResponse part;
    if (!part.ParseFromString(*bytes)) return absl::DataLossError("a bad part of the refused lines");
    out.write(part.content().data(), static_cast<std::streamsize>(part.content().size()));
  }
  RETURN_IF_ERROR(stream->status());
  return out.flush() ? absl::OkStatus() : CannotWrite(path);
}

absl::Status PrintSummary(const v1::Import& job, bool before, const Context& context) {
  if (context.json) {
    ASSIGN_OR_RETURN(std::string json, JsonOf(job));
    if (before) json.insert(1, "\"submittedBefore\":true,");
    std::cout << json << '\n';
    return absl::OkStatus();
  }
  const auto* state = v1::Import::State_descriptor()->FindValueByNumber(job.state());
  const auto& label = state->options().GetExtension(options::v1::label);
  std::cout << context.Say("导入 ", "import ") << job.id() << "  "
            << context.Say(label.zh().c_str(), label.en().c_str()) << '\n'
            << context.Say("凭证 ", "receipt ") << job.content_sha256() << '\n';
  if (job.options().validate_only())
    std::cout << context.Say("仅校验:以下为预计结果,未写入任何记录\n",
                             "checked only: this is what would happen, nothing was written\n");
  TextTable table({context.Say("记录", "records"), context.Say("新增", "created"),
                   context.Say("更新", "updated"), context.Say("无变化", "unchanged"),
                   context.Say("删除", "deleted"), context.Say("拒绝", "refused")});
  table.Add({Grouped(job.record_count()), Grouped(job.created_count()), Grouped(job.updated_count()),
             Grouped(job.unchanged_count()), Grouped(job.deleted_count()), Grouped(job.refused_count())});
  table.Print(std::cout);
  if (job.has_problem())
    std::cout << job.problem().reason() << ": " << ProblemText(job.problem(), context) << '\n';
  return absl::OkStatus();
}

absl::Status ImportFile(Context& context) {
  if (context.arguments.words().size() != 1)
    return WrongUsage("import 的参数为一个文件", "import takes one file");
  const std::string& path = context.arguments.words()[0];
  ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform, Platform::Connect(context));
  ASSIGN_OR_RETURN(v1::ImportOptions options, OptionsOf(context, *platform, path));
  if (context.arguments.Has("request-id")) {
    options.set_request_id(context.arguments.Text("request-id"));
  } else {
    ASSIGN_OR_RETURN(*options.mutable_request_id(), RequestIdOf(path, options));
    if (context.arguments.Has("again"))
      absl::StrAppend(options.mutable_request_id(), "-", absl::ToUnixMicros(absl::Now()));
  }
  ASSIGN_OR_RETURN(v1::Import job, Submission(*platform, path, options, context).Send());
  const bool before = job.has_end_time();
  if (before)  // No progress, so --quiet does not hide it.
    std::cerr << context.Say("该文件先前已提交,以下是当时的结果;--again 重新导入\n",
                             "this file was submitted before, with this outcome; --again imports it anew\n");
  ASSIGN_OR_RETURN(job, Await(*platform, std::move(job), context));
  RETURN_IF_ERROR(PrintSummary(job, before, context));
  if (job.record_count() == 0 && job.state() == v1::Import::STATE_SUCCEEDED)
    std::cerr << context.Say("文件中没有记录\n", "the file holds no record\n");
  if (job.refused_count() > 0) {
    RETURN_IF_ERROR(PrintErrors(*platform, job.id(), context));
    if (context.arguments.Has("refused"))
      RETURN_IF_ERROR(SaveRefused(*platform, job.id(), context.arguments.Text("refused")));
  }
  if (job.state() == v1::Import::STATE_SUCCEEDED) return absl::OkStatus();
  return Failed(absl::StatusCode::kFailedPrecondition, "导入未全部成功", "not everything was imported");
}

}  // namespace

Command ImportCommand() {
  return {"import",
          "FILE",
          0,
          1,
          "导入一个 NDJSON 或 CSV 文件(可为 gzip);中断后重新执行即从断点继续\n"
          "样例与表格文件夹:lianqiao import --server URL --credentials FILE (--sample DIR | --data DIR)",
          "imports a file of NDJSON or CSV, gzip too; run again after an interruption it goes on\n"
          "Folders: lianqiao import --server URL --credentials FILE (--sample DIR | --data DIR)",
          {{"kind", "KIND", "每行的类别(CSV 必需)", "the kind of every line (CSV needs it)"},
           {"format", "ndjson|csv", "文件格式(默认按扩展名)", "form of the file (by its name by default)"},
           {"mode", "upsert|create|delete", "写入方式(upsert)", "what a line does (upsert)"},
           {"source-system", "NAME", "sourceId 所属的来源系统", "whose ids sourceId means"},
           {"atomic", "", "全部成功或全部不写", "all lines or none"},
           {"dry-run", "", "仅校验,不写入", "checks everything, writes nothing"},
           {"request-id", "ID", "请求编号(默认由内容生成)",
            "an id of the request (made of the content by default)"},
           {"again", "", "重新导入先前已提交的同一文件", "imports the same file anew"},
           {"refused", "FILE", "把被拒绝的行另存,更正后可重新提交",
            "stores the refused lines, to be corrected and sent again"}},
          ImportFile};
}

}  // namespace lianqiao::cli
