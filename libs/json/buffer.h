// SPDX-License-Identifier: Apache-2.0
// A std::string being appended to through raw pointers, for the two codecs of this folder only: one bounds
// check per piece instead of one per character.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

namespace lianqiao::json {

class Buffer {
 public:
  Buffer(std::string* out, size_t expected) : out_(out), start_(out->size()) {
    out_->resize(start_ + expected);
    Point(start_);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { out_->resize(size()); }

  // At least `bytes` writable bytes; tell Advance where the writing ended.
  char* Room(size_t bytes) {
    if (static_cast<size_t>(end_ - next_) < bytes) Grow(bytes);
    return next_;
  }
  void Advance(char* next) { next_ = next; }

  void Byte(char byte) {
    *Room(1) = byte;
    ++next_;
  }
  void Append(const char* bytes, size_t count) {
    if (count == 0) return;
    std::memcpy(Room(count), bytes, count);
    next_ += count;
  }
  template <size_t n>
  void Literal(const char (&text)[n]) {
    std::memcpy(Room(n - 1), text, n - 1);
    next_ += n - 1;
  }
  void Varint(uint64_t value) {
    char* next = Room(10);
    while (value >= 0x80) {
      *next++ = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    *next++ = static_cast<char>(value);
    next_ = next;
  }
  template <typename Integer>
  void Fixed(Integer value) {  // x86-64 and arm64 are little-endian, as the wire is.
    std::memcpy(Room(sizeof value), &value, sizeof value);
    next_ += sizeof value;
  }

  // A length-delimited part: most are shorter than 128 bytes, so one byte is kept free and the others move.
  size_t BeginLength() {
    Byte(0);
    return size();
  }
  void EndLength(size_t mark) {
    const size_t length = size() - mark;
    if (length < 0x80) {
      Set(mark - 1, static_cast<char>(length));
      return;
    }
    size_t more = 0;
    for (size_t rest = length >> 7; rest != 0; rest >>= 7) ++more;
    Room(more);
    char* part = out_->data() + mark;
    std::memmove(part + more, part, length);
    next_ = part - 1;
    Varint(length);
    next_ += length;
  }

  size_t size() const { return static_cast<size_t>(next_ - out_->data()); }
  const char* At(size_t position) const { return out_->data() + position; }
  void Set(size_t position, char byte) { (*out_)[position] = byte; }
  void Truncate(size_t size) { next_ = out_->data() + size; }
  void Abandon() { Truncate(start_); }

 private:
  void Point(size_t used) {
    next_ = out_->data() + used;
    end_ = out_->data() + out_->size();
  }
  void Grow(size_t bytes) {
    const size_t used = size();
    out_->resize(std::max(used + bytes, out_->size() * 2));
    Point(used);
  }

  std::string* out_;
  size_t start_;
  char* next_;
  char* end_;
};

}  // namespace lianqiao::json
