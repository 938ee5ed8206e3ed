// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/listed_references.h"

#include <cctype>

#include "absl/strings/str_cat.h"

namespace lianqiao::registry {
namespace {

std::string Missing(const std::string& field, const std::string& kind) {
  return absl::StrCat(
      "SELECT entry.number - 1 AS position, '", field, "' AS field, '", kind,
      "' AS kind FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS entry (value, number)",
      " WHERE coalesce(entry.value->>'", field, "', '') <> '' AND NOT EXISTS (SELECT 1 FROM ", kind,
      " k WHERE k.id = (entry.value->>'", field, "')::uuid AND k.delete_time IS NULL)");
}

std::string Camel(const std::string& snake) {
  std::string camel;
  bool raise = false;
  for (const char c : snake) {
    if (c != '_') camel.push_back(raise ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c);
    raise = c == '_';
  }
  return camel;
}

}  // namespace

resource::FactQuery UnknownReferences(const std::string& list, const std::string& organisation,
                                      const std::string& jurisdiction) {
  std::string sql = Missing(organisation, "organisation");
  if (!jurisdiction.empty()) absl::StrAppend(&sql, " UNION ALL ", Missing(jurisdiction, "jurisdiction"));
  return {"unknown_" + list, sql, {list}, {}};
}

void RefuseUnknown(const std::string& list, const resource::Facts& facts, resource::Violations* violations) {
  for (const resource::FactRow& row : facts.rows("unknown_" + list)) {
    const bool place = row.Text("kind") == "jurisdiction";
    violations->push_back(
        base::Refuse(absl::StrCat(list, "[", row.Integer("position"), "].", Camel(row.Text("field"))),
                     base::ErrorReason::REFERENCE_NOT_FOUND,
                     {{"kind", row.Text("kind")}, {"kind_zh", place ? "辖区" : "机构"}}));
  }
}

}  // namespace lianqiao::registry
