// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/import.h"

#include <fnmatch.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "simdjson.h"
#include "tools/cli/batch.h"
#include "tools/cli/table.h"

namespace lianqiao::cli {
namespace {

constexpr size_t kKeyBytes = 16;  // Of the file's hash: enough to tell files apart.

absl::StatusOr<std::vector<std::string>> FilesOf(const std::string& folder, const std::string& extension) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == extension) names.push_back(entry.path().filename().string());
  }
  if (error) return absl::NotFoundError(absl::StrCat("cannot read the folder ", folder));
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::string> HashOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
  std::vector<char> block(1 << 16);
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0)
    EVP_DigestUpdate(context, block.data(), static_cast<size_t>(file.gcount()));
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_DigestFinal_ex(context, digest, nullptr);
  EVP_MD_CTX_free(context);
  const std::string bytes(reinterpret_cast<const char*>(digest), kKeyBytes);
  return absl::BytesToHexString(bytes);
}

// What tells the chunks of a file in this run from all others.
absl::StatusOr<std::string> KeyOf(const std::string& path, const ImportOptions& options) {
  const absl::StatusOr<std::string> hash = HashOf(path);
  if (!hash.ok() || options.run.empty()) return hash;
  return absl::StrCat(options.run, "-", *hash);
}

void Progress(const ImportOptions& options, const std::string& file, const std::string& collection,
              int read) {
  if (options.progress && read > 0 && read % 1000 == 0)
    std::cerr << file << " → " << collection << ": " << read << '\n';
}

// One record kind of one file.
class TableImport {
 public:
  TableImport(const Mapping& mapping, const RecordSpec& spec, const Companions& companions,
              const std::string& file, const std::string& key, const ImportOptions& options,
              Patience& patience, Sender& sender, Report& report)
      : mapping_(mapping),
        spec_(spec),
        companions_(companions),
        file_(file),
        options_(options),
        report_(report),
        batch_(sender, report, file, spec.collection, key + "-" + spec.system, options.batch_size, patience) {
  }

  absl::Status Run(const std::string& folder) {
    report_.At(file_, spec_.collection);
    const auto visit = [this](int line, bool fits, const Columns& row) { return Visit(line, fits, row); };
    const absl::Status status = ReadTable(folder + "/" + file_, mapping_.columns, visit);
    return status.ok() ? batch_.Flush() : status;
  }

 private:
  void Refuse(int line, const std::string& field, const std::string& reason, const std::string& description) {
    report_.Refuse(file_, spec_.collection, {{file_, line, spec_.collection, field, reason, description}});
  }

  void LeaveOut(int line, const SkipRule& rule) {
    if (rule.refused_field.empty())
      report_.Skip(file_, spec_.collection, line, rule.reason_zh, rule.reason_en);
    else
      Refuse(line, rule.refused_field, "VALUE_IMPOSSIBLE", report_.Say(rule.reason_zh, rule.reason_en));
  }

  absl::Status Visit(int line, bool fits, const Columns& row) {
    const RowView view = ViewOf(mapping_, companions_, row);
    if (fits && !spec_.when.Holds(view)) return absl::OkStatus();
    const std::string id = spec_.id.Fill(view);
    if (fits && spec_.once && !sent_.insert(id).second) return absl::OkStatus();
    Progress(options_, file_, spec_.collection, ++report_.At(file_, spec_.collection).read);
    if (!fits) {
      Refuse(line, "", "ROW_WIDTH", report_.Say("列数与表头不符", "has not as many columns as the header"));
      return absl::OkStatus();
    }
    for (const SkipRule& skip : spec_.skips) {
      if (!skip.when.Holds(view)) continue;
      LeaveOut(line, skip);
      return absl::OkStatus();
    }
    absl::StatusOr<std::string> record = MakeRecord(spec_, id, view);
    if (!record.ok()) {
      Refuse(
          line, "", "VALUE_UNKNOWN",
          absl::StrCat(report_.Say("映射中没有此值:", "is not in the mapping: "), record.status().message()));
      return absl::OkStatus();
    }
    return batch_.Add(line, spec_.system, *std::move(record));
  }

  const Mapping& mapping_;
  const RecordSpec& spec_;
  const Companions& companions_;
  const std::string file_;
  const ImportOptions& options_;
  Report& report_;
  Batch batch_;
  std::set<std::string> sent_;
};

absl::Status ImportTable(const std::string& folder, const std::string& file, const Mapping& mapping,
                         const ImportOptions& options, Patience& patience, Sender& sender, Report& report) {
  if (options.progress) std::cerr << file << '\n';
  const absl::StatusOr<std::string> key = KeyOf(folder + "/" + file, options);
  if (!key.ok()) return key.status();
  const absl::StatusOr<Companions> companions = ReadCompanions(mapping, folder);
  if (!companions.ok()) return companions.status();
  for (size_t i = 0; i < mapping.records.size(); ++i) {
    // Several kinds of records may go to one collection: each has chunks of its own.
    const std::string spec_key = absl::StrCat(*key, "-", i);
    TableImport import(mapping, mapping.records[i], *companions, file, spec_key, options, patience, sender,
                       report);
    if (const absl::Status status = import.Run(folder); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void NoteUnused(const std::vector<std::string>& files, const std::vector<Mapping>& mappings, Report& report) {
  for (const std::string& file : files) {
    std::string zh = "没有对应的映射,未导入";
    std::string en = "no mapping names it: not imported";
    for (const Mapping& mapping : mappings) {
      if (fnmatch(mapping.file.c_str(), file.c_str(), 0) == 0 && !mapping.records.empty()) {
        zh.clear();
        break;
      }
      const bool joined = std::any_of(mapping.joins.begin(), mapping.joins.end(),
                                      [&](const JoinSpec& join) { return join.file == file; });
      if (joined) {
        zh = "随 " + mapping.file + " 一并读取";
        en = "read along with " + mapping.file;
      }
    }
    if (!zh.empty()) report.Note(file, zh, en);
  }
}

std::string CollectionOf(const std::string& file) {
  const size_t from = file.find('_');
  const size_t to = file.rfind('.');
  return from == std::string::npos || to <= from ? "" : file.substr(from + 1, to - from - 1);
}

// The source system of its first external id; empty: none.
std::string SystemOf(simdjson::dom::parser& parser, const std::string& line) {
  simdjson::dom::element record;
  std::string_view system;
  if (parser.parse(line).get(record) != simdjson::SUCCESS ||
      record["externalIds"].at(0)["system"].get_string().get(system) != simdjson::SUCCESS)
    return "";
  return std::string(system);
}

absl::Status ImportRecordFile(const std::string& folder, const std::string& file,
                              const ImportOptions& options, Patience& patience, Sender& sender,
                              Report& report) {
  const std::string collection = CollectionOf(file);
  if (collection.empty())
    return absl::InvalidArgumentError(absl::StrCat(file, " is not named NN_<collection>.ndjson"));
  if (options.progress) std::cerr << file << '\n';
  const absl::StatusOr<std::string> key = KeyOf(folder + "/" + file, options);
  if (!key.ok()) return key.status();
  Batch batch(sender, report, file, collection, *key, options.batch_size, patience);
  std::ifstream input(folder + "/" + file, std::ios::binary);
  simdjson::dom::parser parser;
  std::string line;
  for (int number = 1; std::getline(input, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    Progress(options, file, collection, ++report.At(file, collection).read);
    const std::string system = SystemOf(parser, line);
    if (system.empty()) {
      const std::string text =
          report.Say("不是带有外部编号的 JSON 记录", "is no JSON record with an external id");
      report.Refuse(file, collection, {{file, number, collection, "externalIds", "VALUE_UNKNOWN", text}});
      continue;
    }
    if (const absl::Status status = batch.Add(number, system, line); !status.ok()) return status;
  }
  return batch.Flush();
}

}  // namespace

std::string NewRun() {
  unsigned char bytes[8];
  RAND_bytes(bytes, sizeof bytes);
  return absl::BytesToHexString(std::string(reinterpret_cast<const char*>(bytes), sizeof bytes));
}

absl::Status ImportTables(const std::string& folder, const std::vector<Mapping>& mappings,
                          const ImportOptions& options, Sender& sender, Report& report) {
  const absl::StatusOr<std::vector<std::string>> files = FilesOf(folder, ".csv");
  if (!files.ok()) return files.status();
  if (files->empty()) return absl::NotFoundError(absl::StrCat("no *.csv in ", folder));
  NoteUnused(*files, mappings, report);
  Patience patience{options.reference_wait};
  int imported = 0;
  for (const Mapping& mapping : mappings) {
    for (const std::string& file : *files) {
      if (fnmatch(mapping.file.c_str(), file.c_str(), 0) != 0) continue;
      ++imported;
      const absl::Status status = ImportTable(folder, file, mapping, options, patience, sender, report);
      if (!status.ok()) return absl::Status(status.code(), absl::StrCat(file, ": ", status.message()));
    }
  }
  // Nothing done must not look like success to a script.
  if (imported == 0)
    return absl::NotFoundError(
        absl::StrCat("no mapping names any of the ", files->size(), " *.csv in ", folder));
  return absl::OkStatus();
}

absl::Status ImportRecords(const std::string& folder, const ImportOptions& options, Sender& sender,
                           Report& report) {
  const absl::StatusOr<std::vector<std::string>> files = FilesOf(folder, ".ndjson");
  if (!files.ok()) return files.status();
  if (files->empty()) return absl::NotFoundError(absl::StrCat("no *.ndjson in ", folder));
  Patience patience{options.reference_wait};
  for (const std::string& file : *files) {
    const absl::Status status = ImportRecordFile(folder, file, options, patience, sender, report);
    if (!status.ok()) return absl::Status(status.code(), absl::StrCat(file, ": ", status.message()));
  }
  return absl::OkStatus();
}

}  // namespace lianqiao::cli
