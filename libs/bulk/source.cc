// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/source.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/bulk/encoding.h"
#include "libs/bulk/limits.h"

namespace lianqiao::bulk {
namespace {

using base::ErrorReason;
using base::Refuse;

constexpr size_t kLookedAtBytes = size_t{64} << 10;
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

absl::Status TooManyLines() {
  return base::Fail(absl::StatusCode::kInvalidArgument, ErrorReason::IMPORT_TOO_LARGE,
                    {{"max", absl::StrCat(kLinesMax, " lines")}, {"max_zh", absl::StrCat(kLinesMax, "行")}});
}

base::Violation TooLong() {
  return Refuse("", ErrorReason::LINE_TOO_LONG, {{"max", absl::StrCat(kLineBytesMax)}});
}

std::optional<base::Violation> CheckText(absl::string_view text) {
  if (!IsUtf8(text)) return NotUtf8(text);
  if (text.find('\0') != absl::string_view::npos)
    return Refuse("", ErrorReason::FIELD_BAD_FORMAT,
                  {{"expected", "text without NUL"}, {"expected_zh", "不含空字符(NUL)的文本"}});
  return std::nullopt;
}

class LineSplitter final : public Splitter {
 public:
  explicit LineSplitter(Sink sink) : sink_(std::move(sink)) {}

  absl::Status Feed(absl::string_view bytes) override {
    while (!bytes.empty()) {
      const size_t end = bytes.find('\n');
      const absl::string_view piece = bytes.substr(0, end);
      const bool ended = end != absl::string_view::npos;
      if (ended && rest_.empty() && !passing_) {
        RETURN_IF_ERROR(Line(piece, true));
      } else {
        Keep(piece);
        if (ended) RETURN_IF_ERROR(TakeKept(true));
      }
      bytes.remove_prefix(piece.size() + (ended ? 1 : 0));
    }
    return absl::OkStatus();
  }

  absl::Status Finish() override { return rest_.empty() && !passing_ ? absl::OkStatus() : TakeKept(false); }

 private:
  void Keep(absl::string_view piece) {
    passing_ = passing_ || rest_.size() + piece.size() > kLineBytesMax + 1;
    if (passing_) {
      rest_.clear();
    } else {
      rest_.append(piece.data(), piece.size());
    }
  }

  absl::Status TakeKept(bool ended) {
    const std::string line = std::exchange(rest_, "");
    if (!std::exchange(passing_, false)) return Line(line, ended);
    SourceItem item;
    item.line = ++line_;
    item.ended = ended;
    item.violation = TooLong();
    return line_ > kLinesMax ? TooManyLines() : sink_(item);
  }

  absl::Status Line(absl::string_view text, bool ended) {
    if (++line_ > kLinesMax) return TooManyLines();
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    if (text.find_first_not_of(" \t") == absl::string_view::npos) return absl::OkStatus();
    SourceItem item;
    item.line = line_;
    item.text = text;
    item.ended = ended;
    item.violation = text.size() > kLineBytesMax ? TooLong() : CheckText(text);
    return sink_(item);
  }

  const Sink sink_;
  std::string rest_;
  bool passing_ = false;  // Within a line that is too long.
  int64_t line_ = 0;
};

class TypedSplitter final : public Splitter {
 public:
  explicit TypedSplitter(Sink sink) : sink_(std::move(sink)) {}

  absl::Status Feed(absl::string_view bytes) override {
    rest_.append(bytes.data(), bytes.size());
    size_t at = 0;
    while (true) {
      size_t size = 0;
      const size_t head = ReadSize(at, &size);
      if (head == 0 || at + head + size > rest_.size()) break;
      SourceItem item;
      item.line = ++line_;
      if (line_ > kLinesMax) return TooManyLines();
      item.text = absl::string_view(rest_).substr(at + head, size);
      if (size > kLineBytesMax) item.violation = TooLong();
      RETURN_IF_ERROR(sink_(item));
      at += head + size;
    }
    rest_.erase(0, at);
    return absl::OkStatus();
  }

  absl::Status Finish() override {
    return rest_.empty() ? absl::OkStatus() : absl::DataLossError("a stored submission is cut off");
  }

 private:
  // How many bytes the varint takes; 0: not all of it is there.
  size_t ReadSize(size_t at, size_t* size) const {
    for (size_t i = 0; i < 5 && at + i < rest_.size(); ++i) {
      const auto byte = static_cast<unsigned char>(rest_[at + i]);
      *size |= static_cast<size_t>(byte & 0x7F) << (7 * i);
      if (byte < 0x80) return i + 1;
    }
    return 0;
  }

  const Sink sink_;
  std::string rest_;
  int64_t line_ = 0;
};

}  // namespace

std::unique_ptr<Splitter> MakeLineSplitter(Splitter::Sink sink) {
  return std::make_unique<LineSplitter>(std::move(sink));
}

std::unique_ptr<Splitter> MakeTypedSplitter(Splitter::Sink sink) {
  return std::make_unique<TypedSplitter>(std::move(sink));
}

Source::Source(Form form, bool gzip, Splitter::Sink sink) : form_(form) {
  const auto make = form == Form::kCsv      ? MakeCsvSplitter
                    : form == Form::kNdjson ? MakeLineSplitter
                                            : MakeTypedSplitter;
  splitter_ = make(std::move(sink));
  if (gzip) inflater_ = std::make_unique<Inflater>([this](absl::string_view text) { return FeedText(text); });
}

absl::Status Source::Feed(absl::string_view bytes) {
  return inflater_ == nullptr ? FeedText(bytes) : inflater_->Feed(bytes);
}

absl::Status Source::Finish() {
  if (inflater_ != nullptr) RETURN_IF_ERROR(inflater_->Finish());
  if (!opened_) RETURN_IF_ERROR(Open());
  return splitter_->Finish();
}

absl::Status Source::FeedText(absl::string_view text) {
  if (opened_ || form_ == Form::kTyped) return splitter_->Feed(text);
  beginning_.append(text.data(), text.size());
  return beginning_.size() < kLookedAtBytes ? absl::OkStatus() : Open();
}

absl::Status Source::Open() {
  opened_ = true;
  const std::string text = std::exchange(beginning_, "");
  if (form_ == Form::kTyped) return absl::OkStatus();
  RETURN_IF_ERROR(CheckEncoding(text, form_ == Form::kCsv));
  absl::string_view rest = text;
  if (rest.substr(0, kByteOrderMark.size()) == kByteOrderMark) rest.remove_prefix(kByteOrderMark.size());
  return splitter_->Feed(rest);
}

}  // namespace lianqiao::bulk
