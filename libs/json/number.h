// SPDX-License-Identifier: Apache-2.0
// Numbers as JSON text, both ways. For this folder only.
#pragma once

#include <cstdint>

namespace lianqiao::json {

inline constexpr int kNumberCharactersMax = 32;

// Shortest digits that read back as the same number, laid out as protobuf does (100000, 1e+21). Finite values
// only; `out` has room for kNumberCharactersMax; returns the end.
char* FormatDouble(double value, char* out);
char* FormatFloat(float value, char* out);

// A number token. The text must be followed by a character that cannot belong to a number.
struct NumberToken {
  const char* begin = nullptr;
  const char* end = nullptr;  // Null: not a JSON number.
  bool negative = false;
  bool integer = false;    // Digits only.
  bool overflow = false;   // An integer of more than 64 bits.
  uint64_t magnitude = 0;  // Of an integer.
};

NumberToken ScanNumber(const char* begin);

// For 1.0 and 1e3: fills `magnitude` and `overflow` of a scanned number that has a point or an exponent.
// False if it is no whole number.
bool MakeWhole(NumberToken* number);

// The value of a scanned number; infinite if it is too large for the type, 0 if it is too small.
double ToDouble(const NumberToken& number);
float ToFloat(const NumberToken& number);

}  // namespace lianqiao::json
