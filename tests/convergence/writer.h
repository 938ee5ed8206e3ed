// SPDX-License-Identifier: Apache-2.0
// A client that writes: every kind of write, at random, with its own delays; gives up, repeats, comes with
// stale etags.
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
      : schools(world.school_ids), alliances(world.alliance_ids), memberships(world.membership_ids) {}
  Known schools;
  Known alliances;
  Known memberships;
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
  };
  Writer(Installation* installation, const World* world, Targets* targets, Ledger* ledger, Options options,
         Report* report);
  ~Writer() { Join(); }
  void Start();
  void Join();
  const std::string& client_id() const { return client_id_; }
  const std::string& county_id() const { return options_.county_id; }

 private:
  // A request with where its request_id goes, and what its answer says.
  struct Write {
    std::string method;
    std::unique_ptr<google::protobuf::Message> request;
    std::unique_ptr<google::protobuf::Message> response;
    std::string mark;
    bool creates = false;
  };
  void Run();
  Write Choose();
  Write NewSchool();
  Write ChangeSchool();
  Write MoveSchool();
  Write EndOrReviveSchool();
  Write MergeSchools();
  Write SplitSchool();
  Write RecodeSchool();
  Write UpsertSchools();
  Write ChangeAlliance();
  Write JoinAlliance();
  Write MoveMembership();
  Write MoveCounty();
  void Send(Write write);
  bool Try(Write* write, Entry* entry);
  void Note(const Write& write, const std::string& bytes, Entry* entry);

  int Random(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  bool Chance(int percent) { return Random(100) < percent; }
  std::string Mark();
  std::string AnyCounty();

  Installation* const installation_;
  const World& world_;
  Targets& targets_;
  Ledger* const ledger_;
  const Options options_;
  Report* const report_;
  std::string client_id_;
  std::minstd_rand random_;
  int count_ = 0;
  std::string last_etag_;
  std::string last_school_;
  std::thread thread_;
};

}  // namespace lianqiao::convergence
