// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/history.h"

#include <algorithm>
#include <memory>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "tests/convergence/check.h"
#include "tests/convergence/erasure.h"
#include "tests/convergence/faults.h"
#include "tests/convergence/lying.h"
#include "tests/convergence/mirror.h"

namespace lianqiao::convergence {
namespace {

constexpr absl::Duration kSettleLimit = absl::Seconds(60);
constexpr absl::Duration kCatchUpLimit = absl::Seconds(20);

class History {
 public:
  History(const Subject& subject, uint32_t seed, int number)
      : random_(seed * 7919u + static_cast<uint32_t>(number) * 104729u + 1),
        world_(BaseWorld(subject)),
        targets_(world_),
        registry_(MakeRegistry()),
        installation_(subject, world_.database, Seed(), registry_.get()) {}

  Verdict Play() {
    const absl::Time start = absl::Now();
    if (registry_ != nullptr) registry_->Start();
    installation_.Start();
    installation_.StartGateway();
    AddWriters();
    if (registry_ != nullptr) AddMovers();
    AddConsumers();
    Faults faults(&installation_, &world_, Seed(), &report_);
    faults.OnRestore([this](absl::Time dump_began) { BeforeRestore(dump_began); });
    faults.OnFollowedRestore([this] { registry_logs_.push_back(ReadLog(registry_.get())); });
    faults.OnGrant([this] { ChangeGrants(); });
    for (const auto& consumer : consumers_) consumer->Start();
    if (mirror_ != nullptr) mirror_->Start();
    for (const auto& writer : writers_) writer->Start();
    for (const auto& mover : movers_) mover->Start();
    faults.Start();
    for (const auto& writer : writers_) writer->Join();
    for (const auto& mover : movers_) mover->Join();
    faults.Heal();
    for (const auto& consumer : consumers_) consumer->Stop();
    if (mirror_ != nullptr) mirror_->Stop();
    Judge(faults);
    Verdict verdict = Tell(faults);
    verdict.took = absl::Now() - start;
    return verdict;
  }

 private:
  uint32_t Seed() { return static_cast<uint32_t>(random_()) + 1; }
  int Random(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  std::unique_ptr<Installation> MakeRegistry() {
    if (world_.followed.empty()) return nullptr;
    return std::make_unique<Installation>(RegistrySubject(), world_.followed, Seed());
  }

  // Beside the service: schools move between counties, memberships come and go. Or nobody does that.
  void AddMovers() {
    const int count = Random(3);
    for (int i = 0; i < count; ++i) {
      Writer::Options options;
      options.name = absl::StrCat("m", i);
      options.seed = Seed();
      options.writes = 5 + Random(15);
      options.pause_ms = 5 + Random(60);
      options.moves = true;
      movers_.push_back(MakeRegistryWriter(registry_.get(), &world_, &targets_, &moves_, options, &report_));
    }
  }

  void AddWriters() {
    const int count = 2 + Random(4);
    const int pause_ms = Random(3) == 0 ? 0 : 5 + Random(20);
    for (int i = 0; i < count; ++i) {
      Writer::Options options;
      options.name = absl::StrCat("w", i);
      options.seed = Seed();
      options.writes = 8 + Random(22);
      options.pause_ms = pause_ms;
      options.keyless = i == 0 && Random(2) == 0;
      if (i == 1) options.county_id = world_.county_ids[static_cast<size_t>(Random(3))];
      writers_.push_back(
          installation_.subject().writer(&installation_, &world_, &targets_, &ledger_, options, &report_));
    }
  }

  Reach AnyReach() {
    Reach reach;
    reach.personal = Random(2) == 0;
    const auto any = [&](const std::vector<std::string>& ids) {
      return ids[static_cast<size_t>(Random(static_cast<int>(ids.size())))];
    };
    switch (Random(6)) {
      case 0:
        reach.everything = true;
        break;
      case 1:
        reach.places = {any(world_.school_ids)};
        reach.organisation_id = reach.places[0];
        break;
      case 2:
        reach.organisation_id = any(world_.school_ids);
        reach.alliance_id = any(world_.alliance_ids);
        break;
      case 3:
        reach.places = {world_.city_id};
        break;
      default:
        reach.places = {any(world_.county_ids)};
        break;
    }
    return reach;
  }

  void AddConsumers() {
    const int count = 3 + Random(3);
    for (int i = 0; i < count; ++i) {
      Consumer::Options options;
      options.name = absl::StrCat("c", i);
      options.begin = static_cast<Consumer::Begin>(i < 2 ? 0 : Random(4));
      // Exports of several services need the gateway's database, which nobody has here.
      options.gateway = options.begin != Consumer::Begin::kExport && Random(2) == 0;
      options.crashes = Random(3) == 0;
      if (Random(4) == 0) options.filter_id = world_.county_ids[static_cast<size_t>(Random(3))];
      options.seed = Seed();
      Reach reach = AnyReach();
      if (i == 0) reach.everything = true;
      if (i == 3 && Random(2) == 0) reach = Reach();  // Until it is given something.
      const auto make = !options.gateway ? (Random(2) == 0 ? MakeStream : MakePoll)
                        : Random(3) == 0 ? MakePoll
                        : Random(2) == 0 ? MakeStream
                                         : MakeEvents;
      consumers_.push_back(make(&installation_, options, reach, &report_));
    }
    if (Random(2) == 0) return;
    Mirror::Options options{.name = "mirror", .seed = Seed(), .gateway = Random(2) == 0};
    mirror_ = std::make_unique<Mirror>(&installation_, options, AnyReach(), &report_);
  }

  // Not of the first two, who show what one scope sees from beginning to end. Now and then back again at
  // once.
  void ChangeGrants() {
    if (consumers_.size() < 3) return;
    Consumer& consumer =
        *consumers_[2 + static_cast<size_t>(Random(static_cast<int>(consumers_.size()) - 2))];
    const Reach before = consumer.reach();
    consumer.SetReach(AnyReach());
    if (Random(2) == 0) return;
    absl::SleepFor(absl::Milliseconds(Random(60)));
    consumer.SetReach(before);
  }

  // The service is down; what was written is about to be lost.
  void BeforeRestore(absl::Time dump_began) {
    logs_.push_back(ReadLog(&installation_));
    dump_began_ = dump_began;
  }

  void SettleAll() {
    if (registry_ != nullptr && !registry_->Settle(kSettleLimit))
      report_.Add({"Settled", "the background jobs of the registry do not come to an end", "", ""});
    if (!installation_.CatchUp(kSettleLimit))
      report_.Add({"Settled", "the service does not catch up with what it follows", "", ""});
    if (!installation_.Settle(kSettleLimit))
      report_.Add({"Settled", "the background jobs do not come to an end", "", ""});
  }

  void Judge(const Faults& faults) {
    SettleAll();
    if (registry_ != nullptr) {
      CheckFollowed(&installation_, &report_);
      CheckFeed(registry_.get(), &report_);
      registry_logs_.push_back(ReadLog(registry_.get()));
      CheckLedger(registry_.get(), moves_, registry_logs_.back(), registry_->life(),
                  faults.followed_dump_began(), &report_);
    }
    CheckFeed(&installation_, &report_);
    logs_.push_back(ReadLog(&installation_));
    const std::map<Key, Living> living = ReadLiving(&installation_);
    CheckLedger(&installation_, ledger_, logs_.back(), installation_.life(), dump_began_, &report_);
    for (const Log& log : logs_) CheckRights(writers_, log, &report_);
    JudgeConsumers(living);
    CheckErasure(&installation_, world_, ledger_, consumers_, mirror_.get(), &report_);
  }

  // What opens downwards changes with the registry: at the end it is as it is today.
  void JudgeConsumers(const std::map<Key, Living>& living) {
    const Lying today = Lying::Today(&installation_), ever = Lying::Ever(registry_logs_);
    for (const auto& consumer : consumers_) {
      const Reach now = today.Complete(consumer->reach());
      std::vector<Reach> reaches;
      for (const Reach& reach : consumer->reaches()) reaches.push_back(ever.Complete(reach));
      const std::map<Key, int64_t> expected = Expected(&installation_, living, now);
      if (!now.empty()) {
        consumer->CatchUp(expected, report_.count() == 0 ? kCatchUpLimit : absl::Seconds(3));
        CheckCopy(&installation_, consumer.get(), now, expected, living, logs_.back(), &report_);
      }
      const Reach always = moves_.entries().empty() ? now : consumer->reach();
      CheckDeliveries(&installation_, *consumer, reaches, always, logs_, &report_);
    }
    if (mirror_ != nullptr)
      mirror_->Check(Expected(&installation_, living, today.Complete(mirror_->reach())),
                     report_.count() == 0 ? kCatchUpLimit : absl::Seconds(3));
  }

  // The last events of the records that violations are about.
  void TellRecords(Verdict* verdict) {
    std::set<Key> told;
    for (const Violation& violation : verdict->violations) {
      const Key key = {violation.kind, violation.id};
      if (violation.id.empty() || told.size() >= 3 || !told.insert(key).second) continue;
      std::vector<const LoggedChange*> events;
      for (const LoggedChange& change : logs_.back().changes) {
        if (change.key == key) events.push_back(&change);
      }
      const size_t first = events.size() > 8 ? events.size() - 8 : 0;
      for (size_t i = first; i < events.size(); ++i)
        verdict->tale.push_back(
            absl::StrCat(key.first, " ", key.second, " revision ", events[i]->revision, ": ",
                         events[i]->operation, " at ", events[i]->bucket, ":", events[i]->position, " of ",
                         absl::FormatTime("%H:%M:%E6S", events[i]->time, absl::UTCTimeZone()), ", seen by {",
                         absl::StrJoin(events[i]->scope_before, " "), "} then {",
                         absl::StrJoin(events[i]->scope_after, " "), "}"));
    }
  }

  Verdict Tell(const Faults& faults) {
    Verdict verdict;
    verdict.violations = report_.violations();
    verdict.count = report_.count();
    verdict.tale = faults.tale();
    verdict.figures["faults"] = static_cast<int>(verdict.tale.size());
    if (verdict.count > 0) {
      for (const auto& consumer : consumers_) verdict.tale.push_back(consumer->Describe());
      TellRecords(&verdict);
    }
    for (const auto& entry : ledger_.entries()) {
      ++verdict.figures["writes"];
      ++verdict.figures[entry->outcome == Outcome::kAcknowledged ? "acknowledged"
                        : entry->outcome == Outcome::kRefused    ? "refused"
                                                                 : "open"];
    }
    verdict.figures["moves"] += static_cast<int>(moves_.entries().size());
    for (const auto& consumer : consumers_) {
      verdict.figures["deliveries"] += static_cast<int>(consumer->copy().deliveries().size());
      verdict.figures["consumers"] += 1;
    }
    verdict.figures["changes"] += static_cast<int>(logs_.back().changes.size());
    return verdict;
  }

  std::minstd_rand random_;
  const World& world_;
  Report report_;
  Ledger ledger_;
  Ledger moves_;  // In the registry.
  Targets targets_;
  std::unique_ptr<Installation> registry_;  // That the service follows; may be null.
  Installation installation_;
  std::vector<std::unique_ptr<Writer>> writers_;
  std::vector<std::unique_ptr<Writer>> movers_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
  std::unique_ptr<Mirror> mirror_;
  std::vector<Log> logs_;           // One per life.
  std::vector<Log> registry_logs_;  // The same of what it follows.
  absl::Time dump_began_ = absl::InfinitePast();
};

}  // namespace

Verdict Play(const Subject& subject, uint32_t seed, int number) {
  return History(subject, seed, number).Play();
}

}  // namespace lianqiao::convergence
