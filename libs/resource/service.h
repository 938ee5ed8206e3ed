// SPDX-License-Identifier: Apache-2.0
// What a service writes: rules, facts and custom methods of its resources. Standard methods, transitions,
// scope, revisions, the feed, idempotency and errors are the engine's (libs/resource), bound from the
// descriptor.
//
//   void AddAlliances(resource::Service& service) {
//     resource::Resource<Alliance>(service)
//         .facts({"members", "SELECT … WHERE alliance_id = $1::uuid", {"id"}, {"ActivateAlliance"}})
//         .rules(CheckAlliance)                    // Violations(const Alliance* before, const Alliance&
//         after, const Facts&) .on("RenewAlliance", RenewAlliance)      //
//         StatusOr<RenewAllianceResponse>(Writing&, const RenewAllianceRequest&) .on("GetAllianceTree",
//         GetAllianceTree); // StatusOr<AllianceTree>(Reading&, const GetAllianceTreeRequest&)
//   }
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/contract/contract.h"
#include "libs/postgres/database.h"
#include "libs/resource/facts.h"
#include "libs/resource/transfer.h"

namespace lianqiao::resource {

// Rules of one kind, over messages. `before` is null when the record is new. Pure.
using Check = std::function<Violations(const Message* before, const Message& after, const Facts& facts)>;

// Fills fields that the platform writes from the record and its facts, before the rules. Pure.
using Derivation = std::function<void(Message* record, const Facts& facts)>;

// SQL of a custom method: `{visible:alliance a}` stands for the living rows of that kind which the caller may
// read, as table alias a. Without it a query must not touch a resource's table.
using NamedQuery = postgres::Query;

// A custom method that only reads. Every statement stands by itself.
class Reading {
 public:
  virtual ~Reading() = default;
  virtual absl::StatusOr<postgres::Result> Query(const NamedQuery& query,
                                                 postgres::Parameters parameters) = 0;
  // NOT_FOUND unless the caller may read it.
  virtual absl::StatusOr<std::unique_ptr<Message>> Get(const contract::Descriptor* type,
                                                       const std::string& id) = 0;
  // Those of the ids that the caller may read, in that order, by one statement.
  virtual absl::StatusOr<std::vector<std::unique_ptr<Message>>> GetMany(
      const contract::Descriptor* type, const std::vector<std::string>& ids) = 0;
  // Whether a grant to read this kind names one of these places or organisations itself: one on a place
  // above them does not count.
  virtual bool IsGrantedOn(const contract::Descriptor* type, const std::vector<std::string>& ids) const = 0;
  virtual std::string today() const = 0;  // Business date, Asia/Shanghai.
  virtual absl::Time now() const = 0;

  template <typename T>
  absl::StatusOr<T> Get(const std::string& id) {
    auto record = Get(T::descriptor(), id);
    if (!record.ok()) return std::move(record).status();
    return static_cast<const T&>(**record);
  }
  template <typename T>
  absl::StatusOr<std::vector<T>> GetMany(const std::vector<std::string>& ids) {
    auto records = GetMany(T::descriptor(), ids);
    if (!records.ok()) return std::move(records).status();
    std::vector<T> answer;
    for (const auto& record : *records) answer.push_back(static_cast<const T&>(*record));
    return answer;
  }
};

// A custom method that writes: its function is the body of one transaction and may run again, so it has no
// effect but through this object. All changes commit together, each with its revision and change record;
// rules of every changed kind are checked at the end. Changes must lie in the caller's write scope.
class Writing {
 public:
  virtual ~Writing() = default;
  // Locks the row. NOT_FOUND if not readable, PERMISSION_DENIED if not writable, ABORTED if `etag` is given
  // and differs.
  virtual absl::StatusOr<std::unique_ptr<Message>> Load(const contract::Descriptor* type,
                                                        const std::string& id, const std::string& etag) = 0;
  // A new record; fills id, revision and times. Unset id: a new UUIDv7.
  virtual absl::Status Create(Message* record) = 0;
  // A loaded record with new values; fills revision and update_time.
  virtual absl::Status Update(Message* record) = 0;
  virtual absl::Status Delete(Message* record) = 0;
  // Every current reference to `from` (of any kind of the service, not ended by its validity) now names `to`;
  // ended ones stay. The old id resolves to the new one for ever.
  virtual absl::Status Repoint(const contract::Descriptor* type, const std::string& from,
                               const std::string& to, const std::string& effective_on) = 0;
  // The old id resolves to the new one for ever; what refers to it stays as it is.
  virtual absl::Status Redirect(const contract::Descriptor* type, const std::string& from,
                                const std::string& to) = 0;
  // Says how the feed names the change of this record: MERGE, SPLIT, KEY_CHANGE instead of UPDATE/CREATE.
  virtual void Name(const std::string& id, const std::string& operation) = 0;
  // A plain statement inside the transaction (reads only; the engine refuses others).
  virtual absl::StatusOr<postgres::Result> Query(const NamedQuery& query,
                                                 postgres::Parameters parameters) = 0;
  virtual std::string today() const = 0;
  virtual absl::Time now() const = 0;
  // When the call is given up: whatever computes for long looks at it.
  virtual absl::Time deadline() const = 0;
  // As Load for each of these rows, locked in the order of their ids by one statement; so they come back.
  virtual absl::StatusOr<std::vector<std::unique_ptr<Message>>> LoadMany(
      const contract::Descriptor* type, const std::vector<std::string>& ids) = 0;
  // As Update for each of these loaded records of one kind, each once, by statements whose number does not
  // grow with theirs. What the rules are told of the kind itself is as if all had been written.
  virtual absl::Status UpdateMany(const std::vector<Message*>& records) = 0;

  template <typename T>
  absl::StatusOr<T> Load(const std::string& id, const std::string& etag = "") {
    auto record = Load(T::descriptor(), id, etag);
    if (!record.ok()) return std::move(record).status();
    return static_cast<const T&>(**record);
  }
  template <typename T>
  absl::StatusOr<std::vector<T>> LoadMany(const std::vector<std::string>& ids) {
    auto records = LoadMany(T::descriptor(), ids);
    if (!records.ok()) return std::move(records).status();
    std::vector<T> answer;
    for (const auto& record : *records) answer.push_back(static_cast<const T&>(*record));
    return answer;
  }
};

using ReadMethod = std::function<absl::StatusOr<std::unique_ptr<Message>>(Reading&, const Message&)>;
using WriteMethod = std::function<absl::StatusOr<std::unique_ptr<Message>>(Writing&, const Message&)>;

// Collects what a service adds; the engine checks it against the contract at start: an unbound or unknown
// method, a wrong type or a reading method with a writing function refuses to start. Not thread-safe; used
// before the server starts.
class Service {
 public:
  virtual ~Service() = default;
  virtual void AddRules(const contract::Descriptor* type, Check check) = 0;
  virtual void AddDeletionRules(const contract::Descriptor* type, Check check) = 0;
  virtual void AddDerivation(const contract::Descriptor* type, Derivation derivation) = 0;
  virtual void AddFacts(const contract::Descriptor* type, FactQuery query) = 0;
  virtual void AddRead(const std::string& method, const Message& request, const Message& response,
                       ReadMethod run) = 0;
  virtual void AddWrite(const std::string& method, const Message& request, const Message& response,
                        WriteMethod run) = 0;
  virtual void AddDaily(const std::string& method, NamedQuery due) = 0;
  virtual void AddIntake(const std::string& method, MakeIntake make) = 0;
  virtual void AddOutlet(const std::string& method, MakeOutlet make) = 0;

  // Custom methods of a proto service that has no resource: on("lianqiao.registry.v1.StatisticsService",
  // "GetRegistryStatistics", function).
  template <typename Request, typename Response>
  Service& on(const std::string& proto_service, const std::string& method,
              absl::StatusOr<Response> (*run)(Reading&, const Request&)) {
    AddRead("/" + proto_service + "/" + method, Request::default_instance(), Response::default_instance(),
            [run](Reading& reading, const Message& request) {
              return Box(run(reading, static_cast<const Request&>(request)));
            });
    return *this;
  }
  template <typename Request, typename Response>
  Service& on(const std::string& proto_service, const std::string& method,
              absl::StatusOr<Response> (*run)(Writing&, const Request&)) {
    AddWrite("/" + proto_service + "/" + method, Request::default_instance(), Response::default_instance(),
             [run](Writing& writing, const Message& request) {
               return Box(run(writing, static_cast<const Request&>(request)));
             });
    return *this;
  }

 private:
  template <typename Response>
  static absl::StatusOr<std::unique_ptr<Message>> Box(absl::StatusOr<Response> response) {
    if (!response.ok()) return std::move(response).status();
    return std::unique_ptr<Message>(std::make_unique<Response>(*std::move(response)));
  }
};

template <typename T>
class Resource {
 public:
  explicit Resource(Service& service) : service_(service) {}
  Resource& rules(Violations (*check)(const T* before, const T& after, const Facts& facts)) {
    service_.AddRules(T::descriptor(),
                      [check](const Message* before, const Message& after, const Facts& facts) {
                        return check(static_cast<const T*>(before), static_cast<const T&>(after), facts);
                      });
    return *this;
  }
  // What keeps a record from being deleted (rules() are not asked then). Needs facts() to be sure of stored
  // rows.
  Resource& deletion_rules(Violations (*check)(const T& record, const Facts& facts)) {
    service_.AddDeletionRules(T::descriptor(),
                              [check](const Message*, const Message& record, const Facts& facts) {
                                return check(static_cast<const T&>(record), facts);
                              });
    return *this;
  }
  // Fields of the record that follow from others and from facts, on every write but a deletion: what a client
  // or an import says of them does not count.
  Resource& derives(void (*fill)(T* record, const Facts& facts)) {
    service_.AddDerivation(T::descriptor(), [fill](Message* record, const Facts& facts) {
      fill(static_cast<T*>(record), facts);
    });
    return *this;
  }
  Resource& facts(FactQuery query) {
    service_.AddFacts(T::descriptor(), std::move(query));
    return *this;
  }
  // A custom method of <T>Service.
  template <typename Run>
  Resource& on(const std::string& method, Run run) {
    service_.on(T::descriptor()->full_name() + "Service", method, run);
    return *this;
  }
  // A custom method of <T>Service that the platform itself calls, by id alone, for every record that a day
  // has made due: `due` selects their ids ($1: the business date), and none whose call has been made. Each is
  // a transaction of its own; what the rules refuse is logged and tried again the next day.
  Resource& daily(const std::string& method, NamedQuery due) {
    service_.AddDaily("/" + T::descriptor()->full_name() + "Service/" + method, std::move(due));
    return *this;
  }
  // Methods of <T>Service that stream a file in or out (transfer.h).
  Resource& takes(const std::string& method, MakeIntake make) {
    service_.AddIntake("/" + T::descriptor()->full_name() + "Service/" + method, std::move(make));
    return *this;
  }
  Resource& gives(const std::string& method, MakeOutlet make) {
    service_.AddOutlet("/" + T::descriptor()->full_name() + "Service/" + method, std::move(make));
    return *this;
  }

 private:
  Service& service_;
};

}  // namespace lianqiao::resource
