// SPDX-License-Identifier: Apache-2.0
// Path (b) of design §5: everything that one transaction changes. Rows are written when staged, so that later
// queries of the transaction see them; scopes of dependants follow; feed, history and answer come last.
// Only for libs/resource.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "libs/resource/core.h"
#include "libs/resource/pending.h"
#include "libs/resource/restamp_job.h"

namespace lianqiao::resource {

class Unit {
 public:
  Unit(EngineCore& core, postgres::Statements& transaction, const Call& call)
      : core_(core), transaction_(transaction), call_(&call) {}

  // The row FOR UPDATE; NOT_FOUND if missing or not readable by this call. The caller checks deletion, etag
  // and write authority.
  absl::StatusOr<store::Row> Lock(const ResourcePlan& resource, const std::string& id);
  // Rows by id in id order, FOR UPDATE; missing ones are left out. No authority is checked.
  absl::StatusOr<std::vector<store::Row>> LockAll(const ResourcePlan& resource, std::vector<std::string> ids);

  // Whether the call may know of the row, and whether `scope` lets it write: by the row's stamp, and by the
  // present scope of whatever moved above it.
  bool Reaches(const ResourcePlan& resource, const store::Row& row) const;
  bool MayWrite(const ResourcePlan& resource, const store::Row& row, const store::Scope& scope) const;
  // PERMISSION_DENIED unless the call's write scope covers the row (or, for a method of the parties, one of
  // the named parties' rows).
  absl::Status Authorize(const ResourcePlan& resource, const store::Row& row);

  // One change. `before` is null for a new record. Resolves references through redirects, checks them, guard
  // rows, facts, rules and overlaps, computes the scope, writes the row. Violations carry `path`. With
  // several violations all are returned in one status. With `follows` the change is a consequence of one that
  // the caller may make (what a merged record was referred to by): no right of its own is asked for.
  absl::Status Stage(const ResourcePlan& resource, const store::Row* before, std::unique_ptr<Message> after,
                     const std::string& operation, const std::string& path, bool follows = false);

  // Empties the erasable fields of the locked row, of everything that is erased with it, and of all that
  // history holds of them (erase.cc). No rules: what is left may lack what is required.
  absl::Status Erase(const ResourcePlan& resource, const store::Row& row);

  // Another call's changes from here on, to be committed with those before. Both outlive the unit.
  void Use(const Call& call);

  // Many records of one kind, staged one after the other, in few statements (unit_together.cc): Prepare reads
  // what Stage is going to ask for each of them, from then until WriteTogether rows are only collected.
  // WriteTogether writes them; false: facts of one are others now that the rest is written, so each has to be
  // staged by itself, in a new transaction. Only for kinds that may, and records that do not refer to each
  // other.
  static bool MayStageTogether(const Kind& kind);
  absl::Status Prepare(const ResourcePlan& resource, const std::vector<const Message*>& records);
  absl::StatusOr<bool> WriteTogether(const ResourcePlan& resource);

  // What decides about each other must not be staged together any more: the transaction runs once more.
  void StageOneByOne() { one_by_one_ = true; }
  bool one_by_one() const { return one_by_one_; }

  // The record into which a merge brought this one; empty if there was none.
  absl::StatusOr<std::string> SuccessorOf(const ResourcePlan& resource, const std::string& id);
  absl::Status AddRedirect(const ResourcePlan& resource, const std::string& old_id,
                           const std::string& new_id);

  // Stamps dependants, then writes feed, history and the answer. Nothing may be staged after it.
  absl::StatusOr<store::Positions> Finish(const store::IdempotencyKey& key,
                                          const std::vector<std::string>& answer);

  // The record whose row the database refused, and its path in the request; for explaining why.
  struct Failed {
    const ResourcePlan* resource = nullptr;
    std::unique_ptr<Message> record;
    std::string path;
  };
  Failed TakeFailed() { return std::move(failed_); }

  // A violation for every other record that a `no_overlap` rule does not admit beside this one.
  absl::Status CheckOverlaps(const ResourcePlan& resource, const Message& after, const std::string& path,
                             Violations* violations);

  bool empty() const { return changes_.empty(); }
  // What was staged, in order; the records live as long as the unit.
  const std::vector<store::Change>& changes() const { return changes_; }
  const Message* Staged(const ResourcePlan& resource, const std::string& id) const;
  postgres::Statements& transaction() { return transaction_; }
  const Call& call() const { return *call_; }

  // For the background job: what it cannot stamp now becomes part of the job `root_id`.
  void SetRestampRoot(std::string root_id) { restamp_root_ = std::move(root_id); }

  // For the daily job: one record's scope, computed anew.
  absl::Status RestampNow(const ResourcePlan& resource, const std::string& id) {
    return RestampOne(resource, id);
  }

  // For background stamping: dependants of one record, at most `limit`, after `after_id` of `child`'s rows.
  absl::StatusOr<std::string> RestampChildren(const contract::Reference& reference,
                                              const std::string& parent_id, const std::string& after_id,
                                              int limit);

 private:
  struct Parent {
    bool exists = false;
    bool deleted = false;
    std::string redirect;
    Scopes scopes;
    bool erased = false;  // Nothing more is hung on it that would go with it.
  };
  // The rows of one fact query, for records that give it these values.
  struct KnownFact {
    std::vector<std::optional<std::string>> values;
    std::vector<FactRow> rows;
  };
  using KnownFacts = std::map<std::pair<const FactQuery*, const Message*>, std::shared_ptr<KnownFact>>;
  absl::Status PrepareGuards(const ResourcePlan& resource, const std::vector<const Message*>& records);
  absl::Status PrepareParents(const ResourcePlan& target, const std::set<std::string>& ids);
  absl::Status PrepareFact(const ResourcePlan& resource, const FactQuery& fact,
                           const std::vector<const Message*>& records, KnownFacts* known);
  absl::StatusOr<std::vector<FactRow>> FactRows(const ResourcePlan& resource, const FactQuery& fact,
                                                const Message& after);
  absl::Status WriteCollected();
  // Of the call's caller, computed once.
  const store::Scope& ScopeFor(const ResourcePlan& resource, const std::string& right);
  absl::Status LoadMoves(bool any);
  // Before the scope of a foreign record counts: no row of this service told whether there are any. Once for
  // all records that were read together: under their locks nothing new moves them.
  absl::Status AskForMoves();
  struct Moved {
    const ResourcePlan* resource = nullptr;
    std::string id;
    Scopes before;
  };
  absl::StatusOr<RestampJob> JobOf(const Moved& moved);
  absl::StatusOr<Parent> ReadParent(const ResourcePlan& resource, const std::string& id);
  // What a reference names, here or in a followed service; without redirects.
  absl::StatusOr<Parent> ReadReferred(const ResourcePlan& resource, const contract::Field& field,
                                      const Message& record);
  absl::Status CheckReferences(const ResourcePlan& resource, const Message* before, Message* after,
                               bool revives, const std::string& path, Violations* violations);
  absl::Status LockGuards(const ResourcePlan& resource, const Message& after);
  // PERMISSION_DENIED if a reference to whoever decides about the record changes without authority over both
  // rows: writing the record is not enough to choose who files it.
  std::vector<const contract::Field*> DecidedAnew(const ResourcePlan& resource, const Message* before,
                                                  const Message& wanted) const;
  absl::Status CheckDeciding(const ResourcePlan& resource, const std::vector<const contract::Field*>& fields,
                             const Message* before, const Message& after, const store::Scope& authority);
  // Notes in a list `former_…` what a reference named until now (keep_former.cc).
  absl::Status KeepFormer(const ResourcePlan& resource, const Message& before, Message* after);
  absl::StatusOr<Scopes> ScopesOf(const ResourcePlan& resource, const Message& record);
  absl::Status AddParties(const ResourcePlan& resource, const std::string& id, std::set<std::string>* readers,
                          std::set<std::string>* writers);
  // Rights over the record, as it was and as it will be, that rules ask for.
  struct Rights {
    bool imports = false;
    bool approves = false;
  };
  absl::Status RunRules(const ResourcePlan& resource, const Message* before, Message* after,
                        const std::string& path, bool deletes, Rights rights, Violations* violations);
  Rights RightsOver(const ResourcePlan& resource, const store::Row* before, const Scopes& after);
  absl::Status Write(const ResourcePlan& resource, const store::Row* before, std::unique_ptr<Message> after,
                     const std::string& operation, std::vector<std::string> changed, Scopes scopes);
  void Follow(const store::Change& change, const Message* before);
  // Keeps the record's external ids as hashes (erased_ids.cc), before they are emptied.
  absl::Status RememberErased(const ResourcePlan& resource, const std::string& id);
  // Which external ids of these records are those of somebody erased: asked once per transaction.
  absl::Status LookUpErased(const ResourcePlan& resource, const std::vector<const Message*>& records);
  absl::Status CheckErased(const ResourcePlan& resource, const Message* before, const Message& after,
                           const std::string& path, Violations* violations);
  absl::Status EraseHistory(const ResourcePlan& resource, const std::string& id);
  absl::Status Restamp();
  absl::Status RestampOne(const ResourcePlan& resource, const std::string& id);

  EngineCore& core_;
  postgres::Statements& transaction_;
  const Call* call_;
  std::vector<store::Change> changes_;
  std::vector<std::unique_ptr<Message>> records_;
  std::map<std::pair<const ResourcePlan*, std::string>, size_t> staged_;  // Index into changes_.
  std::map<std::pair<const ResourcePlan*, std::string>, Parent> parents_;
  ForeignRecords foreign_{true};
  using ErasedKey = std::tuple<std::string, std::string, std::string>;  // Kind, system, id.
  std::set<ErasedKey> asked_erased_, erased_;
  std::set<std::pair<const ResourcePlan*, std::string>> locked_guards_;
  std::vector<std::pair<const ResourcePlan*, std::string>>
      to_restamp_;            // Records whose own scope may change.
  std::vector<Moved> moved_;  // Records whose dependants must follow.
  int restamped_ = 0;
  std::string restamp_root_;
  Moves moves_;
  bool moves_known_ = false;
  int moves_asked_at_ = -1;  // Of foreign_.reads().
  Failed failed_;
  std::map<std::pair<const ResourcePlan*, std::string>, store::Scope> scopes_;
  // While many records are staged together.
  bool together_ = false;
  bool one_by_one_ = false;
  KnownFacts known_facts_;
  size_t written_ = 0;  // Changes before this one have their rows.
};

// FAILED_PRECONDITION while a living record refers to this one.
absl::Status CheckUnreferenced(Unit& unit, const contract::Contract& contract, const ResourcePlan& resource,
                               const std::string& id);

// Runs `body` in a transaction with everything that belongs to it: repeated request_id, validate_only,
// unknown outcomes, constraint errors. `body` stages changes and returns the response.
absl::StatusOr<rpc::Reply> RunUnit(
    EngineCore& core, postgres::Session& session, const Call& call,
    const std::function<absl::StatusOr<std::unique_ptr<Message>>(Unit&)>& body);

// A constraint's error as the client's: ALREADY_EXISTS with the fields, STILL_REFERENCED …
absl::Status Explain(EngineCore& core, postgres::Session& session, const Call& call,
                     const absl::Status& status, const Unit::Failed& failed);

// Every reference of `child`'s living records to `from` names `to` from now on. History stays; a party that
// merges into another party of the same owner (two member schools of one alliance) leaves it instead.
absl::Status RepointReference(EngineCore& core, Unit& unit, const contract::Reference& reference,
                              const std::string& from, const std::string& to,
                              const std::string& effective_on);

// The platform itself as the caller, for jobs: its changes name it as the actor.
Call PlatformCall(absl::Time now);

// "field:kind:id:revision" of every record in the answer; the record itself has an empty field.
std::vector<std::string> AnswerOf(const contract::Contract& contract, const Message& response);

}  // namespace lianqiao::resource
