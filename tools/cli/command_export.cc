// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lianqiao/sync/v1/export.pb.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "tools/cli/command.h"
#include "tools/cli/platform.h"
#include "tools/cli/progress_bar.h"
#include "tools/cli/record_text.h"
#include "tools/cli/text_table.h"

namespace lianqiao::cli {

namespace v1 = sync::v1;

namespace {

constexpr char kCreate[] = "/lianqiao.sync.v1.ExportService/CreateExport";
constexpr char kGet[] = "/lianqiao.sync.v1.ExportService/GetExport";
constexpr char kCancel[] = "/lianqiao.sync.v1.ExportService/CancelExport";
constexpr char kReadFile[] = "/lianqiao.sync.v1.ExportService/ReadExportFile";
constexpr absl::Duration kPoll = absl::Milliseconds(500);
constexpr int kDownloadTries = 5;

bool IsEnded(const v1::Export& job) {
  return job.state() == v1::Export::STATE_SUCCEEDED || job.state() == v1::Export::STATE_FAILED ||
         job.state() == v1::Export::STATE_CANCELLED;
}

absl::StatusOr<v1::Export> Await(Platform& platform, v1::Export job, const Context& context) {
  ProgressBar bar(!context.quiet);
  v1::GetExportRequest request;
  request.set_id(job.id());
  while (!IsEnded(job)) {
    absl::SleepFor(kPoll);
    RETURN_IF_ERROR(platform.Call(kGet, request, &job));
    bar.Set(context.Say("导出", "exporting"), job.record_count(), 0);
  }
  if (job.state() == v1::Export::STATE_SUCCEEDED) return job;
  const auto& label = v1::Export::State_descriptor()
                          ->FindValueByNumber(job.state())
                          ->options()
                          .GetExtension(options::v1::label);
  const std::string problem =
      job.has_problem() ? absl::StrCat(job.problem().reason(), ": ", ProblemText(job.problem(), context))
                        : "";
  return Failed(absl::StatusCode::kFailedPrecondition,
                absl::StrCat("导出 ", job.id(), " ", label.zh(), problem.empty() ? "" : ":", problem,
                             ";不带 --id 执行 lianqiao export 可重新导出"),
                absl::StrCat("export ", job.id(), " ended as ", label.en(), problem.empty() ? "" : ": ",
                             problem, "; lianqiao export without --id begins another"));
}

absl::StatusOr<std::string> HashOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> hash(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr);
  std::vector<char> block(1 << 16);
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0)
    EVP_DigestUpdate(hash.get(), block.data(), static_cast<size_t>(file.gcount()));
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_DigestFinal_ex(hash.get(), digest, nullptr);
  return absl::BytesToHexString(std::string(reinterpret_cast<const char*>(digest), 32));
}

// Appends what the file still lacks.
absl::Status ReadRest(Platform& platform, const std::string& id, const v1::ExportFile& file,
                      const std::string& path, ProgressBar* bar) {
  std::error_code error;
  const auto size = std::filesystem::exists(path, error) ? std::filesystem::file_size(path, error) : 0;
  std::ofstream out(path, std::ios::binary | std::ios::app);
  if (!out) return CannotWrite(path, LastError());
  v1::ReadExportFileRequest request;
  request.set_id(id);
  request.set_name(file.name());
  request.set_offset(static_cast<int64_t>(size));
  int64_t done = request.offset();
  ASSIGN_OR_RETURN(const auto stream, platform.Open(kReadFile));
  if (stream->WriteAndWait(request.SerializeAsString())) stream->WritesDone();
  while (const auto bytes = stream->ReadAndWait()) {
    v1::ReadExportFileResponse part;
    if (!part.ParseFromString(*bytes)) return absl::DataLossError("a bad part of an export's file");
    out.write(part.content().data(), static_cast<std::streamsize>(part.content().size()));
    done += static_cast<int64_t>(part.content().size());
    bar->Set(file.name(), done, file.size_bytes());
  }
  if (!out.flush()) return CannotWrite(path);
  return stream->status();
}

absl::Status Download(Platform& platform, const std::string& id, const v1::ExportFile& file,
                      const std::string& folder, ProgressBar* bar) {
  // A name is a name, not a way out of the folder.
  if (file.name().empty() || file.name().find('/') != std::string::npos || file.name()[0] == '.')
    return absl::DataLossError(absl::StrCat("an export names a file ", file.name()));
  const std::string path = absl::StrCat(folder, "/", file.name());
  const std::string unfinished = path + ".part";
  for (int attempt = 1;; ++attempt) {
    const absl::Status status = ReadRest(platform, id, file, unfinished, bar);
    if (status.ok()) break;
    if (!absl::IsUnavailable(status) && !absl::IsUnauthenticated(status)) return status;
    if (attempt == kDownloadTries) return status;
    absl::SleepFor(absl::Seconds(1));
  }
  ASSIGN_OR_RETURN(const std::string hash, HashOf(unfinished));
  std::error_code error;
  if (hash != file.sha256()) {
    std::filesystem::remove(unfinished, error);
    return Failed(absl::StatusCode::kDataLoss,
                  absl::StrCat(file.name(), " 的校验和不符,已删除;请用 --id 重新下载"),
                  absl::StrCat(file.name(),
                               " arrived with another checksum and was removed; fetch it again "
                               "with --id"));
  }
  std::filesystem::rename(unfinished, path, error);
  return error ? CannotWrite(path, error) : absl::OkStatus();
}

absl::Status DownloadAll(Platform& platform, const v1::Export& job, const std::string& folder,
                         ProgressBar* bar) {
  for (const v1::ExportFile& file : job.files())
    RETURN_IF_ERROR(Download(platform, job.id(), file, folder, bar));
  // At the gateway the files may stand with the services that hold them.
  if (job.files().empty())
    for (const v1::Export& part : job.parts()) RETURN_IF_ERROR(DownloadAll(platform, part, folder, bar));
  return absl::OkStatus();
}

void PrintFiles(const v1::Export& job, TextTable* table) {
  for (const v1::ExportFile& file : job.files())
    table->Add({file.name(), file.kind(), Grouped(file.record_count()), Grouped(file.size_bytes())});
  if (job.files().empty())
    for (const v1::Export& part : job.parts()) PrintFiles(part, table);
}

// Makes room for the next one: a client has so many exports that hold files.
absl::Status Discard(Platform& platform, const v1::Export& job) {
  v1::CancelExportRequest request;
  request.set_id(job.id());
  v1::Export ended;
  return platform.Call(kCancel, request, &ended);
}

absl::Status Export(Context& context) {
  const Arguments& arguments = context.arguments;
  const std::string& folder = arguments.words()[0];
  const std::string format = arguments.Text("format");
  if (!format.empty() && format != "csv" && format != "ndjson")
    return WrongUsage("--format 取 ndjson 或 csv", "--format takes ndjson or csv");
  ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform, Platform::Connect(context));
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return CannotWrite(folder, error);
  v1::Export job;
  if (arguments.Has("id")) {
    v1::GetExportRequest request;
    request.set_id(arguments.Text("id"));
    RETURN_IF_ERROR(platform->Call(kGet, request, &job));
  } else {
    v1::CreateExportRequest request;
    ASSIGN_OR_RETURN(const std::vector<std::string> kinds, platform->Kinds(arguments.List("kinds")));
    for (const std::string& kind : kinds) request.add_kinds(kind);
    for (const std::string& id : arguments.List("jurisdictions")) request.add_jurisdiction_ids(id);
    request.set_format(format == "csv" ? v1::CreateExportRequest::FORMAT_CSV
                                       : v1::CreateExportRequest::FORMAT_NDJSON);
    request.set_request_id(base::RandomId());
    RETURN_IF_ERROR(platform->Call(kCreate, request, &job));
  }
  if (!context.quiet) std::cerr << context.Say("导出任务 ", "export ") << job.id() << '\n';
  ASSIGN_OR_RETURN(job, Await(*platform, std::move(job), context));
  {
    ProgressBar bar(!context.quiet);
    RETURN_IF_ERROR(DownloadAll(*platform, job, folder, &bar));
  }
  ASSIGN_OR_RETURN(const std::string manifest, JsonOf(job));
  if (!(std::ofstream(folder + "/manifest.json") << manifest << '\n').flush())
    return CannotWrite(folder + "/manifest.json");
  if (arguments.Has("discard")) RETURN_IF_ERROR(Discard(*platform, job));
  if (context.json) {
    std::cout << manifest << '\n';
    return absl::OkStatus();
  }
  TextTable table({context.Say("文件", "file"), context.Say("类别", "kind"), context.Say("记录数", "records"),
                   context.Say("字节", "bytes")});
  PrintFiles(job, &table);
  table.Print(std::cout);
  std::cout << context.Say("游标 ", "cursor ") << job.cursor() << '\n';
  return absl::OkStatus();
}

}  // namespace

Command ExportCommand() {
  return {"export",
          "FOLDER",
          1,
          1,
          "批量导出到文件夹,逐个文件核对摘要",
          "exports into a folder and checks every file's checksum",
          {{"kinds", "A,B", "只含这些类别", "these kinds only"},
           {"jurisdictions", "ID,ID", "只含这些辖区", "these jurisdictions only"},
           {"format", "ndjson|csv", "文件格式(ndjson)", "form of the files (ndjson)"},
           {"id", "ID", "继续下载已有的导出", "goes on with an export that was begun"},
           {"discard", "", "全部下载并核对后从平台删除(否则保留 7 天,计入 20 个的上限)",
            "removes it from the platform once all is here and checked (else it stays for 7 days and is one "
            "of 20)"}},
          Export};
}

}  // namespace lianqiao::cli
