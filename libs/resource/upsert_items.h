// SPDX-License-Identifier: Apache-2.0
// Many records of one kind in one transaction, each made, changed or deleted or refused by itself: what
// BatchUpsert and bulk imports share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/contract/contract.h"

namespace lianqiao::resource {

class EngineCore;
class Unit;

struct UpsertItem {
  enum class Mode { kUpsert, kCreate, kDelete };
  enum class Outcome { kNone, kRefused, kCreated, kUpdated, kUnchanged, kDeleted };

  Mode mode = Mode::kUpsert;
  std::string path;                          // Of the record, in front of every violation's field.
  std::unique_ptr<contract::Message> given;  // References are ids, text is normalised.
  std::string id;                            // Its own: found, or the one that it is going to have.
  bool by_id = false;                        // The source names our id: of a record that is there.
  bool own_id = false;                       // We made the id up for a record without any.
  std::string source_id;                     // Its external id in the source's system.
  std::vector<base::Violation> violations;   // What is known to be wrong with it.

  Outcome outcome = Outcome::kNone;
  absl::Status refusal;
  int64_t revision = 0;  // That it now has.
};

// Locks the records, checks and stages them; what is refused says so in its item, with `atomic` in the
// answer. Errors of the database end the transaction. Nothing is done twice: before it is called again the
// transaction must have been rolled back.
absl::Status StageItems(EngineCore& core, Unit& unit, const contract::Resource& resource,
                        const std::vector<UpsertItem*>& items, bool atomic, bool one_by_one);

// Records of the batch decide about each other: to be repeated one by one.
absl::Status StandAlone();
bool MustStandAlone(const absl::Status& status);

}  // namespace lianqiao::resource
