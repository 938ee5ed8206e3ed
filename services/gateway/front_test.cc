// SPDX-License-Identifier: Apache-2.0
// Both fronts against a real backend: callers, limits, headers, errors, compression.
#include <gmock/gmock.h>
#include <prometheus/text_serializer.h>
#include <zlib.h>

#include <future>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/gateway/compression.h"
#include "services/gateway/testdata/books.pb.h"
#include "services/gateway/testdata/gateway_fixture.h"

namespace lianqiao::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class Front : public GatewayFixture {
 protected:
  void AnswerWith(absl::Status status) {
    backend = [status](std::shared_ptr<const rpc::CallContext>, std::string, const rpc::Done& done) {
      done(status);
    };
  }
};

TEST_F(Front, AMissingOrBadTokenIs401Early) {
  const Socket::Answer none = Ask("GET", "/test/v1/books/1?nothing=1", "");
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.headers.at("www-authenticate"), "Bearer realm=\"lianqiao\"");
  EXPECT_THAT(none.body, HasSubstr("\"reason\":\"UNAUTHENTICATED\""));
  const Socket::Answer bad = Ask("GET", "/test/v1/books/1", "Authorization: Bearer forged\r\n");
  EXPECT_EQ(bad.status, 401);
  EXPECT_THAT(bad.headers.at("www-authenticate"), HasSubstr("invalid_token"));
  EXPECT_EQ(Ask("GET", "/test/v1/books/1", "Authorization: Basic Zm9v\r\n").status, 401);
}

TEST_F(Front, APublicMethodNeedsNoToken) {
  EXPECT_EQ(Ask("GET", "/test/v1/books/featured", "").status, 200);
}

TEST_F(Front, IdentityBeingAwayIs503) {
  verify_failure = base::WithRetryAfter(
      base::Fail(absl::StatusCode::kUnavailable, base::ErrorReason::BACKEND_UNAVAILABLE), 2000);
  const Socket::Answer answer = Ask("GET", "/test/v1/books/1");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.at("retry-after"), "2");
}

TEST_F(Front, IdentityBeingAwayIs503HoweverOftenAClientAsks) {
  verify_failure = base::Fail(absl::StatusCode::kUnavailable, base::ErrorReason::BACKEND_UNAVAILABLE);
  guard_options.anonymous = {1, 1, 0};
  Start();
  for (int i = 0; i < 10; ++i) {
    const Socket::Answer answer = Ask("GET", "/test/v1/books/1");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.headers.at("retry-after"), "1");
  }
}

TEST_F(Front, TellsServicesWhereACallComesFromAndLetsNobodyElseTellIt) {
  Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "Lianqiao-Caller-Address: 6.6.6.6\r\n"));
  EXPECT_EQ(Received(rpc::kCallerAddress), "127.0.0.1");
  Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "X-Forwarded-For: 1.2.3.4, 5.6.7.8\r\n"));
  EXPECT_EQ(Received(rpc::kCallerAddress), "5.6.7.8");
  Ask("GET", "/test/v1/books/1",
      absl::StrCat(kToken, "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: ::1%2\r\n"));
  EXPECT_EQ(Received(rpc::kCallerAddress), "::1%2");
  Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "X-Forwarded-For: \xe6\xb5\x8b\r\n"));
  EXPECT_EQ(Received(rpc::kCallerAddress), "127.0.0.1") << "no address";
}

TEST_F(Front, UnknownPathsAndMethods) {
  EXPECT_EQ(Ask("GET", "/nowhere").status, 404);
  EXPECT_THAT(Ask("GET", "/nowhere").body, HasSubstr("ROUTE_NOT_FOUND"));
  const Socket::Answer answer = Ask("PUT", "/test/v1/books/1");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers.at("allow"), "DELETE, GET, HEAD, OPTIONS, PATCH");
  const Socket::Answer options = Ask("OPTIONS", "/test/v1/books/1", "");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.headers.at("allow"), "DELETE, GET, HEAD, OPTIONS, PATCH");
}

TEST_F(Front, OnlyJsonIsAccepted) {
  EXPECT_EQ(Ask("POST", "/test/v1/books", absl::StrCat(kToken, "Content-Type: text/plain\r\n"), "{}").status,
            415);
  EXPECT_EQ(Ask("POST", "/test/v1/books",
                absl::StrCat(kToken, "Content-Type: application/json; charset=utf-8\r\n"), "{}")
                .status,
            200);
  const Socket::Answer answer =
      Ask("POST", "/test/v1/books", absl::StrCat(kToken, "Content-Encoding: br\r\n"), "{}");
  EXPECT_EQ(answer.status, 415);
  EXPECT_EQ(answer.headers.at("accept-encoding"), "gzip");
}

TEST_F(Front, ForwardsWhatAServiceMayKnowAndNothingElse) {
  Ask("GET", "/test/v1/books/1",
      absl::StrCat(
          kToken,
          "X-Request-Id: r-1\r\nAccept-Language: en\r\nLianqiao-Acting-Person: p7\r\nLianqiao-Acting-Role: "
          "head\r\n"
          "Lianqiao-After: a:1:2\r\nX-Client-Id: admin\r\nLianqiao-Client: admin\r\nCookie: secret=1\r\n"
          "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
          "tracestate: congo=t61rcWkgMzE\r\n"));
  EXPECT_EQ(Received("authorization"), "Bearer good-a");
  EXPECT_EQ(Received("x-request-id"), "r-1");
  EXPECT_EQ(Received("accept-language"), "en");
  EXPECT_EQ(Received("lianqiao-acting-person"), "p7");
  EXPECT_EQ(Received("lianqiao-acting-role"), "head");
  EXPECT_EQ(Received("lianqiao-after"), "a:1:2");
  EXPECT_THAT(Received("traceparent"), MatchesRegex("00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01"));
  EXPECT_THAT(Received("traceparent"), Not(HasSubstr("b7ad6b7169203331")));
  EXPECT_EQ(Received("tracestate"), "congo=t61rcWkgMzE");
  for (const char* name : {"x-client-id", "lianqiao-client", "cookie"}) EXPECT_EQ(Received(name), "") << name;
}

TEST_F(Front, ATraceThatIsNoneIsBegunAnewWithoutItsState) {
  for (const std::string trace : {"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "00-zz"}) {
    Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "traceparent: ", trace, "\r\ntracestate: a=b\r\n"));
    EXPECT_THAT(Received("traceparent"), Not(HasSubstr("0af7651916cd43dd8448eb211c80319c"))) << trace;
    EXPECT_EQ(Received("tracestate"), "") << trace;
  }
}

TEST_F(Front, RequestIdAndTraceComeBack) {
  const Socket::Answer sent = Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "X-Request-Id: r-1\r\n"));
  EXPECT_EQ(sent.headers.at("x-request-id"), "r-1");
  EXPECT_THAT(sent.headers.at("traceparent"), MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"));
  const Socket::Answer made =
      Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "X-Request-Id: a b\r\ntraceparent: 00-zz\r\n"));
  EXPECT_THAT(made.headers.at("x-request-id"), MatchesRegex("[0-9a-f-]{36}"));
  EXPECT_EQ(Received("x-request-id"), made.headers.at("x-request-id"));
}

TEST_F(Front, AHeaderThatGrpcCannotCarryIsRefused) {
  const Socket::Answer answer =
      Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "Lianqiao-Acting-Person: \xE4\xB8\xAD\r\n"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("lianqiao-acting-person"));
}

TEST_F(Front, HeadersTooLongForGrpcAreRefused) {
  const Socket::Answer answer = Ask(
      "GET", "/test/v1/books/1", absl::StrCat(kToken, "Accept-Language: ", std::string(9000, 'a'), "\r\n"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("FIELD_TOO_LONG"));
  const std::string largest = absl::StrCat(
      "Authorization: Bearer good-", std::string(3000, 'a'), "\r\nAccept-Language: ", std::string(256, 'a'),
      "\r\nLianqiao-After: ", std::string(2048, 'a'), "\r\nLianqiao-Acting-Person: ", std::string(256, 'a'),
      "\r\nLianqiao-Acting-Role: ", std::string(256, 'a'), "\r\n");
  EXPECT_EQ(Ask("GET", "/test/v1/books/1", largest).status, 200);
}

TEST_F(Front, DeadlinesAreTakenFromTheCaller) {
  backend = [](std::shared_ptr<const rpc::CallContext> context, std::string, const rpc::Done& done) {
    rpc::Reply reply;
    gatewaytest::v1::Book book;
    book.set_pages(static_cast<int>(absl::ToInt64Milliseconds(context->deadline - absl::Now())));
    reply.bytes = book.SerializeAsString();
    done(reply);
  };
  const auto left = [&](const std::string& header) {
    const std::string body = Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, header)).body;
    return std::stoi(body.substr(body.find(':') + 1));
  };
  EXPECT_NEAR(left("Grpc-Timeout: 5S\r\n"), 5000, 1000);
  EXPECT_NEAR(left("X-Server-Timeout: 2.5\r\n"), 2500, 1000);
  EXPECT_NEAR(left(""), 30000, 1000);
  EXPECT_NEAR(left("Grpc-Timeout: 9H\r\n"), 60000, 1000);
  EXPECT_EQ(Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "Grpc-Timeout: soon\r\n")).status, 400);
}

TEST_F(Front, APassedDeadlineIs504) {
  backend = [](std::shared_ptr<const rpc::CallContext>, std::string, const rpc::Done& done) {
    absl::SleepFor(absl::Milliseconds(300));
    done(rpc::Reply());
  };
  const Socket::Answer answer = Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "Grpc-Timeout: 50m\r\n"));
  EXPECT_EQ(answer.status, 504);
  EXPECT_THAT(answer.body, HasSubstr("DEADLINE_EXCEEDED"));
}

TEST_F(Front, CodesBecomeHttpStatuses) {
  const std::pair<absl::StatusCode, int> expected[] = {
      {absl::StatusCode::kInvalidArgument, 400},   {absl::StatusCode::kFailedPrecondition, 400},
      {absl::StatusCode::kOutOfRange, 400},        {absl::StatusCode::kUnauthenticated, 401},
      {absl::StatusCode::kPermissionDenied, 403},  {absl::StatusCode::kNotFound, 404},
      {absl::StatusCode::kAborted, 409},           {absl::StatusCode::kAlreadyExists, 409},
      {absl::StatusCode::kResourceExhausted, 429}, {absl::StatusCode::kUnimplemented, 501},
      {absl::StatusCode::kUnavailable, 503},       {absl::StatusCode::kDeadlineExceeded, 504},
      {absl::StatusCode::kInternal, 500},          {absl::StatusCode::kUnknown, 500},
      {absl::StatusCode::kDataLoss, 500}};
  for (const auto& [code, status] : expected) {
    AnswerWith(base::Fail(code, base::ErrorReason::OVERLOADED));
    EXPECT_EQ(Ask("GET", "/test/v1/books/1").status, status);
  }
}

TEST_F(Front, AServicesDetailsComeThroughInTheCallersLanguage) {
  AnswerWith(base::FailIfAny({base::Refuse("title", base::ErrorReason::FIELD_REQUIRED)}));
  const Socket::Answer english =
      Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "Accept-Language: en\r\n"));
  EXPECT_THAT(english.body, HasSubstr("\"field\":\"title\""));
  EXPECT_THAT(english.body, HasSubstr("\"reason\":\"FIELD_REQUIRED\""));
  EXPECT_THAT(english.body, HasSubstr("is required"));
  EXPECT_THAT(Ask("GET", "/test/v1/books/1").body, HasSubstr("必填字段不能为空"));
}

TEST_F(Front, TheTextOfABugNeverLeaves) {
  AnswerWith(absl::InternalError("SELECT * FROM secret"));
  const Socket::Answer answer = Ask("GET", "/test/v1/books/1");
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
}

TEST_F(Front, AServiceThatIsAwayIs503WithoutItsAddress) {
  backend_server->Drain(absl::ZeroDuration());
  backend_server.reset();
  const Socket::Answer answer = Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "Grpc-Timeout: 2S\r\n"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("BACKEND_UNAVAILABLE"));
  EXPECT_THAT(answer.body, Not(HasSubstr("127.0.0.1")));
}

TEST_F(Front, AnEtagAnswers304) {
  backend = [](std::shared_ptr<const rpc::CallContext>, std::string, const rpc::Done& done) {
    gatewaytest::v1::Book book;
    book.set_etag("e3");
    rpc::Reply reply;
    reply.bytes = book.SerializeAsString();
    done(reply);
  };
  EXPECT_EQ(Ask("GET", "/test/v1/books/1").headers.at("etag"), "\"e3\"");
  const Socket::Answer same =
      Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "If-None-Match: W/\"e3\"\r\n"));
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.headers.count("content-length"), 0u);
  EXPECT_EQ(Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "If-None-Match: \"e2\"\r\n")).status, 200);
}

TEST_F(Front, ThePositionOfAWriteComesBack) {
  backend = [](std::shared_ptr<const rpc::CallContext>, std::string, const rpc::Done& done) {
    rpc::Reply reply;
    reply.metadata = {
        {"lianqiao-position", "registry:3:17"}, {"lianqiao-replayed", "true"}, {"x-internal", "1"}};
    done(reply);
  };
  const Socket::Answer answer = Ask("POST", "/test/v1/books", kToken, "{\"title\":\"a\"}");
  EXPECT_EQ(answer.headers.at("lianqiao-position"), "registry:3:17");
  EXPECT_EQ(answer.headers.at("lianqiao-replayed"), "true");
  EXPECT_EQ(answer.headers.count("x-internal"), 0u);
  EXPECT_EQ(positions->After("a", 1, SteadyNow()), "registry:3:17");
}

TEST_F(Front, RatesAreToldAndKept) {
  guard_options.client = {1, 2, 0};
  Start();
  const Socket::Answer first = Ask("GET", "/test/v1/books/1");
  EXPECT_EQ(first.headers.at("ratelimit-policy"), "\"default\";q=2;w=2");
  EXPECT_EQ(first.headers.at("ratelimit"), "\"default\";r=1;t=1");
  EXPECT_EQ(Ask("GET", "/test/v1/books/1").status, 200);
  const Socket::Answer refused = Ask("GET", "/test/v1/books/1");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  EXPECT_THAT(refused.body, HasSubstr("RATE_LIMITED"));
  EXPECT_EQ(Ask("GET", "/test/v1/books/1", "Authorization: Bearer good-b\r\n").status, 200);
}

TEST_F(Front, NobodyInParticularIsLimitedByAddress) {
  guard_options.anonymous = {1, 2, 0};
  Start();
  EXPECT_EQ(Ask("GET", "/test/v1/books/1", "Authorization: Bearer forged\r\n").status, 401);
  EXPECT_EQ(Ask("GET", "/nowhere", "").status, 404);
  EXPECT_EQ(Ask("GET", "/test/v1/books/featured", "").status, 429);
  EXPECT_EQ(Ask("GET", "/test/v1/books/featured", "X-Forwarded-For: 1.2.3.4, 5.6.7.8\r\n").status, 200);
  EXPECT_EQ(Ask("GET", "/test/v1/books/1").status, 200);
}

TEST_F(Front, LargeAnswersAreCompressedIfWanted) {
  backend = [](std::shared_ptr<const rpc::CallContext>, std::string, const rpc::Done& done) {
    gatewaytest::v1::Book book;
    book.set_title(std::string(5000, 'x'));
    rpc::Reply reply;
    reply.bytes = book.SerializeAsString();
    done(reply);
  };
  const Socket::Answer plain = Ask("GET", "/test/v1/books/1");
  EXPECT_EQ(plain.headers.count("content-encoding"), 0u);
  EXPECT_EQ(plain.headers.at("vary"), "Accept-Encoding");
  Socket::Answer packed =
      Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "Accept-Encoding: br, gzip;q=0.5\r\n"));
  EXPECT_EQ(packed.headers.at("content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), 200u);
  ASSERT_EQ(Gunzip(&packed.body, 1u << 20), Inflated::kOk);
  EXPECT_EQ(packed.body, plain.body);
  EXPECT_EQ(Ask("GET", "/test/v1/books/1", absl::StrCat(kToken, "Accept-Encoding: gzip;q=0\r\n"))
                .headers.count("content-encoding"),
            0u);
}

TEST_F(Front, CompressedBodiesAreUnpackedWithinTheLimit) {
  std::string body = "{\"requestId\":\"" + std::string(3000, 'x') + "\"}";
  Gzip(&body);
  const std::string headers =
      absl::StrCat(kToken, "Content-Encoding: gzip\r\nContent-Type: application/json\r\n");
  EXPECT_EQ(Ask("POST", "/test/v1/books/7:lend", headers, body).status, 200);
  std::string bomb(20u << 20, ' ');
  Gzip(&bomb);
  ASSERT_LT(bomb.size(), 200'000u);
  EXPECT_EQ(Ask("POST", "/test/v1/books/7:lend", headers, bomb).status, 413);
  EXPECT_EQ(Ask("POST", "/test/v1/books/7:lend", headers, "no gzip").status, 400);
  EXPECT_EQ(Ask("POST", "/test/v1/books/7:lend", headers, body.substr(0, body.size() - 9)).status, 400);
}

TEST_F(Front, CountsByTemplateAndStatus) {
  Ask("GET", "/test/v1/books/1");
  Ask("GET", "/test/v1/books/2");
  Ask("GET", "/secret-path");
  const std::string text = prometheus::TextSerializer().Serialize(registry->Collect());
  EXPECT_THAT(
      text,
      HasSubstr(
          "gateway_http_requests_total{method=\"GET\",route=\"/test/v1/books/{id}\",status=\"200\"} 2"));
  EXPECT_THAT(text, HasSubstr("route=\"none\",status=\"404\"} 1"));
  EXPECT_THAT(text, Not(HasSubstr("secret-path")));
}

class Grpc : public GatewayFixture {
 protected:
  rpc::Answer Call(const std::string& method,
                   const rpc::Client::Metadata& metadata = {{"authorization", "Bearer good-a"}}) {
    rpc::Client caller({absl::StrCat("127.0.0.1:", grpc_server->port(0)), 1});
    return caller.CallAndWait("/lianqiao.gatewaytest.v1.BookService/" + method, "\x0a\x01x", metadata,
                              absl::Now() + absl::Seconds(5));
  }
};

TEST_F(Grpc, PassesBytesThroughAfterTheSameChecks) {
  EXPECT_EQ(Call("GetBook").bytes, "\x0a\x01x");
  EXPECT_EQ(Received("authorization"), "Bearer good-a");
  EXPECT_EQ(Call("CountBooks").bytes, "\x0a\x01x");
  EXPECT_EQ(Call("GetBook", {}).status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_TRUE(Call("GetFeaturedBook", {}).status.ok());
  EXPECT_EQ(Call("Nothing").status.code(), absl::StatusCode::kUnimplemented);
}

TEST_F(Grpc, PassesDetailsThroughUnchanged) {
  backend = [](std::shared_ptr<const rpc::CallContext>, std::string, const rpc::Done& done) {
    done(base::FailIfAny({base::Refuse("title", base::ErrorReason::FIELD_REQUIRED)}));
  };
  const rpc::Answer answer = Call("GetBook");
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(answer.error_details, HasSubstr("FIELD_REQUIRED"));
}

TEST_F(Grpc, TellsServicesWhatItsOwnProxySaw) {
  EXPECT_TRUE(Call("GetBook", {{"authorization", "Bearer good-a"},
                               {rpc::kCallerAddress, "6.6.6.6"},
                               {"x-forwarded-for", "1.2.3.4"},
                               {"x-forwarded-for", "5.6.7.8"}})
                  .status.ok());
  EXPECT_EQ(Received(rpc::kCallerAddress), "5.6.7.8") << "the last one is the proxy's";
  EXPECT_TRUE(Call("GetBook").status.ok());
  EXPECT_EQ(Received(rpc::kCallerAddress), "127.0.0.1");
}

TEST_F(Grpc, ACallThatItsClientGivesUpIsCancelledUpstream) {
  std::mutex mutex;
  rpc::Done held;
  backend = [&](const std::shared_ptr<const rpc::CallContext>&, const std::string&, rpc::Done done) {
    const std::lock_guard lock(mutex);
    held = std::move(done);
  };
  const auto is_held = [&] {
    const std::lock_guard lock(mutex);
    return held != nullptr;
  };
  rpc::Client caller({absl::StrCat("127.0.0.1:", grpc_server->port(0)), 1});
  std::promise<void> ended;
  const auto cancel =
      caller.Call("/lianqiao.gatewaytest.v1.BookService/GetBook", "", {{"authorization", "Bearer good-a"}},
                  absl::Now() + absl::Seconds(30), [&](const rpc::Answer&) { ended.set_value(); });
  for (int i = 0; i < 500 && !is_held(); ++i) absl::SleepFor(absl::Milliseconds(10));
  ASSERT_TRUE(is_held());
  EXPECT_EQ(guard->running(), 1);
  cancel();
  ended.get_future().wait();
  for (int i = 0; i < 500 && guard->running() > 0; ++i) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_EQ(guard->running(), 0) << "long before the backend answers";
  held(rpc::Reply());
}

TEST_F(Grpc, HasTheSameLimits) {
  guard_options.client = {1, 1, 0};
  Start();
  EXPECT_TRUE(Call("GetBook").status.ok());
  EXPECT_EQ(Call("GetBook").status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Ask("GET", "/test/v1/books/1").status, 429);
}

TEST(Compression, ReadsAcceptEncoding) {
  for (const char* yes : {"gzip", "br, gzip", "GZIP;q=0.1", "*", "br;q=1.0, *;q=0.5"})
    EXPECT_TRUE(AcceptsGzip(yes)) << yes;
  for (const char* no : {"", "br", "gzip;q=0", "identity", "*;q=0", "gzip;q=x"})
    EXPECT_FALSE(AcceptsGzip(no)) << no;
}

}  // namespace
}  // namespace lianqiao::gateway
