// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/consumer.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"

namespace lianqiao::convergence {
namespace {

constexpr char kFeed[] = "/lianqiao.sync.v1.FeedService/";
constexpr absl::Duration kCallLimit = absl::Seconds(20);
// Within which a change of grants must have taken effect; a busy machine is given more than the promised 1 s.
constexpr absl::Duration kGrantLag = absl::Seconds(4);
constexpr absl::Duration kPause = absl::Milliseconds(10);

rpc::Client::Metadata MetadataOf(const std::string& token) {
  return {{rpc::kAuthorization, "Bearer " + token}, {rpc::kAcceptLanguage, "en"}};
}

std::string ReasonOf(const absl::Status& status) {
  const base::Failure failure = base::FailureOf(status);
  if (failure.violations_size() == 0) return base::ReasonName(failure.reason());
  const auto& arguments = failure.violations(0).arguments();
  const auto reason = arguments.find("reason");
  return reason == arguments.end() ? base::ReasonName(failure.violations(0).reason()) : reason->second;
}

std::set<int> BucketsOf(const absl::Status& status) {
  const base::Failure failure = base::FailureOf(status);
  std::set<int> buckets;
  const auto found = failure.arguments().find("buckets");
  if (found == failure.arguments().end()) return buckets;
  for (const absl::string_view text : absl::StrSplit(found->second, ',', absl::SkipEmpty())) {
    int bucket = 0;
    if (absl::SimpleAtoi(text, &bucket)) buckets.insert(bucket);
  }
  return buckets;
}

bool OpensDownwards(const Installation& installation) {
  const auto& resources = installation.contract().resources();
  return std::any_of(resources.begin(), resources.end(),
                     [](const auto& one) { return one->opens_downwards; });
}

}  // namespace

std::map<Key, int64_t> RevisionsOf(const Copy& copy) {
  std::map<Key, int64_t> revisions;
  for (const auto& [key, held] : copy.held()) revisions[key] = held.revision;
  return revisions;
}

Consumer::Consumer(Installation* installation, Options options, Reach reach, Report* report)
    : copy_(options.name, report),
      installation_(installation),
      options_(std::move(options)),
      report_(report),
      random_(options_.seed) {
  SetReach(std::move(reach));
}

void Consumer::SetReach(Reach reach) {
  const std::lock_guard lock(mutex_);
  reach.filter_id = options_.filter_id;
  installation_->authenticator().Add(options_.name, reach.Caller(installation_->subject().name));
  reaches_.push_back(std::move(reach));
  changed_.push_back(absl::Now());
}

Reach Consumer::reach() const {
  const std::lock_guard lock(mutex_);
  return reaches_.back();
}

std::vector<Reach> Consumer::reaches() const {
  const std::lock_guard lock(mutex_);
  return reaches_;
}

Delivery Consumer::Asking() const {
  Delivery delivery;
  delivery.life = installation_->life();
  delivery.asked = absl::Now();
  return delivery;
}

void Consumer::Came(Delivery* delivery) const {
  delivery->came = absl::Now();
  if (delivery->life != installation_->life()) delivery->life = -1;
  const std::lock_guard lock(mutex_);
  delivery->reach_to = reaches_.size() - 1;
  // Those that were replaced long before this came cannot have been in force.
  while (delivery->reach_from + 1 < reaches_.size() &&
         changed_[delivery->reach_from + 1] + kGrantLag < delivery->came &&
         changed_[delivery->reach_from + 1] < delivery->asked)
    ++delivery->reach_from;
}

absl::Status Consumer::Invoke(const std::string& method, const google::protobuf::Message& request,
                              google::protobuf::Message* response) {
  const auto client = installation_->client(options_.gateway);
  const rpc::Answer answer = client->CallAndWait(method, request.SerializeAsString(),
                                                 MetadataOf(options_.name), absl::Now() + kCallLimit);
  if (answer.status.ok() && !response->ParseFromString(answer.bytes))
    return absl::DataLossError("bad answer");
  return answer.status;
}

std::unique_ptr<rpc::ClientStream> Consumer::Open(const std::string& method,
                                                  const google::protobuf::Message& request) {
  auto stream = installation_->client(options_.gateway)
                    ->Open(method, MetadataOf(options_.name), absl::Now() + absl::Seconds(60));
  (void)stream->WriteAndWait(request.SerializeAsString());  // Its end tells.
  stream->WritesDone();
  return stream;
}

std::optional<std::string> Consumer::Next(rpc::ClientStream* stream, absl::Duration limit) {
  struct Wait {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    std::optional<std::string> bytes;
  };
  const auto wait = std::make_shared<Wait>();
  stream->Read([wait](std::optional<std::string> bytes) {
    const std::lock_guard lock(wait->mutex);
    wait->bytes = std::move(bytes);
    wait->done = true;
    wait->changed.notify_all();
  });
  std::unique_lock lock(wait->mutex);
  const absl::Time end = absl::Now() + limit;
  const auto done = [&] { return wait->done; };
  while (!wait->changed.wait_for(lock, std::chrono::milliseconds(50), done)) {
    if (absl::Now() < end && !stopped_) continue;
    lock.unlock();
    stream->Cancel();
    lock.lock();
    wait->changed.wait(lock, [&] { return wait->done; });
  }
  return std::move(wait->bytes);
}

absl::Status Consumer::Poll(int page_size, int wait_seconds, bool* caught_up) {
  sync::v1::ListChangesRequest request;
  Narrow(&request);
  request.set_cursor(copy_.cursor());
  request.set_page_size(page_size);
  request.set_wait_seconds(wait_seconds);
  sync::v1::ListChangesResponse page;
  Delivery delivery = Asking();
  RETURN_IF_ERROR(Invoke(absl::StrCat(kFeed, "ListChanges"), request, &page));
  Came(&delivery);
  delivery.caught_up = *caught_up = !page.has_more() && page.incomplete_services().empty();
  Take(std::move(delivery), page.changes(), page.cursor());
  return absl::OkStatus();
}

void Consumer::Take(Delivery delivery, const google::protobuf::RepeatedPtrField<sync::v1::Change>& changes,
                    const std::string& cursor) {
  told_all_ = delivery.caught_up;
  copy_.Apply(std::move(delivery), changes, cursor);
}

// The same revisions alone are not the end: a record is told as it is when it is read, so the last changes
// may still be to come.
bool Consumer::only_unsaid() const {
  return expected_ != nullptr && !told_all_ && RevisionsOf(copy_) == *expected_;
}

bool Consumer::settled() const {
  return expected_ != nullptr && told_all_ && RevisionsOf(copy_) == *expected_;
}

absl::Status Consumer::ReadPart(const std::string& token,
                                std::vector<std::pair<Delivery, sync::v1::ReadSnapshotResponse>>* pages) {
  for (std::string rest = token; !rest.empty();) {
    sync::v1::ReadSnapshotRequest read;
    read.set_token(rest);
    Delivery delivery = Asking();
    const auto stream = Open(absl::StrCat(kFeed, "ReadSnapshot"), read);
    const bool breaks = Chance(20);
    while (true) {
      const auto bytes = Next(stream.get(), kCallLimit);
      if (!bytes.has_value()) return stream->status();
      sync::v1::ReadSnapshotResponse page;
      if (!page.ParseFromString(*bytes)) return absl::DataLossError("bad page");
      Came(&delivery);
      rest = page.token();
      pages->emplace_back(delivery, std::move(page));
      if (breaks && !rest.empty()) break;  // Goes on from the last token.
    }
  }
  return absl::OkStatus();
}

absl::Status Consumer::TakeSnapshot(const std::string& diverged_cursor, const std::set<int>* told) {
  sync::v1::StartSnapshotRequest start;
  Narrow(&start);
  start.set_partition_count(Random(4));
  start.set_diverged_cursor(diverged_cursor);
  sync::v1::StartSnapshotResponse snapshot;
  RETURN_IF_ERROR(Invoke(absl::StrCat(kFeed, "StartSnapshot"), start, &snapshot));
  std::vector<std::pair<Delivery, sync::v1::ReadSnapshotResponse>> pages;
  for (const std::string& token : snapshot.partition_tokens()) RETURN_IF_ERROR(ReadPart(token, &pages));
  // Every message names the cursor to go on from: readers may take it from any of them.
  std::string cursor = snapshot.cursor();
  if (!pages.empty()) cursor = pages.back().second.cursor();
  std::set<int> buckets;
  for (const auto& diverged : snapshot.diverged())
    buckets.insert(diverged.buckets().begin(), diverged.buckets().end());
  // More may have diverged since the consumer was told, never less.
  if (told != nullptr && !std::includes(buckets.begin(), buckets.end(), told->begin(), told->end()) &&
      !buckets.empty())
    report_->Add(
        {"Diverged", options_.name + ": a bucket that was named as diverged is not read anew", "", ""});
  copy_.Replace(diverged_cursor.empty() ? nullptr : &buckets, std::move(pages), cursor);
  return absl::OkStatus();
}

// All parts are open at once; between their pages the tail is followed already, so what a part read early may
// come after a change that is newer.
absl::Status Consumer::TakeSnapshotBesideTail() {
  sync::v1::StartSnapshotRequest start;
  Narrow(&start);
  start.set_partition_count(4);
  sync::v1::StartSnapshotResponse snapshot;
  RETURN_IF_ERROR(Invoke(absl::StrCat(kFeed, "StartSnapshot"), start, &snapshot));
  copy_.Replace(nullptr, {}, snapshot.cursor());
  const Delivery delivery = Asking();
  std::vector<std::unique_ptr<rpc::ClientStream>> parts;
  for (const std::string& token : snapshot.partition_tokens()) {
    sync::v1::ReadSnapshotRequest read;
    read.set_token(token);
    parts.push_back(Open(absl::StrCat(kFeed, "ReadSnapshot"), read));
  }
  for (const auto& part : parts) {
    for (int i = Random(6); i > 0; --i) {
      bool caught_up = false;
      if (Chance(50)) absl::SleepFor(absl::Milliseconds(Random(30)));
      RETURN_IF_ERROR(Poll(0, 0, &caught_up));
    }
    while (const auto bytes = Next(part.get(), kCallLimit)) {
      sync::v1::ReadSnapshotResponse page;
      if (!page.ParseFromString(*bytes)) return absl::DataLossError("bad page");
      Delivery came = delivery;
      Came(&came);
      copy_.Merge(std::move(came), page);
    }
    RETURN_IF_ERROR(part->status());
  }
  copy_.Save();
  return absl::OkStatus();
}

void Consumer::Recover(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  absl::Status recovered = absl::OkStatus();
  if (reason == "CURSOR_EXPIRED") {
    recovered = TakeWhole();
  } else if (reason == "CURSOR_DIVERGED" && options_.begin == Begin::kExport) {
    recovered = TakeWhole();  // Files do not say which bucket a record belongs to.
  } else if (reason == "CURSOR_DIVERGED") {
    const std::set<int> buckets = BucketsOf(status);
    recovered = TakeSnapshot(copy_.cursor(), &buckets);
  } else if (reason == "PAGE_TOKEN_INVALID" && (reaches().size() > 1 || OpensDownwards(*installation_))) {
    // The grants changed while a snapshot was read, or what they lie in: it begins anew.
  } else if (absl::IsDataLoss(status)) {
    report_->Add({"Reliable", absl::StrCat(options_.name, ": ", status.ToString()), "", ""});
    stopped_ = true;
  } else if (absl::IsPermissionDenied(status)) {
    if (!reach().empty() && reaches().size() == 1)
      report_->Add({"Filter", absl::StrCat(options_.name, ": ", status.ToString()), "", ""});
  } else if (!absl::IsUnavailable(status) && !absl::IsDeadlineExceeded(status) &&
             !absl::IsCancelled(status) && !absl::IsUnknown(status) && !absl::IsResourceExhausted(status)) {
    Unexpected(status.ToString());
  }
  copy_.BeginAgain();  // What comes next may go over what an answer that was lost has told.
  if (!recovered.ok() || reason != "CURSOR_DIVERGED") absl::SleepFor(kPause);
}

void Consumer::Unexpected(const std::string& what) {
  report_->Add({"Unexpected", absl::StrCat(options_.name, ": ", what), "", ""});
  stopped_ = true;
}

absl::Status Consumer::TakeWhole() {
  if (options_.begin == Begin::kExport) return TakeExport();
  if (options_.begin == Begin::kSnapshotBesideTail) return TakeSnapshotBesideTail();
  return TakeSnapshot("", nullptr);
}

absl::Status Consumer::ReadEpochs(std::map<std::string, std::string>* epochs) {
  sync::v1::GetFeedRequest request;
  Narrow(&request);
  sync::v1::Feed feed;
  RETURN_IF_ERROR(Invoke(absl::StrCat(kFeed, "GetFeed"), request, &feed));
  if (!feed.incomplete_services().empty()) return absl::UnavailableError("a service is away");
  *epochs = {feed.epochs().begin(), feed.epochs().end()};
  return absl::OkStatus();
}

// After an answer, so that one that came from behind a restore is not taken for one from before.
absl::Status Consumer::Prove() {
  std::map<std::string, std::string> epochs;
  RETURN_IF_ERROR(ReadEpochs(&epochs));
  if (epochs != epochs_) {
    RETURN_IF_ERROR(TakeWhole());
    epochs_ = std::move(epochs);
  } else if (!told_all_) {
    return absl::OkStatus();
  }
  unproved_ = false;
  return absl::OkStatus();
}

void Consumer::Round() {
  absl::Status status;
  if (options_.crashes && epochs_.empty()) status = ReadEpochs(&epochs_);
  if (status.ok() && !begun_ && options_.begin != Begin::kFirstChange) {
    status = TakeWhole();
    begun_ = status.ok();
  } else if (status.ok()) {
    status = Tail();
  }
  if (status.ok() && unproved_) status = Prove();
  if (!status.ok()) return Recover(status);
  if (!options_.crashes || Chance(60)) {
    copy_.Save();
  } else if (Chance(30)) {
    const bool together = Chance(50);
    unproved_ = unproved_ || !together;
    copy_.Crash(together);
  }
}

std::string Consumer::Describe() const {
  static const char* const kBegins[] = {"the first change", "a snapshot", "a snapshot beside the tail",
                                        "an export"};
  return absl::StrCat(options_.name, ": by ", way(), options_.gateway ? " through the gateway" : "", " from ",
                      kBegins[static_cast<int>(options_.begin)], options_.crashes ? ", crashing" : "",
                      options_.filter_id.empty() ? "" : ", of one place", ", ", reaches().size(), " grants");
}

void Consumer::Run() {
  absl::SleepFor(absl::Milliseconds(Random(options_.begin == Begin::kFirstChange ? 20 : 400)));
  while (!stopped_) Round();
}

void Consumer::Start() {
  stopped_ = false;
  thread_ = std::thread([this] { Run(); });
}

void Consumer::Stop() {
  stopped_ = true;
  if (thread_.joinable()) thread_.join();
}

bool Consumer::CatchUp(const std::map<Key, int64_t>& expected, absl::Duration limit) {
  expected_ = &expected;
  told_all_ = false;
  stopped_ = false;
  const absl::Time end = absl::Now() + limit;
  while (!settled() && absl::Now() < end && !stopped_) Round();
  const bool done = settled();
  expected_ = nullptr;
  stopped_ = true;
  return done;
}

}  // namespace lianqiao::convergence
