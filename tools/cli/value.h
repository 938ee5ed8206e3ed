// SPDX-License-Identifier: Apache-2.0
// One value of a record as a mapping writes it, and the JSON that a row makes of it. Besides plain objects,
// lists, numbers and texts (templates):
//   {"when": condition, "value": …}                          nothing unless the condition holds
//   {"choose": [{"when": …, "value": …}, …, other value]}   the first that applies
//   {"map": "{stage}", "values": {"primary": …}}             an empty text gives nothing, an unknown one an
//   error
//   {"number": "{classes}"}                                  a number; other text goes as it is, to be
//   refused
//   {"each": "change", "when": …, "value": …}                in a list: one for each joined row
// What comes out empty is left out.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "simdjson.h"
#include "tools/cli/condition.h"
#include "tools/cli/template.h"

namespace lianqiao::cli {

class Value {
 public:
  static absl::StatusOr<Value> Parse(simdjson::dom::element json);

  // JSON; empty: left out. INVALID_ARGUMENT: a text that its map does not know.
  absl::StatusOr<std::string> Fill(const RowView& view) const;
  void AddColumns(std::set<std::string>* columns) const;

 private:
  enum class Kind { kLiteral, kText, kNumber, kObject, kList, kChoose, kMap, kEach };

  static absl::StatusOr<Value> ParseObject(simdjson::dom::object json);
  static absl::StatusOr<Value> ParseChoice(simdjson::dom::object json);
  static absl::StatusOr<Value> ParseMap(simdjson::dom::object json);
  absl::Status AddChild(std::string_view name, simdjson::dom::element json);
  absl::StatusOr<std::string> FillEach(const RowView& view) const;
  absl::StatusOr<std::string> FillMembers(const RowView& view, bool named) const;

  Kind kind_ = Kind::kLiteral;
  std::string literal_;  // Or the name of the join.
  Template text_;
  std::optional<Condition> when_;
  std::vector<std::pair<std::string, Value>> children_;
};

}  // namespace lianqiao::cli
