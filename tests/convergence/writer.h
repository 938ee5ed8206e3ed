// SPDX-License-Identifier: Apache-2.0
// A client that writes: every kind of write, at random, with its own delays; gives up, repeats, comes with
// stale etags. What it may choose from is the service's: writes.cc, exchange_writes.cc and so on.
#pragma once

#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "tests/convergence/installation.h"
#include "tests/convergence/ledger.h"
#include "tests/convergence/world.h"

namespace lianqiao::convergence {

struct Targets {
  explicit Targets(const World& world)
      : schools(world.school_ids), alliances(world.alliance_ids), memberships(world.membership_ids) {
    for (const auto& [kind, records] : world.records) own.try_emplace(kind, records);
  }
  Known schools;
  Known alliances;
  Known memberships;
  std::map<std::string, Known> own;  // Of a service that follows, by kind.
};

struct WriterOptions {
  std::string name;
  uint32_t seed = 0;
  int writes = 20;
  int pause_ms = 10;
  // May write only there; empty: everywhere.
  std::string county_id;
  // Sends no keys and creates most of the time: what a server does twice shows there.
  bool keyless = false;
  // Only what moves those who hang on schools, counties and alliances elsewhere.
  bool moves = false;
};

class Writer {
 public:
  using Options = WriterOptions;
  Writer(Installation* installation, const World* world, Targets* targets, Ledger* ledger, Options options,
         Report* report);
  virtual ~Writer() { Join(); }
  void Start();
  void Join();
  const std::string& client_id() const { return client_id_; }
  const std::string& county_id() const { return options_.county_id; }

 protected:
  // A request with where its request_id goes, and what its answer says.
  struct Write {
    std::string method;
    std::unique_ptr<google::protobuf::Message> request;
    std::unique_ptr<google::protobuf::Message> response;
    std::string mark;
    bool creates = false;
    std::string target = {};  // Id of the record that it is about, where known.
    bool erases = false;
  };
  template <typename Request, typename Response>
  static std::pair<std::unique_ptr<Request>, std::unique_ptr<Response>> Pair() {
    return {std::make_unique<Request>(), std::make_unique<Response>()};
  }
  virtual Write Choose() = 0;
  // What an answer says of a record; `targets_.own` knows it already.
  virtual void Wrote(const google::protobuf::Message& record, const Key& key, bool created) {}
  // "Hold", "Delete", "Undelete", "Erase" of a record: the methods that take little more than its id.
  template <typename Record>
  static Write Step(const std::string& verb, const std::string& id) {
    const std::string noun(Record::descriptor()->name());
    Write write{
        absl::StrCat(noun, "Service/", verb, noun), nullptr, std::make_unique<Record>(), "", false, id};
    const auto ask = [&](auto request) {
      request->set_id(id);
      write.request = std::move(request);
    };
    write.erases = verb == "Erase";
    if (write.erases) {
      auto request = std::make_unique<type::v1::EraseRequest>();
      request->set_reason("本人申请");
      ask(std::move(request));
    } else if (verb == "Delete" || verb == "Undelete") {
      ask(std::make_unique<type::v1::DeleteRequest>());
    } else {
      auto request = std::make_unique<type::v1::TransitionRequest>();
      request->set_reason("原因");
      ask(std::move(request));
    }
    return write;
  }
  template <typename Record, size_t kCount>
  Write AnyStep(const char* const (&verbs)[kCount], const std::string& kind) {
    return Step<Record>(verbs[Random(static_cast<int>(kCount))], AnyOf(kind));
  }
  // One that may follow the state in which somebody saw a record last, and now and then any other.
  template <typename Record, typename State>
  Write NextStep(const std::vector<std::pair<State, const char*>>& steps, const std::string& kind) {
    const std::string id = AnyOf(kind);
    const auto record = Last<Record>(kind, id);
    if (record.has_delete_time() && Chance(80)) return Step<Record>("Undelete", id);
    std::vector<const char*> verbs;
    for (const auto& [state, verb] : steps)
      if (state == record.state() || Chance(5)) verbs.push_back(verb);
    return Step<Record>(
        verbs.empty() ? "Delete" : verbs[static_cast<size_t>(Random(static_cast<int>(verbs.size())))], id);
  }

  std::string AnyOf(const std::string& kind) { return targets_.own.at(kind).Any(&random_); }
  // As somebody was told of it last.
  template <typename Record>
  Record Last(const std::string& kind, const std::string& id) const {
    Record record;
    record.ParseFromString(targets_.own.at(kind).Bytes(id));
    return record;
  }

  int Random(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  bool Chance(int percent) { return Random(100) < percent; }
  std::string Mark();
  // Texts of a person end so that none is a part of another one (erasure.h).
  std::string PersonMark() { return Mark() + "-p"; }
  std::string AnyCounty();
  // Which of the world's schools; one of those that were in the alliance at the beginning.
  size_t AnyMember(const std::string& alliance_id);

  Installation* const installation_;
  const World& world_;
  Targets& targets_;
  const Options options_;
  std::minstd_rand random_;
  std::string last_etag_;

 private:
  void Run();
  void Send(Write write);
  bool Try(Write* write, Entry* entry);
  void Note(const Write& write, const std::string& bytes, Entry* entry);

  Ledger* const ledger_;
  Report* const report_;
  std::string client_id_;
  int count_ = 0;
  std::thread thread_;
};

MakeWriter MakeRegistryWriter, MakeExchangeWriter, MakeResearchWriter, MakeResourcesWriter;

}  // namespace lianqiao::convergence
