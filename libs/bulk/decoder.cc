// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/decoder.h"

#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/bulk/cells.h"
#include "libs/bulk/json_members.h"
#include "libs/json/json.h"

namespace lianqiao::bulk {
namespace {

using base::ErrorReason;
using base::Refuse;
using contract::FieldDescriptor;
using contract::Message;
using type::v1::ExternalId;

const JsonMember* Find(const std::vector<JsonMember>& members, absl::string_view name,
                       absl::string_view other = "") {
  for (const JsonMember& member : members) {
    if (member.name == name || (!other.empty() && member.name == other)) return &member;
  }
  return nullptr;
}

// The text of a JSON string; nullopt if the value is none.
std::optional<std::string> TextIn(absl::string_view json) {
  google::protobuf::Value value;
  const absl::Status read = json::JsonToMessage(std::string(json), {}, &value, nullptr);
  if (!read.ok() || value.kind_case() != google::protobuf::Value::kStringValue) return std::nullopt;
  return value.string_value();
}

bool Mentions(absl::string_view text, absl::string_view name) {
  return text.find(name) != absl::string_view::npos;
}

}  // namespace

Form FormOf(const v1::ImportOptions& options, bool typed) {
  if (typed) return Form::kTyped;
  return options.format() == v1::ImportOptions::FORMAT_CSV ? Form::kCsv : Form::kNdjson;
}

Decoder::Decoder(const contract::Contract* contract, v1::ImportOptions options, Form form)
    : contract_(contract),
      options_(std::move(options)),
      form_(form),
      kind_(contract->FindKind(options_.kind())) {}

absl::StatusOr<bool> Decoder::Decode(const SourceItem& item, Decoded* decoded) {
  *decoded = Decoded();
  decoded->line = item.line;
  decoded->resource = kind_;
  decoded->remove = options_.mode() == v1::ImportOptions::MODE_DELETE;
  if (form_ == Form::kCsv) {
    ASSIGN_OR_RETURN(const bool is_record, DecodeCsv(item, decoded));
    if (!is_record) return false;
  } else if (item.violation.has_value()) {
    decoded->violations.push_back(*item.violation);
  } else if (form_ == Form::kTyped) {
    DecodeTyped(item, decoded);
  } else {
    DecodeJson(item, decoded);
  }
  if (decoded->record != nullptr) Identify(decoded);
  return true;
}

absl::StatusOr<bool> Decoder::DecodeCsv(const SourceItem& item, Decoded* decoded) {
  if (!columns_.has_value()) {
    if (item.violation.has_value()) return base::FailIfAny({*item.violation});
    ASSIGN_OR_RETURN(columns_, Columns::Parse(*kind_, *item.cells));
    return false;
  }
  if (item.violation.has_value()) {
    decoded->violations.push_back(*item.violation);
    return true;
  }
  const std::vector<std::string>& cells = *item.cells;
  const std::vector<Column>& columns = columns_->all();
  if (std::all_of(cells.begin(), cells.end(), [](const std::string& cell) { return cell.empty(); }))
    return false;
  if (cells.size() != columns.size()) {
    const bool cut = cells.size() < columns.size() && !item.ended;
    const std::string count = absl::StrCat(columns.size());
    decoded->violations.push_back(cut ? Refuse("", ErrorReason::RECORD_TRUNCATED)
                                      : Refuse("", ErrorReason::FIELD_BAD_FORMAT,
                                               {{"expected", absl::StrCat(count, " columns")},
                                                {"expected_zh", absl::StrCat(count, "列")}}));
    return true;
  }
  decoded->record.reset(kind_->prototype->New());
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].kind == Column::Kind::kField)
      SetCell(columns[i], cells[i], decoded->record.get(), &decoded->violations);
  }
  DropEmptyElements(columns, decoded->record.get());
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].kind == Column::Kind::kField || cells[i].empty()) continue;
    const bool own = columns[i].kind == Column::Kind::kSourceId;
    AddExternalId(own ? options_.source_system() : columns[i].system, cells[i], decoded);
  }
  return true;
}

bool Decoder::SetKind(const std::string& kind, const char* field, Decoded* decoded) {
  decoded->resource = contract_->FindKind(kind);
  if (decoded->resource == nullptr)
    decoded->violations.push_back(
        Refuse(field, ErrorReason::KIND_UNKNOWN, {{"value", kind.substr(0, 100)}}));
  return decoded->resource != nullptr;
}

void Decoder::DecodeJson(const SourceItem& item, Decoded* decoded) {
  const absl::string_view text = item.text;
  const bool source = Mentions(text, "\"sourceId\"") || Mentions(text, "\"source_id\"");
  const bool enveloped = kind_ == nullptr || (Mentions(text, "\"kind\"") && Mentions(text, "\"record\""));
  if (!source && !enveloped) return ReadRecord(std::string(text), item.ended, decoded);
  const auto members = MembersOf(text);
  if (!members.has_value()) {  // Whoever reads it as JSON finds out what is wrong.
    google::protobuf::Struct any;
    const absl::Status read = json::JsonToMessage(std::string(text), {}, &any, &decoded->violations);
    if (read.ok() || !item.ended)
      decoded->violations = {Refuse("",
                                    read.ok() ? ErrorReason::FIELD_WRONG_TYPE : ErrorReason::RECORD_TRUNCATED,
                                    {{"expected", "object"}})};
    return;
  }
  const JsonMember* record = Find(*members, "record");
  const JsonMember* kind = Find(*members, "kind");
  const JsonMember* source_id = Find(*members, "sourceId", "source_id");
  const bool envelope = kind_ == nullptr || (record != nullptr && kind != nullptr && record->value[0] == '{');
  std::string json(text);
  if (envelope) {
    for (const JsonMember& member : *members) {
      // Of an export's line; the record holds them too.
      if (member.name == "id" || member.name == "revision") continue;
      if (&member != record && &member != kind && &member != source_id)
        decoded->violations.push_back(
            Refuse(std::string(member.name.substr(0, 100)), ErrorReason::FIELD_UNKNOWN));
    }
    if (kind == nullptr) decoded->violations.push_back(Refuse("kind", ErrorReason::FIELD_REQUIRED));
    if (record == nullptr) decoded->violations.push_back(Refuse("record", ErrorReason::FIELD_REQUIRED));
    if (kind != nullptr && !SetKind(TextIn(kind->value).value_or(""), "kind", decoded)) return;
    if (kind == nullptr || record == nullptr) return;
    json = std::string(record->value);
  } else if (source_id != nullptr && kind_->Find("source_id") == nullptr) {
    json = "{";
    for (const JsonMember& member : *members) {
      if (&member != source_id) absl::StrAppend(&json, json.size() > 1 ? "," : "", member.whole);
    }
    json += "}";
  } else {
    source_id = nullptr;
  }
  ReadRecord(json, true, decoded);
  if (source_id == nullptr || decoded->record == nullptr) return;
  const auto id = TextIn(source_id->value);
  if (!id.has_value()) {
    decoded->violations.push_back(
        Refuse("sourceId", ErrorReason::FIELD_WRONG_TYPE, {{"expected", "string"}}));
  } else {
    AddExternalId(options_.source_system(), *id, decoded);
  }
}

void Decoder::ReadRecord(const std::string& json, bool ended, Decoded* decoded) {
  std::unique_ptr<Message> record(decoded->resource->prototype->New());
  std::vector<base::Violation> found;
  const absl::Status read = json::JsonToMessage(json, {}, record.get(), &found);
  if (read.ok()) {
    decoded->record = std::move(record);
    return;
  }
  const bool broken = std::any_of(found.begin(), found.end(), [](const base::Violation& violation) {
    return violation.reason() == ErrorReason::JSON_INVALID;
  });
  if (found.empty()) found.push_back(Refuse("", base::FailureOf(read).reason()));
  if (broken && !ended) found = {Refuse("", ErrorReason::RECORD_TRUNCATED)};
  decoded->violations.insert(decoded->violations.end(), found.begin(), found.end());
}

void Decoder::DecodeTyped(const SourceItem& item, Decoded* decoded) {
  v1::ImportRecord given;
  if (!given.ParseFromArray(item.text.data(), static_cast<int>(item.text.size()))) {
    decoded->violations.push_back(
        Refuse("", ErrorReason::FIELD_BAD_FORMAT, {{"expected", "lianqiao.sync.v1.ImportRecord"}}));
    return;
  }
  decoded->remove = decoded->remove || given.delete_();
  std::string type;
  google::protobuf::Any::ParseAnyTypeUrl(given.record().type_url(), &type);
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
  decoded->resource = descriptor == nullptr ? nullptr : contract_->FindMessage(descriptor);
  if (decoded->resource == nullptr) {
    decoded->violations.push_back(
        Refuse("record", ErrorReason::FIELD_UNKNOWN_CODE, {{"value", type.substr(0, 100)}}));
    return;
  }
  std::unique_ptr<Message> record(decoded->resource->prototype->New());
  if (!record->ParseFromString(given.record().value())) {
    decoded->violations.push_back(Refuse("record", ErrorReason::FIELD_BAD_FORMAT, {{"expected", type}}));
    return;
  }
  contract::RefuseUnknownFields(*record, "", &decoded->violations);
  for (const auto& [name, value] : given.references()) {
    const contract::Field* field = decoded->resource->Find(name);
    if (field == nullptr || field->rule->reference().empty()) {
      decoded->violations.push_back(Refuse(name.substr(0, 100), ErrorReason::FIELD_UNKNOWN));
    } else if (field->array) {
      record->GetReflection()->AddString(record.get(), field->descriptor, value);
    } else {
      record->GetReflection()->SetString(record.get(), field->descriptor, value);
    }
  }
  decoded->record = std::move(record);
}

void Decoder::AddExternalId(const std::string& system, const std::string& id, Decoded* decoded) {
  const contract::Resource& resource = *decoded->resource;
  if (system.empty()) {
    decoded->violations.push_back(Refuse("sourceId", ErrorReason::REFERENCE_AMBIGUOUS));
    return;
  }
  if (resource.external_ids == nullptr) {
    decoded->violations.push_back(Refuse("sourceId", ErrorReason::FIELD_UNKNOWN));
    return;
  }
  const auto& reflection = *decoded->record->GetReflection();
  const FieldDescriptor* field = resource.external_ids->descriptor;
  for (int i = 0; i < reflection.FieldSize(*decoded->record, field); ++i) {
    const auto& entry =
        static_cast<const ExternalId&>(reflection.GetRepeatedMessage(*decoded->record, field, i));
    if (entry.system() == system && entry.id() == id) return;
  }
  auto* entry = static_cast<ExternalId*>(reflection.AddMessage(decoded->record.get(), field));
  entry->set_system(system);
  entry->set_id(id);
}

// By the external id in the submission's source system; without one, by the first.
void Decoder::Identify(Decoded* decoded) {
  const contract::Resource& resource = *decoded->resource;
  contract::NormaliseText(decoded->record.get(), "", &decoded->violations);
  const auto& reflection = *decoded->record->GetReflection();
  if (resource.external_ids != nullptr) {
    const FieldDescriptor* field = resource.external_ids->descriptor;
    for (int i = 0; i < reflection.FieldSize(*decoded->record, field); ++i) {
      const auto& entry =
          static_cast<const ExternalId&>(reflection.GetRepeatedMessage(*decoded->record, field, i));
      const bool own = options_.source_system().empty() || entry.system() == options_.source_system();
      if (!own || entry.system().empty() || entry.id().empty()) continue;
      decoded->system = entry.system();
      decoded->source_id = entry.id();
      break;
    }
  }
  const std::string id = reflection.GetString(*decoded->record, resource.id->descriptor);
  decoded->name = !id.empty()                  ? id
                  : decoded->source_id.empty() ? ""
                                               : absl::StrCat(decoded->system, ":", decoded->source_id);
}

}  // namespace lianqiao::bulk
