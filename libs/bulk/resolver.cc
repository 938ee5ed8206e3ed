// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/resolver.h"

#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"

namespace lianqiao::bulk {

using base::ErrorReason;
using base::Refuse;
using contract::Field;
using contract::Message;
using postgres::Parameters;
using postgres::Query;

namespace {

// What was looked up before is remembered up to here, then forgotten: the same places and years come again.
constexpr size_t kKnownMax = 50000;

std::string KeyOf(const std::string& kind, absl::string_view external) {
  return absl::StrCat(kind, " ", external);
}

// "system:id", and no UUID.
bool IsExternal(const std::string& text) {
  return text.find(':') != std::string::npos;
}

void ForReferences(const KindOrder& order, const contract::Resource& resource, const Message& record,
                   const std::function<void(const Field&, int, const std::string&)>& told) {
  const auto& reflection = *record.GetReflection();
  for (const Field* field : order.References(resource)) {
    const int size = field->array ? reflection.FieldSize(record, field->descriptor) : 1;
    for (int i = 0; i < size; ++i) {
      const std::string text = field->array ? reflection.GetRepeatedString(record, field->descriptor, i)
                                            : reflection.GetString(record, field->descriptor);
      if (!text.empty()) told(*field, field->array ? i : -1, text);
    }
  }
}

}  // namespace

absl::Status Resolver::Resolve(postgres::Statements& statements, absl::Time now, std::vector<Line>* lines) {
  if (known_.size() > kKnownMax) known_.clear();
  RETURN_IF_ERROR(Ask(statements, *lines));
  for (Line& line : *lines) {
    if (line.decoded.record == nullptr) continue;
    ResolveOwn(now, &line);
    ResolveReferences(&line);
  }
  return absl::OkStatus();
}

absl::Status Resolver::Ask(postgres::Statements& statements, const std::vector<Line>& lines) {
  static const Query kAsk{
      "resolve_import_references",
      "SELECT e.kind, e.system, e.value, e.id FROM unnest($1::text::text[], "
      "$2::text::text[], $3::text::text[]) AS w (kind, system, value)"
      " JOIN external_id e ON e.kind = w.kind AND e.system = w.system AND e.value = w.value"};
  std::set<std::tuple<std::string, std::string, std::string>> wanted;
  const auto want = [&](const std::string& kind, const std::string& external) {
    if (known_.count(KeyOf(kind, external)) > 0) return;
    const size_t colon = external.find(':');
    wanted.emplace(kind, external.substr(0, colon), external.substr(colon + 1));
  };
  for (const Line& line : lines) {
    const Decoded& decoded = line.decoded;
    if (decoded.record == nullptr) continue;
    if (!decoded.source_id.empty())
      want(decoded.resource->kind, absl::StrCat(decoded.system, ":", decoded.source_id));
    ForReferences(*order_, *decoded.resource, *decoded.record,
                  [&](const Field& field, int, const std::string& text) {
                    if (IsExternal(text)) want(field.rule->reference(), text);
                  });
  }
  if (wanted.empty()) return absl::OkStatus();
  std::vector<std::string> kinds;
  std::vector<std::string> systems;
  std::vector<std::string> values;
  for (const auto& [kind, system, value] : wanted) {
    kinds.push_back(kind);
    systems.push_back(system);
    values.push_back(value);
  }
  ASSIGN_OR_RETURN(
      const postgres::Result rows,
      statements.Execute(kAsk, Parameters().TextArray(kinds).TextArray(systems).TextArray(values)));
  for (int i = 0; i < rows.rows(); ++i)
    known_[KeyOf(rows.Text(i, 0), absl::StrCat(rows.Text(i, 1), ":", rows.Text(i, 2)))] = rows.Text(i, 3);
  return absl::OkStatus();
}

void Resolver::ResolveOwn(absl::Time now, Line* line) const {
  Decoded& decoded = line->decoded;
  const contract::Resource& resource = *decoded.resource;
  StagedRecord& staged = line->staged;
  staged.name = decoded.name;
  staged.source_id = decoded.source_id;
  staged.id = decoded.record->GetReflection()->GetString(*decoded.record, resource.id->descriptor);
  if (!staged.id.empty()) {
    staged.by_id = true;
    staged.exists = true;  // As far as anybody knows: no line makes it.
    if (!base::IsId(staged.id))
      decoded.violations.push_back(Refuse("id", ErrorReason::FIELD_BAD_FORMAT, {{"expected", "UUID"}}));
  } else if (!decoded.source_id.empty()) {
    const auto found =
        known_.find(KeyOf(resource.kind, absl::StrCat(decoded.system, ":", decoded.source_id)));
    staged.exists = found != known_.end();
    staged.id =
        staged.exists ? found->second : base::ImportedId(resource.kind, decoded.system, decoded.source_id);
  } else if (creates_) {
    staged.own_id = true;
    staged.id = base::NewId(now);
  } else {
    decoded.violations.push_back(
        Refuse(resource.external_ids == nullptr ? "id" : "externalIds", ErrorReason::FIELD_REQUIRED));
  }
}

void Resolver::ResolveReferences(Line* line) const {
  Message* record = line->decoded.record.get();
  std::vector<std::tuple<const Field*, int, std::string>> found;
  ForReferences(*order_, *line->decoded.resource, *record,
                [&](const Field& field, int index, const std::string& text) {
                  // Another spelling of a UUID is refused as what it is when the record's fields are checked.
                  if (!base::IsId(text) && !base::IsId(absl::AsciiStrToLower(text)))
                    found.emplace_back(&field, index, ResolveOne(field, index, text, line));
                });
  const auto& reflection = *record->GetReflection();
  for (const auto& [field, index, id] : found) {
    if (field->array) {
      reflection.SetRepeatedString(record, field->descriptor, index, id);
    } else {
      reflection.SetString(record, field->descriptor, id);
    }
  }
}

std::string Resolver::ResolveOne(const Field& field, int index, const std::string& text, Line* line) const {
  const std::string& kind = field.rule->reference();
  if (!IsExternal(text)) {
    std::string path = field.descriptor->json_name();
    if (index >= 0) absl::StrAppend(&path, "[", index, "]");
    line->decoded.violations.push_back(Refuse(path, ErrorReason::REFERENCE_AMBIGUOUS));
    return text;
  }
  const auto known = known_.find(KeyOf(kind, text));
  if (known != known_.end()) return known->second;
  const size_t colon = text.find(':');
  const std::string id = base::ImportedId(kind, text.substr(0, colon), text.substr(colon + 1));
  line->staged.missing.push_back({field.descriptor->number(), index, id});
  return id;
}

absl::StatusOr<std::unordered_map<std::string, std::vector<std::pair<int, std::string>>>>
Resolver::StoredReferences(postgres::Statements& statements, const std::vector<Line>& lines) const {
  std::unordered_map<std::string, std::vector<std::pair<int, std::string>>> stored;
  std::map<const contract::Resource*, std::vector<std::string>> ids;
  for (const Line& line : lines) {
    const contract::Resource* resource = line.decoded.resource;
    if (line.decoded.record != nullptr && line.decoded.remove && base::IsId(line.staged.id) &&
        !order_->Tangled(*resource).empty())
      ids[resource].push_back(line.staged.id);
  }
  for (const auto& [resource, wanted] : ids) {
    for (const Field* field : order_->Tangled(*resource)) {
      const std::string value = field->array ? absl::StrCat("unnest(", field->name, ")") : field->name;
      const Query query{absl::StrCat("stored_references_", resource->kind, "_", field->name),
                        absl::StrCat("SELECT id, ", value, " FROM ", resource->kind,
                                     " WHERE id = ANY((SELECT $1::text::uuid[])::uuid[])")};
      ASSIGN_OR_RETURN(const postgres::Result rows,
                       statements.Execute(query, Parameters().TextArray(wanted)));
      const int target = order_->IndexOf(*contract_->FindKind(field->rule->reference()));
      for (int i = 0; i < rows.rows(); ++i)
        if (!rows.IsNull(i, 1)) stored[rows.Text(i, 0)].emplace_back(target, rows.Text(i, 1));
    }
  }
  return stored;
}

}  // namespace lianqiao::bulk
