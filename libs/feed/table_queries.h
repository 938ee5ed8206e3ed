// SPDX-License-Identifier: Apache-2.0
// The SQL of one kind's table. For table.cc only.
#pragma once

#include <string>
#include <vector>

#include "libs/feed/table.h"
#include "libs/postgres/database.h"

namespace lianqiao::feed {

// Parameters of the put statements: ids, revisions, services, buckets, one array per field, with `scopes` two
// more, step, then what each names. All arrays are text, so that any value may be NULL; the statements cast.
struct Table::Queries {
  postgres::Query put_snapshot;  // …, step, snapshot step
  postgres::Query put_changes;   // …, step, consumer, kind
  postgres::Query replace;       // …, step
  postgres::Query keep_put;      // ids, revisions, step, replaced below this step whatever the revision
  postgres::Query erase_former;  // ids, then what each erasable field is when it is empty; none: no statement
  postgres::Query remove;        // ids, revisions, services, buckets, consumer, kind, step
  postgres::Query remove_plain;  // ids, step
  postgres::Query sweep;         // after id, snapshot step, services, buckets, step
  postgres::Query prove_order;   // ids, revisions, stream step
  postgres::Query moved;         // ids, revisions, scopes, write scopes, snapshot step
  postgres::Query lock;          // ids
  postgres::Query stray;
  postgres::Query digest;       // after id, to id, kind
  postgres::Query revisions;    // after id, to id
  postgres::Query differences;  // column names, types
  std::vector<std::string> ddl;

  static Queries Make(const std::string& table, const std::vector<const contract::Field*>& fields,
                      const TableOptions& options);
};

bool IsErasable(const contract::Field& field);

}  // namespace lianqiao::feed
