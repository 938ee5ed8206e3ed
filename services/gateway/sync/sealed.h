// SPDX-License-Identifier: Apache-2.0
// What the gateway gives its callers to hold: a version byte, a body, a checksum, as base64url. The checksum
// finds what was cut or typed by hand; whoever may forge one gains nothing, since the services'
// own cursors and tokens inside authenticate themselves.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lianqiao::gateway::sync {

enum class Sealed : uint8_t { kCursor = 1, kSnapshotToken = 2, kPageToken = 3 };

inline constexpr size_t kServicesMax = 64;
inline constexpr size_t kServiceNameBytesMax = 64;
// Of one service's cursor or token.
inline constexpr size_t kPartBytesMax = 8192;

std::string Seal(Sealed type, const std::string& body);
// False for anything that Seal did not make for this type.
bool Unseal(Sealed type, const std::string& text, std::string* body);

void PutNumber(uint64_t number, std::string* body);
// Length, then the bytes.
void PutText(const std::string& text, std::string* body);
// A text of a service's: as its bytes if it is base64url itself, which saves a quarter.
void PutToken(const std::string& token, std::string* body);

// Each takes what was put off the front; false if it is not there, longer than `bytes_max`, or written
// otherwise than Put does.
bool TakeNumber(std::string_view* body, uint64_t* number);
bool TakeText(std::string_view* body, size_t bytes_max, std::string* text);
bool TakeToken(std::string_view* body, std::string* token);

// What a service may be called: lower-case letters, digits and underscores.
bool IsServiceName(const std::string& name);

}  // namespace lianqiao::gateway::sync
