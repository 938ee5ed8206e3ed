// SPDX-License-Identifier: Apache-2.0
// One message = one row: values between a resource's fields and its table's columns, driven by the contract.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/contract/contract.h"
#include "libs/postgres/database.h"

namespace lianqiao::store {

using contract::Field;
using contract::Message;
using contract::Resource;

// A row with what the API does not name.
struct Row {
  std::unique_ptr<Message> record;
  int bucket = 0;
  std::vector<std::string> scope;        // Who reads: ids of jurisdictions and organisations.
  std::vector<std::string> write_scope;  // Who writes.
};

// SQL type of a column: "text", "uuid[]", "jsonb" …
std::string SqlType(const Field& field);

// "id, revision, …" of every stored field, then bucket, scope and write_scope; columns of DecodeRow, in
// order.
std::string SelectColumns(const Resource& resource, const std::string& alias);

// One result row that begins at `column`; DATA_LOSS if a value cannot be read (a migration went wrong).
absl::StatusOr<Row> DecodeRow(const Resource& resource, const postgres::Result& result, int row,
                              int column = 0);

// The field's value as a text parameter; nullopt = NULL.
std::optional<std::string> EncodeField(const Message& record, const Field& field);

// The DDL of one column as migrations spell it: "name text NOT NULL DEFAULT ''".
std::string ColumnDdl(const Field& field);

// The whole table's DDL with indexes and constraints: what tools/new-migration and the schema gate compare.
std::string TableDdl(const Resource& resource);

// etag of a revision: "\"7\"".
std::string EtagOf(int64_t revision);

// `{a,NULL,"b c"}`: an array parameter whose elements may be NULL.
std::string NullableArray(const std::vector<std::optional<std::string>>& values);

// Timestamps as RFC 3339 in UTC with microseconds: timestamptz in.
std::string TimestampText(const Message& timestamp);
void SetTimestamp(absl::Time time, Message* timestamp);
absl::Time TimestampOf(const Message& timestamp);

}  // namespace lianqiao::store
