// SPDX-License-Identifier: Apache-2.0
// What became of every line: counted for each file and collection, each refusal kept. Written at the end for
// people and, on the way, as NDJSON for machines.
#pragma once

#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace lianqiao::cli {

enum class Language { kChinese, kEnglish };

struct Counts {
  int read = 0;
  int created = 0;
  int updated = 0;
  int unchanged = 0;
  int refused = 0;
  int skipped = 0;
};

struct Refusal {
  std::string file;
  int line = 0;
  std::string collection;
  std::string field;
  std::string
      reason;  // Of the error catalogue; or of the import: ROW_WIDTH, VALUE_UNKNOWN, VALUE_IMPOSSIBLE.
  std::string description;
};

class Report {
 public:
  // `machine` may be null.
  Report(Language language, std::ostream* machine) : language_(language), machine_(machine) {}

  Counts& At(const std::string& file, const std::string& collection);
  // One record; several violations make one refused record.
  void Refuse(const std::string& file, const std::string& collection, const std::vector<Refusal>& violations);
  void Skip(const std::string& file, const std::string& collection, int line, const std::string& zh,
            const std::string& en);
  // A file that is not loaded by itself, and why.
  void Note(const std::string& file, const std::string& zh, const std::string& en);

  void Print(std::ostream& out) const;
  int refused() const;
  Language language() const { return language_; }
  std::string Say(const std::string& zh, const std::string& en) const {
    return language_ == Language::kChinese ? zh : en;
  }

 private:
  void PrintTable(std::ostream& out) const;

  const Language language_;
  std::ostream* machine_;
  std::vector<std::pair<std::pair<std::string, std::string>, Counts>> counts_;
  std::vector<Refusal> refusals_;
  std::map<std::pair<std::string, std::string>, int> skips_;  // File, reason.
  std::vector<std::pair<std::string, std::string>> notes_;
};

}  // namespace lianqiao::cli
