// SPDX-License-Identifier: Apache-2.0
// Records on their way from a line to their write: resolved, packed into the blocks that are one transaction
// each.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/contract/contract.h"

namespace lianqiao::bulk {

// A reference to a record that nobody knows: only the submission itself can make it.
struct MissingReference {
  int field = 0;   // Its number.
  int index = -1;  // In a list.
  std::string id;  // That the record would get.
};

struct StagedRecord {
  uint32_t line = 0;
  bool by_id = false;
  bool own_id = false;
  bool exists = false;  // Was known when it was read.
  std::string id;
  std::string source_id;
  std::string name;
  std::vector<MissingReference> missing;
  std::string message;  // Wire bytes, references as ids.
};

void AppendStaged(const StagedRecord& record, std::string* block);
// DATA_LOSS if the bytes are none of AppendStaged.
absl::Status ReadStaged(absl::string_view block, std::vector<StagedRecord>* records);

// What is written together.
struct Block {
  int step = 0;
  int bucket = 0;
  std::string kind;
  bool removes = false;
  int records = 0;
  std::string bytes;
};

// Collects records into blocks and says which are full, so that open ones never hold more than 16 MiB.
class Blocks {
 public:
  void Add(int step, int bucket, const std::string& kind, bool removes, const StagedRecord& record);
  // Full ones; with `all` the others too.
  std::vector<Block> Take(bool all);

 private:
  std::map<std::tuple<int, int, std::string>, Block> open_;
  std::vector<Block> full_;
  size_t open_bytes_ = 0;
};

}  // namespace lianqiao::bulk
