// SPDX-License-Identifier: Apache-2.0
// Messages filled by chance over reflection, for the property tests of this folder.
#pragma once

#include <random>
#include <string>

#include "google/protobuf/message.h"

namespace lianqiao::json {

using Random = std::mt19937_64;

struct FillOptions {
  // Protobuf prints some floating-point numbers with more digits than they need; without them its text and
  // ours are the same byte for byte.
  bool long_fractions = true;
  int depth = 4;
};

void Fill(Random& random, const FillOptions& options, google::protobuf::Message* message);

std::string RandomText(Random& random);

// From LIANQIAO_TEST_SEED, or by chance; printed either way.
uint64_t TestSeed();

// Bytes that are equal for equal messages.
std::string Fingerprint(const google::protobuf::Message& message);

// What json_util reads or writes in its own way: a Value of no kind (left out, even of lists; we write null)
// and field masks that Fill does not make.
bool HasOddContent(const google::protobuf::Message& message);

}  // namespace lianqiao::json
