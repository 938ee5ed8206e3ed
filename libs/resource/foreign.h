// SPDX-License-Identifier: Apache-2.0
// References to records of other services, and what the projections of those say of them. Only for
// libs/resource.
//
//   reference: "registry/organisation"   a record of that kind of lianqiao.registry.v1
//   reference: "registry/{scope_kind}"   of the kind that the value of this enum field names: …_ORGANISATION
//   is
//                                        "organisation"; a value that no kind there has by name is no
//                                        reference
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/feed/projection.h"
#include "libs/resource/engine.h"
#include "libs/resource/facts.h"

namespace lianqiao::resource {

// Into a service that is followed.
struct ForeignReference {
  const contract::Field* field = nullptr;
  const Followed* followed = nullptr;
  bool gives_readers = false;  // The record's scope comes from there (`from`, `readers_from`),
  bool gives_writers = false;  // and its write scope (`from`).
  const contract::Field* kind_field = nullptr;     // Null: always kinds[0].
  std::map<int, const contract::Resource*> kinds;  // By the number of kind_field's value.
};

// The references of this kind; what does not fit is added to `mistakes`.
std::vector<ForeignReference> ForeignReferencesOf(const contract::Resource& resource,
                                                  const std::vector<Followed>& followed,
                                                  std::vector<std::string>* mistakes);

// The kind that the record's reference means; null: none.
const contract::Resource* TargetOf(const ForeignReference& reference, const contract::Message& record);

// "registry/jurisdiction" of the service that is followed, copied with its scopes; nulls: there is none.
struct ForeignKind {
  const Followed* followed = nullptr;
  const contract::Resource* resource = nullptr;
};
ForeignKind FindForeignKind(const std::vector<Followed>& followed, const std::string& name);

// Puts ids in the place of "system:id" in these references, as the projections know them; one statement per
// kind. What none knows is told by the record's number, with what is wrong, and stays as it is.
using Unresolved = std::function<void(size_t record, const ForeignReference& reference, absl::Status why)>;
absl::Status ResolveExternalReferences(postgres::Statements& statements,
                                       const std::vector<ForeignReference>& references,
                                       const std::vector<contract::Message*>& records,
                                       const std::vector<std::string>& paths, const Unresolved& unresolved);

// What the projections say, asked for once per transaction.
class ForeignRecords {
 public:
  // With `locks`, in a transaction: what is known of a record's scope stays so until its end, whichever
  // reference asked for it first.
  explicit ForeignRecords(bool locks = false) : locks_(locks) {}
  // Reads what these records refer to, in one statement per kind.
  absl::Status Prepare(postgres::Statements& statements, const std::vector<ForeignReference>& references,
                       const std::vector<const contract::Message*>& records);
  // Whether a reader knows of what such a reference names.
  using Visible = std::function<bool(const contract::Resource& target, const feed::ProjectedRecord& found)>;
  // What one reference of the record names, under lock where the record takes its scope from there; living or
  // not. Null: nothing.
  absl::StatusOr<const feed::ProjectedRecord*> Referred(postgres::Statements& statements,
                                                        const ForeignReference& reference,
                                                        const contract::Message& record);
  // Whether everything that the record refers to is there, has not been merged away and needs no look at who
  // asks.
  absl::StatusOr<bool> AllStand(postgres::Statements& statements,
                                const std::vector<ForeignReference>& references,
                                const contract::Message& record);
  // As for references inside the service: what was merged away gives way to its successor, unless it is kept
  // (`keeps_on_merge`); REFERENCE_NOT_FOUND for what is not there or not `visible`, as far as the
  // projection knows scopes, unless the reference is open. What did not change since `before` (may be null)
  // is let be, unless `revives`. FAILED_PRECONDITION REFERENCE_NOT_YET_VISIBLE if something is not there and
  // the projection cannot tell yet.
  absl::Status Check(postgres::Statements& statements, const std::vector<ForeignReference>& references,
                     const contract::Message* before, contract::Message* after, bool revives,
                     const std::string& path, const Visible& visible, Violations* violations);
  // How often the projections were read: what is known since then is under lock.
  int reads() const { return reads_; }

 private:
  using Key = std::pair<const contract::Resource*, std::string>;
  absl::StatusOr<feed::ProjectedRecord> Find(postgres::Statements& statements,
                                             const ForeignReference& reference,
                                             const contract::Resource& target, const std::string& id);

  const bool locks_;
  std::map<Key, feed::ProjectedRecord> known_;
  int reads_ = 0;
};

}  // namespace lianqiao::resource
