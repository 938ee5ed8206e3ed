// SPDX-License-Identifier: Apache-2.0
// Writing in bulk below the methods: the same checks, rules, scope and change records as single writes, many
// records to a transaction. For libs/bulk.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/access/caller.h"
#include "libs/resource/engine.h"
#include "libs/resource/upsert_items.h"

namespace lianqiao::resource {

struct Call;

// Who writes, with the grants of now.
struct BulkAuthor {
  access::Caller caller;
  std::string request_id;  // Stands in the change records.
  std::string trace_id;
  absl::Time now;  // Nothing of the transaction may commit more than half a minute after it.
};

class BulkUnit {
 public:
  BulkUnit(Engine* engine, postgres::Statements& transaction, const BulkAuthor& author);
  ~BulkUnit();

  // Records of one kind and mode, each with its outcome in its item. May be called for several kinds, what is
  // referred to first. Without the right to write the kind all are refused. CANCELLED that MustStandAlone
  // knows: roll back and stage again with `one_by_one`.
  absl::Status Stage(const contract::Resource& resource, const std::vector<UpsertItem*>& items, bool atomic,
                     bool one_by_one);
  // Dependants, history and feed: the transaction's last statements. Nothing if nothing was staged.
  absl::Status Finish();

  // A constraint's error, after the transaction in which a single record was staged failed with it, as the
  // client's: which fields are taken. Rows of others give nothing away.
  absl::Status Explain(postgres::Session& session, const absl::Status& status);

  // Whether the contract has methods that write this kind in bulk and delete it.
  static bool MayUpsert(const contract::Contract& contract, const contract::Resource& resource);
  static bool MayDelete(const contract::Contract& contract, const contract::Resource& resource);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace lianqiao::resource
