// SPDX-License-Identifier: Apache-2.0
// A stream of bytes as the file that it is, and what a request's headers say of streams.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/rpc/stream.h"
#include "services/gateway/path_template.h"
#include "services/gateway/stream_writer.h"
#include "services/gateway/transcode.h"
#include "services/gateway/wire.h"

namespace lianqiao::gateway {
namespace {

absl::string_view View(std::string_view text) {
  return {text.data(), text.size()};
}

// As RFC 8187 wants it; what is not might end the header.
bool IsPercentEncoded(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '%' || c == '-' || c == '.' || c == '_';
  });
}

class File : public StreamWriter {
 public:
  File(const StreamShape& shape, FileRequest request) : shape_(shape), request_(std::move(request)) {}

  bool Head(const Metadata& metadata, HttpResponse* response) override {
    std::string etag;
    int64_t size = -1;
    for (const auto& [name, value] : metadata) {
      if (name == rpc::kFileEtag)
        etag = absl::StartsWith(value, "\"") ? value : absl::StrCat("\"", value, "\"");
      if (name == rpc::kFileSize && !absl::SimpleAtoi(value, &size)) size = -1;
      if (name == rpc::kFileName && IsPercentEncoded(value)) encoded_name_ = value;
    }
    AddHeader("Cache-Control", etag.empty() ? "no-store" : "private, no-cache", &response->headers);
    if (!etag.empty()) AddHeader("ETag", etag, &response->headers);
    if (NamesEtag(request_.if_none_match, etag)) {
      response->status = 304;
      return false;
    }
    if (shape_.offset != nullptr && size >= 0) AddHeader("Accept-Ranges", "bytes", &response->headers);
    if (request_.offset >= 0 && !Range(size, response)) return false;
    if (size >= 0) response->length_bytes = LastOf(size) + 1 - std::max<int64_t>(request_.offset, 0);
    AddHeader("Content-Type", content_type_.empty() ? TypeByName() : content_type_, &response->headers);
    std::string disposition = absl::StrCat("attachment; filename=\"", NameByType(), "\"");
    if (!encoded_name_.empty()) absl::StrAppend(&disposition, "; filename*=UTF-8''", encoded_name_);
    AddHeader("Content-Disposition", disposition, &response->headers);
    return true;
  }

  absl::Status Take(std::string message) override {
    message_ = std::move(message);
    content_ = {};
    std::string_view rest = message_;
    while (!rest.empty()) {
      WireField field;
      if (!NextField(&rest, &field)) return absl::InternalError("malformed message");
      if (!field.is_part) continue;
      if (field.number == static_cast<uint64_t>(shape_.content->number())) content_ = field.part;
      const bool is_type = shape_.content_type != nullptr && content_type_.empty() &&
                           field.number == static_cast<uint64_t>(shape_.content_type->number());
      if (is_type) content_type_ = field.part;
    }
    return absl::OkStatus();
  }

  absl::Status Next(size_t bytes_max, std::string* out, bool* more) override {
    const size_t room = bytes_max - std::min(bytes_max, out->size());
    out->append(content_.substr(0, room));
    content_.remove_prefix(std::min(room, content_.size()));
    *more = !content_.empty();
    return absl::OkStatus();
  }

  // The length or the last chunk says it.
  std::string End() override { return ""; }
  std::string Error(const std::string&) override { return ""; }
  bool interruptible() const override { return false; }

 private:
  // Of the last byte that is sent.
  int64_t LastOf(int64_t size) const {
    const bool stops =
        request_.offset >= 0 && request_.length > 0 && request_.length < size - request_.offset;
    return stops ? request_.offset + request_.length - 1 : size - 1;
  }
  // False if the range begins behind the end, or the service does not say where that is: then the client
  // begins anew.
  bool Range(int64_t size, HttpResponse* response) const {
    if (request_.offset >= size) {
      response->status = 416;
      if (size >= 0) AddHeader("Content-Range", absl::StrCat("bytes */", size), &response->headers);
      return false;
    }
    response->status = 206;
    AddHeader("Content-Range", absl::StrCat("bytes ", request_.offset, "-", LastOf(size), "/", size),
              &response->headers);
    return true;
  }

  std::string TypeByName() const {
    return absl::EndsWith(request_.name, ".gz") ? "application/gzip" : "application/octet-stream";
  }
  std::string NameByType() const {
    if (!encoded_name_.empty()) return FileName(encoded_name_);
    if (request_.name.find('.') != std::string::npos) return request_.name;
    if (absl::StartsWith(content_type_, "text/csv")) return request_.name + ".csv";
    if (absl::StartsWith(content_type_, "application/x-ndjson")) return request_.name + ".ndjson";
    return request_.name;
  }

  const StreamShape shape_;
  const FileRequest request_;
  std::string message_;
  std::string_view content_;  // In message_: what is left.
  std::string content_type_;
  std::string encoded_name_;  // What the service calls it.
};

}  // namespace

std::unique_ptr<StreamWriter> FileWriter(const StreamShape& shape, FileRequest request) {
  return std::make_unique<File>(shape, std::move(request));
}

ByteRange RangeOf(std::string_view range, bool can_stop) {
  constexpr std::string_view kUnit = "bytes=";
  constexpr size_t kDigitsMax = 18;
  const auto number = [](std::string_view digits) {
    const bool is_one = !digits.empty() && digits.size() <= kDigitsMax &&
                        std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit);
    int64_t value = -1;
    return is_one && absl::SimpleAtoi(View(digits), &value) ? value : -1;
  };
  const size_t dash = range.find('-');
  if (range.substr(0, kUnit.size()) != kUnit || dash == std::string_view::npos) return {};
  ByteRange found{.offset = number(range.substr(kUnit.size(), dash - kUnit.size()))};
  const std::string_view last = range.substr(dash + 1);
  if (last.empty()) return found;
  found.length = number(last) + 1 - found.offset;
  const bool whole = can_stop && found.offset >= 0 && number(last) >= 0 && found.length > 0;
  return whole ? found : ByteRange();
}

std::string FileName(std::string_view path) {
  std::string name;
  const std::string_view last = path.substr(path.rfind('/') + 1);
  if (!PercentDecode(last, true, &name)) name.clear();
  for (char& c : name) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '-' && c != '_') c = '_';
  }
  const size_t start = std::min(name.find_first_not_of('.'), name.size());
  name.erase(0, start);
  return name.empty() ? "file" : name.substr(0, 128);
}

Wanted WantedOf(std::string_view accept) {
  Wanted wanted = Wanted::kJson;
  float best = 0;
  for (const absl::string_view choice : absl::StrSplit(View(accept), ',')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(choice, ';');
    const absl::string_view type = absl::StripAsciiWhitespace(parts[0]);
    float weight = 1;
    for (size_t i = 1; i < parts.size(); ++i) {
      const absl::string_view parameter = absl::StripAsciiWhitespace(parts[i]);
      if (absl::StartsWithIgnoreCase(parameter, "q=") && !absl::SimpleAtof(parameter.substr(2), &weight))
        weight = 0;
    }
    if (weight <= best) continue;
    best = weight;
    wanted = absl::EqualsIgnoreCase(type, "text/event-stream")      ? Wanted::kEvents
             : absl::EqualsIgnoreCase(type, "application/x-ndjson") ? Wanted::kLines
                                                                    : Wanted::kJson;
  }
  return wanted;
}

}  // namespace lianqiao::gateway
