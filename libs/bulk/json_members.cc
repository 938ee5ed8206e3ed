// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/json_members.h"

namespace lianqiao::bulk {
namespace {

class Scanner {
 public:
  explicit Scanner(absl::string_view text) : text_(text) {}

  char Peek() {
    at_ = text_.find_first_not_of(" \t\r\n", at_);
    if (at_ == absl::string_view::npos) at_ = text_.size();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool Take(char wanted) {
    if (Peek() != wanted) return false;
    ++at_;
    return true;
  }
  size_t at() const { return at_; }
  bool ended() { return Peek() == '\0' && at_ == text_.size(); }

  // Behind the string's closing quote.
  bool PassString() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return true;
      }
    }
    return false;
  }

  // Behind one value; brackets are only counted.
  bool PassValue() {
    int depth = 0;
    Peek();
    while (at_ < text_.size()) {
      const char byte = text_[at_];
      if (depth == 0 && (byte == ',' || byte == '}' || byte == ']')) return true;
      if (byte == '"') {
        if (!PassString()) return false;
        if (depth == 0) return true;
        continue;
      }
      if (byte == '{' || byte == '[') ++depth;
      if (byte == '}' || byte == ']') --depth;
      ++at_;
      if (depth == 0 && (byte == '}' || byte == ']')) return true;
    }
    return false;
  }

 private:
  const absl::string_view text_;
  size_t at_ = 0;
};

absl::string_view Trimmed(absl::string_view text) {
  while (!text.empty() && absl::string_view(" \t\r\n").find(text.back()) != absl::string_view::npos)
    text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::vector<JsonMember>> MembersOf(absl::string_view json) {
  std::vector<JsonMember> members;
  Scanner scanner(json);
  if (!scanner.Take('{')) return std::nullopt;
  if (scanner.Take('}')) return scanner.ended() ? std::make_optional(members) : std::nullopt;
  do {
    if (scanner.Peek() != '"') return std::nullopt;
    const size_t begin = scanner.at();
    if (!scanner.PassString()) return std::nullopt;
    JsonMember member;
    member.name = json.substr(begin + 1, scanner.at() - begin - 2);
    if (!scanner.Take(':')) return std::nullopt;
    scanner.Peek();
    const size_t value = scanner.at();
    if (!scanner.PassValue()) return std::nullopt;
    member.value = Trimmed(json.substr(value, scanner.at() - value));
    member.whole = json.substr(begin, scanner.at() - begin);
    members.push_back(member);
  } while (scanner.Take(','));
  if (!scanner.Take('}') || !scanner.ended()) return std::nullopt;
  return members;
}

}  // namespace lianqiao::bulk
