// SPDX-License-Identifier: Apache-2.0
// Columns for people: Chinese characters take two places of a terminal.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace lianqiao::cli {

// Places that valid UTF-8 takes on a terminal.
size_t DisplayWidth(const std::string& text);
// With spaces up to `width`; longer text stays as it is.
std::string Padded(const std::string& text, size_t width);
// On one line, control characters as spaces, cut to `width` with an ellipsis.
std::string Shortened(const std::string& text, size_t width);

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header, size_t cell_width_max = 40);
  void Add(std::vector<std::string> row);
  void Print(std::ostream& out) const;
  size_t rows() const { return rows_.size(); }

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
  const size_t cell_width_max_;
};

// "1,234,567"
std::string Grouped(int64_t number);

}  // namespace lianqiao::cli
