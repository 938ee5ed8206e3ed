// SPDX-License-Identifier: Apache-2.0
// Writes a JSON document piece by piece, in the order of the calls. For documents that the gateway makes
// itself.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "libs/base/log.h"

namespace lianqiao::gateway {

class JsonText {
 public:
  JsonText& Object() { return Open('{'); }
  JsonText& Array() { return Open('['); }
  // Ends the innermost object or array.
  JsonText& End() {
    text_.push_back(closers_.back());
    closers_.pop_back();
    first_ = false;
    return *this;
  }
  JsonText& Key(const std::string& name) {
    Separate();
    text_.append(base::JsonQuote(name)).push_back(':');
    first_ = true;
    return *this;
  }
  JsonText& String(const std::string& value) { return Raw(base::JsonQuote(value)); }
  JsonText& Raw(const std::string& json) {
    Separate();
    text_.append(json);
    return *this;
  }
  JsonText& Boolean(bool value) { return Raw(value ? "true" : "false"); }
  JsonText& Integer(long long value) { return Raw(std::to_string(value)); }
  JsonText& Pair(const std::string& name, const std::string& value) { return Key(name).String(value); }
  // Nothing for an empty value.
  JsonText& PairIfAny(const std::string& name, const std::string& value) {
    return value.empty() ? *this : Pair(name, value);
  }

  std::string Take() { return std::move(text_); }

 private:
  JsonText& Open(char opener) {
    Separate();
    text_.push_back(opener);
    closers_.push_back(opener == '{' ? '}' : ']');
    first_ = true;
    return *this;
  }
  void Separate() {
    if (!first_) text_.push_back(',');
    first_ = false;
  }

  std::string text_;
  std::vector<char> closers_;
  bool first_ = true;
};

}  // namespace lianqiao::gateway
