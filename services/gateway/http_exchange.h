// SPDX-License-Identifier: Apache-2.0
// One request on its way through the HTTP front: identifiers, route, caller and limits, JSON to protobuf, the
// upstream call, and back. Streams go on in stream_exchange.h and upload_exchange.h. For http_front.cc.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "google/rpc/status.pb.h"
#include "services/gateway/http_front.h"
#include "services/gateway/identifiers.h"
#include "services/gateway/stream_writer.h"
#include "services/gateway/transcode.h"

namespace lianqiao::gateway {

// Kept alive by the upstream call and by the call's cancel function.
class HttpExchange : public std::enable_shared_from_this<HttpExchange> {
 public:
  HttpExchange(HttpFront& front, std::shared_ptr<HttpCall> call);
  void Run();

  using Metadata = std::vector<std::pair<std::string, std::string>>;
  // The gateway's own answer.
  void Fail(const absl::Status& status, int http_status = 0);
  // The upstream's, of a unary call; also of an upload, or of a stream that failed before it began.
  void OnAnswer(const rpc::Answer& answer);
  // What is in the response.
  void Send();

  // Of a stream that begins: the headers of every answer.
  void BeginStream(const Metadata& metadata);
  struct Streamed {
    int64_t messages = 0;
    int64_t bytes = 0;
    std::string outcome;  // How it ended: a code's name.
  };
  // Instead of Send: it has ended, or its client has gone.
  void EndStream(const Streamed& streamed);
  // The JSON of an error in the middle of a stream.
  std::string ErrorJsonOf(const rpc::Answer& answer) const;
  std::string ErrorJsonOf(const absl::Status& own) const;

  const std::shared_ptr<HttpCall>& call() const { return call_; }
  const HttpFront::Options& options() const { return front_.options_; }
  Metrics& metrics() const { return *front_.parts_.metrics; }

 private:
  bool Admit(bool needs_token);
  void Serve(const Endpoints::Endpoint& endpoint);
  void NoRoute();
  bool TakeBody();
  void TooLarge(size_t bytes_max);
  void BodyRefused();
  bool Decode(std::string* wire, absl::Time* deadline);
  void CheckForwarded(std::vector<base::Violation>* violations) const;
  rpc::Client::Metadata Outgoing() const;
  void Forward(std::string wire, absl::Time deadline);
  void OnUpstream(rpc::Answer answer);
  void Encode(const std::string& wire);
  void AddPositions(const Metadata& metadata, int64_t now);
  google::rpc::Status PublicStatusOf(const rpc::Answer& answer) const;
  void AddCommonHeaders();
  void Record(int64_t took, int64_t bytes);

  // http_exchange_stream.cc
  bool wants_stream() const { return match_.route != nullptr && match_.route->streams(); }
  void ChooseForm();
  bool TakeUpload();
  void AddStreamHeaders(RequestParts* parts, std::vector<base::Violation>* violations);
  void AddUploadHeaders(RequestParts* parts, std::vector<base::Violation>* violations);
  void TakeOffset(RequestParts* parts, std::vector<base::Violation>* violations);
  void Open(std::string wire, absl::Time deadline);
  std::unique_ptr<StreamWriter> Writer() const;

  const HttpFront::Presence presence_;
  HttpFront& front_;
  const std::shared_ptr<HttpCall> call_;
  const HttpRequest& request_;
  HttpResponse& response_;
  const Identifiers ids_;
  base::Language language_ = base::Language::kChinese;
  Match match_;
  Admission admission_;
  Stages stages_;
  int64_t upstream_start_ = 0;
  bool own_endpoint_ = false;
  bool has_forms_ = false;  // The same path answers as JSON and as a stream.
  Wanted wanted_ = Wanted::kJson;
  std::string query_;    // Of an upload, without the offset.
  int64_t offset_ = -1;  // Of a range, or of an upload that goes on.
  int64_t length_ = 0;   // Of a range; 0: to the end.
  int64_t begun_ = 0;    // When a stream began.
};

}  // namespace lianqiao::gateway
