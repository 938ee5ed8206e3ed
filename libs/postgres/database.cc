// SPDX-License-Identifier: Apache-2.0
#include "libs/postgres/database.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <random>
#include <thread>
#include <unordered_map>
#include <utility>

#include "libs/base/clock.h"
#include "libs/base/log.h"
#include "libs/postgres/error.h"
#include "libs/postgres/session.h"

namespace lianqiao::postgres {
namespace {

constexpr auto kSweepInterval = std::chrono::milliseconds(100);
constexpr auto kIdleCheckInterval = std::chrono::seconds(1);
constexpr auto kBackoffMin = std::chrono::milliseconds(50);
constexpr auto kBackoffMax = std::chrono::milliseconds(1000);

absl::Time Now() {
  return base::Clock::System().Now();
}

using BatchRun = std::function<void(Session&, Batch&)>;

Database::Options WithDefaults(Database::Options options) {
  if (options.batches_at_once_max <= 0) {
    options.batches_at_once_max = std::max(1, static_cast<int>(std::thread::hardware_concurrency() / 2));
  }
  return options;
}

// A single task, or the turn of a batch key (task empty).
struct Entry {
  absl::Time queued;
  absl::Time deadline;
  std::function<void(Session&)> task;
  std::function<void(const absl::Status&)> failed;
  std::string key;
};

// Items of one key. One Entry in the queue stands for all that wait, unless enough batches of the key run
// already: then what comes meanwhile is the next batch, which begins when one of them ends.
struct WaitingBatch {
  struct Item {
    absl::Time queued;
    std::unique_ptr<BatchItem> item;
  };
  std::deque<Item> items;
  const BatchRun* run = nullptr;
  bool queued = false;
  int running = 0;
};

// A thread with a connection. Idle ones are woken in their order, not in turns: what a connection has grown
// (libpq's buffers for the largest parameters, prepared statements, the server's caches) it keeps.
struct Worker {
  std::condition_variable wake;
  bool idle = false;
};

absl::Status Counted(const Database::Options& options, absl::Status refusal) {
  if (options.observe_refused) options.observe_refused(refusal.code());
  return refusal;
}

// What never started, and why; told without the lock.
class Refused {
 public:
  explicit Refused(const Database::Options& options) : options_(options) {}
  void Add(Entry entry, absl::Status status) { entries_.emplace_back(std::move(entry), std::move(status)); }
  void Add(std::unique_ptr<BatchItem> item, absl::Status status) {
    items_.emplace_back(std::move(item), std::move(status));
  }
  void Tell() {
    for (auto& [entry, status] : entries_) entry.failed(Counted(options_, status));
    for (auto& [item, status] : items_) item->Fail(Counted(options_, status));
  }

 private:
  const Database::Options& options_;
  std::vector<std::pair<Entry, absl::Status>> entries_;
  std::vector<std::pair<std::unique_ptr<BatchItem>, absl::Status>> items_;
};

}  // namespace

class Database::Core {
 public:
  explicit Core(Options options);
  ~Core();

  void Submit(Entry entry);
  void SubmitBatch(const std::string& key, std::unique_ptr<BatchItem> item, const BatchRun* run);
  Load load() const;
  void Drain(absl::Duration limit);
  int workers() const { return options_.workers; }

 private:
  void Work(Worker& self);
  bool KeepConnected(WorkerSession& session);
  bool TakeEntry(Worker& self, Entry* entry, bool* idle);
  Worker* FirstIdle();
  void RunEntry(WorkerSession& session, Entry entry);
  void RunBatch(WorkerSession& session, const std::string& key);
  Worker* QueueBatch(const std::string& key, WaitingBatch* waiting, absl::Time now);
  void Sweep();
  absl::Status Admit() const;
  void Begin(absl::Time queued, absl::Time now) const;
  absl::Status WhyNot(absl::Time deadline, absl::Time now) const;
  void RefuseAll(const std::function<absl::Status(absl::Time deadline)>& why, Refused* refused);
  void CountConnection(int change);

  const Options options_;
  mutable std::mutex mutex_;
  std::deque<Worker> workers_;
  std::condition_variable stop_;
  std::condition_variable settled_;
  std::deque<Entry> queue_;
  std::unordered_map<std::string, WaitingBatch> batches_;
  int queued_ = 0;  // Tasks and items; entries that stand for a batch do not count.
  int busy_ = 0;
  int connected_ = 0;
  absl::Time outage_since_;
  bool draining_ = false;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

Database::Core::Core(Options options)
    : options_(WithDefaults(std::move(options))), workers_(options_.workers), outage_since_(Now()) {
  for (Worker& worker : workers_) threads_.emplace_back([this, &worker] { Work(worker); });
  threads_.emplace_back([this] { Sweep(); });
}

Database::Core::~Core() {
  Refused refused(options_);
  {
    const std::lock_guard lock(mutex_);
    stopping_ = draining_ = true;
    RefuseAll([](absl::Time) { return Unavailable(); }, &refused);
  }
  for (Worker& worker : workers_) worker.wake.notify_one();
  stop_.notify_all();
  refused.Tell();
  for (std::thread& thread : threads_) thread.join();
}

void Database::Core::Begin(absl::Time queued, absl::Time now) const {
  if (options_.observe_wait) options_.observe_wait(absl::ToDoubleSeconds(now - queued));
}

// Under the lock: may one more come in?
absl::Status Database::Core::Admit() const {
  if (draining_) return Unavailable();
  if (queued_ >= options_.queue_max) return Overloaded();
  return absl::OkStatus();
}

// Under the lock: must something with this deadline leave the queue?
absl::Status Database::Core::WhyNot(absl::Time deadline, absl::Time now) const {
  if (connected_ == 0 && now - outage_since_ >= kOutageLimit) return Unavailable();
  if (now < deadline) return absl::OkStatus();
  return connected_ == 0 ? Unavailable() : DeadlineExceeded();
}

// Under the lock: who is to be woken, without it, for what came into the queue; null if all are at work and
// will see it.
Worker* Database::Core::FirstIdle() {
  for (Worker& worker : workers_)
    if (std::exchange(worker.idle, false)) return &worker;
  return nullptr;
}

void Database::Core::Submit(Entry entry) {
  absl::Status status;
  Worker* woken = nullptr;
  {
    const std::lock_guard lock(mutex_);
    entry.queued = Now();
    status = Admit();
    if (status.ok()) status = WhyNot(entry.deadline, entry.queued);
    if (status.ok()) {
      queue_.push_back(std::move(entry));
      ++queued_;
      woken = FirstIdle();
    }
  }
  if (woken != nullptr) woken->wake.notify_one();
  if (!status.ok()) entry.failed(Counted(options_, status));
}

void Database::Core::SubmitBatch(const std::string& key, std::unique_ptr<BatchItem> item,
                                 const BatchRun* run) {
  absl::Status status;
  Worker* woken = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const absl::Time now = Now();
    status = Admit();
    if (status.ok()) status = WhyNot(item->deadline, now);
    if (status.ok()) {
      WaitingBatch& batch = batches_[key];
      batch.run = run;
      batch.items.push_back({now, std::move(item)});
      ++queued_;
      woken = QueueBatch(key, &batch, now);
    }
  }
  if (woken != nullptr) woken->wake.notify_one();
  if (!status.ok()) item->Fail(Counted(options_, status));
}

Database::Load Database::Core::load() const {
  const std::lock_guard lock(mutex_);
  Load load;
  load.queued = queued_;
  load.busy = busy_;
  load.connected = connected_;
  const absl::Time now = Now();
  absl::Time oldest = now;
  for (const Entry& entry : queue_) {
    if (entry.task) oldest = std::min(oldest, entry.queued);
  }
  for (const auto& [key, batch] : batches_) {
    if (!batch.items.empty()) oldest = std::min(oldest, batch.items.front().queued);
  }
  load.oldest_wait_seconds = absl::ToDoubleSeconds(now - oldest);
  return load;
}

void Database::Core::Drain(absl::Duration limit) {
  std::unique_lock lock(mutex_);
  draining_ = true;
  settled_.wait_for(lock, absl::ToChronoNanoseconds(limit), [this] { return queued_ == 0 && busy_ == 0; });
}

void Database::Core::CountConnection(int change) {
  const std::lock_guard lock(mutex_);
  connected_ += change;
  if (connected_ == 0) outage_since_ = Now();
}

// Tries with growing pauses until there is a connection; false when the pool stops first.
bool Database::Core::KeepConnected(WorkerSession& session) {
  std::minstd_rand random(std::random_device{}());
  for (auto backoff = kBackoffMin; !session.Connect().ok(); backoff = std::min(backoff * 2, kBackoffMax)) {
    std::uniform_int_distribution<int64_t> jittered(backoff.count() / 2, backoff.count());
    std::unique_lock lock(mutex_);
    if (stop_.wait_for(lock, std::chrono::milliseconds(jittered(random)), [this] { return stopping_; })) {
      return false;
    }
  }
  CountConnection(+1);
  return true;
}

// False when the pool stops. *idle: nothing came for a while.
bool Database::Core::TakeEntry(Worker& self, Entry* entry, bool* idle) {
  std::unique_lock lock(mutex_);
  if (queue_.empty() && !stopping_) {
    self.idle = true;
    self.wake.wait_for(lock, kIdleCheckInterval, [&] { return stopping_ || !self.idle; });
    self.idle = false;
  }
  if (stopping_) return false;
  *idle = queue_.empty();
  if (*idle) return true;
  *entry = std::move(queue_.front());
  queue_.pop_front();
  ++busy_;
  return true;
}

void Database::Core::Work(Worker& self) {
  WorkerSession session(options_);
  bool counted = false;
  while (true) {
    if (counted && !session.connected()) {
      CountConnection(-1);
      counted = false;
    }
    if (!counted && !KeepConnected(session)) return;
    counted = true;
    Entry entry;
    bool idle = false;
    if (!TakeEntry(self, &entry, &idle)) break;
    const bool alive = session.AliveWhileIdle();
    if (idle) continue;
    if (alive) {
      RunEntry(session, std::move(entry));
    }
    Worker* woken = nullptr;
    {
      // A task that met a dead connection before it began keeps its place and waits for a live one.
      const std::lock_guard lock(mutex_);
      if (!alive) {
        queue_.push_front(std::move(entry));
        woken = FirstIdle();
      }
      --busy_;
      if (draining_ && queued_ == 0 && busy_ == 0) settled_.notify_all();
    }
    if (woken != nullptr) woken->wake.notify_one();
  }
  CountConnection(-1);
}

void Database::Core::RunEntry(WorkerSession& session, Entry entry) {
  if (!entry.task) return RunBatch(session, entry.key);
  {
    const std::lock_guard lock(mutex_);
    --queued_;
  }
  const absl::Time now = Now();
  if (now >= entry.deadline) return entry.failed(Counted(options_, DeadlineExceeded()));
  Begin(entry.queued, now);
  session.set_deadline(entry.deadline);
  entry.task(session);
}

void Database::Core::RunBatch(WorkerSession& session, const std::string& key) {
  Batch batch;
  Refused refused(options_);
  const BatchRun* run = nullptr;
  Worker* woken = nullptr;
  absl::Time deadline = absl::InfinitePast();
  {
    const std::lock_guard lock(mutex_);
    WaitingBatch& waiting = batches_[key];
    run = waiting.run;
    waiting.queued = false;
    const absl::Time now = Now();
    while (!waiting.items.empty() && batch.size() < static_cast<size_t>(options_.batch_max)) {
      std::unique_ptr<BatchItem> item = std::move(waiting.items.front().item);
      const absl::Time queued = waiting.items.front().queued;
      waiting.items.pop_front();
      --queued_;
      if (now >= item->deadline) {
        refused.Add(std::move(item), DeadlineExceeded());
        continue;
      }
      Begin(queued, now);
      deadline = std::max(deadline, item->deadline);
      batch.push_back(std::move(item));
    }
    if (!batch.empty()) ++waiting.running;
    woken = QueueBatch(key, &waiting, now);
  }
  if (woken != nullptr) woken->wake.notify_one();
  refused.Tell();
  if (batch.empty()) return;
  session.set_deadline(deadline);
  (*run)(session, batch);
  {
    const std::lock_guard lock(mutex_);
    WaitingBatch& waiting = batches_[key];
    --waiting.running;
    woken = QueueBatch(key, &waiting, Now());
  }
  if (woken != nullptr) woken->wake.notify_one();
}

// Under the lock: queues an entry for what waits, unless it has one or enough run; who is to be woken for it.
// At the queue's end, so that one busy key cannot keep others waiting.
Worker* Database::Core::QueueBatch(const std::string& key, WaitingBatch* waiting, absl::Time now) {
  if (waiting->queued || waiting->items.empty() || waiting->running >= options_.batches_at_once_max)
    return nullptr;
  waiting->queued = true;
  queue_.push_back({now, absl::InfiniteFuture(), nullptr, nullptr, key});
  return FirstIdle();
}

// Under the lock: takes out of the queue everything for which `why` has an answer.
void Database::Core::RefuseAll(const std::function<absl::Status(absl::Time deadline)>& why,
                               Refused* refused) {
  std::deque<Entry> kept;
  for (Entry& entry : queue_) {
    absl::Status status = entry.task ? why(entry.deadline) : absl::OkStatus();
    if (status.ok()) {
      kept.push_back(std::move(entry));
    } else {
      --queued_;
      refused->Add(std::move(entry), std::move(status));
    }
  }
  queue_ = std::move(kept);
  for (auto& [key, batch] : batches_) {
    std::deque<WaitingBatch::Item> items;
    for (WaitingBatch::Item& waiting : batch.items) {
      absl::Status status = why(waiting.item->deadline);
      if (status.ok()) {
        items.push_back(std::move(waiting));
      } else {
        --queued_;
        refused->Add(std::move(waiting.item), std::move(status));
      }
    }
    batch.items = std::move(items);
  }
}

// A thread of its own, because the workers may all be busy, or trying to connect, while deadlines pass.
void Database::Core::Sweep() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, kSweepInterval, [this] { return stopping_; })) {
    if (queued_ == 0) continue;
    Refused refused(options_);
    const absl::Time now = Now();
    RefuseAll([&](absl::Time deadline) { return WhyNot(deadline, now); }, &refused);
    lock.unlock();
    refused.Tell();
    settled_.notify_all();
    lock.lock();
  }
}

Database::Database(Options options) : core_(std::make_unique<Core>(std::move(options))) {}
Database::~Database() = default;

void Database::Submit(absl::Time deadline, std::function<void(Session&)> task,
                      std::function<void(const absl::Status&)> failed) {
  core_->Submit({absl::InfinitePast(), deadline, std::move(task), std::move(failed), ""});
}

void Database::SubmitBatch(const std::string& key, std::unique_ptr<BatchItem> item, const BatchRun* run) {
  core_->SubmitBatch(key, std::move(item), run);
}

absl::Status Database::Run(absl::Time deadline, const std::function<absl::Status(Session&)>& task) {
  std::promise<absl::Status> outcome;
  std::future<absl::Status> future = outcome.get_future();
  Submit(
      deadline, [&](Session& session) { outcome.set_value(task(session)); },
      [&](const absl::Status& status) { outcome.set_value(status); });
  return future.get();
}

int Database::workers() const {
  return core_->workers();
}
Database::Load Database::load() const {
  return core_->load();
}
void Database::Drain(absl::Duration limit) {
  core_->Drain(limit);
}

}  // namespace lianqiao::postgres
