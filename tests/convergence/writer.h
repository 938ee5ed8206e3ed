// SPDX-License-Identifier: Apache-2.0
// A client that writes: every kind of write, at random, with its own delays; gives up, repeats, comes with
// stale etags. What it may choose from is the service's: writes.cc, exchange_writes.cc.
#pragma once

#include <random>
#include <string>
#include <thread>

#include "tests/convergence/installation.h"
#include "tests/convergence/ledger.h"
#include "tests/convergence/world.h"

namespace lianqiao::convergence {

struct Targets {
  explicit Targets(const World& world)
      : schools(world.school_ids),
        alliances(world.alliance_ids),
        memberships(world.membership_ids),
        teachers(world.teacher_ids),
        assignments(world.assignment_ids) {}
  Known schools;
  Known alliances;
  Known memberships;
  Known teachers;
  Known assignments;
};

class Writer {
 public:
  struct Options {
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
  // What an answer says of a record.
  virtual void Wrote(const google::protobuf::Message& record, const Key& key, bool created) = 0;

  int Random(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  bool Chance(int percent) { return Random(100) < percent; }
  std::string Mark();
  std::string AnyCounty();

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

std::unique_ptr<Writer> MakeRegistryWriter(Installation* installation, const World* world, Targets* targets,
                                           Ledger* ledger, Writer::Options options, Report* report);
std::unique_ptr<Writer> MakeExchangeWriter(Installation* installation, const World* world, Targets* targets,
                                           Ledger* ledger, Writer::Options options, Report* report);

}  // namespace lianqiao::convergence
