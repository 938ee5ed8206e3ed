// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tools/cli/json_text.h"

namespace lianqiao::cli {
namespace {

// Columns that a terminal uses for it: a Chinese character takes two.
size_t Width(const std::string& text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) ++width;
    if (byte >= 0xC0) width += byte >= 0xE0 ? 2 : 1;
  }
  return width;
}

std::string Left(const std::string& text, size_t width) {
  return text + std::string(width > Width(text) ? width - Width(text) : 0, ' ');
}

std::string Right(const std::string& text, size_t width) {
  return std::string(width > Width(text) ? width - Width(text) : 0, ' ') + text;
}

}  // namespace

Counts& Report::At(const std::string& file, const std::string& collection) {
  const std::pair<std::string, std::string> key(file, collection);
  const auto found =
      std::find_if(counts_.begin(), counts_.end(), [&](const auto& entry) { return entry.first == key; });
  if (found != counts_.end()) return found->second;
  return counts_.emplace_back(key, Counts()).second;
}

void Report::Refuse(const std::string& file, const std::string& collection,
                    const std::vector<Refusal>& violations) {
  ++At(file, collection).refused;
  for (const Refusal& refusal : violations) {
    refusals_.push_back(refusal);
    if (machine_ == nullptr) continue;
    *machine_ << absl::StrCat("{\"outcome\":\"REFUSED\",\"file\":", Quote(file), ",\"line\":", refusal.line,
                              ",\"collection\":", Quote(collection), ",\"field\":", Quote(refusal.field),
                              ",\"reason\":", Quote(refusal.reason),
                              ",\"description\":", Quote(refusal.description), "}\n");
  }
}

void Report::Skip(const std::string& file, const std::string& collection, int line, const std::string& zh,
                  const std::string& en) {
  ++At(file, collection).skipped;
  ++skips_[{absl::StrCat(file, " → ", collection), Say(zh, en)}];
  if (machine_ != nullptr)
    *machine_ << absl::StrCat("{\"outcome\":\"SKIPPED\",\"file\":", Quote(file), ",\"line\":", line,
                              ",\"collection\":", Quote(collection), ",\"description\":", Quote(Say(zh, en)),
                              "}\n");
}

void Report::Note(const std::string& file, const std::string& zh, const std::string& en) {
  notes_.emplace_back(file, Say(zh, en));
  if (machine_ != nullptr)
    *machine_ << absl::StrCat("{\"outcome\":\"NOTE\",\"file\":", Quote(file),
                              ",\"description\":", Quote(Say(zh, en)), "}\n");
}

int Report::refused() const {
  int sum = 0;
  for (const auto& [key, counts] : counts_) sum += counts.refused;
  return sum;
}

void Report::PrintTable(std::ostream& out) const {
  const std::vector<std::string> titles = {Say("读取", "read"),    Say("新建", "created"),
                                           Say("更新", "updated"), Say("未变", "unchanged"),
                                           Say("拒绝", "refused"), Say("略过", "skipped")};
  size_t file_width = 4;
  size_t collection_width = 8;
  for (const auto& [key, counts] : counts_) {
    file_width = std::max(file_width, Width(key.first));
    collection_width = std::max(collection_width, Width(key.second));
  }
  const auto line = [&](const std::string& file, const std::string& collection,
                        const std::vector<std::string>& cells) {
    out << Left(file, file_width) << "  " << Left(collection, collection_width);
    for (const std::string& cell : cells) out << Right(cell, 11);
    out << '\n';
  };
  line(Say("文件", "file"), Say("集合", "collection"), titles);
  for (const auto& [key, counts] : counts_) {
    std::vector<std::string> cells;
    for (const int count :
         {counts.read, counts.created, counts.updated, counts.unchanged, counts.refused, counts.skipped})
      cells.push_back(absl::StrCat(count));
    line(key.first, key.second, cells);
  }
}

void Report::Print(std::ostream& out) const {
  PrintTable(out);
  for (const auto& [file, text] : notes_) out << file << ": " << text << '\n';
  for (const auto& [key, count] : skips_)
    out << key.first << ": " << Say("略过 ", "skipped ") << count << Say(" 行:", ": ") << key.second << '\n';
  for (const Refusal& refusal : refusals_)
    out << refusal.file << ':' << refusal.line << "  " << (refusal.field.empty() ? "-" : refusal.field)
        << "  " << refusal.reason << "  " << refusal.description << '\n';
  if (machine_ == nullptr) return;
  for (const auto& [key, counts] : counts_)
    *machine_ << absl::StrCat("{\"outcome\":\"SUMMARY\",\"file\":", Quote(key.first),
                              ",\"collection\":", Quote(key.second), ",\"read\":", counts.read,
                              ",\"created\":", counts.created, ",\"updated\":") +
                     absl::StrCat(counts.updated, ",\"unchanged\":", counts.unchanged,
                                  ",\"refused\":", counts.refused, ",\"skipped\":", counts.skipped, "}\n");
}

}  // namespace lianqiao::cli
