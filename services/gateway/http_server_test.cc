// SPDX-License-Identifier: Apache-2.0
// The HTTP server over real sockets: limits, timeouts, keep-alive, pipelining, disconnects.
#include "services/gateway/http_server.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/gateway/testdata/books.pb.h"
#include "services/gateway/testdata/gateway_fixture.h"

namespace lianqiao::gateway {
namespace {

using ::testing::HasSubstr;

bool WaitFor(const std::function<bool()>& condition) {
  for (int i = 0; i < 500 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return condition();
}

class Http : public GatewayFixture {};

TEST_F(Http, AConnectionServesManyRequests) {
  Socket socket(server->port());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(socket.Send(Text("GET", absl::StrCat("/test/v1/books/", i), kToken)));
    const Socket::Answer answer = socket.Read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, absl::StrCat("{\"id\":\"", i, "\"}"));
  }
  EXPECT_EQ(server->counts().accepted, 1);
}

TEST_F(Http, PipelinedRequestsAreAnsweredInOrder) {
  Socket socket(server->port());
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += i % 2 == 0 ? Text("GET", absl::StrCat("/test/v1/books/", i), kToken)
                      : Text("POST", absl::StrCat("/test/v1/books/", i, ":lend"),
                             absl::StrCat(kToken, "Content-Type: application/json\r\n"), "{}");
  }
  ASSERT_TRUE(socket.Send(all));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(socket.Read().body, absl::StrCat("{\"id\":\"", i, "\"}"));
}

TEST_F(Http, ARequestMayArriveByteByByte) {
  Socket socket(server->port());
  for (const char c : Text("POST", "/test/v1/books",
                           absl::StrCat(kToken, "Content-Type: application/json\r\n"), "{\"title\":\"a\"}")) {
    ASSERT_TRUE(socket.Send(std::string(1, c)));
  }
  EXPECT_EQ(socket.Read().status, 200);
}

// The echo reads the request's third field as the book's: request_id comes back as etag.
TEST_F(Http, AChunkedBodyIsRead) {
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(
      Text("POST", "/test/v1/books/7:lend",
           absl::StrCat(kToken, "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n")) +
      "e\r\n{\"requestId\":\"\r\n3\r\ne\"}\r\n0\r\n\r\n"));
  EXPECT_THAT(socket.Read().body, HasSubstr("\"etag\":\"e\""));
}

// What the parser cannot take yet must not fill the memory for as long as a body may last.
TEST_F(Http, RefusesAChunkLineOrATrailerWithoutEnd) {
  for (const std::string start : {"1;a=", "0\r\nX-Trailer: "}) {
    Socket socket(server->port());
    ASSERT_TRUE(socket.Send(
        Text("POST", "/test/v1/books", absl::StrCat(kToken, "Transfer-Encoding: chunked\r\n")) + start));
    for (int i = 0; i < 20 && socket.Send(std::string(10'000, 'x')); ++i) {
    }
    const Socket::Answer answer = socket.Read();
    EXPECT_EQ(answer.status, 431) << start;
    EXPECT_THAT(answer.body, HasSubstr("HEADER_TOO_LARGE")) << start;
    EXPECT_TRUE(socket.ClosedByServer()) << start;
  }
}

TEST_F(Http, ATrailerIsNoHeader) {
  Socket socket(server->port());
  ASSERT_TRUE(
      socket.Send(Text("POST", "/test/v1/books/7:lend",
                       absl::StrCat(kToken,
                                    "X-Forwarded-For: 5.6.7.8\r\nContent-Type: application/json\r\n"
                                    "Transfer-Encoding: chunked\r\n")) +
                  "2\r\n{}\r\n0\r\nX-Forwarded-For: 9.9.9.9\r\nAuthorization: Bearer good-b\r\n\r\n"));
  EXPECT_EQ(socket.Read().status, 200);
  EXPECT_EQ(Received(rpc::kCallerAddress), "5.6.7.8");
  EXPECT_EQ(Received("authorization"), "Bearer good-a");
}

TEST_F(Http, ReadsNoLargeBodyOfWhoHasNoToken) {
  const std::string large = "Content-Length: 1000000\r\nContent-Type: application/json\r\n";
  for (const std::string& headers :
       {large, large + "Expect: 100-continue\r\n", large + "Authorization: Bearer forged\r\n"}) {
    Socket socket(server->port());
    ASSERT_TRUE(socket.Send(Text("POST", "/test/v1/books", headers)));
    const Socket::Answer answer = socket.Read();
    EXPECT_EQ(answer.status, 401) << headers;
    EXPECT_EQ(answer.headers.at("connection"), "close");
  }
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Text("POST", "/test/v1/books", "Transfer-Encoding: chunked\r\n") + "4000\r\n"));
  EXPECT_EQ(socket.Read().status, 401) << "as soon as the chunk is announced";
  Socket lost(server->port());
  ASSERT_TRUE(lost.Send(Text("POST", "/nowhere", kToken + large)));
  EXPECT_EQ(lost.Read().status, 404);
}

TEST_F(Http, ASmallBodyWithoutATokenKeepsTheConnection) {
  Socket socket(server->port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(socket.Send(Text("POST", "/test/v1/books", "Content-Type: application/json\r\n", "{}")));
    EXPECT_EQ(socket.Read().status, 401);
  }
}

TEST_F(Http, OwnEndpointsTakeSmallBodies) {
  endpoints.Add(
      "POST", "/form",
      [](const std::shared_ptr<HttpCall>& call, const std::string&, const std::function<void()>& answer) {
        call->response.body = absl::StrCat(call->request.body.size());
        answer();
      });
  EXPECT_EQ(Ask("POST", "/form", kToken, std::string(8192, 'x')).body, "8192");
  const Socket::Answer answer = Ask("POST", "/form", kToken, std::string(8193, 'x'));
  EXPECT_EQ(answer.status, 413);
  EXPECT_THAT(answer.body, HasSubstr("8192"));
}

TEST_F(Http, AllBodiesTogetherAreLimited) {
  http_options.buffered_bytes_max = 1 << 20;
  Start();
  const std::string headers =
      absl::StrCat(kToken, "Content-Type: application/json\r\nContent-Length: 900000\r\n");
  Socket first(server->port());
  const std::string nearly = "{" + std::string(899'998, ' ');
  ASSERT_TRUE(first.Send(Text("POST", "/test/v1/books", headers) + nearly));
  ASSERT_TRUE(WaitFor([&] { return server->counts().buffered_bytes >= 899'000; }));
  {
    Socket second(server->port());
    (void)second.Send(Text("POST", "/test/v1/books", headers) + nearly);  // It is refused on its way.
    const Socket::Answer answer = second.Read();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.headers.at("retry-after"), "1");
    EXPECT_THAT(answer.body, HasSubstr("OVERLOADED"));
  }
  EXPECT_EQ(Ask("GET", "/test/v1/books/1").status, 200) << "what has no large body goes on";
  ASSERT_TRUE(first.Send("}"));
  EXPECT_EQ(first.Read().status, 200);
  EXPECT_TRUE(WaitFor([&] { return server->counts().buffered_bytes == 0; }));
  Socket stranger(server->port());
  (void)stranger.Send(Text("GET", "/test/v1/books/featured", "Content-Length: 300000\r\n") +
                      std::string(299'000, ' '));
  EXPECT_EQ(stranger.Read().status, 503) << "a quarter is for who has no token";
}

TEST_F(Http, ClosesWhenAsked) {
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Text("GET", "/test/v1/books/1", absl::StrCat(kToken, "Connection: close\r\n"))));
  EXPECT_EQ(socket.Read().headers["connection"], "close");
  EXPECT_TRUE(socket.ClosedByServer());
}

TEST_F(Http, HeadGivesTheHeadersOfGetWithoutABody) {
  Socket socket(server->port());
  ASSERT_TRUE(
      socket.Send(Text("HEAD", "/test/v1/books/1", kToken) + Text("GET", "/test/v1/books/2", kToken)));
  const Socket::Answer head = socket.Read(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "10");
  EXPECT_EQ(socket.Read().body, "{\"id\":\"2\"}");
}

TEST_F(Http, RefusesALargeHeader) {
  const Socket::Answer answer =
      Ask("GET", "/test/v1/books/1", absl::StrCat("X-Large: ", std::string(50000, 'x'), "\r\n"));
  EXPECT_EQ(answer.status, 431);
  EXPECT_THAT(answer.body, HasSubstr("HEADER_TOO_LARGE"));
}

TEST_F(Http, TakesTheIdsOfAWholeBatch) {
  std::string target = "/test/v1/books/1?readMask=title";
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&target, "&ids=01234567-89ab-7def-8123-456789abcdef");
  EXPECT_EQ(Ask("GET", target).status, 400) << "read, and its unknown parameters refused";
}

TEST_F(Http, RefusesALargeBodyAlsoWhenItIsSentWhole) {
  const Socket::Answer answer = Ask("POST", "/test/v1/books", kToken, std::string((4u << 20) + 1, ' '));
  EXPECT_EQ(answer.status, 413);
  EXPECT_THAT(answer.body, HasSubstr("BODY_TOO_LARGE"));
  EXPECT_EQ(answer.headers.at("connection"), "close");
}

TEST_F(Http, RefusesALargeChunkedBody) {
  Socket socket(server->port());
  socket.Send(Text("POST", "/test/v1/books", absl::StrCat(kToken, "Transfer-Encoding: chunked\r\n")));
  const std::string chunk = absl::StrCat("10000\r\n", std::string(0x10000, 'x'), "\r\n");
  for (int i = 0; i < 70 && socket.Send(chunk); ++i) {
  }
  EXPECT_EQ(socket.Read().status, 413);
}

TEST_F(Http, AnswersMalformedRequests) {
  for (const char* text :
       {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\nContent-Length: 1\r\n\r\n0",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n"}) {
    Socket socket(server->port());
    ASSERT_TRUE(socket.Send(text));
    const Socket::Answer answer = socket.Read();
    EXPECT_EQ(answer.status, 400) << text;
    EXPECT_THAT(answer.body, HasSubstr("INVALID_ARGUMENT")) << text;
  }
}

TEST_F(Http, ASlowHeaderTimesOut) {
  http_options.header_limit = absl::Milliseconds(200);
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send("GET /test/v1/books/1 HTTP/1.1\r\nHost:"));
  const Socket::Answer answer = socket.Read();
  EXPECT_EQ(answer.status, 408);
  EXPECT_THAT(answer.body, HasSubstr("REQUEST_TIMEOUT"));
}

TEST_F(Http, ASlowBodyTimesOut) {
  http_options.body_limit = absl::Milliseconds(200);
  Start();
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send("POST /test/v1/books HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"));
  EXPECT_EQ(socket.Read().status, 408);
}

TEST_F(Http, AnIdleConnectionIsClosedSilently) {
  http_options.idle_limit = absl::Milliseconds(200);
  Start();
  Socket socket(server->port());
  EXPECT_TRUE(socket.ClosedByServer());
}

TEST_F(Http, TooManyConnectionsAreRefused) {
  http_options.connections_max = 2;
  Start();
  Socket first(server->port());
  Socket second(server->port());
  ASSERT_TRUE(WaitFor([&] { return server->counts().open == 2; }));
  Socket third(server->port());
  const Socket::Answer answer = third.Read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.at("retry-after"), "1");
  first.Close();
  third.Close();
  ASSERT_TRUE(WaitFor([&] { return server->counts().open == 1; }));
  EXPECT_EQ(Ask("GET", "/test/v1/books/1").status, 200);
}

TEST_F(Http, AnAddressMayHaveSoManyConnections) {
  http_options.connections_per_address = 2;
  Start();
  Socket first(server->port());
  Socket second(server->port());
  ASSERT_TRUE(WaitFor([&] { return server->counts().open == 2; }));
  Socket third(server->port());
  EXPECT_EQ(third.Read().status, 503);
  first.Close();
  third.Close();
  ASSERT_TRUE(WaitFor([&] { return server->counts().open == 1; }));
  EXPECT_EQ(Ask("GET", "/test/v1/books/1").status, 200);
}

TEST_F(Http, ABodyThatDoesNotWaitForContinueIsReadToo) {
  Socket socket(server->port());
  ASSERT_TRUE(
      socket.Send(Text("POST", "/test/v1/books",
                       absl::StrCat(kToken, "Expect: 100-continue\r\nContent-Type: application/json\r\n"),
                       "{\"title\":\"a\"}")));
  EXPECT_EQ(socket.Read().status, 100);
  EXPECT_EQ(socket.Read().status, 200);
}

TEST_F(Http, AnswersExpectContinue) {
  Socket socket(server->port());
  ASSERT_TRUE(
      socket.Send("POST /test/v1/books HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 13\r\n"
                  "Content-Type: application/json\r\nAuthorization: Bearer good-a\r\n\r\n"));
  EXPECT_EQ(socket.Read().status, 100);
  ASSERT_TRUE(socket.Send("{\"title\":\"a\"}"));
  EXPECT_EQ(socket.Read().status, 200);
}

TEST_F(Http, ADisconnectCancelsTheUpstreamCall) {
  std::mutex mutex;
  rpc::Done held;
  backend = [&](std::shared_ptr<const rpc::CallContext>, std::string, rpc::Done done) {
    const std::lock_guard lock(mutex);
    held = std::move(done);
  };
  {
    Socket socket(server->port());
    ASSERT_TRUE(socket.Send(Text("GET", "/test/v1/books/1", kToken)));
    ASSERT_TRUE(WaitFor([&] {
      const std::lock_guard lock(mutex);
      return held != nullptr;
    }));
    EXPECT_EQ(guard->running(), 1);
  }
  // The place of the call is free again long before the backend answers: its call was cancelled.
  EXPECT_TRUE(WaitFor([&] { return guard->running() == 0; }));
  held(rpc::Reply());
}

TEST_F(Http, DrainLetsARunningRequestFinish) {
  std::mutex mutex;
  rpc::Done held;
  backend = [&](std::shared_ptr<const rpc::CallContext>, std::string, rpc::Done done) {
    const std::lock_guard lock(mutex);
    held = std::move(done);
  };
  Socket idle(server->port());
  Socket busy(server->port());
  ASSERT_TRUE(busy.Send(Text("GET", "/test/v1/books/1", kToken)));
  ASSERT_TRUE(WaitFor([&] {
    const std::lock_guard lock(mutex);
    return held != nullptr;
  }));
  std::thread drain([&] { server->Drain(absl::Seconds(5)); });
  EXPECT_TRUE(idle.ClosedByServer());
  held(rpc::Reply());
  EXPECT_EQ(busy.Read().status, 200);
  EXPECT_TRUE(busy.ClosedByServer());
  drain.join();
}

// Takes one call and leaves it unanswered.
class KeepingHandler : public HttpHandler {
 public:
  void Handle(std::shared_ptr<HttpCall> call) override { kept.set_value(std::move(call)); }
  void Refuse(ReadFailure, const HttpRequest&, HttpResponse*) override {}
  std::promise<std::shared_ptr<HttpCall>> kept;
};

TEST(HttpServer, RunsAllThatIsResumedAlsoAroundItsEnd) {
  KeepingHandler handler;
  HttpServer::Options options;
  options.listen = "127.0.0.1:0";
  HttpServer http(options, &handler);
  ASSERT_TRUE(http.Start().ok());
  Socket socket(http.port());
  ASSERT_TRUE(socket.Send("GET / HTTP/1.1\r\nHost: test\r\n\r\n"));
  std::shared_ptr<HttpCall> call = handler.kept.get_future().get();
  std::atomic<bool> drained{false};
  std::atomic<int> asked{0};
  std::atomic<int> ran{0};
  std::thread asking([&] {
    while (!drained) {
      ++asked;
      call->Resume([&] { ++ran; });
    }
  });
  EXPECT_TRUE(WaitFor([&] { return ran > 0; }));
  http.Drain(absl::ZeroDuration());
  drained = true;
  asking.join();
  EXPECT_EQ(ran, asked);
  call->Resume([&] { ++ran; });
  EXPECT_EQ(ran, asked + 1);
  call.reset();
}

TEST_F(Http, AnAddressInUseRefusesToStart) {
  HttpServer::Options options;
  options.listen = absl::StrCat("127.0.0.1:", server->port());
  EXPECT_EQ(HttpServer(options, front.get()).Start().code(), absl::StatusCode::kUnavailable);
  options.listen = "nowhere";
  EXPECT_EQ(HttpServer(options, front.get()).Start().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(Http, ManyThreadsOfClientsAreServed) {
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      Socket socket(server->port());
      for (int i = 0; i < 100; ++i) {
        socket.Send(Text("GET", absl::StrCat("/test/v1/books/", t, "-", i),
                         absl::StrCat("Authorization: Bearer good-", t, "\r\n")));
        if (socket.Read().body == absl::StrCat("{\"id\":\"", t, "-", i, "\"}")) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 800);
}

// curl speaks TLS for us; Debian's base of this project has it.
TEST_F(Http, SpeaksTlsAndReadsARenewedCertificate) {
  const std::string folder = ::testing::TempDir();
  const std::string certificate = absl::StrCat(folder, "gateway.", getpid(), ".crt");
  const std::string key = absl::StrCat(folder, "gateway.", getpid(), ".key");
  const auto make = [&](const std::string& name) {
    return std::system(
        absl::StrCat(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=", name,
            " -keyout ", key, " -out ", certificate, " 2>/dev/null")
            .c_str());
  };
  ASSERT_EQ(make("first"), 0);
  http_options.tls_certificate = certificate;
  http_options.tls_key = key;
  Start();
  const auto subject = [&] {
    const std::string out = absl::StrCat(folder, "gateway.", getpid(), ".out");
    std::system(absl::StrCat("curl -skv -H 'Authorization: Bearer good-a' https://127.0.0.1:", server->port(),
                             "/test/v1/books/1 > ", out, " 2>&1")
                    .c_str());
    std::stringstream text;
    text << std::ifstream(out).rdbuf();
    std::remove(out.c_str());
    return text.str();
  };
  EXPECT_THAT(subject(), HasSubstr("{\"id\":\"1\"}"));
  EXPECT_THAT(subject(), HasSubstr("CN=first"));
  ASSERT_EQ(make("second"), 0);
  EXPECT_THAT(subject(), HasSubstr("CN=second"));
  std::remove(certificate.c_str());
  std::remove(key.c_str());
}

}  // namespace
}  // namespace lianqiao::gateway
