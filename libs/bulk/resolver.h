// SPDX-License-Identifier: Apache-2.0
// From what lines call records ("system:id") to ids: one question to the database for a batch of lines.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "libs/bulk/decoder.h"
#include "libs/bulk/order.h"
#include "libs/bulk/staged.h"
#include "libs/postgres/database.h"

namespace lianqiao::bulk {

// A line with what was found out about it. Its violations grow.
struct Line {
  Decoded decoded;
  StagedRecord staged;  // All but the message.
};

class Resolver {
 public:
  Resolver(const contract::Contract* contract, const KindOrder* order, bool creates)
      : contract_(contract), order_(order), creates_(creates) {}

  // Own ids and references of lines whose record could be read; others are passed over. A merge's redirect is
  // followed when the record is written, under lock.
  absl::Status Resolve(postgres::Statements& statements, absl::Time now, std::vector<Line>* lines);

  // Records to be deleted refer to what stands in their rows, not on their line: these references, by id.
  absl::StatusOr<std::unordered_map<std::string, std::vector<std::pair<int, std::string>>>> StoredReferences(
      postgres::Statements& statements, const std::vector<Line>& lines) const;

 private:
  using Known = std::unordered_map<std::string, std::string>;  // "kind system:id" to id.

  absl::Status Ask(postgres::Statements& statements, const std::vector<Line>& lines);
  void ResolveOwn(absl::Time now, Line* line) const;
  void ResolveReferences(Line* line) const;
  std::string ResolveOne(const contract::Field& field, int index, const std::string& text, Line* line) const;

  const contract::Contract* const contract_;
  const KindOrder* const order_;
  const bool creates_;  // Records need no id of their own: each line makes one.
  Known known_;
};

}  // namespace lianqiao::bulk
