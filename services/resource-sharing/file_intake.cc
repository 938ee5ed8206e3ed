// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/file_intake.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/fault_point.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/content/file_type.h"
#include "libs/resource/service.h"
#include "services/resource-sharing/file_rules.h"

namespace lianqiao::resources {

using base::ErrorReason;
using base::RefuseRule;

namespace {

absl::Status Refused(const base::Violation& violation) {
  return base::FailIfAny(absl::StatusCode::kFailedPrecondition, {violation});
}

// What the store says, as the client's.
absl::Status Told(const absl::Status& status) {
  if (absl::IsAborted(status))  // The connection before this one has not ended yet, or another client sends.
    return base::WithRetryAfter(base::Fail(absl::StatusCode::kAborted, ErrorReason::WRITE_CONFLICT), 1000);
  if (!absl::IsResourceExhausted(status)) return status;
  base::Log(base::Severity::kError, "content_store_full", {{"status", status.ToString()}});
  return base::WithRetryAfter(
      base::FailIfAny(absl::StatusCode::kResourceExhausted,
                      {RefuseRule("content", "平台存储空间已满,已接收的部分仍然保留",
                                  "has no more room on the platform; what has come is kept")}),
      60000);
}

void SetTime(absl::Time time, google::protobuf::Timestamp* stamp) {
  stamp->set_seconds(absl::ToUnixSeconds(time));
  stamp->set_nanos(
      static_cast<int32_t>((time - absl::FromUnixSeconds(stamp->seconds())) / absl::Nanoseconds(1)));
}

class FileIntake final : public resource::Intake {
 public:
  explicit FileIntake(content::Store* store) : store_(store) {}

  absl::Status Admit(resource::Writing& writing, const resource::Message& message) override {
    const auto& options = static_cast<const v1::UploadFileOptions&>(message);
    ASSIGN_OR_RETURN(file_, writing.Load<v1::File>(options.id()));
    restart_ = options.restart();
    return stored() ? absl::OkStatus() : CheckAwaited(file_, writing.now());
  }

  absl::Status Open() override {
    if (stored()) return OpenStored();
    RETURN_IF_ERROR(OpenUpload());
    if (!restart_) return absl::OkStatus();
    RETURN_IF_ERROR(Told(upload_->Discard()));
    upload_.reset();
    return OpenUpload();
  }

  absl::Status Take(int64_t offset, const std::string& content) override {
    const int64_t received = Known().size_bytes();
    if (content.size() > content::kChunkBytesMax)
      return base::FailIfAny({base::Refuse("chunk.content", ErrorReason::FIELD_TOO_LONG,
                                           {{"max", absl::StrCat(content::kChunkBytesMax)}})});
    if (offset < 0 || offset > received)
      return base::FailIfAny({base::Refuse("chunk.offset", ErrorReason::FIELD_OUT_OF_RANGE,
                                           {{"min", "0"}, {"max", absl::StrCat(received)}})});
    if (offset + static_cast<int64_t>(content.size()) > file_.size_bytes())
      return Refused(
          RefuseRule("chunk.content", absl::StrCat("内容多于登记的 ", file_.size_bytes(), " 字节"),
                     absl::StrCat("is more than the ", file_.size_bytes(), " bytes of the record")));
    const auto again =
        static_cast<size_t>(std::min<int64_t>(received - offset, static_cast<int64_t>(content.size())));
    RETURN_IF_ERROR(CheckSame(offset, std::string_view(content).substr(0, again)));
    if (stored() || again == content.size()) return absl::OkStatus();
    RETURN_IF_ERROR(Told(upload_->Append(std::string_view(content).substr(again))));
    return CheckHead();
  }

  absl::Status Complete() override {
    if (stored()) return absl::OkStatus();
    if (upload_->size_bytes() < file_.size_bytes()) return Told(upload_->Keep());
    RETURN_IF_ERROR(CheckContent());
    auto hold = upload_->Finish();
    if (!hold.ok()) return Told(hold.status());
    hold_ = *std::move(hold);
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<resource::Message>> Answer(resource::Writing& writing) override {
    ASSIGN_OR_RETURN(v1::File file, writing.Load<v1::File>(file_.id()));
    if (hold_ != nullptr && file.state() == v1::FILE_STATE_UPLOADING) {
      RETURN_IF_ERROR(CheckAwaited(file, writing.now()));  // Its room may be another's since the call began.
      file.set_state(v1::FILE_STATE_STORED);
      file.set_sha256(hold_->key());
      SetTime(writing.now(), file.mutable_stored_time());
      RETURN_IF_ERROR(writing.Update(&file));
      base::PassFaultPoint("upload_row_written");
    }
    return std::make_unique<v1::FileUpload>(UploadOf(std::move(file), Known().size_bytes()));
  }

  void Committed() override {
    base::PassFaultPoint("upload_committed");
    // What is left of it if this fails is collected with what was given up.
    if (hold_ != nullptr) Log("upload_not_discarded", upload_->Discard());
    hold_.reset();
  }

  void Suspend() override {
    if (upload_ != nullptr) Log("upload_not_kept", upload_->Keep());
  }

 private:
  static absl::Status CheckAwaited(const v1::File& file, absl::Time now) {
    if (now < UploadEnd(file)) return absl::OkStatus();
    return Refused(
        RefuseRule("id", "上传期限已过,请重新登记文件", "is no longer awaited: make the file anew"));
  }

  bool stored() const { return file_.state() == v1::FILE_STATE_STORED; }
  const content::Source& Known() const { return stored() ? *source_ : *upload_; }

  void Log(const char* event, const absl::Status& status) const {
    if (status.ok() || absl::IsFailedPrecondition(status)) return;
    base::Log(base::Severity::kWarning, event, {{"file", file_.id()}, {"status", status.ToString()}});
  }

  // The client did not hear that all had come.
  absl::Status OpenStored() {
    ASSIGN_OR_RETURN(source_, store_->Read(file_.sha256()));
    return absl::OkStatus();
  }

  absl::Status OpenUpload() {
    auto upload = store_->Open(file_.id());
    if (!upload.ok()) return Told(upload.status());
    upload_ = *std::move(upload);
    return absl::OkStatus();
  }

  // What is sent once more must be what is there: else the file has changed in between.
  absl::Status CheckSame(int64_t offset, std::string_view content) const {
    if (content.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string known, Known().ReadAt(offset, content.size()));
    if (known == content) return absl::OkStatus();
    return Refused(RefuseRule("chunk.content", "与已接收的内容不一致,请以 restart=true 从头上传",
                              "is not what was received before: send all of it anew with restart=true"));
  }

  // As soon as the beginning is there, before the rest of a large file is sent for nothing.
  absl::Status CheckHead() {
    const auto head_bytes = std::min<int64_t>(file_.size_bytes(), content::kHeadBytes);
    if (head_checked_ || upload_->size_bytes() < head_bytes) return absl::OkStatus();
    head_checked_ = true;
    ASSIGN_OR_RETURN(const std::string head, upload_->ReadAt(0, static_cast<size_t>(head_bytes)));
    return content::MayBegin(file_.content_type(), head) ? absl::OkStatus() : Forget(WrongType());
  }

  absl::Status CheckContent() {
    if (!file_.sha256().empty() && file_.sha256() != upload_->sha256())
      return Forget(RefuseRule("sha256", "内容摘要不符,已接收的内容已清除,请重新上传",
                               "differs from what came, which is forgotten: send it anew"));
    ASSIGN_OR_RETURN(const bool fits, content::IsOfType(file_.content_type(), *upload_));
    return fits ? absl::OkStatus() : Forget(WrongType());
  }

  base::Violation WrongType() const {
    return RefuseRule(
        "contentType", absl::StrCat("内容不是 ", file_.content_type(), ",已接收的内容已清除"),
        absl::StrCat("is ", file_.content_type(), ", which the content is not; it is forgotten"));
  }

  absl::Status Forget(const base::Violation& why) {
    Log("upload_not_discarded", upload_->Discard());
    return Refused(why);
  }

  content::Store* const store_;
  v1::File file_;  // As it was when the call began.
  bool restart_ = false;
  bool head_checked_ = false;
  std::unique_ptr<content::Upload> upload_;
  std::unique_ptr<content::Source> source_;  // Of a file that is stored.
  std::unique_ptr<content::Hold> hold_;      // All has come: until the row that names it is committed.
};

}  // namespace

std::unique_ptr<resource::Intake> MakeFileIntake(content::Store* store) {
  return std::make_unique<FileIntake>(store);
}

v1::FileUpload UploadOf(v1::File file, int64_t received_bytes) {
  v1::FileUpload upload;
  const bool stored = file.state() == v1::FILE_STATE_STORED;
  upload.set_received_bytes(stored ? file.size_bytes() : received_bytes);
  if (!stored) SetTime(UploadEnd(file), upload.mutable_expire_time());
  *upload.mutable_file() = std::move(file);
  return upload;
}

}  // namespace lianqiao::resources
