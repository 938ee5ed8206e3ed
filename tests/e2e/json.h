// SPDX-License-Identifier: Apache-2.0
// A parsed JSON text, read by JSON pointers ("/error/status"). Tests only.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace lianqiao::e2e {

class Json {
 public:
  explicit Json(const std::string& text) : parser_(std::make_shared<simdjson::dom::parser>()) {
    valid_ = parser_->parse(text).get(root_) == simdjson::SUCCESS;
  }
  bool valid() const { return valid_; }
  bool Has(const std::string& pointer) const {
    simdjson::dom::element found;
    return Find(pointer, &found);
  }
  // The string, or any other value as JSON; empty if there is none.
  std::string Text(const std::string& pointer) const {
    simdjson::dom::element found;
    std::string_view text;
    if (!Find(pointer, &found)) return "";
    if (found.get(text) == simdjson::SUCCESS) return std::string(text);
    return simdjson::minify(found);
  }
  // A number or, as int64 is written, a string of digits; 0 if there is none.
  int64_t Integer(const std::string& pointer) const {
    return std::strtoll(Text(pointer).c_str(), nullptr, 10);
  }
  // Of an array; 0 if there is none.
  size_t Size(const std::string& pointer) const {
    simdjson::dom::element found;
    simdjson::dom::array array;
    return Find(pointer, &found) && found.get(array) == simdjson::SUCCESS ? array.size() : 0;
  }

 private:
  bool Find(const std::string& pointer, simdjson::dom::element* found) const {
    return valid_ && root_.at_pointer(pointer).get(*found) == simdjson::SUCCESS;
  }

  std::shared_ptr<simdjson::dom::parser> parser_;  // Owns what root_ points to.
  simdjson::dom::element root_;
  bool valid_ = false;
};

// As a JSON string, quotes included. `text` is UTF-8.
inline std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    char escaped[8];
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::snprintf(escaped, sizeof(escaped), "\\u%04x", c);
      quoted += escaped;
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace lianqiao::e2e
