// SPDX-License-Identifier: Apache-2.0
// A cursor over protobuf wire bytes that never reads past their end. For the JSON writer only.
#pragma once

#include <cstdint>
#include <cstring>

namespace lianqiao::json {

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLength = 2, kGroup = 3, kGroupEnd = 4, kFixed32 = 5 };

struct Wire {
  const char* next = nullptr;
  const char* end = nullptr;

  bool Empty() const { return next == end; }
  size_t Size() const { return static_cast<size_t>(end - next); }

  bool Varint(uint64_t* value) {
    if (next < end && static_cast<signed char>(*next) >= 0) {
      *value = static_cast<uint8_t>(*next++);
      return true;
    }
    uint64_t result = 0;
    for (int shift = 0; shift < 70 && next < end; shift += 7) {
      const uint8_t byte = static_cast<uint8_t>(*next++);
      result |= static_cast<uint64_t>(byte & 0x7f) << (shift < 64 ? shift : 63);
      if (byte < 0x80) {
        *value = result;
        return true;
      }
    }
    return false;
  }

  // Tags and lengths: at most five bytes, as protobuf's parser wants them.
  bool Short(uint32_t* value) {
    uint64_t result = 0;
    const char* const begin = next;
    if (!Varint(&result) || result > UINT32_MAX || next - begin > 5) return false;
    *value = static_cast<uint32_t>(result);
    return true;
  }

  bool Tag(uint32_t* tag) { return Short(tag) && *tag >> 3 != 0; }

  template <typename Integer>
  bool Fixed(Integer* value) {
    if (Size() < sizeof *value) return false;
    std::memcpy(value, next, sizeof *value);
    next += sizeof *value;
    return true;
  }

  bool Part(Wire* part) {
    uint32_t length = 0;
    if (!Short(&length) || length > Size()) return false;
    *part = Wire{next, next + length};
    next += length;
    return true;
  }

  // Passes over the value that follows `tag`. Groups nest at most `depth` deep.
  bool Skip(uint32_t tag, int depth) {
    uint64_t ignored = 0;
    uint32_t ignored32 = 0;
    Wire part;
    switch (tag & 7) {
      case kVarint:
        return Varint(&ignored);
      case kFixed64:
        return Fixed(&ignored);
      case kFixed32:
        return Fixed(&ignored32);
      case kLength:
        return Part(&part);
      case kGroup:
        return depth > 0 && SkipGroup(tag >> 3, depth - 1);
      default:
        return false;
    }
  }

 private:
  bool SkipGroup(uint32_t number, int depth) {
    uint32_t tag = 0;
    while (Tag(&tag)) {
      if ((tag & 7) == kGroupEnd) return (tag >> 3) == number;
      if (!Skip(tag, depth)) return false;
    }
    return false;
  }
};

// One value as it stands on the wire.
struct Raw {
  uint64_t bits = 0;
  Wire part;

  bool Read(Wire* wire, uint32_t wire_type) {
    uint32_t bits32 = 0;
    switch (wire_type) {
      case kVarint:
        return wire->Varint(&bits);
      case kFixed64:
        return wire->Fixed(&bits);
      case kFixed32:
        if (!wire->Fixed(&bits32)) return false;
        bits = bits32;
        return true;
      default:
        return wire->Part(&part);
    }
  }
};

}  // namespace lianqiao::json
