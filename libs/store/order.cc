// SPDX-License-Identifier: Apache-2.0
#include "libs/store/order.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/store/codec.h"
#include "libs/store/filter_tree.h"

namespace lianqiao::store {
namespace {

using base::ErrorReason;
using contract::Column;

constexpr size_t kOrderBytesMax = 256;
constexpr size_t kOrderFieldsMax = 3;

absl::Status Refused(const std::string& zh, const std::string& en) {
  return base::FailIfAny(
      {base::Refuse("orderBy", ErrorReason::ORDER_BY_INVALID, {{"detail_zh", zh}, {"detail_en", en}})});
}

bool IsOrderable(const Resource& resource, const Field& field) {
  if (&field == resource.id) return true;
  return field.rule->orderable() && !field.is_personal() && !field.rule->not_filterable() && !field.array &&
         field.column != Column::kNone && field.column != Column::kJsonb && field.column != Column::kBytea;
}

OrderTerm TermOf(const Resource& resource, const Field& field, bool descending) {
  // A required field is nullable by type only: validation never lets a row without it through.
  const bool always_set = &field == resource.id || &field == resource.create_time ||
                          &field == resource.update_time || field.rule->required();
  return {&field, descending, field.nullable && !always_set};
}

std::string Operand(const OrderTerm& term, const std::string& alias) {
  return absl::StrCat(alias, ".", term.field->name,
                      term.field->column == Column::kText ? " COLLATE \"C\"" : "");
}

// Rows after `last` in the terms from `first` on; `names` are the parameters, empty for NULL.
std::string After(const Order& order, const std::string& alias, const std::vector<std::string>& names,
                  size_t first) {
  const OrderTerm& term = order[first];
  const std::string column = Operand(term, alias);
  const bool ends = first + 1 == order.size();
  const std::string rest = ends ? "" : After(order, alias, names, first + 1);
  if (names[first].empty()) {
    const std::string equal = ends ? "" : absl::StrCat("(", column, " IS NULL AND ", rest, ")");
    if (!term.descending) return ends ? "FALSE" : equal;
    return absl::StrCat("(", column, " IS NOT NULL", ends ? "" : " OR ", equal, ")");
  }
  std::string sql = absl::StrCat("(", column, term.descending ? " < " : " > ", names[first]);
  if (term.nullable && !term.descending) absl::StrAppend(&sql, " OR ", column, " IS NULL");
  if (!ends) absl::StrAppend(&sql, " OR (", column, " = ", names[first], " AND ", rest, ")");
  return sql + ")";
}

// The terms from `first` on can be compared as one row: same direction, and no row after may hold a NULL.
bool IsUniform(const Order& order, const std::vector<std::string>& names) {
  for (size_t i = 0; i < order.size(); ++i) {
    if (order[i].descending != order[0].descending || names[i].empty()) return false;
    if (order[i].nullable && (!order[i].descending || i > 0)) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<Order> ParseOrder(const Resource& resource, const std::string& text) {
  if (text.size() > kOrderBytesMax) return Refused("过长", "it is too long");
  Order order;
  if (absl::StripAsciiWhitespace(text).empty()) return Order{TermOf(resource, *resource.id, false)};
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<std::string> words = absl::StrSplit(part, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.empty() || words.size() > 2 || (words.size() == 2 && words[1] != "asc" && words[1] != "desc")) {
      return Refused("应写作“字段”或“字段 desc”,以逗号分隔",
                     "expected \"field\" or \"field desc\", separated by commas");
    }
    const Field* field = resource.Find(words[0]);
    if (field == nullptr || !IsOrderable(resource, *field)) {
      std::vector<std::string> names;
      for (const Field& known : resource.fields) {
        if (IsOrderable(resource, known)) names.push_back(known.name);
      }
      const std::string list = absl::StrJoin(names, ", ");
      return Refused("只能按以下字段排序:" + list, "only these fields order a list: " + list);
    }
    for (const OrderTerm& before : order) {
      if (before.field == resource.id) return Refused("id 之后不能再有字段", "nothing can follow id");
      if (before.field == field) return Refused("字段重复:" + field->name, field->name + " appears twice");
    }
    order.push_back(TermOf(resource, *field, words.size() == 2 && words[1] == "desc"));
    if (order.size() > kOrderFieldsMax) {
      return Refused(absl::StrCat("最多 ", kOrderFieldsMax, " 个字段"),
                     absl::StrCat("at most ", kOrderFieldsMax, " fields"));
    }
  }
  if (order.back().field != resource.id)
    order.push_back(TermOf(resource, *resource.id, order.back().descending));
  return order;
}

std::string OrderSql(const Order& order, const std::string& table_alias) {
  std::string sql;
  for (const OrderTerm& term : order) {
    absl::StrAppend(&sql, sql.empty() ? "" : ", ", Operand(term, table_alias),
                    term.descending ? " DESC" : "");
  }
  return sql;
}

std::string KeysetSql(const Order& order, const std::string& table_alias, const OrderValues& last,
                      postgres::Parameters* parameters) {
  std::vector<std::string> names;
  for (size_t i = 0; i < order.size(); ++i) {
    std::string& name = names.emplace_back();
    if (!last[i].has_value()) continue;
    parameters->Text(*last[i]);
    name = absl::StrCat("$", parameters->size(), "::", SqlType(*order[i].field));
  }
  if (IsUniform(order, names)) {
    std::vector<std::string> columns;
    for (const OrderTerm& term : order) columns.push_back(Operand(term, table_alias));
    return absl::StrCat("((", absl::StrJoin(columns, ", "), ")", order[0].descending ? " < (" : " > (",
                        absl::StrJoin(names, ", "), "))");
  }
  const std::string after = After(order, table_alias, names, 0);
  if (order[0].nullable) return after;
  // Says again what follows from the rest, in a form that bounds an index scan.
  return absl::StrCat("(", Operand(order[0], table_alias), order[0].descending ? " <= " : " >= ", names[0],
                      " AND ", after, ")");
}

OrderValues PlaceOf(const Order& order, const contract::Message& record) {
  OrderValues place;
  for (const OrderTerm& term : order) {
    if (IsNull(*term.field, record)) {
      place.push_back(std::nullopt);
    } else {
      place.push_back(ValueText(ValueOf(*term.field, record)));
    }
  }
  return place;
}

bool Fits(const Order& order, const OrderValues& last) {
  if (last.size() != order.size()) return false;
  for (size_t i = 0; i < order.size(); ++i) {
    if (!last[i].has_value() && !order[i].nullable) return false;
  }
  return true;
}

}  // namespace lianqiao::store
