// SPDX-License-Identifier: Apache-2.0
#include "libs/store/filter_lexer.h"

#include <utility>

#include "absl/strings/ascii.h"

namespace lianqiao::store {
namespace {

using Kind = FilterToken::Kind;

bool IsNameStart(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_';
}

bool IsNamePart(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
}

bool IsWordPart(char c) {
  return IsNamePart(c) || c == '-' || c == '+' || c == ':';
}

// The whole character that begins at `at`, however many bytes it has.
std::string CharacterAt(const std::string& text, size_t at) {
  size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return text.substr(at, end - at);
}

}  // namespace

FilterToken FilterLexer::Bad(FilterToken token, const std::string& zh, const std::string& en) {
  token.kind = Kind::kBad;
  if (!mistake_.has_value()) mistake_ = FilterMistake{token.offset, zh, en};
  return token;
}

FilterToken FilterLexer::Unexpected(FilterToken token) {
  const std::string character = CharacterAt(text_, token.offset);
  at_ = text_.size();
  return Bad(std::move(token), "此处不能出现“" + character + "”;文本须放在英文引号内",
             "\"" + character + "\" cannot stand here; put text in double or single quotes");
}

FilterToken FilterLexer::Start() {
  while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  FilterToken token;
  token.offset = at_;
  return token;
}

FilterToken FilterLexer::Text(FilterToken token) {
  const char quote = text_[at_++];
  token.kind = Kind::kString;
  for (; at_ < text_.size(); ++at_) {
    char c = text_[at_];
    if (c == quote) {
      ++at_;
      return token;
    }
    if (c == '*') token.stars.push_back(token.text.size());
    if (c == '\\') {
      const size_t backslash = at_;
      c = at_ + 1 < text_.size() ? text_[++at_] : '\0';
      if (c != '"' && c != '\'' && c != '\\' && c != '*') {
        token.offset = backslash;
        at_ = text_.size();
        return Bad(std::move(token), "反斜杠后只能是 \" ' \\ *",
                   "a backslash can only stand before \" ' \\ or *");
      }
    }
    token.text.push_back(c);
  }
  return Bad(std::move(token), "引号没有闭合", "the quote is never closed; close it");
}

FilterToken FilterLexer::Next() {
  FilterToken token = Start();
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  if (c == '"' || c == '\'') return Text(std::move(token));
  if (IsNameStart(c)) {
    token.kind = Kind::kName;
    while (at_ < text_.size() && IsNamePart(text_[at_])) token.text.push_back(text_[at_++]);
    return token;
  }
  token.text = c;
  switch (c) {
    case '(':
      token.kind = Kind::kLeft;
      break;
    case ')':
      token.kind = Kind::kRight;
      break;
    case ',':
      token.kind = Kind::kComma;
      break;
    case '-':
      token.kind = Kind::kMinus;
      break;
    case '=':
    case ':':
      token.kind = Kind::kOperator;
      break;
    case '<':
    case '>':
    case '!':
      token.kind = Kind::kOperator;
      if (at_ + 1 < text_.size() && text_[at_ + 1] == '=') {
        token.text.push_back('=');
        ++at_;
      } else if (c == '!') {
        return Unexpected(std::move(token));
      }
      break;
    default:
      return Unexpected(std::move(token));
  }
  ++at_;
  return token;
}

FilterToken FilterLexer::NextValue() {
  FilterToken token = Start();
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  if (c == '"' || c == '\'') return Text(std::move(token));
  if (c == '*') {
    ++at_;
    token.kind = Kind::kStar;
    return token;
  }
  token.kind = Kind::kWord;
  while (at_ < text_.size() && IsWordPart(text_[at_])) token.text.push_back(text_[at_++]);
  return token.text.empty() ? Unexpected(std::move(token)) : token;
}

}  // namespace lianqiao::store
