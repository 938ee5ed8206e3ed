// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/rpc_source.h"

#include <chrono>
#include <condition_variable>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"

namespace lianqiao::feed {

using contract::FieldDescriptor;
using google::protobuf::Message;

namespace {

constexpr char kGetFeed[] = "/lianqiao.sync.v1.FeedService/GetFeed";
constexpr char kListChanges[] = "/lianqiao.sync.v1.FeedService/ListChanges";
constexpr char kWatchChanges[] = "/lianqiao.sync.v1.FeedService/WatchChanges";
constexpr char kStartSnapshot[] = "/lianqiao.sync.v1.FeedService/StartSnapshot";
constexpr char kReadSnapshot[] = "/lianqiao.sync.v1.FeedService/ReadSnapshot";
constexpr char kGetDigest[] = "/lianqiao.sync.v1.DigestService/GetDigest";
constexpr size_t kFetchMax = 1000;

template <typename Request>
void SetFilter(const Filter& filter, Request* request) {
  request->mutable_kinds()->Assign(filter.kinds.begin(), filter.kinds.end());
  request->mutable_jurisdiction_ids()->Assign(filter.jurisdiction_ids.begin(), filter.jurisdiction_ids.end());
}

// The next message of a stream, waited for with a limit. Shared with the callback, which may come later.
class Pending {
 public:
  void Ask(rpc::ClientStream& stream) {
    auto state = state_ = std::make_shared<State>();
    stream.Read([state](std::optional<std::string> bytes) {
      const std::lock_guard lock(state->mutex);
      state->bytes = std::move(bytes);
      state->answered = true;
      state->ready.notify_all();
    });
  }
  // False after `limit`.
  bool Wait(absl::Duration limit, std::optional<std::string>* bytes) {
    std::unique_lock lock(state_->mutex);
    if (!state_->ready.wait_for(lock, absl::ToChronoNanoseconds(limit), [this] { return state_->answered; }))
      return false;
    *bytes = std::move(state_->bytes);
    return true;
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable ready;
    bool answered = false;
    std::optional<std::string> bytes;
  };
  std::shared_ptr<State> state_;
};

template <typename Response>
std::function<absl::Status(const std::string&)> Parsed(const char* path,
                                                       const std::function<absl::Status(Response)>& visit) {
  return [path, &visit](const std::string& bytes) {
    Response response;
    if (!response.ParseFromString(bytes)) return absl::DataLossError(absl::StrCat("bad message of ", path));
    return visit(std::move(response));
  };
}

}  // namespace

bool RpcSource::Register(const std::shared_ptr<const std::function<void()>>& cancel) {
  const std::lock_guard lock(mutex_);
  if (cancelled_) return false;
  under_way_.insert(cancel);
  return true;
}

void RpcSource::Forget(const std::shared_ptr<const std::function<void()>>& cancel) {
  const std::lock_guard lock(mutex_);
  under_way_.erase(cancel);
}

void RpcSource::Cancel() {
  std::set<std::shared_ptr<const std::function<void()>>> under_way;
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    under_way.swap(under_way_);
  }
  for (const auto& cancel : under_way) (*cancel)();
}

absl::StatusOr<rpc::Client::Metadata> RpcSource::Metadata(absl::Time deadline, std::string* token) {
  rpc::Client::Metadata metadata = options_.metadata;
  ASSIGN_OR_RETURN(*token, options_.authorize(deadline));
  metadata.emplace_back(rpc::kAuthorization, *token);
  return metadata;
}

absl::Status RpcSource::Call(const std::string& path, const Message& request, Message* response,
                             absl::Duration limit) {
  struct State {
    std::mutex mutex;
    std::condition_variable ready;
    std::optional<rpc::Answer> answer;
  };
  const absl::Time deadline = base::Clock::System().Now() + limit;
  std::string token;
  ASSIGN_OR_RETURN(const rpc::Client::Metadata metadata, Metadata(deadline, &token));
  auto state = std::make_shared<State>();
  const auto cancel = std::make_shared<const std::function<void()>>(options_.client->Call(
      path, request.SerializeAsString(), metadata, deadline, [state](rpc::Answer answer) {
        const std::lock_guard lock(state->mutex);
        state->answer = std::move(answer);
        state->ready.notify_all();
      }));
  if (!Register(cancel)) (*cancel)();
  std::unique_lock lock(state->mutex);
  state->ready.wait(lock, [&] { return state->answer.has_value(); });
  Forget(cancel);
  if (absl::IsUnauthenticated(state->answer->status) && options_.refused) options_.refused(token);
  RETURN_IF_ERROR(state->answer->status);
  if (!response->ParseFromString(state->answer->bytes))
    return absl::DataLossError(absl::StrCat("bad answer of ", path));
  return absl::OkStatus();
}

absl::Status RpcSource::Read(const std::string& path, const Message& request,
                             const std::function<absl::Status(const std::string&)>& visit) {
  std::string token;
  ASSIGN_OR_RETURN(const rpc::Client::Metadata metadata,
                   Metadata(base::Clock::System().Now() + options_.call_limit, &token));
  const std::shared_ptr<rpc::ClientStream> stream =
      options_.client->Open(path, metadata, absl::InfiniteFuture());
  const auto cancel = std::make_shared<const std::function<void()>>([stream] { stream->Cancel(); });
  if (!Register(cancel)) stream->Cancel();
  absl::Status status;
  if (stream->WriteAndWait(request.SerializeAsString())) stream->WritesDone();
  Pending pending;
  pending.Ask(*stream);
  while (true) {
    std::optional<std::string> bytes;
    if (!pending.Wait(options_.silence_max, &bytes)) {
      status = absl::UnavailableError("the stream fell silent");
      break;
    }
    if (!bytes.has_value()) {
      status = stream->status();
      if (absl::IsUnauthenticated(status) && options_.refused) options_.refused(token);
      break;
    }
    pending.Ask(*stream);
    status = visit(*bytes);
    if (!status.ok()) break;
  }
  stream->Cancel();
  Forget(cancel);
  return status;
}

absl::StatusOr<v1::Feed> RpcSource::GetFeed(const Filter& filter) {
  v1::GetFeedRequest request;
  SetFilter(filter, &request);
  v1::Feed feed;
  RETURN_IF_ERROR(Call(kGetFeed, request, &feed, options_.call_limit));
  return feed;
}

absl::StatusOr<v1::StartSnapshotResponse> RpcSource::StartSnapshot(const Filter& filter, int partitions,
                                                                   const std::string& diverged_cursor) {
  v1::StartSnapshotRequest request;
  SetFilter(filter, &request);
  request.set_partition_count(partitions);
  request.set_diverged_cursor(diverged_cursor);
  v1::StartSnapshotResponse response;
  RETURN_IF_ERROR(Call(kStartSnapshot, request, &response, options_.call_limit));
  return response;
}

absl::Status RpcSource::ReadSnapshot(const std::string& token, const VisitSnapshot& visit) {
  v1::ReadSnapshotRequest request;
  request.set_token(token);
  request.set_include_scopes(options_.include_scopes);
  return Read(kReadSnapshot, request, Parsed<v1::ReadSnapshotResponse>(kReadSnapshot, visit));
}

absl::Status RpcSource::Watch(const Filter& filter, const std::string& cursor, int page_size,
                              const VisitChanges& visit) {
  v1::WatchChangesRequest request;
  SetFilter(filter, &request);
  request.set_cursor(cursor);
  request.set_page_size(page_size);
  request.set_include_scopes(options_.include_scopes);
  return Read(kWatchChanges, request, Parsed<v1::WatchChangesResponse>(kWatchChanges, visit));
}

absl::StatusOr<v1::ListChangesResponse> RpcSource::List(const Filter& filter, const std::string& cursor,
                                                        int page_size, int wait_seconds) {
  v1::ListChangesRequest request;
  SetFilter(filter, &request);
  request.set_cursor(cursor);
  request.set_page_size(page_size);
  request.set_wait_seconds(wait_seconds);
  request.set_include_scopes(options_.include_scopes);
  v1::ListChangesResponse response;
  RETURN_IF_ERROR(Call(kListChanges, request, &response, options_.call_limit + absl::Seconds(wait_seconds)));
  return response;
}

absl::StatusOr<v1::Digest> RpcSource::GetDigest(const v1::GetDigestRequest& request) {
  v1::Digest digest;
  RETURN_IF_ERROR(Call(kGetDigest, request, &digest, options_.call_limit));
  return digest;
}

absl::StatusOr<Source::Records> RpcSource::Fetch(const contract::Resource& resource,
                                                 const std::vector<std::string>& ids) {
  for (const auto& method : options_.contract->methods()) {
    if (method->standard != contract::Standard::kBatchGet || method->resource != &resource) continue;
    Records records;
    for (size_t from = 0; from < ids.size(); from += kFetchMax) {
      const size_t to = std::min(ids.size(), from + kFetchMax);
      RETURN_IF_ERROR(FetchSome(resource, *method, {ids.begin() + from, ids.begin() + to}, &records));
    }
    return records;
  }
  return absl::UnimplementedError(absl::StrCat("no method gives ", resource.kind, " by their ids"));
}

// One missing record fails the whole call: halves find it.
absl::Status RpcSource::FetchSome(const contract::Resource& resource, const contract::Method& method,
                                  const std::vector<std::string>& ids, Records* records) {
  if (ids.empty()) return absl::OkStatus();
  type::v1::BatchGetRequest request;
  request.mutable_ids()->Assign(ids.begin(), ids.end());
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  const std::unique_ptr<Message> response(factory->GetPrototype(method.descriptor->output_type())->New());
  const absl::Status status = Call(method.path, request, response.get(), options_.call_limit);
  if (absl::IsNotFound(status)) {
    if (ids.size() == 1) return absl::OkStatus();
    const auto middle = ids.begin() + static_cast<std::ptrdiff_t>(ids.size() / 2);
    RETURN_IF_ERROR(FetchSome(resource, method, {ids.begin(), middle}, records));
    return FetchSome(resource, method, {middle, ids.end()}, records);
  }
  RETURN_IF_ERROR(status);
  const auto& reflection = *response->GetReflection();
  for (int i = 0; i < response->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = response->GetDescriptor()->field(i);
    if (!field->is_repeated() || field->message_type() != resource.descriptor) continue;
    for (int n = 0; n < reflection.FieldSize(*response, field); ++n) {
      records->emplace_back(resource.prototype->New());
      records->back()->CopyFrom(reflection.GetRepeatedMessage(*response, field, n));
    }
  }
  return absl::OkStatus();
}

}  // namespace lianqiao::feed
