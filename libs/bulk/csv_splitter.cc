// SPDX-License-Identifier: Apache-2.0
// RFC 4180 with LF or CRLF line ends. What is wrong with one row does not keep the rows behind it from being
// read.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/bulk/encoding.h"
#include "libs/bulk/limits.h"
#include "libs/bulk/source.h"

namespace lianqiao::bulk {
namespace {

using base::ErrorReason;
using base::Refuse;

// A quote that is never closed swallows the rest of the file; the lines that it swallowed are read again. So
// many times, so that no file can make that slow.
constexpr int kRereadMax = 100;

base::Violation BadQuotes() {
  return Refuse("", ErrorReason::FIELD_BAD_FORMAT,
                {{"expected", "quotes as in RFC 4180"}, {"expected_zh", "符合 RFC 4180 的引号"}});
}

class CsvSplitter final : public Splitter {
 public:
  explicit CsvSplitter(Sink sink) : sink_(std::move(sink)) {}

  absl::Status Feed(absl::string_view bytes) override {
    buffer_.append(bytes.data(), bytes.size());
    return Split(false);
  }
  absl::Status Finish() override { return Split(true); }

 private:
  enum class Found { kRow, kBad, kIncomplete, kOpenQuote };

  absl::Status Split(bool final) {
    size_t at = 0;
    while (at < buffer_.size()) {
      size_t end = at;  // Behind the row and its line end.
      const Found found = Scan(at, final, &end);
      const bool complete = found == Found::kRow || found == Found::kBad;
      if (!complete && !final && buffer_.size() - at <= kLineBytesMax) break;
      if (found == Found::kOpenQuote) {
        RETURN_IF_ERROR(Swallowed(at, final, &end));
      } else if (!complete && !final) {
        passing_ = true;  // Up to its line end, which has not come yet.
        buffer_.erase(0, buffer_.size());
        return absl::OkStatus();
      } else {
        RETURN_IF_ERROR(Row(found, at, end));
      }
      at = end;
    }
    buffer_.erase(0, at);
    if (final && passing_) return Row(Found::kRow, 0, 0);
    return absl::OkStatus();
  }

  // One row from `at`. Fills cells_.
  Found Scan(size_t at, bool final, size_t* end) {
    cells_.clear();
    std::string cell;
    bool quoted = false;  // The cell was, and its closing quote has been read.
    for (size_t i = at;;) {
      if (i == buffer_.size() || buffer_[i] == '\n') {
        if (i == buffer_.size() && !final) return Found::kIncomplete;
        if (!quoted && !cell.empty() && cell.back() == '\r') cell.pop_back();
        cells_.push_back(std::move(cell));
        *end = std::min(i + 1, buffer_.size());
        return Found::kRow;
      }
      const char byte = buffer_[i];
      if (byte == ',') {
        cells_.push_back(std::exchange(cell, ""));
        quoted = false;
        ++i;
      } else if (byte == '"') {
        if (quoted || !cell.empty()) return Bad(i, final, end);
        i = Quoted(i + 1, &cell);
        if (i == std::string::npos) return Found::kOpenQuote;
        quoted = true;
      } else if (quoted && !(byte == '\r' && LineEndsAt(i + 1))) {
        return Bad(i, final, end);
      } else {
        if (!quoted) cell.push_back(byte);
        ++i;
      }
    }
  }

  bool LineEndsAt(size_t i) const { return i >= buffer_.size() || buffer_[i] == '\n'; }

  // Behind the closing quote; npos: there is none.
  size_t Quoted(size_t i, std::string* cell) const {
    while (true) {
      const size_t quote = buffer_.find('"', i);
      if (quote == std::string::npos) return quote;
      cell->append(buffer_, i, quote - i);
      if (quote + 1 >= buffer_.size() || buffer_[quote + 1] != '"') return quote + 1;
      cell->push_back('"');
      i = quote + 2;
    }
  }

  Found Bad(size_t i, bool final, size_t* end) {
    const size_t line_end = buffer_.find('\n', i);
    if (line_end == std::string::npos && !final) return Found::kIncomplete;
    *end = line_end == std::string::npos ? buffer_.size() : line_end + 1;
    return Found::kBad;
  }

  absl::Status Row(Found found, size_t at, size_t end) {
    SourceItem item;
    item.line = line_ + 1;
    item.cells = &cells_;
    item.ended = end > at && buffer_[end - 1] == '\n';
    item.text = absl::string_view(buffer_).substr(at, end - at);
    line_ += std::max<int64_t>(std::count(item.text.begin(), item.text.end(), '\n'), item.ended ? 0 : 1);
    if (line_ > kLinesMax)
      return base::Fail(
          absl::StatusCode::kInvalidArgument, ErrorReason::IMPORT_TOO_LARGE,
          {{"max", absl::StrCat(kLinesMax, " lines")}, {"max_zh", absl::StrCat(kLinesMax, "行")}});
    while (!item.text.empty() && (item.text.back() == '\n' || item.text.back() == '\r'))
      item.text.remove_suffix(1);
    const bool long_one = std::exchange(passing_, false) || item.text.size() > kLineBytesMax;
    if (item.text.empty() && !long_one) return absl::OkStatus();
    if (long_one) {
      item.text = {};
      item.violation = Refuse("", ErrorReason::LINE_TOO_LONG, {{"max", absl::StrCat(kLineBytesMax)}});
    } else if (!IsUtf8(item.text)) {
      item.violation = NotUtf8(item.text);
    } else if (found == Found::kBad) {
      item.violation = BadQuotes();
    } else if (item.text.find('\0') != absl::string_view::npos) {
      item.violation = Refuse("", ErrorReason::FIELD_BAD_FORMAT,
                              {{"expected", "text without NUL"}, {"expected_zh", "不含空字符(NUL)的文本"}});
    }
    return sink_(item);
  }

  // The row's first line is told; what stands behind it is read as rows again.
  absl::Status Swallowed(size_t at, bool final, size_t* end) {
    const size_t line_end = buffer_.find('\n', at);
    const bool again = line_end != std::string::npos && ++rereads_ <= kRereadMax;
    *end = again ? line_end + 1 : buffer_.size();
    SourceItem item;
    item.line = line_ + 1;
    item.cells = &cells_;
    item.text = absl::string_view(buffer_).substr(at, (again ? line_end : buffer_.size()) - at);
    item.ended = again;
    if (!item.text.empty() && item.text.back() == '\r') item.text.remove_suffix(1);
    line_ += std::max<int64_t>(1, std::count(buffer_.begin() + static_cast<std::ptrdiff_t>(at),
                                             buffer_.begin() + static_cast<std::ptrdiff_t>(*end), '\n'));
    const bool cut = final && !std::exchange(passing_, false);
    item.violation = cut ? Refuse("", ErrorReason::RECORD_TRUNCATED)
                         : Refuse("", ErrorReason::LINE_TOO_LONG, {{"max", absl::StrCat(kLineBytesMax)}});
    return sink_(item);
  }

  const Sink sink_;
  std::string buffer_;
  std::vector<std::string> cells_;
  bool passing_ = false;  // The row that goes on in buffer_ is too long.
  int rereads_ = 0;
  int64_t line_ = 0;  // Lines that were taken.
};

}  // namespace

std::unique_ptr<Splitter> MakeCsvSplitter(Splitter::Sink sink) {
  return std::make_unique<CsvSplitter>(std::move(sink));
}

}  // namespace lianqiao::bulk
