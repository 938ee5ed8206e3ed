// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/stream_writer.h"

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/json/json.h"
#include "services/gateway/json_text.h"
#include "services/gateway/wire.h"

namespace lianqiao::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// A message, taken apart: its records, and everything else about them.
class RecordsWriter : public StreamWriter {
 public:
  RecordsWriter(const Descriptor* message, const StreamShape& shape) : type_(message), shape_(shape) {}

  bool Head(const Metadata&, HttpResponse* response) override {
    AddHeader("Content-Type", content_type(), &response->headers);
    AddHeader("Cache-Control", "no-store", &response->headers);
    AddHeader("X-Accel-Buffering", "no", &response->headers);  // nginx would keep records back.
    return true;
  }

  absl::Status Take(std::string message) override {
    message_ = std::move(message);
    records_.clear();
    incomplete_.clear();
    batch_.clear();
    resume_ = {};
    next_ = 0;
    begun_ = false;
    std::string_view rest = message_;
    while (!rest.empty()) {
      WireField field;
      if (!NextField(&rest, &field)) return absl::InternalError("malformed message");
      if (IsField(field, shape_.elements)) {
        records_.push_back(field.part);
        continue;
      }
      if (IsField(field, shape_.resume)) resume_ = field.part;
      if (IsField(field, shape_.incomplete)) incomplete_.emplace_back(field.part);
      if (shape_.elements != nullptr) batch_.append(field.whole);
    }
    if (shape_.elements == nullptr) records_.assign(1, message_);
    // The name of a place that a line break could be in is no place to go on from.
    if (resume_.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) resume_ = {};
    if (!resume_.empty()) last_resume_ = resume_;
    return absl::OkStatus();
  }

  absl::Status Next(size_t bytes_max, std::string* out, bool* more) override {
    if (!begun_) BeginBatch(out);
    begun_ = true;
    const Descriptor* type = shape_.elements != nullptr ? shape_.elements->message_type() : type_;
    for (; next_ < records_.size(); ++next_) {
      *more = true;
      if (out->size() >= bytes_max) return absl::OkStatus();
      scratch_.assign(records_[next_]);
      RETURN_IF_ERROR(Record(type, next_ + 1 == records_.size(), out));
    }
    *more = false;
    RETURN_IF_ERROR(EndBatch(out));
    message_ = std::string();  // A stream may be at rest for hours.
    records_.clear();
    return absl::OkStatus();
  }

 protected:
  virtual const char* content_type() const = 0;
  virtual void BeginBatch(std::string*) {}
  // scratch_ as JSON.
  virtual absl::Status Record(const Descriptor* type, bool last, std::string* out) = 0;
  virtual absl::Status EndBatch(std::string* out) = 0;

  absl::Status BatchJson(std::string* out) { return json::WireToJson(type_, batch_, {}, out); }
  // {"cursor":"…"}, from where to go on.
  std::string ResumeJson() const {
    JsonText json;
    json.Object();
    if (!last_resume_.empty()) json.Pair(shape_.resume->json_name(), last_resume_);
    return json.End().Take();
  }

  const Descriptor* type_;
  const StreamShape shape_;
  std::string message_;
  std::vector<std::string_view> records_;  // In message_, as resume_ is.
  std::vector<std::string> incomplete_;
  std::string_view resume_;
  std::string batch_;    // The wire of all other fields.
  std::string scratch_;  // Of one record.

 private:
  static bool IsField(const WireField& field, const FieldDescriptor* wanted) {
    return wanted != nullptr && field.is_part && field.number == static_cast<uint64_t>(wanted->number());
  }

  size_t next_ = 0;
  bool begun_ = false;
  std::string last_resume_;
};

class Lines : public RecordsWriter {
 public:
  using RecordsWriter::RecordsWriter;
  std::string End() override { return absl::StrCat("{\"end\":", ResumeJson(), "}\n"); }
  std::string Error(const std::string& error) override { return absl::StrCat(error, "\n"); }

 protected:
  const char* content_type() const override { return "application/x-ndjson; charset=utf-8"; }
  absl::Status Record(const Descriptor* type, bool, std::string* out) override {
    RETURN_IF_ERROR(json::WireToJson(type, scratch_, {}, out));
    out->push_back('\n');
    return absl::OkStatus();
  }
  absl::Status EndBatch(std::string* out) override {
    if (shape_.elements == nullptr) return absl::OkStatus();
    out->append("{\"batch\":");
    RETURN_IF_ERROR(BatchJson(out));
    out->append("}\n");
    return absl::OkStatus();
  }
};

// Last-Event-ID must name a batch that the client has whole: only its last event has an id.
class Events : public RecordsWriter {
 public:
  using RecordsWriter::RecordsWriter;
  std::string End() override { return Opened(absl::StrCat("event: end\ndata: ", ResumeJson(), "\n\n")); }
  std::string Error(const std::string& error) override {
    return Opened(absl::StrCat("event: error\ndata: ", error, "\n\n"));
  }
  std::string Heartbeat() override { return Opened(": heartbeat\n\n"); }

 protected:
  const char* content_type() const override { return "text/event-stream; charset=utf-8"; }

  void BeginBatch(std::string* out) override {
    out->append(Opened(""));
    if (incomplete_ == incomplete_before_) return;
    JsonText json;
    json.Object();
    if (!incomplete_.empty()) {
      json.Key(shape_.incomplete->json_name()).Array();
      for (const std::string& name : incomplete_) json.String(name);
      json.End();
    }
    absl::StrAppend(out, "event: ", incomplete_.empty() ? "recovered" : "degraded",
                    "\ndata: ", json.End().Take(), "\n\n");
    incomplete_before_ = incomplete_;
  }

  absl::Status Record(const Descriptor* type, bool last, std::string* out) override {
    absl::StrAppend(out, "event: ", shape_.element_name, "\n");
    if (last) Id(out);
    out->append("data: ");
    RETURN_IF_ERROR(json::WireToJson(type, scratch_, {}, out));
    out->append("\n\n");
    return absl::OkStatus();
  }

  absl::Status EndBatch(std::string* out) override {
    if (!records_.empty()) return absl::OkStatus();
    out->append(": heartbeat\nevent: batch\n");
    Id(out);
    out->append("data: ");
    RETURN_IF_ERROR(BatchJson(out));
    out->append("\n\n");
    return absl::OkStatus();
  }

 private:
  void Id(std::string* out) const {
    if (!resume_.empty()) out->append("id: ").append(resume_).append("\n");
  }
  std::string Opened(const std::string& text) {
    if (opened_) return text;
    opened_ = true;
    return "retry: 3000\n\n" + text;
  }

  bool opened_ = false;
  std::vector<std::string> incomplete_before_;
};

}  // namespace

std::unique_ptr<StreamWriter> LinesWriter(const Descriptor* message, const StreamShape& shape) {
  return std::make_unique<Lines>(message, shape);
}

std::unique_ptr<StreamWriter> EventsWriter(const Descriptor* message, const StreamShape& shape) {
  return std::make_unique<Events>(message, shape);
}

}  // namespace lianqiao::gateway
