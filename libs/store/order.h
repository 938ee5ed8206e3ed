// SPDX-License-Identifier: Apache-2.0
// The `order_by` of List and the keyset condition that starts a page after the last row of the one before.
// For libs/resource.
//
// Every order ends in the id, so it is total. An absent value ranks after all others: last ascending, first
// descending. That is PostgreSQL's own order, so one index (column, id) serves both directions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/contract/contract.h"
#include "libs/postgres/database.h"

namespace lianqiao::store {

// Before every id: where reading in the order of ids begins.
inline constexpr char kNilId[] = "00000000-0000-0000-0000-000000000000";

struct OrderTerm {
  const contract::Field* field = nullptr;
  bool descending = false;
  bool nullable = false;  // The column may hold NULL.
};
using Order = std::vector<OrderTerm>;

// A row's place in an order: one text per term, nullopt for NULL.
using OrderValues = std::vector<std::optional<std::string>>;

// "name desc, create_time" -> these and the id, which takes the direction of the last term unless it is
// given. Up to three fields: id and `orderable` ones, which alone have an index. Empty text: by id. Else one
// ORDER_BY_INVALID on "orderBy".
absl::StatusOr<Order> ParseOrder(const contract::Resource& resource, const std::string& text);

// What stands behind ORDER BY.
std::string OrderSql(const Order& order, const std::string& table_alias);

// One parenthesised condition: rows after the one with these values, which need not exist any more. A row
// comparison where one index range answers it (one direction, nothing absent).
std::string KeysetSql(const Order& order, const std::string& table_alias, const OrderValues& last,
                      postgres::Parameters* parameters);

// The place of a decoded record (before any mask).
OrderValues PlaceOf(const Order& order, const contract::Message& record);

// Whether these texts, from a page token, can stand for the terms' columns.
bool Fits(const Order& order, const OrderValues& last);

}  // namespace lianqiao::store
