// SPDX-License-Identifier: Apache-2.0
// Somebody who keeps a copy of what a client may see: by asking for pages, by a stream, from the first change
// on or from a snapshot. One file per way; what they share is how they recover.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/convergence/copy.h"
#include "tests/convergence/installation.h"
#include "tests/convergence/reach.h"

namespace lianqiao::convergence {

class Consumer {
 public:
  enum class Begin { kFirstChange, kSnapshot, kSnapshotBesideTail, kExport };
  struct Options {
    std::string name;  // Its token too.
    Begin begin = Begin::kFirstChange;
    bool gateway = false;   // Reads the merged feed.
    std::string filter_id;  // Of every reach that it is given.
    bool crashes = false;
    uint32_t seed = 0;
  };
  Consumer(Installation* installation, Options options, Reach reach, Report* report);
  virtual ~Consumer() { Stop(); }

  void Start();
  void Stop();
  // After Stop, when everybody has stopped writing: until all has been told and the copy holds exactly these
  // revisions, or too long.
  bool CatchUp(const std::map<Key, int64_t>& expected, absl::Duration limit);

  // Takes effect on the next read.
  void SetReach(Reach reach);
  Reach reach() const;
  std::vector<Reach> reaches() const;
  const Copy& copy() const { return copy_; }
  const std::string& name() const { return options_.name; }
  // For who reads of a failure.
  std::string Describe() const;
  // For check_digest.cc: the next page, applied.
  absl::Status Poll(int page_size, int wait_seconds, bool* caught_up);
  absl::Status Invoke(const std::string& method, const google::protobuf::Message& request,
                      google::protobuf::Message* response);

  // The wish for one jurisdiction, where requests take it.
  template <typename Request>
  void Narrow(Request* request) const {
    if (!options_.filter_id.empty()) request->add_jurisdiction_ids(options_.filter_id);
  }

 protected:
  // Some answers of the feed; OK when the consumer went away by itself.
  virtual absl::Status Tail() = 0;
  virtual const char* way() const = 0;

  // Into the copy.
  void Take(Delivery delivery, const google::protobuf::RepeatedPtrField<sync::v1::Change>& changes,
            const std::string& cursor);
  Delivery Asking() const;
  void Came(Delivery* delivery) const;
  bool stopped() const { return stopped_; }
  bool settled() const;
  // The copy is right, but nobody has said yet that this is all.
  bool only_unsaid() const;
  const Options& options() const { return options_; }
  void Unexpected(const std::string& what);
  int Random(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  bool Chance(int percent) { return Random(100) < percent; }
  std::unique_ptr<rpc::ClientStream> Open(const std::string& method,
                                          const google::protobuf::Message& request);
  // The next message; nullopt at the end of the stream, or when the time is up (then it is cancelled).
  std::optional<std::string> Next(rpc::ClientStream* stream, absl::Duration limit);

  Copy copy_;
  Installation* const installation_;

 private:
  void Run();
  void Round();
  void Recover(const absl::Status& status);
  absl::Status TakeSnapshot(const std::string& diverged_cursor, const std::set<int>* told);
  absl::Status ReadPart(const std::string& token,
                        std::vector<std::pair<Delivery, sync::v1::ReadSnapshotResponse>>* pages);
  absl::Status TakeSnapshotBesideTail();
  // consumer_export.cc: the files of an export, and the cursor in its manifest.
  absl::Status TakeExport();
  absl::Status ReadFile(const std::string& id, const std::string& name, std::string* lines);
  absl::Status TakeWhole();
  // What feed.proto asks of who stores rows before the cursor.
  absl::Status ReadEpochs(std::map<std::string, std::string>* epochs);
  absl::Status Prove();

  const Options options_;
  Report* const report_;
  std::minstd_rand random_;
  mutable std::mutex mutex_;  // Guards reaches_ and changed_.
  std::vector<Reach> reaches_;
  std::vector<absl::Time> changed_;  // When each came into force.
  std::atomic<bool> stopped_{false};
  std::thread thread_;
  bool begun_ = false;
  bool unproved_ = false;                      // Holds rows that lie behind its cursor.
  std::map<std::string, std::string> epochs_;  // Of before the first answer.
  bool told_all_ = false;                      // Of what was written before CatchUp.
  const std::map<Key, int64_t>* expected_ = nullptr;
};

// Revisions that a copy holds.
std::map<Key, int64_t> RevisionsOf(const Copy& copy);

std::unique_ptr<Consumer> MakePoll(Installation* installation, Consumer::Options options, Reach reach,
                                   Report* report);
std::unique_ptr<Consumer> MakeStream(Installation* installation, Consumer::Options options, Reach reach,
                                     Report* report);
std::unique_ptr<Consumer> MakeEvents(Installation* installation, Consumer::Options options, Reach reach,
                                     Report* report);

}  // namespace lianqiao::convergence
