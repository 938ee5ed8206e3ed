// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/table.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "tools/cli/csv_reader.h"

namespace lianqiao::cli {
namespace {

absl::Status CheckHeader(const std::vector<std::string>& header, const std::set<std::string>& required) {
  const std::set<std::string> names(header.begin(), header.end());
  if (names.size() != header.size()) return absl::InvalidArgumentError("line 1: a column is named twice");
  for (const std::string& name : required) {
    if (names.count(name) == 0)
      return absl::InvalidArgumentError(absl::StrCat("line 1: there is no column ", name));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadTable(const std::string& path, const std::set<std::string>& required,
                       const VisitRow& visit) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  const auto at_file = [&](const absl::Status& status) {
    return absl::Status(
        status.code(), absl::StrCat(std::filesystem::path(path).filename().string(), ": ", status.message()));
  };
  CsvReader reader(file);
  CsvRow row;
  absl::StatusOr<bool> more = reader.Next(&row);
  if (!more.ok()) return at_file(more.status());
  const std::vector<std::string> header = *more ? row.fields : std::vector<std::string>();
  if (const absl::Status status = CheckHeader(header, required); !status.ok()) return at_file(status);
  while (true) {
    more = reader.Next(&row);
    if (!more.ok()) return at_file(more.status());
    if (!*more) return absl::OkStatus();
    Columns columns;
    const bool fits = row.fields.size() == header.size();
    for (size_t i = 0; fits && i < header.size(); ++i) columns[header[i]] = row.fields[i];
    if (const absl::Status status = visit(row.line, fits, columns); !status.ok()) return status;
  }
}

absl::StatusOr<Companions> ReadCompanions(const Mapping& mapping, const std::string& folder) {
  Companions companions;
  companions.lookups = mapping.tables;
  for (const JoinSpec& join : mapping.joins) {
    auto& rows = companions.joined[join.name];
    const absl::Status status =
        ReadTable(folder + "/" + join.file, {join.key}, [&](int, bool fits, const Columns& row) {
          if (fits) rows[row.at(join.key)].push_back(row);
          return absl::OkStatus();
        });
    if (!status.ok() && !absl::IsNotFound(status)) return status;
  }
  for (const LookupSpec& lookup : mapping.lookups) {
    Columns& values = companions.lookups[lookup.name];
    const auto keep = [&](int, bool fits, const Columns& row) {
      RowView view;
      view.row = &row;
      if (!fits || !lookup.when.Holds(view)) return absl::OkStatus();
      const auto [at, fresh] = values.emplace(row.at(lookup.key), row.at(lookup.value));
      if (!fresh) at->second.clear();
      return absl::OkStatus();
    };
    const absl::Status status = ReadTable(folder + "/" + lookup.file, {lookup.key, lookup.value}, keep);
    if (!status.ok() && !absl::IsNotFound(status)) return status;
  }
  return companions;
}

RowView ViewOf(const Mapping& mapping, const Companions& companions, const Columns& row) {
  RowView view;
  view.row = &row;
  view.lookups = &companions.lookups;
  for (const JoinSpec& join : mapping.joins) {
    const auto& by_key = companions.joined.at(join.name);
    const auto rows = by_key.find(join.on.Fill(view));
    if (rows != by_key.end()) view.joined[join.name] = &rows->second;
  }
  return view;
}

}  // namespace lianqiao::cli
