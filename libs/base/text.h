// SPDX-License-Identifier: Apache-2.0
// Text as it is stored: valid UTF-8, trimmed, NFC (design §4).
#pragma once

#include <string>

namespace lianqiao::base {

// Trims Unicode white space at both ends and composes to NFC. Empty result for invalid UTF-8 with *ok =
// false.
std::string Normalise(const std::string& text, bool* ok);

// Code points of valid UTF-8.
size_t CharacterCount(const std::string& text);

// A resident ID (18 characters with a right check character, or 15 digits with a plausible birth date) or a
// Chinese mobile number (11 digits, 13x–19x) anywhere in the text (domain.md §1.13: never stored). Digits
// within a UUID or a hexadecimal digest are none.
bool LooksLikePersonalNumber(const std::string& text);

// GB 32100-2015: 18 characters, the last one a check character modulo 31.
bool IsSocialCreditCode(const std::string& text);

// "ALLIANCE_TYPE_COUNTY" -> as is; "AllianceType" -> "ALLIANCE_TYPE_": the prefix that enum values share.
std::string EnumPrefix(const std::string& enum_name);

std::string SnakeFromCamel(const std::string& camel);

}  // namespace lianqiao::base
