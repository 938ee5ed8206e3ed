// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/access_matrix/streams.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/sync/feed_service.h"
#include "services/gateway/testdata/gateway_fixture.h"
#include "tests/gates/access_matrix/matrix.h"

namespace lianqiao::gates {

using contract::FieldDescriptor;
using contract::Method;
using google::protobuf::Message;

namespace {

constexpr absl::Duration kLimit = absl::Seconds(20);

// A call that has just ended may keep its upload for a moment.
template <typename Answer>
Answer UntilNotAborted(const std::function<Answer()>& ask,
                       const std::function<bool(const Answer&)>& aborted) {
  const absl::Time end = absl::Now() + kLimit;
  Answer answer = ask();
  while (aborted(answer) && absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(5));
    answer = ask();
  }
  return answer;
}

absl::Status FirstAnswer(rpc::ClientStream& stream, const Message& request, bool one_answer) {
  stream.WriteAndWait(request.SerializeAsString());
  stream.WritesDone();
  bool answered = stream.ReadAndWait().has_value();
  while (one_answer && answered && stream.ReadAndWait().has_value()) continue;
  if (answered && !one_answer) return absl::OkStatus();
  return stream.status();
}

std::string PercentEncoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-')
      encoded += c;
    else
      absl::StrAppend(&encoded, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
  }
  return encoded;
}

// Of a field that path or query can hold.
std::string TextOf(const Message& message, const FieldDescriptor& field) {
  const auto& get = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return get.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return get.GetBool(message, &field) ? "true" : "";
    default:
      return "";
  }
}

const Message& FilledBy(const gateway::Route& route, const Message& request) {
  if (route.stream.options == nullptr) return request;
  return request.GetReflection()->GetMessage(request, route.stream.options);
}

std::string TargetOf(const gateway::Route& route, const Message& message) {
  std::string target;
  size_t variable = 0;
  for (size_t at = 0; at < route.path.size(); ++at) {
    if (route.path[at] != '{') {
      target += route.path[at];
      continue;
    }
    target += PercentEncoded(TextOf(message, *route.variables[variable++].back()));
    at = route.path.find('}', at);
  }
  std::vector<std::string> query;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const bool in_path = std::any_of(route.variables.begin(), route.variables.end(),
                                     [&](const gateway::FieldPath& path) { return path.back() == &field; });
    if (in_path || field.is_repeated() || TextOf(message, field).empty()) continue;
    query.push_back(absl::StrCat(field.json_name(), "=", PercentEncoded(TextOf(message, field))));
  }
  return query.empty() ? target : absl::StrCat(target, "?", absl::StrJoin(query, "&"));
}

// By the status of its body, which has the whole AIP-193 shape (tests/gates/error_messages).
std::string CodeOf(const gateway::Socket::Answer& answer) {
  if (answer.status == 200) return "ok";
  constexpr char kStatus[] = "\"status\":\"";
  const size_t at = answer.body.find(kStatus);
  if (at == std::string::npos) return absl::StrCat(answer.status, " ", answer.body);
  const size_t begin = at + sizeof(kStatus) - 1;
  const std::string name = answer.body.substr(begin, answer.body.find('"', begin) - begin);
  for (int code = 0; code <= static_cast<int>(absl::StatusCode::kUnauthenticated); ++code)
    if (absl::StatusCodeToString(static_cast<absl::StatusCode>(code)) == name)
      return ShortCode(static_cast<absl::StatusCode>(code));
  return name;
}

}  // namespace

bool IsStream(const Method& method) {
  return method.descriptor->client_streaming() || method.descriptor->server_streaming();
}

// The HTTP side of the gateway before one service. Whoever sends a token is let in: what it may do is the
// service's to say, of bytes as of everything else.
class Streams::Front {
 public:
  Front(const std::string& package, const std::string& address)
      : client_({address, 1}),
        catalogue_(ServedAt(package, address)),
        routes_(*gateway::RouteTable::Build(*catalogue_)),
        metrics_(std::make_shared<prometheus::Registry>(), gateway::HttpFront::RouteNames(*routes_)),
        guard_(
            {.client = {0, 0, 1000, 1000}},
            [](const std::string& token, const gateway::CallOrigin&) -> absl::StatusOr<gateway::KnownClient> {
              return gateway::KnownClient{token, {}};
            },
            &metrics_),
        front_({.access_log = false},
               {routes_.get(), std::vector<rpc::Client*>(catalogue_->targets().size(), &client_), &endpoints_,
                &guard_, &positions_, &metrics_}),
        server_(Listening(), &front_) {
    EXPECT_TRUE(server_.Start().ok());
  }
  ~Front() {
    server_.Drain(absl::Seconds(2));
    EXPECT_TRUE(front_.WaitIdle(absl::Seconds(5)));
  }

  static std::unique_ptr<gateway::Catalogue> ServedAt(const std::string& package,
                                                      const std::string& address) {
    gateway::Catalogue::Options options;
    options.upstreams = {{package, address}, {sync::kPackage, address}};
    return *gateway::Catalogue::Load(options);
  }
  static gateway::HttpServer::Options Listening() {
    gateway::HttpServer::Options options;
    options.listen = "127.0.0.1:0";
    return options;
  }

  const gateway::Route* Find(const Method& method) const {
    using Kind = gateway::StreamShape::Kind;
    for (const auto& route : routes_->routes()) {
      const bool bytes = route->stream.kind == Kind::kFile || route->stream.kind == Kind::kUpload;
      if (bytes && route->method->descriptor->full_name() == method.descriptor->full_name())
        return route.get();
    }
    return nullptr;
  }

  gateway::Socket::Answer Send(const gateway::Route& route, const Message& request,
                               const std::string& token) {
    const std::vector<std::string> types = gateway::ContentTypesOf(route.stream);
    std::string headers = token.empty() ? "" : absl::StrCat("Authorization: Bearer ", token, "\r\n");
    if (route.stream.kind == gateway::StreamShape::Kind::kUpload)
      absl::StrAppend(&headers, "Content-Type: ", types.empty() ? "application/pdf" : types.front(),
                      "\r\nContent-Length: 0\r\n");
    gateway::Socket socket(server_.port());
    EXPECT_TRUE(socket.Send(absl::StrCat(route.http_method, " ", TargetOf(route, FilledBy(route, request)),
                                         " HTTP/1.1\r\nHost: test\r\n", headers, "\r\n")));
    return socket.Read();
  }

 private:
  rpc::Client client_;
  const std::unique_ptr<gateway::Catalogue> catalogue_;
  const std::unique_ptr<gateway::RouteTable> routes_;
  gateway::Metrics metrics_;
  gateway::Guard guard_;
  gateway::Positions positions_;
  gateway::Endpoints endpoints_;
  gateway::HttpFront front_;
  gateway::HttpServer server_;
};

Streams::Streams(testing::TestService* service, const std::string& package)
    : service_(service), front_(std::make_unique<Front>(package, service->address())) {}

Streams::~Streams() = default;

std::pair<std::string, std::string> Streams::Ask(const Method& method, const Message& request,
                                                 const std::string& token) {
  rpc::Client::Metadata metadata;
  if (!token.empty()) metadata.emplace_back(rpc::kAuthorization, "Bearer " + token);
  const absl::Status status = UntilNotAborted<absl::Status>(
      [&] {
        const auto stream = service_->client().Open(method.path, metadata, absl::Now() + kLimit);
        return FirstAnswer(*stream, request, !method.descriptor->server_streaming());
      },
      [](const absl::Status& answer) { return absl::IsAborted(answer); });
  if (status.ok()) return {"ok", ""};
  return {ShortCode(status.code()), std::string(status.message())};
}

bool Streams::HasBytePath(const Method& method) const {
  return front_->Find(method) != nullptr;
}

std::string Streams::AskForBytes(const Method& method, const Message& request, const std::string& token) {
  const gateway::Route& route = *front_->Find(method);
  return UntilNotAborted<std::string>([&] { return CodeOf(front_->Send(route, request, token)); },
                                      [](const std::string& code) { return code == "ABORTED"; });
}

}  // namespace lianqiao::gates
