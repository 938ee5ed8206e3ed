// SPDX-License-Identifier: Apache-2.0
// Begins with the files of an export.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "lianqiao/sync/v1/export.pb.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/bulk/inflater.h"
#include "libs/json/json.h"
#include "tests/convergence/consumer.h"

namespace lianqiao::convergence {
namespace {

constexpr char kExports[] = "/lianqiao.sync.v1.ExportService/";
constexpr absl::Duration kExportLimit = absl::Seconds(20);

// {"kind":…,"id":…,"revision":"7","record":{…}}, as export.proto shows it.
absl::StatusOr<sync::v1::SnapshotRecord> RecordOf(const contract::Contract& contract, const std::string& kind,
                                                  absl::string_view line) {
  const contract::Resource* resource = contract.FindKind(kind);
  const size_t at = line.find(",\"record\":");
  if (resource == nullptr || at == absl::string_view::npos) return absl::DataLossError("bad line");
  std::unique_ptr<contract::Message> record(resource->prototype->New());
  const std::string text(line.substr(at + 10, line.size() - at - 11));
  RETURN_IF_ERROR(json::JsonToMessage(text, {}, record.get(), nullptr));
  sync::v1::SnapshotRecord read;
  RETURN_IF_ERROR(json::JsonToMessage(std::string(line.substr(0, at)) + "}", {}, &read, nullptr));
  read.mutable_record()->set_value(record->SerializeAsString());
  return read;
}

}  // namespace

absl::Status Consumer::ReadFile(const std::string& id, const std::string& name, std::string* lines) {
  std::string bytes;
  absl::Status status;
  do {  // A file is read on from where a broken stream ended.
    sync::v1::ReadExportFileRequest read;
    read.set_id(id);
    read.set_name(name);
    read.set_offset(static_cast<int64_t>(bytes.size()));
    const auto stream = Open(absl::StrCat(kExports, "ReadExportFile"), read);
    while (const auto message = Next(stream.get(), kExportLimit)) {
      sync::v1::ReadExportFileResponse piece;
      if (!piece.ParseFromString(*message)) return absl::DataLossError("bad piece");
      bytes += piece.content();
    }
    status = stream->status();
  } while (absl::IsUnavailable(status) && !bytes.empty() && !stopped());
  RETURN_IF_ERROR(status);
  bulk::Inflater inflater([lines](absl::string_view piece) {
    lines->append(piece.data(), piece.size());
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(inflater.Feed(bytes));
  return inflater.Finish();
}

absl::Status Consumer::TakeExport() {
  sync::v1::CreateExportRequest request;
  Narrow(&request);
  request.set_request_id(base::RandomId());
  sync::v1::Export job;
  Delivery delivery = Asking();
  RETURN_IF_ERROR(Invoke(absl::StrCat(kExports, "CreateExport"), request, &job));
  const absl::Time end = absl::Now() + kExportLimit;
  while (job.state() != sync::v1::Export::STATE_SUCCEEDED) {
    // One whose grants changed meanwhile, or that a restore has forgotten, is asked for anew.
    const bool failed = job.state() == sync::v1::Export::STATE_FAILED;
    if (failed && reaches().size() == 1 && installation_->life() == 0)
      Unexpected("an export failed for no reason");
    if (failed || absl::Now() > end || stopped()) return absl::UnavailableError("the export has no end");
    absl::SleepFor(absl::Milliseconds(10));
    sync::v1::GetExportRequest get;
    get.set_id(job.id());
    const absl::Status status = Invoke(absl::StrCat(kExports, "GetExport"), get, &job);
    if (absl::IsNotFound(status)) return absl::UnavailableError("the export is gone");
    if (!status.ok() && !absl::IsUnavailable(status)) return status;
  }
  std::vector<std::pair<Delivery, sync::v1::ReadSnapshotResponse>> pages;
  for (const sync::v1::ExportFile& file : job.files()) {
    std::string lines;
    const absl::Status status = ReadFile(job.id(), file.name(), &lines);
    if (absl::IsNotFound(status) || absl::IsFailedPrecondition(status))
      return absl::UnavailableError("a restore has taken the export back");
    RETURN_IF_ERROR(status);
    sync::v1::ReadSnapshotResponse page;
    for (const absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
      ASSIGN_OR_RETURN(*page.add_records(), RecordOf(installation_->contract(), file.kind(), line));
    }
    if (page.records_size() != file.record_count())
      Unexpected(absl::StrCat("a file of ", file.record_count(), " records holds ", page.records_size()));
    Came(&delivery);
    pages.emplace_back(delivery, std::move(page));
  }
  copy_.Replace(nullptr, std::move(pages), job.cursor());
  return absl::OkStatus();
}

}  // namespace lianqiao::convergence
