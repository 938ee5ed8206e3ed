// SPDX-License-Identifier: Apache-2.0
// Streams of the HTTP server over real sockets, with a handler of the test's.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/gateway/http_server.h"
#include "services/gateway/testdata/gateway_fixture.h"

namespace lianqiao::gateway {
namespace {

bool WaitFor(const std::function<bool()>& condition) {
  for (int i = 0; i < 800 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return condition();
}

using Call = std::shared_ptr<HttpCall>;

class Streams : public ::testing::Test, public HttpHandler {
 protected:
  void Start() {
    options.listen = "127.0.0.1:0";
    options.threads = 1;
    server = std::make_unique<HttpServer>(options, this);
    ASSERT_TRUE(server->Start().ok());
  }
  void TearDown() override {
    if (server != nullptr) server->Drain(absl::Seconds(2));
  }
  void Handle(Call call) override {
    call->cancel = [this, call] {
      too_slow = call->too_slow;
      cancelled = true;
    };
    handle(call);
  }
  BodyLimit LimitBody(const HttpRequest& request) override {
    return {options.body_bytes_max, false, request.path() == "/upload"};
  }
  void Refuse(ReadFailure failure, const HttpRequest&, HttpResponse* response) override {
    response->status = failure == ReadFailure::kTimeout ? 408 : 400;
    if (failure == ReadFailure::kHeaderTooLarge) response->status = 431;
  }

  static std::string Get(const std::string& version = "1.1", const std::string& method = "GET") {
    return absl::StrCat(method, " / HTTP/", version, "\r\nHost: a\r\n\r\n");
  }
  static std::string Upload(const std::string& headers) {
    return absl::StrCat("POST /upload HTTP/1.1\r\nHost: a\r\n", headers, "\r\n");
  }

  // Answers with these pieces.
  void AnswerWith(std::vector<std::string> pieces, bool complete = true) {
    handle = [this, pieces, complete](const Call& call) {
      call->response.length_bytes = length_bytes;
      Next(call, pieces, 0, complete);
    };
  }
  void Next(const Call& call, const std::vector<std::string>& pieces, size_t at, bool complete) {
    if (at == pieces.size()) return call->End(complete);
    call->Write(pieces[at], [this, call, pieces, at, complete](bool ok) {
      if (ok) Next(call, pieces, at + 1, complete);
    });
  }
  // Reads the whole body, then answers with its size.
  void CountBody(const Call& call) {
    call->ReadBody([this, call](std::optional<std::string> piece) {
      if (!piece.has_value()) {
        call->response.body = absl::StrCat(received.load());
        return call->Finish();
      }
      piece_bytes_max = std::max(piece_bytes_max, piece->size());
      received += static_cast<int64_t>(piece->size());
      CountBody(call);
    });
  }

  HttpServer::Options options;
  std::unique_ptr<HttpServer> server;
  std::function<void(const Call&)> handle;
  int64_t length_bytes = -1;
  std::atomic<bool> cancelled{false};
  std::atomic<bool> too_slow{false};
  std::atomic<int64_t> received{0};
  size_t piece_bytes_max = 0;
};

TEST_F(Streams, AreChunkedAndTheConnectionGoesOn) {
  AnswerWith({"one", "", std::string(100'000, 'x'), "three"});
  Start();
  Socket socket(server->port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(socket.Send(Get()));
    const Socket::Answer answer = socket.Read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("transfer-encoding"), "chunked");
    EXPECT_EQ(answer.headers.count("content-length"), 0u);
    EXPECT_EQ(answer.body, absl::StrCat("one", std::string(100'000, 'x'), "three"));
    EXPECT_TRUE(answer.whole);
  }
  EXPECT_EQ(server->counts().accepted, 1);
}

TEST_F(Streams, OldClientsReadUntilTheEndOfTheConnection) {
  AnswerWith({"one", "two"});
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  const Socket::Answer head = socket.ReadHead();
  EXPECT_EQ(head.headers.count("transfer-encoding"), 0u);
  EXPECT_EQ(head.headers.at("connection"), "close");
  EXPECT_EQ(socket.ReadRest(), "onetwo");
}

TEST_F(Streams, HeadGivesTheirHeaderAlone) {
  AnswerWith({"one", "two"});
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Get("1.1", "HEAD") + Get()));
  EXPECT_EQ(socket.Read(true).headers.at("transfer-encoding"), "chunked");
  EXPECT_EQ(socket.Read().body, "onetwo");
}

TEST_F(Streams, OfKnownLengthSayIt) {
  length_bytes = 6;
  AnswerWith({"one", "two"});
  Start();
  Socket socket(server->port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(socket.Send(Get()));
    const Socket::Answer answer = socket.Read();
    EXPECT_EQ(answer.headers.at("content-length"), "6");
    EXPECT_EQ(answer.body, "onetwo");
  }
  AnswerWith({"onetwothree"});
  ASSERT_TRUE(socket.Send(Get()));
  EXPECT_EQ(socket.Read().body, "onetwo") << "more than promised would be the next answer";
  AnswerWith({"one"});
  ASSERT_TRUE(socket.Send(Get()));
  EXPECT_EQ(socket.Read().body, "one");
  EXPECT_TRUE(socket.ClosedByServer());
}

TEST_F(Streams, AnIncompleteOneEndsWithoutItsEnd) {
  AnswerWith({"one"}, false);
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Get()));
  const Socket::Answer answer = socket.Read();
  EXPECT_EQ(answer.body, "one");
  EXPECT_FALSE(answer.whole);
}

TEST_F(Streams, AReaderThatDoesNotReadIsCutOffAndFillsNothing) {
  options.stream_write_limit = absl::Milliseconds(500);
  std::atomic<int> written{0};
  std::atomic<bool> gone{false};
  std::function<void(const Call&)> next = [&](const Call& call) {
    call->Write(std::string(64 << 10, 'x'), [&, call](bool ok) {
      if (!ok) {
        gone = true;
        return;
      }
      ++written;
      next(call);
    });
  };
  handle = next;
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Get()));
  ASSERT_EQ(socket.ReadHead().status, 200);
  EXPECT_TRUE(WaitFor([&] { return gone.load(); }));
  EXPECT_TRUE(cancelled);
  EXPECT_TRUE(too_slow);
  EXPECT_LT(written, 1000) << "as much as the sockets take, and no more";
  EXPECT_TRUE(WaitFor([&] { return server->counts().open == 0; }));
}

TEST_F(Streams, ASlowReaderThatReadsIsKept) {
  options.stream_write_limit = absl::Milliseconds(500);
  AnswerWith(std::vector<std::string>(100, std::string(64 << 10, 'x')));
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Get()));
  ASSERT_EQ(socket.ReadHead().status, 200);
  size_t bytes = 0;
  for (std::string chunk; !(chunk = socket.ReadChunk()).empty(); bytes += chunk.size())
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(bytes, 100u * (64 << 10));
}

TEST_F(Streams, AClientThatGoesCancels) {
  std::atomic<bool> begun{false};
  Call held;
  handle = [&](const Call& call) {
    held = call;
    call->Write("one", [&](bool) { begun = true; });
  };
  Start();
  {
    Socket socket(server->port());
    ASSERT_TRUE(socket.Send(Get()));
    ASSERT_EQ(socket.ReadHead().status, 200);
    ASSERT_TRUE(WaitFor([&] { return begun.load(); }));
  }
  EXPECT_TRUE(WaitFor([&] { return cancelled.load(); }));
  std::atomic<bool> refused{false};
  held->Write("two", [&](bool ok) { refused = !ok; });
  EXPECT_TRUE(WaitFor([&] { return refused.load(); }));
  held->End(true);
  held.reset();
}

TEST_F(Streams, AreToldToEndAtADrain) {
  std::atomic<bool> begun{false};
  handle = [&](const Call& call) {
    call->drain = [call] { call->Write("bye", [call](bool) { call->End(true); }); };
    call->Write("one", [&](bool) { begun = true; });
  };
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Get()));
  ASSERT_TRUE(WaitFor([&] { return begun.load(); }));
  const auto start = std::chrono::steady_clock::now();
  server->Drain(absl::Seconds(10));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_EQ(socket.Read().body, "onebye");
  EXPECT_TRUE(socket.ClosedByServer());
}

TEST_F(Streams, Tick) {
  std::atomic<int> ticks{0};
  handle = [&](const Call& call) {
    call->tick = [&, call](int64_t) {
      if (++ticks == 2) call->Write("two", [call](bool) { call->End(true); });
    };
  };
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Get()));
  EXPECT_EQ(socket.Read().body, "two");
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  EXPECT_EQ(ticks, 2) << "not after the answer";
}

TEST_F(Streams, ABodyOfAnySizeComesInPieces) {
  handle = [&](const Call& call) {
    received = 0;
    CountBody(call);
  };
  Start();
  Socket socket(server->port());
  constexpr int64_t kBytes = 64 << 20;
  ASSERT_TRUE(socket.Send(Upload(absl::StrCat("Content-Length: ", kBytes, "\r\n"))));
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(socket.Send(piece));
  EXPECT_EQ(socket.Read().body, absl::StrCat(kBytes));
  EXPECT_LE(piece_bytes_max, 1u << 17);
  EXPECT_EQ(server->counts().buffered_bytes, 0);
  ASSERT_TRUE(socket.Send(Upload("Content-Length: 3\r\n") + "abc" + Upload("Content-Length: 0\r\n")));
  EXPECT_EQ(socket.Read().body, "3") << "the connection goes on";
  EXPECT_EQ(socket.Read().body, "0");
}

TEST_F(Streams, ABodyIsNotReadFasterThanItIsTaken) {
  Call held;
  std::atomic<bool> ready{false};
  handle = [&](const Call& call) {
    held = call;
    ready = true;
  };
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Upload("Content-Length: 100000000\r\n")));
  ASSERT_TRUE(WaitFor([&] { return ready.load(); }));
  std::atomic<int64_t> sent{0};
  std::thread sender([&] {
    const std::string piece(1 << 20, 'x');
    while (sent < 100 && socket.Send(piece)) ++sent;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_LT(sent, 30) << "as much as the sockets take";
  held->Finish();
  sender.join();
  held.reset();
}

TEST_F(Streams, AMillionChunksOfOneByte) {
  handle = [&](const Call& call) { CountBody(call); };
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Upload("Transfer-Encoding: chunked\r\n")));
  std::string chunks;
  for (int i = 0; i < 10'000; ++i) chunks += "1\r\nx\r\n";
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(socket.Send(chunks));
  ASSERT_TRUE(socket.Send("0\r\n\r\n"));
  EXPECT_EQ(socket.Read().body, "1000000");
}

TEST_F(Streams, AMalformedBodyIsRefusedAndCancels) {
  for (const char* rest : {"zz\r\n", "1\r\nxyz\r\n", "fffffffffffffffff\r\n"}) {
    cancelled = false;
    handle = [&](const Call& call) { CountBody(call); };
    if (server == nullptr) Start();
    Socket socket(server->port());
    ASSERT_TRUE(socket.Send(Upload("Transfer-Encoding: chunked\r\n") + "2\r\nab\r\n" + rest));
    EXPECT_EQ(socket.Read().status, 400) << rest;
    EXPECT_TRUE(cancelled) << rest;
    EXPECT_TRUE(socket.ClosedByServer()) << rest;
  }
}

TEST_F(Streams, AChunkLineWithoutEndIsRefused) {
  handle = [&](const Call& call) { CountBody(call); };
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Upload("Transfer-Encoding: chunked\r\n") + "1;a="));
  for (int i = 0; i < 20 && socket.Send(std::string(10'000, 'x')); ++i) {
  }
  EXPECT_EQ(socket.Read().status, 431);
  EXPECT_TRUE(cancelled);
}

TEST_F(Streams, AClientThatStopsSendingTimesOut) {
  options.body_limit = absl::Milliseconds(300);
  handle = [&](const Call& call) { CountBody(call); };
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Upload("Content-Length: 10\r\n") + "abc"));
  EXPECT_EQ(socket.Read().status, 408);
  EXPECT_TRUE(cancelled);
  EXPECT_EQ(received, 3);
  cancelled = false;
  Socket slow(server->port());
  ASSERT_TRUE(slow.Send(Upload("Content-Length: 10\r\n")));
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ASSERT_TRUE(slow.Send("x"));
  }
  EXPECT_EQ(slow.Read().status, 200) << "slow, but it goes on";
}

TEST_F(Streams, AClientThatGoesInTheMiddleOfABodyCancels) {
  handle = [&](const Call& call) { CountBody(call); };
  Start();
  {
    Socket socket(server->port());
    ASSERT_TRUE(socket.Send(Upload("Content-Length: 10\r\n") + "abc"));
    ASSERT_TRUE(WaitFor([&] { return received == 3; }));
  }
  EXPECT_TRUE(WaitFor([&] { return cancelled.load(); }));
}

TEST_F(Streams, ContinueIsSaidWhenTheBodyIsWanted) {
  handle = [&](const Call& call) { CountBody(call); };
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Upload("Content-Length: 3\r\nExpect: 100-continue\r\n")));
  EXPECT_EQ(socket.Read().status, 100);
  ASSERT_TRUE(socket.Send("abc"));
  EXPECT_EQ(socket.Read().body, "3");
  handle = [](const Call& call) {
    call->response.status = 401;
    call->Finish();
  };
  ASSERT_TRUE(socket.Send(Upload("Content-Length: 3\r\nExpect: 100-continue\r\n")));
  EXPECT_EQ(socket.Read().status, 401) << "at once";
  EXPECT_TRUE(socket.ClosedByServer());
}

TEST_F(Streams, AnAnswerMayComeBeforeTheBodyHasEnded) {
  handle = [](const Call& call) {
    call->ReadBody([call](std::optional<std::string>) {
      call->response.status = 403;
      call->Finish();
    });
  };
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Upload("Content-Length: 100000000\r\n") + "abc"));
  const Socket::Answer answer = socket.Read();
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_FALSE(cancelled);
}

TEST_F(Streams, AnAnswerLetsGoOfWhoWaitsForTheBody) {
  std::weak_ptr<HttpCall> waiting;
  handle = [&](const Call& call) {
    waiting = call;
    call->ReadBody([call](std::optional<std::string>) {});
    call->Resume([call] { call->Finish(); });
  };
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Upload("Content-Length: 100\r\n")));
  EXPECT_EQ(socket.Read().status, 200);
  socket.Close();
  EXPECT_TRUE(WaitFor([&] { return waiting.expired(); }));
}

// Other bodies can be read in the same way.
TEST_F(Streams, ABodyThatWasReadWholeIsOnePiece) {
  handle = [&](const Call& call) { CountBody(call); };
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"));
  EXPECT_EQ(socket.Read().body, "3");
}

}  // namespace
}  // namespace lianqiao::gateway
