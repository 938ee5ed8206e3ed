// SPDX-License-Identifier: Apache-2.0
// What the engine's files share: kinds with their rules, the call under way, authority. Only for
// libs/resource.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "libs/resource/engine.h"
#include "libs/resource/foreign.h"
#include "libs/rpc/call.h"
#include "libs/store/page_token.h"
#include "libs/store/write.h"

namespace lianqiao::resource {

using contract::Method;
using contract::Standard;
using google::protobuf::FieldDescriptor;
using ResourcePlan = contract::Resource;

// One kind with what the service added.
struct Kind {
  const ResourcePlan* resource = nullptr;
  std::vector<Check> checks;
  std::vector<Check> deletion_checks;
  std::vector<Derivation> derivations;
  std::vector<FactQuery> facts;
  // Derivations, facts, guard rows, overlaps, parties or audiences: every write must see stored rows under
  // lock (path b).
  bool transact_always = false;
  // This kind's writes change the scope of these (an alliance's memberships).
  std::vector<const ResourcePlan*> party_owners;
  // References whose row decides about this kind's records by methods of its own (`party_fields`): who
  // manages an alliance files it.
  std::vector<const contract::Field*> deciding;
  std::vector<ForeignReference> foreign;  // Into services that are followed.
  bool foreign_scope = false;             // Some of them give the scope: it is read under lock (path b).
};

// A custom method that the platform calls for what a day has made due (daily.cc).
struct Daily {
  std::string method;
  NamedQuery due;
  // The pass under way, of this process: its day and the last record called for. Empty: done for that day.
  std::string day;
  std::string after_id;
};

struct Custom {
  const Message* request = nullptr;
  const Message* response = nullptr;
  ReadMethod read;
  WriteMethod write;
  RawMethod raw;
  StreamMethod stream;
};

// One authenticated call. Lives until its answer is sent.
struct Call {
  std::shared_ptr<const rpc::CallContext> context;
  access::Caller caller;
  const Method* method = nullptr;
  absl::Time now;
  store::Scope scope;  // For the method's own permission.
  std::unique_ptr<Message> request;
  store::Scope personal;  // Where the method's resource's personal fields may be read.
  // Records whose personal fields went into the answer, by kind: for the access log.
  mutable std::map<std::string, std::set<std::string>> personal_reads;

  store::Actor actor() const;
  std::string today() const { return base::BusinessDate(now); }
  store::Scope ScopeFor(const ResourcePlan& resource, const std::string& right) const;
  // Empty if the request has no such field.
  std::string Text(const std::string& field) const;
  bool Flag(const std::string& field) const;
  // A row that the caller may read, or write: whoever may write may read what it changes.
  bool Reaches(const ResourcePlan& resource, const std::vector<std::string>& row_scope,
               const std::vector<std::string>& row_write_scope) const;
  // Whether this row's personal fields may be shown. Without the row's scope (null) only a right that covers
  // all that the call could reach will do.
  bool SeesPersonal(const ResourcePlan& resource, const std::vector<std::string>* row_scope) const;
};
using CallPointer = std::shared_ptr<Call>;

// By the package of the service that has come to them.
using Awaited = std::map<std::string, store::Positions>;

class Transfers;
class Unit;

class EngineCore {
 public:
  explicit EngineCore(Engine::Options options);

  const Kind& KindOf(const ResourcePlan& resource) const { return *kinds_.at(&resource); }
  Kind& MutableKind(const ResourcePlan& resource) { return *kinds_.at(&resource); }

  // dispatch.cc
  absl::Status Bind(rpc::Server* server);
  void Handle(const Method& method, std::shared_ptr<const rpc::CallContext> context, std::string bytes,
              rpc::Done done);
  void HandleStream(const Method& method, const StreamMethod& run,
                    std::shared_ptr<const rpc::CallContext> context,
                    std::shared_ptr<rpc::ServerStream> stream);
  void Start(CallPointer call, std::string bytes, rpc::Done done);
  void Dispatch(CallPointer call, rpc::Done done);
  // Dispatches when the projections from options.followed[index] on hold what the call has to see.
  void DispatchAfter(CallPointer call, std::shared_ptr<const Awaited> awaited, size_t index, rpc::Done done);

  // read.cc, list.cc, past.cc
  void Get(CallPointer call, rpc::Done done);
  absl::StatusOr<rpc::Reply> GetAlone(postgres::Session& session, const Call& call);
  absl::StatusOr<rpc::Reply> BatchGet(postgres::Session& session, const Call& call);
  absl::StatusOr<rpc::Reply> List(postgres::Session& session, const Call& call);
  absl::StatusOr<rpc::Reply> ListAt(postgres::Session& session, const Call& call, absl::Time read_time);

  // write.cc, upsert.cc, custom.cc
  absl::StatusOr<rpc::Reply> Create(postgres::Session& session, const Call& call);
  absl::StatusOr<rpc::Reply> Change(postgres::Session& session,
                                    const Call& call);  // Update, Delete, Undelete, transitions.
  // Path (a) of a change; nullopt: path (b) must look.
  absl::StatusOr<std::optional<rpc::Reply>> ChangeAlone(postgres::Session& session, const Call& call,
                                                        const std::string& id, const std::string& path,
                                                        const store::IdempotencyKey& key);
  absl::StatusOr<rpc::Reply> Erase(postgres::Session& session, const Call& call);  // erase.cc
  absl::StatusOr<rpc::Reply> BatchUpsert(postgres::Session& session, const Call& call);
  absl::StatusOr<rpc::Reply> RunCustom(postgres::Session& session, const Call& call);

  // The stored answer of a repeated request_id as a reply. ALREADY_EXISTS... INVALID_ARGUMENT if the content
  // differs.
  absl::StatusOr<rpc::Reply> Replay(postgres::Statements& transaction, const Call& call,
                                    const store::IdempotencyKey& key, const store::StoredAnswer& answer);
  store::IdempotencyKey KeyOf(const Call& call) const;
  absl::StatusOr<const store::TokenKey*> PageKey(postgres::Statements& statements);
  // The bucket that this record's changes go to.
  absl::StatusOr<int> BucketOf(postgres::Statements& statements, const ResourcePlan& resource,
                               const Message& record);

  // transfers.cc: for files on their way; made with the first method that needs them.
  void UseTransfers();
  Transfers& transfers() { return *transfers_; }

  void LogDenied(const Call& call, base::ErrorReason reason);
  void LogPersonalReads(const Call& call);

  Engine::Options options;
  std::unique_ptr<access::Authenticator> audiences_;  // Before the given one, where a kind opens downwards.
  std::map<const ResourcePlan*, std::unique_ptr<Kind>> kinds_;
  std::unordered_map<std::string, Custom> customs_;  // By method path.
  std::vector<Daily> dailies_;
  std::vector<std::string> mistakes_;
  std::map<std::string, std::string>
      daily_passes_;  // By kind: the business date of the pass under way (daily.cc).

 private:
  std::mutex page_key_mutex_;
  std::unique_ptr<store::TokenKey> page_key_;
  std::atomic<int> buckets_{0};           // 0: not read yet. Never changes once there are changes.
  std::shared_ptr<Transfers> transfers_;  // Last: what is under way there uses all of this.
};

// custom.cc: what a service's own functions work with; as long as all that they are given.
std::unique_ptr<Reading> MakeReading(const EngineCore& core, postgres::Session& session, const Call& call);
std::unique_ptr<Writing> MakeWriting(EngineCore& core, Unit& unit, const Call& call);

// after.cc: the positions in lianqiao-after. INVALID_ARGUMENT if they are none. Those of other services
// matter to a service that follows them.
absl::StatusOr<Awaited> AwaitedBy(const Call& call);
// Whether what the call writes may refer to a record of this service.
bool MayReferTo(const EngineCore& core, const Call& call, const Followed& followed);
// FAILED_PRECONDITION for a position that the stream has not come to: it is another installation's, or from
// before a restore.
absl::Status CheckReached(postgres::Statements& statements, const store::Positions& positions);

// Shared small pieces (core.cc).
absl::Status NotFound(const ResourcePlan& resource);
// No right to the function at all; the right, but not to this record.
absl::Status Denied(const Call& call);
absl::Status OutOfScope(const Call& call);
rpc::Reply ReplyOf(const Message& message);
rpc::Reply ReplyOf(const Message& message, const Call& call, const store::Positions& positions);
// mask.cc: personal and suppressed fields as this caller may see them. `row_scope` as in Call::SeesPersonal.
void Mask(const Call& call, const ResourcePlan& resource, const std::vector<std::string>* row_scope,
          Message* record);
// The same for every record in an answer whose rows' scopes are not at hand.
void MaskAnswer(const contract::Contract& contract, const Call& call, Message* answer);
// Mask, then the request's read mask.
void ApplyReadMask(const Call& call, const ResourcePlan& resource, const std::vector<std::string>& row_scope,
                   Message* record);
absl::Status CheckReadMask(const Call& call, const ResourcePlan& resource);
// A field that a caller without the personal right may not see, or not always.
bool MayBeHidden(const ResourcePlan& resource, const contract::Field& field);
// Full names of enum values given in the short form of options.
std::vector<std::string> EnumNames(const contract::Field& field,
                                   const google::protobuf::RepeatedPtrField<std::string>& names);
bool HoldsOn(const ResourcePlan& resource, const Message& record, const std::string& date);
// Of its validity; empty: open or unknown.
std::string LastDayOf(const ResourcePlan& resource, const Message& record);
std::string TextOf(const Message& record, const contract::Field& field);
bool IsDeleted(const ResourcePlan& resource, const Message& record);
bool IsErased(const ResourcePlan& resource, const Message& record);
// Whether something is in it that Erase would empty.
bool HoldsErasable(const ResourcePlan& resource, const Message& record);
// Whether erasing what the field names erases the record too.
bool GoesWith(const ResourcePlan& resource, const contract::Field& field);
// Whether a row of the kind was erased, as SQL.
std::string ErasedSql(const ResourcePlan& resource);
// ABORTED if the request names another revision than the stored one.
absl::Status CheckEtag(const Call& call, const ResourcePlan& resource, const Message& stored);
// Whether the kind's rules need facts: with a record, of this one; without, of every one.
bool NeedsFacts(const Kind& kind, const Message* record);
// Rules that need no facts.
absl::Status CheckPure(const Call& call, const Kind& kind, const Message* before, const Message& after,
                       const std::string& path);
// From the name that a rule gives to the path in the request.
void PlaceViolation(const ResourcePlan& resource, const std::string& path, base::Violation* violation);
// The state field of `valid_on` condition as SQL over alias t; appends parameters.
std::string ValidOnSql(const ResourcePlan& resource, const std::string& date,
                       postgres::Parameters* parameters);

}  // namespace lianqiao::resource
