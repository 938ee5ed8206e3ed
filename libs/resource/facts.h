// SPDX-License-Identifier: Apache-2.0
// What a rule may know besides the record: rows of declared named queries, read by the engine in the writing
// transaction, after the record and its guard rows are locked.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/postgres/database.h"

namespace lianqiao::resource {

using Violations = std::vector<base::Violation>;

// One row of a fact query; columns by name. NULL reads as empty, zero or false.
class FactRow {
 public:
  FactRow() = default;
  FactRow(std::map<std::string, std::string> values)
      : values_(std::move(values)) {}  // NOLINT: tests write literals.
  std::string Text(const std::string& column) const;
  int64_t Integer(const std::string& column) const;
  bool Boolean(const std::string& column) const;  // "t"
  std::vector<std::string> TextArray(const std::string& column) const;
  bool operator==(const FactRow& other) const { return values_ == other.values_; }

 private:
  std::map<std::string, std::string> values_;
};

class Facts {
 public:
  const std::vector<FactRow>& rows(const std::string& query) const;
  void Add(const std::string& query, std::vector<FactRow> rows) { rows_[query] = std::move(rows); }
  // The business date of the write (Asia/Shanghai), YYYY-MM-DD.
  const std::string& today() const { return today_; }
  // Simple name of the method that writes: "ActivateAlliance", "BatchUpsertAlliances".
  const std::string& method() const { return method_; }
  // Whether a BatchUpsert comes from who may import the record (`<permission>.import` in its scope), a source
  // that keeps its own papers. Without that right it is an edit as any other.
  bool imports() const { return imports_; }
  // Whether the caller may approve the record (`<permission>.approve` over it, as it was and as it will be):
  // what an authority finds is written by nobody else.
  bool approves() const { return approves_; }
  void set_today(std::string today) { today_ = std::move(today); }
  void set_method(std::string method) { method_ = std::move(method); }
  void set_imports(bool imports) { imports_ = imports; }
  void set_approves(bool approves) { approves_ = approves; }

 private:
  std::map<std::string, std::vector<FactRow>> rows_;
  std::string today_;
  std::string method_;
  bool imports_ = false;
  bool approves_ = false;
};

// `sql` gets the named fields of the record (as it will be) as $1, $2, … in text form; cast them there. Many
// records at once are asked for with columns of type text in their places:
//   FactQuery{"members", "SELECT role, position FROM membership WHERE alliance_id = $1::uuid", {"id"}}
// With `methods`, only writes by these methods pay for it; with `if_set`, only records in which one of the
// fields is set (a reference that most leave empty). With `holds`, the rows are no facts but keys (one
// bigint column) of what has no row to lock: the transaction holds them to its end, a batch's in one order.
struct FactQuery {
  std::string name;
  std::string sql;
  std::vector<std::string> fields;
  std::vector<std::string> methods;
  bool if_set = false;
  bool holds = false;
};

}  // namespace lianqiao::resource
