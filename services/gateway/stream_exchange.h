// SPDX-License-Identifier: Apache-2.0
// The answer of a server-streaming method on its way to an HTTP client. Holds one message that is being
// written and the next one; reads on when the client has taken what was sent. For http_exchange.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "libs/rpc/stream.h"
#include "services/gateway/http_exchange.h"
#include "services/gateway/stream_writer.h"

namespace lianqiao::gateway {

// Everything runs on the connection's thread. Kept alive by what is under way and by the call's functions.
class StreamExchange : public std::enable_shared_from_this<StreamExchange> {
 public:
  StreamExchange(std::shared_ptr<HttpExchange> exchange, std::unique_ptr<StreamWriter> writer,
                 std::unique_ptr<rpc::ClientStream> upstream);
  void Run(std::string request);

 private:
  enum class After { kMore, kWhole, kCut };
  void ReadNext();
  void OnMessage(std::optional<std::string> message);
  void DropRest();
  void Pump();
  absl::Status Fill(std::string* piece);
  bool Begin();
  void Ended(std::string piece);
  void Break(const absl::Status& status, std::string piece);
  // `goes_on`: the piece is of the message of which the last one was, and shares its time.
  void Write(std::string piece, After after, bool goes_on = false);
  void OnWritten(After after);
  void OnGone();
  void OnDrain();
  void OnTick(int64_t now);
  void Over(const std::string& outcome);

  const std::shared_ptr<HttpExchange> exchange_;
  const std::shared_ptr<HttpCall> call_;
  const std::unique_ptr<StreamWriter> writer_;
  const std::unique_ptr<rpc::ClientStream> upstream_;
  std::optional<std::string> next_;  // Read and not yet written.
  bool exhausted_ = false;           // There are no more: the upstream's status is final.
  bool taken_ = false;               // The writer has something left.
  bool begun_ = false;               // The head is on its way.
  bool writing_ = false;
  bool draining_ = false;
  bool over_ = false;
  int64_t last_write_ = 0;
  std::string outcome_;
  HttpExchange::Streamed streamed_;
};

}  // namespace lianqiao::gateway
