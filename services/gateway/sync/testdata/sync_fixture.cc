// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/testdata/sync_fixture.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lianqiao/sync/v1/digest.pb.h"
#include "lianqiao/sync/v1/revision.pb.h"
#include "libs/base/ids.h"
#include "services/gateway/sync/feed_methods.h"
#include "services/gateway/sync/list_changes.h"
#include "services/gateway/sync/snapshot.h"
#include "services/gateway/sync/watch.h"

namespace lianqiao::gateway::sync {

struct FakeService::Watcher {
  std::shared_ptr<rpc::ServerStream> stream;
  std::mutex mutex;
  std::condition_variable changed;
  bool gone = false;
  int written = -1;  // -1: nothing is on its way; 0: something is; 1: it was taken.
  std::optional<absl::Status> end;
};

FakeService::FakeService(std::string name, std::string folder)
    : name_(std::move(name)), folder_(std::move(folder)) {}

FakeService::~FakeService() {
  StopServer();
}

void FakeService::StartServer() {
  stopping_ = false;
  rpc::Server::Options options;
  options.listen = {address().target};
  options.cancel_slots = true;
  server_ = std::make_unique<rpc::Server>(std::move(options));
  BindAll();
  ASSERT_TRUE(server_->Start().ok());
}

void FakeService::StopServer() {
  if (server_ == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  server_->Drain(absl::Milliseconds(200));
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  server_.reset();
}

void FakeService::FailWith(absl::Status failure) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(failure);
  changed_.notify_all();
}

void FakeService::Add(int count) {
  const std::lock_guard lock(mutex_);
  changes_ += count;
  changed_.notify_all();
}

void FakeService::Hang(bool hang) {
  const std::lock_guard lock(mutex_);
  hanging_ = hang;
  changed_.notify_all();
}

int FakeService::cancelled() {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

std::string FakeService::CursorAt(int position) const {
  return base::Base64Url(absl::StrCat(name_, ":", position));
}

std::vector<v1::ListChangesRequest> FakeService::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<v1::WatchChangesRequest> FakeService::watches() {
  const std::lock_guard lock(mutex_);
  return watches_;
}

std::string FakeService::last_authorization() {
  const std::lock_guard lock(mutex_);
  return authorization_;
}

void FakeService::PadTo(size_t bytes) {
  const std::lock_guard lock(mutex_);
  padding_ = bytes;
}

int FakeService::batches_sent() {
  const std::lock_guard lock(mutex_);
  return batches_sent_;
}

int FakeService::open_streams() {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(watchers_.size());
}

void FakeService::EndStreams(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  for (const auto& watcher : watchers_) watcher->end = status;
  changed_.notify_all();
}

absl::StatusOr<int> FakeService::PositionOf(const std::string& cursor) const {
  std::string text;
  int position = 0;
  if (cursor.empty()) return 0;
  if (!base::FromBase64Url(cursor, &text) || text.rfind(name_ + ":", 0) != 0 ||
      !absl::SimpleAtoi(text.substr(name_.size() + 1), &position))
    return base::FailIfAny({base::Refuse("cursor", base::ErrorReason::CURSOR_INVALID)});
  return position;
}

v1::WatchChangesResponse FakeService::BatchAt(int position, int page_size) {
  v1::WatchChangesResponse batch;
  int end = position;
  for (; end < changes_ && end - position < (page_size > 0 ? page_size : 500); ++end) {
    v1::Change* change = batch.add_changes();
    change->set_service(name_);
    change->set_position(end + 1);
    change->set_event(v1::Change::EVENT_UPSERT);
    change->mutable_record()->set_value(std::string(padding_, 'x'));
  }
  batch.set_cursor(CursorAt(end));
  batch.set_caught_up(end == changes_);
  return batch;
}

absl::StatusOr<rpc::Reply> FakeService::List(const v1::ListChangesRequest& request,
                                             std::unique_lock<std::mutex>* lock) {
  ASSIGN_OR_RETURN(const int position, PositionOf(request.cursor()));
  changed_.wait(*lock, [&] { return stopping_ || !hanging_; });
  changed_.wait_for(*lock, std::chrono::seconds(request.wait_seconds()),
                    [&] { return stopping_ || !failure_.ok() || changes_ > position; });
  if (stopping_) return absl::UnavailableError("stopping");
  if (!failure_.ok()) return failure_;
  const v1::WatchChangesResponse batch = BatchAt(position, request.page_size());
  v1::ListChangesResponse response;
  *response.mutable_changes() = batch.changes();
  response.set_cursor(batch.cursor());
  response.set_has_more(!batch.caught_up());
  rpc::Reply reply;
  reply.bytes = response.SerializeAsString();
  return reply;
}

void FakeService::Run(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  threads_.emplace_back(std::move(work));
}

void FakeService::BindAll() {
  BindAnswers();
  BindStreams();
}

void FakeService::BindAnswers() {
  server_->Bind(kListChanges,
                [this](std::shared_ptr<const rpc::CallContext> context, std::string bytes, rpc::Done done) {
                  context->cancel->Set([this] {
                    const std::lock_guard lock(mutex_);
                    ++cancelled_;
                  });
                  Run([this, context, bytes = std::move(bytes), done = std::move(done)] {
                    v1::ListChangesRequest request;
                    request.ParseFromString(bytes);
                    std::unique_lock lock(mutex_);
                    authorization_ = context->Metadata(rpc::kAuthorization);
                    requests_.push_back(request);
                    auto reply = List(request, &lock);
                    lock.unlock();
                    context->cancel->Set(nullptr);
                    done(std::move(reply));
                  });
                });
  server_->Bind(kStartSnapshot, [this](const auto&, const std::string& bytes, const rpc::Done& done) {
    done(StartSnapshot(bytes));
  });
  const auto answer = [this](const char* path, const std::function<void(std::string*)>& fill) {
    server_->Bind(path, [this, fill](const auto&, const std::string&, const rpc::Done& done) {
      const std::lock_guard lock(mutex_);
      rpc::Reply reply;
      fill(&reply.bytes);
      if (failure_.ok()) return done(std::move(reply));
      done(failure_);
    });
  };
  answer(kGetFeed, [this](std::string* bytes) {
    v1::Feed feed;
    (*feed.mutable_epochs())[name_] = "epoch of " + name_;
    feed.set_oldest_cursor(CursorAt(0));
    feed.set_newest_cursor(CursorAt(changes_));
    feed.add_kinds(name_ + "_kind");
    feed.mutable_oldest_time()->set_seconds(100 + (name_ == "a" ? 1 : 0));
    feed.set_retention_days(name_ == "b" ? 100 : 400);
    *bytes = feed.SerializeAsString();
  });
  answer(kGetDigest, [this](std::string* bytes) {
    v1::Digest digest;
    v1::DigestPart* part = digest.add_parts();
    part->set_kind(name_ + "_kind");
    part->set_record_count(changes_);
    digest.set_cursor(CursorAt(changes_));
    *bytes = digest.SerializeAsString();
  });
  answer(kGetRevision, [this](std::string* bytes) {
    v1::Revision revision;
    revision.set_actor(name_);
    *bytes = revision.SerializeAsString();
  });
}

void FakeService::BindStreams() {
  server_->BindStream(kReadSnapshot, [this](const auto&, std::shared_ptr<rpc::ServerStream> stream) {
    stream->Read([this, stream](const std::optional<std::string>& bytes) {
      if (bytes.has_value()) ReadSnapshot(*bytes, stream);
    });
  });
  server_->BindStream(kWatchChanges, [this](const auto& context, std::shared_ptr<rpc::ServerStream> stream) {
    auto watcher = std::make_shared<Watcher>();
    watcher->stream = std::move(stream);
    watcher->stream->OnCancel([this, watcher] {
      const std::lock_guard lock(mutex_);
      watcher->gone = true;
      changed_.notify_all();
    });
    const std::lock_guard lock(mutex_);
    authorization_ = context->Metadata(rpc::kAuthorization);
    watchers_.push_back(watcher);
    threads_.emplace_back([this, watcher] { Serve(watcher); });
  });
}

// Blocks its own thread, one message at a time.
void FakeService::Serve(const std::shared_ptr<Watcher>& watcher) {
  v1::WatchChangesRequest request;
  std::optional<std::optional<std::string>> read;
  watcher->stream->Read([&](std::optional<std::string> bytes) {
    const std::lock_guard lock(mutex_);
    read = std::move(bytes);
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return read.has_value(); });
  if (read->has_value()) request.ParseFromString(**read);
  watches_.push_back(request);
  const auto start = PositionOf(request.cursor());
  int position = start.ok() ? *start : 0;
  absl::Status end = start.status();
  for (bool first = true; end.ok() && !watcher->gone; first = false) {
    changed_.wait(lock, [&] {
      return stopping_ || watcher->gone || watcher->end.has_value() || !failure_.ok() || first ||
             changes_ > position;
    });
    end = watcher->end.value_or(failure_);
    if (stopping_) end = absl::UnavailableError("stopping");
    if (!end.ok() || watcher->end.has_value() || watcher->gone) break;
    const v1::WatchChangesResponse batch = BatchAt(position, request.page_size());
    position += batch.changes_size();
    watcher->written = 0;
    ++batches_sent_;
    lock.unlock();
    watcher->stream->Write(batch.SerializeAsString(), [this, watcher](bool taken) {
      const std::lock_guard written(mutex_);
      watcher->written = 1;
      watcher->gone = watcher->gone || !taken;
      changed_.notify_all();
    });
    lock.lock();
    changed_.wait(lock, [&] { return watcher->written == 1 || watcher->gone || stopping_; });
  }
  watchers_.erase(std::find(watchers_.begin(), watchers_.end(), watcher));
  lock.unlock();
  watcher->stream->Finish(end);
}

// Its changes are its records: each partition token is "<from>-<to>".
absl::StatusOr<rpc::Reply> FakeService::StartSnapshot(const std::string& bytes) {
  v1::StartSnapshotRequest request;
  request.ParseFromString(bytes);
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(failure_);
  v1::StartSnapshotResponse response;
  response.set_cursor(CursorAt(changes_));
  if (!request.diverged_cursor().empty()) {
    ASSIGN_OR_RETURN(const int position, PositionOf(request.diverged_cursor()));
    rpc::Reply nothing;
    if (position <= changes_) return nothing;  // It has not diverged.
    response.add_diverged()->add_buckets(7);
  }
  const int count = std::max(1, request.partition_count());
  for (int i = 0; i < count; ++i)
    response.add_partition_tokens(absl::StrCat(changes_ * i / count, "-", changes_ * (i + 1) / count));
  response.set_estimated_record_count(changes_);
  rpc::Reply reply;
  reply.bytes = response.SerializeAsString();
  return reply;
}

void FakeService::ReadSnapshot(const std::string& bytes, const std::shared_ptr<rpc::ServerStream>& stream) {
  v1::ReadSnapshotRequest request;
  request.ParseFromString(bytes);
  int from = 0;
  int to = 0;
  const size_t dash = request.token().find('-');
  if (dash == std::string::npos || !absl::SimpleAtoi(request.token().substr(0, dash), &from) ||
      !absl::SimpleAtoi(request.token().substr(dash + 1), &to))
    return stream->Finish(base::FailIfAny({base::Refuse("token", base::ErrorReason::CURSOR_INVALID)}));
  std::unique_lock lock(mutex_);
  if (!failure_.ok()) return stream->Finish(failure_);
  std::vector<std::string> messages;
  do {  // Two records a message; a part without records is one empty message.
    v1::ReadSnapshotResponse message;
    for (int i = 0; i < 2 && from < to; ++i) {
      v1::SnapshotRecord* record = message.add_records();
      record->set_service(name_);
      record->set_id(absl::StrCat(name_, ++from));
      record->mutable_record()->set_value(std::string(padding_, 'x'));
    }
    if (from < to) message.set_token(absl::StrCat(from, "-", to));
    messages.push_back(message.SerializeAsString());
  } while (from < to);
  lock.unlock();
  Send(stream, std::move(messages), 0, absl::OkStatus());
}

void FakeService::Send(const std::shared_ptr<rpc::ServerStream>& stream, std::vector<std::string> messages,
                       size_t next, absl::Status end) {
  if (next == messages.size()) return stream->Finish(end);
  std::string message = std::move(messages[next]);
  // Moved on from one to the next: a copy of everything for each would be slower than any reader.
  stream->Write(std::move(message),
                [this, stream, messages = std::move(messages), next, end](bool taken) mutable {
                  if (taken) return Send(stream, std::move(messages), next + 1, end);
                  stream->Finish(end);
                });
}

void FakeAuthenticator::Authenticate(std::shared_ptr<const rpc::CallContext> context, Done done) {
  const std::string token = access::BearerToken(context->Metadata(rpc::kAuthorization));
  if (refuse || token.rfind("good-", 0) != 0)
    return done(base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED));
  access::Caller caller;
  caller.client_id = token.substr(5);
  caller.grants = std::make_shared<access::ClientGrants>();
  done(std::move(caller));
}

SyncTest::SyncTest() : folder_(absl::StrCat("/tmp/sync-", base::RandomId().substr(0, 8))) {
  std::filesystem::create_directories(folder_);
}

SyncTest::~SyncTest() {
  host_.reset();
  services_.clear();
  std::filesystem::remove_all(folder_);
}

void SyncTest::Start(const std::vector<std::string>& names, Timing timing) {
  SyncHost::Options options;
  options.listen = "unix:" + folder_ + "/sync.sock";
  options.authenticator = &authenticator_;
  options.timing = timing;
  for (const std::string& name : names) {
    services_.push_back(std::make_unique<FakeService>(name, folder_));
    services_.back()->StartServer();
    options.services.push_back(services_.back()->address());
  }
  auto host = SyncHost::Start(options);
  ASSERT_TRUE(host.ok()) << host.status();
  host_ = *std::move(host);
  client_ = std::make_unique<rpc::Client>(rpc::Client::Options{.target = options.listen, .channels = 1});
}

std::unique_ptr<rpc::ClientStream> SyncTest::Stream(const std::string& path,
                                                    const google::protobuf::Message& request,
                                                    const std::string& token) {
  auto stream =
      client_->Open(path, {{"authorization", token}, {"accept-language", "en"}}, absl::InfiniteFuture());
  // A caller who is refused at once cannot send it any more; the status says why.
  if (stream->WriteAndWait(request.SerializeAsString())) stream->WritesDone();
  return stream;
}

std::string SyncTest::Cursor(const std::vector<int>& positions) {
  sync::Cursor cursor;
  for (size_t i = 0; i < positions.size(); ++i) {
    if (positions[i] >= 0)
      SetPart(services_[i]->address().name, services_[i]->CursorAt(positions[i]), &cursor);
  }
  return PackCursor(cursor);
}

bool Eventually(const std::function<bool()>& holds) {
  const absl::Time limit = absl::Now() + absl::Seconds(10);
  while (!holds()) {
    if (absl::Now() > limit) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

}  // namespace lianqiao::gateway::sync
