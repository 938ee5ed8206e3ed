// SPDX-License-Identifier: Apache-2.0
#include "tools/ddl/difference.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace lianqiao::ddl {
namespace {

constexpr char kCreateTable[] = "CREATE TABLE ";

std::string WordAfter(const std::string& text, const std::string& before) {
  const size_t at = text.find(before);
  if (at == std::string::npos) return "";
  const size_t begin = at + before.size();
  return text.substr(begin, text.find_first_of(" (,;", begin) - begin);
}

// PostgreSQL prints back other words than migrations are written in.
std::string Canonical(const std::string& text) {
  return absl::StrReplaceAll(
      text, {{"timestamp with time zone", "timestamptz"}, {" USING btree", ""}, {" (", "("}});
}

// "name", "text" and the like of "name text NOT NULL DEFAULT ''".
std::string TypeOf(const std::string& column) {
  const std::string text = Canonical(column);
  const size_t begin = text.find(' ') + 1;
  size_t end = text.size();
  for (const char* rest : {" NOT NULL", " DEFAULT", " PRIMARY KEY"})
    end = std::min(end, text.find(rest, begin));
  return text.substr(begin, end - begin);
}

// What a foreign key says, whatever its name: "(alliance_id) REFERENCES alliance(id)".
std::string MeaningOf(const std::string& constraint) {
  const std::string text = Canonical(constraint);
  const size_t at = text.find("FOREIGN KEY");
  return at == std::string::npos ? text : text.substr(at);
}

// A unique index is known by its name, since violations are mapped by it; any other by what it covers.
std::string MeaningOfIndex(const std::string& index) {
  const std::string name = WordAfter(index, "INDEX ");
  if (absl::StartsWith(index, "CREATE UNIQUE")) return name;
  return Canonical(index.substr(index.find(" ON ")));
}

bool HasMeaning(const std::vector<std::string>& texts, const std::string& text,
                std::string (*meaning)(const std::string&)) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& other) { return meaning(other) == meaning(text); });
}

const std::string* ColumnOf(const Table& table, const std::string& name) {
  for (const auto& [column, line] : table.columns)
    if (column == name) return &line;
  return nullptr;
}

void AddColumns(const std::string& name, const Table& wanted, const Table& found, std::string* sql) {
  for (const auto& [column, line] : wanted.columns) {
    const std::string* there = ColumnOf(found, column);
    if (there == nullptr) {
      const bool bare = absl::StrContains(line, "NOT NULL") && !absl::StrContains(line, "DEFAULT");
      if (bare) absl::StrAppend(sql, "-- Fails while there are rows: give them a value first.\n");
      absl::StrAppend(sql, "ALTER TABLE ", name, " ADD COLUMN ", line, ";\n");
    } else if (TypeOf(*there) != TypeOf(line)) {
      absl::StrAppend(sql, "-- ", name, ".", column, " is ", TypeOf(*there), " and should be ", TypeOf(line),
                      ": convert what is stored.\n");
    }
  }
  for (const auto& [column, line] : found.columns) {
    if (ColumnOf(wanted, column) != nullptr) continue;
    absl::StrAppend(sql, "-- ", name, ".", column,
                    " is no field of the contract: rename it, or move what is stored and drop it.\n");
  }
}

void AddRest(const std::string& name, const Table& wanted, const Table& found, std::string* sql) {
  for (const std::string& constraint : wanted.constraints)
    if (!HasMeaning(found.constraints, constraint, MeaningOf))
      absl::StrAppend(sql, "ALTER TABLE ", name, " ADD ", constraint, ";\n");
  for (const std::string& index : wanted.indexes)
    if (!HasMeaning(found.indexes, index, MeaningOfIndex)) absl::StrAppend(sql, index, "\n");
}

}  // namespace

std::map<std::string, Table> ReadTables(std::string_view sql) {
  std::map<std::string, Table> tables;
  Table* open = nullptr;
  for (const absl::string_view piece : absl::StrSplit(absl::string_view(sql.data(), sql.size()), '\n')) {
    std::string line(piece);
    if (absl::StartsWith(line, kCreateTable)) {
      open = &tables[WordAfter(line, kCreateTable)];
    } else if (absl::StartsWith(line, "CREATE ") && absl::StrContains(line, "INDEX ")) {
      tables[WordAfter(line, " ON ")].indexes.push_back(line);
    }
    if (open == nullptr) continue;
    absl::StrAppend(&open->create, line, "\n");
    if (line == ");") {
      open = nullptr;
    } else if (absl::StartsWith(line, "  ")) {
      const std::string text(absl::StripSuffix(line.substr(2), ","));
      if (absl::StartsWith(text, "CONSTRAINT ")) {
        open->constraints.push_back(text);
      } else {
        open->columns.emplace_back(text.substr(0, text.find(' ')), text);
      }
    }
  }
  return tables;
}

std::string DifferenceOf(const std::vector<std::string>& wanted, std::string_view found) {
  const std::map<std::string, Table> there = ReadTables(found);
  std::string creations;
  std::string changes;
  for (const std::string& text : wanted) {
    for (const auto& [name, table] : ReadTables(text)) {
      const auto known = there.find(name);
      if (known == there.end()) {
        absl::StrAppend(&creations, creations.empty() ? "" : "\n", text);
        continue;
      }
      std::string change;
      AddColumns(name, table, known->second, &change);
      AddRest(name, table, known->second, &change);
      if (!change.empty()) absl::StrAppend(&changes, changes.empty() ? "" : "\n", change);
    }
  }
  return creations + (creations.empty() || changes.empty() ? "" : "\n") + changes;
}

}  // namespace lianqiao::ddl
