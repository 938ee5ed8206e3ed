// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/text_table.h"

#include <utf8proc.h>

#include <algorithm>
#include <utility>

namespace lianqiao::cli {
namespace {

constexpr char kEllipsis[] = "…";

// The next character; a byte that is none counts as one.
size_t Next(const std::string& text, size_t at, utf8proc_int32_t* character) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at;
  const utf8proc_ssize_t size =
      utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), character);
  if (size > 0) return static_cast<size_t>(size);
  *character = '?';
  return 1;
}

size_t WidthOf(utf8proc_int32_t character) {
  return static_cast<size_t>(std::max(0, utf8proc_charwidth(character)));
}

}  // namespace

size_t DisplayWidth(const std::string& text) {
  size_t width = 0;
  utf8proc_int32_t character = 0;
  for (size_t at = 0; at < text.size();) {
    at += Next(text, at, &character);
    width += WidthOf(character);
  }
  return width;
}

std::string Padded(const std::string& text, size_t width) {
  const size_t taken = DisplayWidth(text);
  return taken >= width ? text : text + std::string(width - taken, ' ');
}

std::string Shortened(const std::string& text, size_t width) {
  std::string out;
  size_t taken = 0;
  const bool fits = DisplayWidth(text) <= width;
  utf8proc_int32_t character = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t size = Next(text, at, &character);
    const bool control = character < 32 || character == 127;
    const size_t more = control ? 1 : WidthOf(character);
    if (!fits && taken + more + 1 > width) return out + kEllipsis;
    if (control) {
      out.push_back(' ');
    } else {
      out.append(text, at, size);
    }
    taken += more;
    at += size;
  }
  return out;
}

TextTable::TextTable(std::vector<std::string> header, size_t cell_width_max)
    : header_(std::move(header)), cell_width_max_(cell_width_max) {}

void TextTable::Add(std::vector<std::string> row) {
  row.resize(header_.size());
  for (std::string& cell : row) cell = Shortened(cell, cell_width_max_);
  rows_.push_back(std::move(row));
}

void TextTable::Print(std::ostream& out) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < header_.size(); ++i) {
    size_t width = DisplayWidth(header_[i]);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[i]));
    widths.push_back(width);
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i)
      out << (i + 1 < cells.size() ? Padded(cells[i], widths[i]) + "  " : cells[i]);
    out << '\n';
  };
  line(header_);
  for (const auto& row : rows_) line(row);
}

std::string Grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

}  // namespace lianqiao::cli
