// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/path_template.h"

#include <cctype>

#include "absl/strings/str_cat.h"

namespace lianqiao::gateway {
namespace {

class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text) {}

  absl::StatusOr<PathTemplate> Parse() {
    if (!Take('/')) return Expected("'/'");
    if (absl::Status status = Segments(false); !status.ok()) return status;
    if (Take(':')) {
      template_.verb = Literal();
      if (template_.verb.empty()) return Expected("a verb");
    }
    if (position_ != text_.size()) return Expected("the end");
    for (size_t i = 0; i + 1 < template_.segments.size(); ++i) {
      if (template_.segments[i].kind == Segment::Kind::kRest) return Wrong("** must be the last segment");
    }
    return std::move(template_);
  }

 private:
  bool At(char c) const { return position_ < text_.size() && text_[position_] == c; }
  bool Take(char c) {
    if (!At(c)) return false;
    ++position_;
    return true;
  }

  absl::Status Wrong(const std::string& what) const {
    return absl::InvalidArgumentError(absl::StrCat("path template \"", text_, "\": ", what));
  }
  absl::Status Expected(const std::string& what) const {
    return Wrong(absl::StrCat("expected ", what, " at position ", position_));
  }

  std::string Literal() {
    const size_t start = position_;
    while (position_ < text_.size()) {
      const char c = text_[position_];
      if (!std::isalnum(static_cast<unsigned char>(c)) &&
          std::string_view("-_.~%!$&'()+,;@").find(c) == std::string_view::npos)
        break;
      ++position_;
    }
    return text_.substr(start, position_ - start);
  }

  absl::Status Segments(bool inside_variable) {
    do {
      if (absl::Status status = One(inside_variable); !status.ok()) return status;
    } while (Take('/'));
    return absl::OkStatus();
  }

  absl::Status One(bool inside_variable) {
    if (At('{')) return inside_variable ? Expected("no variable inside a variable") : Variable();
    Segment segment;
    if (Take('*')) {
      segment.kind = Take('*') ? Segment::Kind::kRest : Segment::Kind::kOne;
    } else {
      const std::string literal = Literal();
      if (literal.empty()) return Expected("a segment");
      if (!PercentDecode(literal, true, &segment.literal)) return Wrong("bad percent escape");
    }
    template_.segments.push_back(std::move(segment));
    return absl::OkStatus();
  }

  absl::Status Variable() {
    ++position_;
    TemplateVariable variable;
    variable.first = template_.segments.size();
    while (position_ < text_.size() && text_[position_] != '=' && text_[position_] != '}') {
      const char c = text_[position_++];
      if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '.')
        return Wrong("bad field path");
      variable.field_path.push_back(c);
    }
    if (variable.field_path.empty()) return Expected("a field path");
    for (const TemplateVariable& other : template_.variables) {
      if (other.field_path == variable.field_path) return Wrong(variable.field_path + " stands twice");
    }
    if (Take('=')) {
      if (absl::Status status = Segments(true); !status.ok()) return status;
    } else {
      template_.segments.push_back({Segment::Kind::kOne, ""});
    }
    if (!Take('}')) return Expected("'}'");
    variable.last = template_.segments.size();
    variable.rest = template_.segments.back().kind == Segment::Kind::kRest;
    template_.variables.push_back(std::move(variable));
    return absl::OkStatus();
  }

  const std::string& text_;
  size_t position_ = 0;
  PathTemplate template_;
};

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

absl::StatusOr<PathTemplate> ParsePathTemplate(const std::string& text) {
  return Parser(text).Parse();
}

bool PercentDecode(std::string_view text, bool whole, std::string* out) {
  out->clear();
  out->reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out->push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return false;
    const int high = HexDigit(text[i + 1]);
    const int low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0) return false;
    const char decoded = static_cast<char>(high * 16 + low);
    if (decoded == '/' && !whole) {
      out->append(text.substr(i, 3));
    } else {
      out->push_back(decoded);
    }
    i += 2;
  }
  return true;
}

}  // namespace lianqiao::gateway
