// SPDX-License-Identifier: Apache-2.0
// From a change record and the row as it is now to what one reader is told of it (design §6): ENTER, UPSERT,
// LEAVE, DELETE or nothing.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lianqiao/sync/v1/feed.pb.h"
#include "libs/feed/reader.h"
#include "libs/resource/pending.h"
#include "libs/sync/view.h"

namespace lianqiao::sync {

// Records whose personal fields were shown, by kind: for the access log.
using PersonalReads = std::map<std::string, std::set<std::string>>;

// What a page of changes is told with: the rows as they are, which identities changed.
struct PageState {
  std::unordered_map<std::string, resource::Rows> rows;  // By kind.
  // MERGE and SPLIT: by (kind, id).
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> successors;
  // KEY_CHANGE: by change_id.
  std::unordered_map<std::string, std::vector<v1::KeyChange>> key_changes;
};

// Reads it for those changes that `view` (or what its reader had before, unless null) may see at all.
absl::StatusOr<PageState> ReadPageState(postgres::Statements& statements, const contract::Contract& contract,
                                        const View& view, const feed::Scopes* former,
                                        const std::vector<feed::ChangeRecord>& changes);

// The same for every change, whoever reads them.
absl::StatusOr<PageState> ReadWholeState(postgres::Statements& statements, const contract::Contract& contract,
                                         const std::vector<feed::ChangeRecord>& changes);

enum class Told {
  kNothing,
  kChange,
  // The record hangs on one that is being moved: whether it is still seen shows when its own stamp is done.
  kNotYet,
};
Told Tell(const View& view, const feed::Scopes* former, const contract::Resource& resource,
          const feed::ChangeRecord& change, const PageState& state, v1::Change* told,
          PersonalReads* personal_reads);

// The record into *any, without what this reader may not see.
void PackRecord(const View& view, const contract::Resource& resource, const store::Row& row,
                google::protobuf::Any* any, PersonalReads* personal_reads);
// Who may read and write it, if the reader asked for that.
template <typename Told>
void PackScopes(const View& view, const store::Row& row, Told* told) {
  if (!view.filter().include_scopes) return;
  told->mutable_scope()->Assign(row.scope.begin(), row.scope.end());
  told->mutable_write_scope()->Assign(row.write_scope.begin(), row.write_scope.end());
}

// Whether what the row hangs on is being moved, so that its stamp does not count yet.
bool IsMoving(const feed::KindScopes& scopes, const contract::Resource& resource,
              const resource::Moves& moves, const store::Row& row);

// "registry": as answers and cursors of the gateway name the service that a record is of.
std::string ServiceOf(const contract::Resource& resource);

// Whether a living row is shown to this reader now, apart from moves under way.
bool Shows(const View& view, const feed::KindScopes& scopes, const store::Row& row);

}  // namespace lianqiao::sync
