// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/export_lines.h"

#include <simdjson.h>

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/json/json.h"

namespace lianqiao::bulk {
namespace {

constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";

bool BeginsAFormula(const std::string& value) {
  return !value.empty() && std::string_view("=+-@\t\r").find(value.front()) != std::string_view::npos;
}

bool IsText(const contract::Field& field) {
  return !field.descriptor->is_repeated() &&
         field.descriptor->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING;
}

// A value as a cell holds it. False: no JSON, which cannot be, for we wrote it.
bool TextOf(simdjson::ondemand::value value, std::string* text) {
  simdjson::ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  std::string_view view;
  switch (type) {
    case simdjson::ondemand::json_type::string:
      if (value.get_string().get(view) != simdjson::SUCCESS) return false;
      break;
    case simdjson::ondemand::json_type::object: {
      simdjson::ondemand::object object;
      if (value.get_object().get(object) != simdjson::SUCCESS ||
          object.raw_json().get(view) != simdjson::SUCCESS)
        return false;
      break;
    }
    case simdjson::ondemand::json_type::array: {
      simdjson::ondemand::array array;
      if (value.get_array().get(array) != simdjson::SUCCESS ||
          array.raw_json().get(view) != simdjson::SUCCESS)
        return false;
      break;
    }
    default:
      view = value.raw_json_token();
  }
  text->assign(view);
  return true;
}

}  // namespace

struct ExportLines::Parser {
  simdjson::ondemand::parser parser;
};

ExportLines::ExportLines(v1::CreateExportRequest::Format format, const contract::Resource* resource)
    : format_(format), resource_(resource), parser_(std::make_unique<Parser>()) {
  for (size_t i = 0; i < resource->fields.size(); ++i)
    columns_[resource->fields[i].descriptor->json_name()] = i;
}

ExportLines::~ExportLines() = default;

const char* ExportLines::Extension(v1::CreateExportRequest::Format format) {
  return format == v1::CreateExportRequest::FORMAT_CSV ? "csv.gz" : "ndjson.gz";
}

std::string ExportLines::Header() const {
  if (format_ != v1::CreateExportRequest::FORMAT_CSV) return "";
  std::string header = kByteOrderMark;
  for (size_t i = 0; i < resource_->fields.size(); ++i)
    absl::StrAppend(&header, i == 0 ? "" : ",", CsvCell(resource_->fields[i].descriptor->json_name(), false));
  return header + "\r\n";
}

absl::Status ExportLines::Append(const v1::SnapshotRecord& record, std::string* out) {
  json_.clear();
  RETURN_IF_ERROR(
      json::WireToJson(resource_->descriptor, record.record().value(), json::WriteOptions(), &json_));
  if (format_ == v1::CreateExportRequest::FORMAT_CSV) return AppendCells(out);
  // Kinds and ids need no escapes.
  absl::StrAppend(out, "{\"kind\":\"", record.kind(), "\",\"id\":\"", record.id(), "\",\"revision\":\"",
                  record.revision(), "\",\"record\":", json_, "}\n");
  return absl::OkStatus();
}

absl::Status ExportLines::AppendCells(std::string* out) {
  cells_.assign(resource_->fields.size(), "");
  json_.reserve(json_.size() + simdjson::SIMDJSON_PADDING);
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  const absl::Status bad = absl::InternalError("a record of " + resource_->kind + " is no JSON object");
  if (parser_->parser.iterate(json_.data(), json_.size(), json_.capacity()).get(document) !=
          simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS)
    return bad;
  for (auto member : object) {
    simdjson::ondemand::field field;
    std::string_view name;
    if (std::move(member).get(field) != simdjson::SUCCESS ||
        field.unescaped_key().get(name) != simdjson::SUCCESS)
      return bad;
    const auto column = columns_.find(std::string(name));
    std::string text;
    if (!TextOf(field.value(), &text)) return bad;
    if (column == columns_.end()) continue;
    cells_[column->second] = CsvCell(std::move(text), IsText(resource_->fields[column->second]));
  }
  for (size_t i = 0; i < cells_.size(); ++i) absl::StrAppend(out, i == 0 ? "" : ",", cells_[i]);
  absl::StrAppend(out, "\r\n");
  return absl::OkStatus();
}

std::string CsvCell(std::string value, bool text) {
  if (text && BeginsAFormula(value)) value.insert(value.begin(), '\'');
  if (value.find_first_of("\",\r\n") == std::string::npos) return value;
  std::string cell = "\"";
  for (const char c : value) {
    if (c == '"') cell.push_back('"');
    cell.push_back(c);
  }
  cell.push_back('"');
  return cell;
}

}  // namespace lianqiao::bulk
