// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/columns.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/base/limits.h"
#include "libs/base/text.h"
#include "libs/bulk/limits.h"

namespace lianqiao::bulk {
namespace {

using base::ErrorReason;
using base::Refuse;
using contract::Descriptor;
using contract::FieldDescriptor;

// Headers are typed by people: white space around them and the width of brackets do not count.
std::string Tidy(const std::string& header) {
  bool ok = true;
  return absl::StrReplaceAll(base::Normalise(header, &ok),
                             {{"（", "("}, {"）", ")"}, {"［", "["}, {"］", "]"}, {"．", "."}});
}

std::vector<const FieldDescriptor*> FieldsNamed(const Descriptor& message, const std::string& name) {
  if (const FieldDescriptor* field = message.FindFieldByName(name)) return {field};
  std::vector<const FieldDescriptor*> found;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor* field = message.field(i);
    if (field->json_name() == name) return {field};
    const auto& label = field->options().GetExtension(options::v1::field).label();
    const bool english =
        !label.en().empty() && absl::AsciiStrToLower(label.en()) == absl::AsciiStrToLower(name);
    if (english || label.zh() == name) found.push_back(field);
  }
  return found;
}

bool IsTimestamp(const FieldDescriptor& field) {
  return field.message_type() != nullptr && field.message_type()->full_name() == "google.protobuf.Timestamp";
}

// "name[2]" apart; false if what stands in the brackets is no index.
bool SplitIndex(std::string* name, int* index) {
  const size_t open = name->find('[');
  if (open == std::string::npos) return true;
  const std::string digits = name->substr(open + 1, name->size() - open - 2);
  if (name->back() != ']' || !absl::SimpleAtoi(digits, index) || *index < 0 ||
      *index >= base::kRepeatedItemsMax)
    return false;
  name->resize(open);
  return true;
}

// The fields on the way; empty with a violation if there are none.
std::vector<PathStep> PathOf(const Descriptor& root, const std::string& tidy, const std::string& header,
                             std::vector<base::Violation>* violations) {
  const auto refuse = [&](ErrorReason reason, base::Arguments arguments) {
    violations->push_back(Refuse(header, reason, arguments));
    return std::vector<PathStep>();
  };
  std::vector<PathStep> path;
  const Descriptor* message = &root;
  for (const absl::string_view part : absl::StrSplit(tidy, '.')) {
    std::string name(part);
    PathStep step;
    if (message == nullptr || part.empty() || !SplitIndex(&name, &step.index))
      return refuse(ErrorReason::FIELD_UNKNOWN, {});
    const auto fields = FieldsNamed(*message, name);
    if (fields.empty()) return refuse(ErrorReason::FIELD_UNKNOWN, {});
    if (fields.size() > 1) return refuse(ErrorReason::FIELD_CONFLICT, {{"other", fields[1]->json_name()}});
    step.field = fields[0];
    const bool list = step.field->is_repeated() && !step.field->is_map();
    const bool deeper =
        step.field->message_type() != nullptr && !step.field->is_map() && !IsTimestamp(*step.field);
    if (step.index >= 0 && !(list && deeper)) return refuse(ErrorReason::FIELD_UNKNOWN, {});
    message = deeper && (!list || step.index >= 0) ? step.field->message_type() : nullptr;
    path.push_back(step);
  }
  return path;
}

// The system of "externalId(system)", "" for "externalId" alone; nullopt for other headers.
std::optional<std::string> ExternalSystem(const contract::Resource& resource, const std::string& tidy) {
  const size_t open = tidy.find('(');
  const std::string name = absl::AsciiStrToLower(absl::StripAsciiWhitespace(tidy.substr(0, open)));
  static const char* const kNames[] = {"sourceid",    "source_id",   "source id", "externalid",
                                       "external_id", "external id", "来源编号",  "外部编号"};
  if (std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames)) return std::nullopt;
  if (resource.external_ids == nullptr || resource.Find(name) != nullptr) return std::nullopt;
  if (open == std::string::npos) return "";
  if (tidy.back() != ')') return std::nullopt;
  return std::string(absl::StripAsciiWhitespace(tidy.substr(open + 1, tidy.size() - open - 2)));
}

std::string JsonPath(const std::vector<PathStep>& path) {
  std::string text;
  for (const PathStep& step : path) {
    absl::StrAppend(&text, text.empty() ? "" : ".", step.field->json_name());
    if (step.index >= 0) absl::StrAppend(&text, "[", step.index, "]");
  }
  return text;
}

}  // namespace

absl::StatusOr<Columns> Columns::Parse(const contract::Resource& resource,
                                       const std::vector<std::string>& headers) {
  Columns columns;
  std::vector<base::Violation> violations;
  if (headers.size() > static_cast<size_t>(kColumnsMax))
    return base::FailIfAny({Refuse("", ErrorReason::FIELD_TOO_MANY, {{"max", absl::StrCat(kColumnsMax)}})});
  std::map<std::string, std::string> seen;  // What a column fills, to its header.
  for (const std::string& header : headers) {
    Column column;
    column.header = header;
    const std::string tidy = Tidy(header);
    std::string fills;
    if (const auto system = ExternalSystem(resource, tidy)) {
      column.kind = system->empty() ? Column::Kind::kSourceId : Column::Kind::kExternalId;
      column.system = *system;
      fills = absl::StrCat("externalId:", *system);
    } else {
      column.path = PathOf(*resource.descriptor, tidy, header, &violations);
      fills = JsonPath(column.path);
    }
    if (!fills.empty() && !seen.emplace(fills, header).second)
      violations.push_back(Refuse(header, ErrorReason::FIELD_DUPLICATE));
    columns.columns_.push_back(std::move(column));
  }
  RETURN_IF_ERROR(base::FailIfAny(violations));
  return columns;
}

std::string Columns::HeaderOf(const std::string& field) const {
  const Column* best = nullptr;
  size_t longest = 0;
  for (const Column& column : columns_) {
    if (column.kind == Column::Kind::kSourceId && field == "sourceId") return column.header;
    const std::string path = column.kind == Column::Kind::kField ? JsonPath(column.path) : "externalIds";
    // A violation may stand at an element of the column's list, or at the message that the column is in.
    const bool within =
        field.compare(0, path.size(), path) == 0 &&
        (field.size() == path.size() || field[path.size()] == '[' || field[path.size()] == '.');
    if (within && path.size() > longest) best = &column, longest = path.size();
  }
  return best == nullptr ? "" : best->header;
}

}  // namespace lianqiao::bulk
