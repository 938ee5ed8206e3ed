// SPDX-License-Identifier: Apache-2.0
// A JSON text as a list of tokens. simdjson's first stage finds where each token begins and checks UTF-8,
// quotes and control characters; the grammar is checked by whoever walks over the tokens. Its on-demand
// reader is not used because it neither checks what it passes over nor says where in the text it stands. For
// this folder only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "simdjson.h"

namespace lianqiao::json {

class Document {
 public:
  // False if the text is no JSON at all; then OpenProblem() tells.
  bool Open(const std::string& json);

  // The first character of the token ahead; a space behind the last one.
  char Peek() const { return text_[*next_]; }
  const char* At() const { return text_.data() + *next_; }
  void Take() { ++next_; }
  // Behind the text's last token.
  bool Ended() const { return next_ >= end_; }

  // The token ahead is exactly this literal.
  bool IsLiteral(std::string_view literal) const {
    return std::string_view(At(), literal.size()) == literal && EndsToken(At() + literal.size());
  }
  bool IsNull() const { return Peek() == 'n' && IsLiteral("null"); }
  // No character that could continue a number or a literal.
  bool EndsToken(const char* at) const;

  // Takes a string token (Peek() is a quote) and returns what stands between its quotes.
  std::string_view TakeString();

  // Takes a whole value. Of arrays and objects only the brackets are looked at. False if there is none.
  bool TakeValue();

  // To look ahead and come back.
  const uint32_t* Position() const { return next_; }
  void Return(const uint32_t* position) { next_ = position; }

  // "line:column" of the token ahead, counted from 1 in characters.
  std::string Place() const { return PlaceOf(*next_); }
  struct Problem {
    std::string place;     // "line:column"
    std::string expected;  // What should stand there.
  };
  const Problem& OpenProblem() const { return problem_; }

  // Gives back what a large text needed.
  void Shrink();

 private:
  std::string PlaceOf(size_t offset) const;
  Problem Diagnose(simdjson::error_code error) const;

  std::vector<char> text_;  // The text, then spaces: simdjson reads beyond the end.
  size_t size_ = 0;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser_;
  const uint32_t* next_ = nullptr;
  const uint32_t* end_ = nullptr;
  Problem problem_;
};

}  // namespace lianqiao::json
