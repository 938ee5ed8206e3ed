// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/mapping.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/cli/built_in_mappings.h"
#include "tools/cli/json_text.h"

namespace lianqiao::cli {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

namespace {

// Assigns or returns: mappings are read member by member, each of which may be wrong.
#define CLI_ASSIGN_OR_RETURN(target, expression)  \
  do {                                            \
    auto value_or = (expression);                 \
    if (!value_or.ok()) return value_or.status(); \
    target = *std::move(value_or);                \
  } while (false)

absl::StatusOr<std::string> TextOf(object json, std::string_view name) {
  std::string_view text;
  if (json.at_key(name).get_string().get(text) != simdjson::SUCCESS || text.empty())
    return absl::InvalidArgumentError(absl::StrCat("\"", std::string(name), "\" must be a text"));
  return std::string(text);
}

absl::StatusOr<Template> TemplateOf(object json, std::string_view name) {
  std::string text;
  CLI_ASSIGN_OR_RETURN(text, TextOf(json, name));
  return Template::Parse(text);
}

array ListOf(object json, std::string_view name) {
  array list;
  return json.at_key(name).get_array().get(list) == simdjson::SUCCESS ? list : array();
}

bool Has(object json, std::string_view name) {
  return json.at_key(name).error() == simdjson::SUCCESS;
}

absl::StatusOr<SkipRule> ParseSkip(object json, bool refuses) {
  SkipRule skip;
  object reason;
  if (!Has(json, "when") || json.at_key("reason").get_object().get(reason) != simdjson::SUCCESS)
    return absl::InvalidArgumentError("\"skip\" and \"refuse\" need \"when\" and \"reason\"");
  if (refuses) CLI_ASSIGN_OR_RETURN(skip.refused_field, TextOf(json, "field"));
  CLI_ASSIGN_OR_RETURN(skip.when, Condition::Parse(json.at_key("when").value_unsafe()));
  CLI_ASSIGN_OR_RETURN(skip.reason_zh, TextOf(reason, "zh"));
  CLI_ASSIGN_OR_RETURN(skip.reason_en, TextOf(reason, "en"));
  return skip;
}

absl::StatusOr<RecordSpec> ParseRecord(object json, std::set<std::string>* columns) {
  RecordSpec record;
  CLI_ASSIGN_OR_RETURN(record.collection, TextOf(json, "collection"));
  CLI_ASSIGN_OR_RETURN(record.system, TextOf(json, "system"));
  CLI_ASSIGN_OR_RETURN(record.id, TemplateOf(json, "id"));
  record.id.AddColumns(columns);
  if (Has(json, "when"))
    CLI_ASSIGN_OR_RETURN(record.when, Condition::Parse(json.at_key("when").value_unsafe()));
  record.when.AddColumns(columns);
  bool once = false;
  if (json.at_key("once").get_bool().get(once) == simdjson::SUCCESS) record.once = once;
  for (const std::string_view list : {"skip", "refuse"}) {
    if (!Has(json, list)) continue;
    for (const element item : ListOf(json, list)) {
      if (!item.is_object())
        return absl::InvalidArgumentError("\"skip\" and \"refuse\" are lists of objects");
      CLI_ASSIGN_OR_RETURN(record.skips.emplace_back(), ParseSkip(item.get_object(), list == "refuse"));
      record.skips.back().when.AddColumns(columns);
    }
  }
  if (Has(json, "externalIds")) {
    CLI_ASSIGN_OR_RETURN(record.more_ids.emplace_back(),
                         Value::Parse(json.at_key("externalIds").value_unsafe()));
    record.more_ids.back().AddColumns(columns);
  }
  if (!Has(json, "fields")) return absl::InvalidArgumentError("a record needs \"fields\"");
  CLI_ASSIGN_OR_RETURN(record.fields, Value::Parse(json.at_key("fields").value_unsafe()));
  record.fields.AddColumns(columns);
  return record;
}

absl::StatusOr<JoinSpec> ParseJoin(object json, std::set<std::string>* columns) {
  JoinSpec join;
  CLI_ASSIGN_OR_RETURN(join.name, TextOf(json, "name"));
  CLI_ASSIGN_OR_RETURN(join.file, TextOf(json, "file"));
  CLI_ASSIGN_OR_RETURN(join.key, TextOf(json, "key"));
  CLI_ASSIGN_OR_RETURN(join.on, TemplateOf(json, "on"));
  join.on.AddColumns(columns);
  return join;
}

absl::StatusOr<LookupSpec> ParseLookup(object json) {
  LookupSpec lookup;
  CLI_ASSIGN_OR_RETURN(lookup.name, TextOf(json, "name"));
  CLI_ASSIGN_OR_RETURN(lookup.file, TextOf(json, "file"));
  CLI_ASSIGN_OR_RETURN(lookup.key, TextOf(json, "key"));
  CLI_ASSIGN_OR_RETURN(lookup.value, TextOf(json, "value"));
  if (Has(json, "when"))
    CLI_ASSIGN_OR_RETURN(lookup.when, Condition::Parse(json.at_key("when").value_unsafe()));
  return lookup;
}

absl::StatusOr<std::map<std::string, Columns>> ParseTables(object json) {
  std::map<std::string, Columns> tables;
  object list;
  if (json.at_key("tables").get_object().get(list) != simdjson::SUCCESS) return tables;
  for (const auto& [name, rows] : list) {
    object pairs;
    if (rows.get_object().get(pairs) != simdjson::SUCCESS)
      return absl::InvalidArgumentError("a table is an object");
    for (const auto& [key, ignored] : pairs)
      CLI_ASSIGN_OR_RETURN(tables[std::string(name)][std::string(key)], TextOf(pairs, key));
  }
  return tables;
}

absl::StatusOr<Mapping> ParseParts(object json) {
  Mapping mapping;
  CLI_ASSIGN_OR_RETURN(mapping.file, TextOf(json, "file"));
  CLI_ASSIGN_OR_RETURN(mapping.tables, ParseTables(json));
  for (const std::string_view list : {"joins", "lookups", "records"}) {
    if (!Has(json, list)) continue;
    for (const element item : ListOf(json, list)) {
      if (!item.is_object())
        return absl::InvalidArgumentError(absl::StrCat("\"", std::string(list), "\" is a list of objects"));
      const object part = item.get_object();
      if (list == "joins") {
        CLI_ASSIGN_OR_RETURN(mapping.joins.emplace_back(), ParseJoin(part, &mapping.columns));
      } else if (list == "lookups") {
        CLI_ASSIGN_OR_RETURN(mapping.lookups.emplace_back(), ParseLookup(part));
      } else {
        CLI_ASSIGN_OR_RETURN(mapping.records.emplace_back(), ParseRecord(part, &mapping.columns));
      }
    }
  }
  return mapping;
}

#undef CLI_ASSIGN_OR_RETURN

absl::StatusOr<std::vector<Mapping>> ParseAll(std::vector<std::pair<std::string, std::string>> texts) {
  std::sort(texts.begin(), texts.end());
  std::vector<Mapping> mappings;
  for (const auto& [name, text] : texts) {
    absl::StatusOr<Mapping> mapping = ParseMapping(name, text);
    if (!mapping.ok()) return mapping.status();
    mappings.push_back(*std::move(mapping));
  }
  return mappings;
}

}  // namespace

absl::StatusOr<Mapping> ParseMapping(const std::string& name, std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  const auto error = parser.parse(json.data(), json.size()).get(root);
  const auto wrong = [&](std::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("mapping ", name, ": ", std::string(what)));
  };
  if (error != simdjson::SUCCESS) return wrong(simdjson::error_message(error));
  if (!root.is_object()) return wrong("is no object");
  absl::StatusOr<Mapping> mapping = ParseParts(root.get_object());
  if (!mapping.ok()) return wrong(std::string(mapping.status().message()));
  mapping->name = name;
  return mapping;
}

absl::StatusOr<std::vector<Mapping>> BuiltInMappings() {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const BuiltInMapping& mapping : kBuiltInMappings) texts.emplace_back(mapping.name, mapping.text);
  return ParseAll(std::move(texts));
}

absl::StatusOr<std::vector<Mapping>> ReadMappings(const std::string& folder) {
  std::vector<std::pair<std::string, std::string>> texts;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    texts.emplace_back(entry.path().filename().string(), text.str());
  }
  if (error) return absl::NotFoundError(absl::StrCat("cannot read the folder ", folder));
  return ParseAll(std::move(texts));
}

absl::StatusOr<std::string> MakeRecord(const RecordSpec& spec, const std::string& id, const RowView& view) {
  std::string record =
      absl::StrCat("{\"externalIds\":[{\"system\":", Quote(spec.system), ",\"id\":", Quote(id), "}");
  for (const Value& more : spec.more_ids) {
    absl::StatusOr<std::string> list = more.Fill(view);
    if (!list.ok()) return list;
    if (list->size() > 2) absl::StrAppend(&record, ",", list->substr(1, list->size() - 2));
  }
  record += ']';
  absl::StatusOr<std::string> fields = spec.fields.Fill(view);
  if (!fields.ok()) return fields;
  if (fields->size() > 2) absl::StrAppend(&record, ",", fields->substr(1, fields->size() - 2));
  return record + '}';
}

}  // namespace lianqiao::cli
