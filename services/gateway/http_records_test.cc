// SPDX-License-Identifier: Apache-2.0
// Streams through the HTTP front, with a backend over gRPC: NDJSON, server-sent events, files and uploads.
#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <future>
#include <mutex>
#include <sstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/gateway/compression.h"
#include "services/gateway/testdata/books.pb.h"
#include "services/gateway/testdata/gateway_fixture.h"

namespace lianqiao::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
namespace pb = gatewaytest::v1;

bool WaitFor(const std::function<bool()>& condition) {
  for (int i = 0; i < 800 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return condition();
}

using Stream = std::shared_ptr<rpc::ServerStream>;

constexpr char kWatch[] = "/test/v1/books:watch";
constexpr char kEvents[] = "Accept: text/event-stream\r\n";

pb::WatchBooksResponse Batch(const std::vector<std::string>& titles, const std::string& cursor) {
  pb::WatchBooksResponse batch;
  for (const std::string& title : titles) batch.add_books()->set_title(title);
  batch.set_cursor(cursor);
  return batch;
}

class HttpRecords : public GatewayFixture {
 protected:
  // Reads the request, then sends these messages and ends like this.
  template <typename Message>
  void AnswerWith(std::vector<Message> messages, absl::Status status = absl::OkStatus(),
                  std::map<std::string, std::string> metadata = {}) {
    std::vector<std::string> wires;
    for (const Message& message : messages) wires.push_back(message.SerializeAsString());
    backend_stream = [this, wires, status, metadata](auto, const Stream& stream) {
      for (const auto& [name, value] : metadata) stream->AddMetadata(name, value);
      stream->OnCancel([this] { cancelled = true; });
      stream->Read([this, stream, wires, status](std::optional<std::string> request) {
        received = request.value_or("");
        Send(stream, wires, 0, status);
      });
    };
  }
  void Send(const Stream& stream, const std::vector<std::string>& wires, size_t at,
            const absl::Status& status) {
    if (at == wires.size()) {
      // UNKNOWN: stays open.
      if (status.code() != absl::StatusCode::kUnknown) return stream->Finish(status);
      const std::lock_guard lock(mutex);
      held.push_back(stream);
      return;
    }
    stream->Write(wires[at], [this, stream, wires, at, status](bool ok) {
      if (ok) Send(stream, wires, at + 1, status);
    });
  }
  static absl::Status StaysOpen() { return absl::UnknownError(""); }
  void TearDown() override {
    {
      const std::lock_guard lock(mutex);
      for (const Stream& stream : held) stream->Finish(absl::OkStatus());
      held.clear();
    }
    GatewayFixture::TearDown();
  }
  template <typename Message>
  Message Request() {
    Message message;
    EXPECT_TRUE(message.ParseFromString(received));
    return message;
  }
  std::vector<std::string> LinesOf(const std::string& text) { return absl::StrSplit(text, '\n'); }

  // Takes an upload: keeps the options and the content, then answers with its size.
  void TakeUpload() {
    backend_stream = [this](auto, const Stream& stream) {
      stream->OnCancel([this] { cancelled = true; });
      TakeNext(stream);
    };
  }
  void TakeNext(const Stream& stream) {
    stream->Read([this, stream](std::optional<std::string> message) {
      if (!message.has_value()) {
        pb::Book book;
        book.set_pages(static_cast<int>(content.size()));
        return stream->Write(book.SerializeAsString(), [stream](bool) { stream->Finish(absl::OkStatus()); });
      }
      pb::ImportBooksRequest part;
      ASSERT_TRUE(part.ParseFromString(*message));
      if (part.has_options()) {
        options = part.options();
      } else {
        EXPECT_LE(part.chunk().content().size(), 256u << 10);
        if (content.empty()) first_offset = part.chunk().offset();
        EXPECT_EQ(part.chunk().offset(), first_offset + static_cast<int64_t>(content.size()));
        content += part.chunk().content();
        ++chunks;
      }
      TakeNext(stream);
    });
  }
  std::string UploadHeaders(const std::string& more = "") {
    return absl::StrCat(kToken, "Content-Type: application/x-ndjson\r\n", more);
  }

  std::string received;
  std::atomic<bool> cancelled{false};
  std::mutex mutex;
  std::vector<Stream> held;  // They stay open.
  pb::ImportBooksOptions options;
  std::string content;
  int64_t first_offset = -1;
  std::atomic<int> chunks{0};
};

TEST_F(HttpRecords, LinesHoldRecordsThenTheirBatchThenTheEnd) {
  pb::WatchBooksResponse second = Batch({"c\n"}, "c2");
  second.set_caught_up(true);
  AnswerWith<pb::WatchBooksResponse>({Batch({"a", "b"}, "c1"), Batch({}, "c1b"), second});
  const Socket::Answer answer = Ask("GET", absl::StrCat(kWatch, "?cursor=c0&filter=x"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-type"), "application/x-ndjson; charset=utf-8");
  EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
  EXPECT_EQ(answer.headers.at("x-accel-buffering"), "no");
  EXPECT_EQ(answer.headers.count("x-request-id"), 1u);
  EXPECT_EQ(answer.headers.count("ratelimit"), 1u);
  EXPECT_TRUE(answer.whole);
  EXPECT_THAT(LinesOf(answer.body),
              ElementsAre(R"({"title":"a"})", R"({"title":"b"})", R"({"batch":{"cursor":"c1"}})",
                          R"({"batch":{"cursor":"c1b"}})", R"({"title":"c\n"})",
                          R"({"batch":{"cursor":"c2","caughtUp":true}})", R"({"end":{"cursor":"c2"}})", ""));
  EXPECT_EQ(Request<pb::WatchBooksRequest>().cursor(), "c0");
  EXPECT_EQ(Request<pb::WatchBooksRequest>().filter(), "x");
  EXPECT_EQ(guard->streams(), 0);
}

TEST_F(HttpRecords, MessagesWithoutAListAreTheLines) {
  pb::Author first;
  first.set_name("a");
  AnswerWith<pb::Author>({first, first});
  EXPECT_THAT(LinesOf(Ask("GET", "/test/v1/books/7/pages", "").body),
              ElementsAre(R"({"name":"a"})", R"({"name":"a"})", R"({"end":{}})", ""));
  const Socket::Answer events = Ask("GET", "/test/v1/books/7/pages", kEvents);
  EXPECT_THAT(events.body, HasSubstr("event: message\ndata: {\"name\":\"a\"}\n\n"));
}

TEST_F(HttpRecords, EventsHaveAnIdOnTheLastOfABatch) {
  pb::WatchBooksResponse empty = Batch({}, "c2");
  empty.set_caught_up(true);
  AnswerWith<pb::WatchBooksResponse>({Batch({"a", "b"}, "c1"), empty});
  const Socket::Answer answer = Ask("GET", kWatch, absl::StrCat(kToken, kEvents));
  EXPECT_EQ(answer.headers.at("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_EQ(answer.body,
            "retry: 3000\n\n"
            "event: book\ndata: {\"title\":\"a\"}\n\n"
            "event: book\nid: c1\ndata: {\"title\":\"b\"}\n\n"
            ": heartbeat\nevent: batch\nid: c2\ndata: {\"cursor\":\"c2\",\"caughtUp\":true}\n\n"
            "event: end\ndata: {\"cursor\":\"c2\"}\n\n");
}

TEST_F(HttpRecords, EventsTellWhoIsMissing) {
  pb::WatchBooksResponse degraded = Batch({}, "c1");
  degraded.add_incomplete_services("registry");
  AnswerWith<pb::WatchBooksResponse>({degraded, degraded, Batch({"a"}, "c2")});
  const std::string body = Ask("GET", kWatch, absl::StrCat(kToken, kEvents)).body;
  const std::string told = "event: degraded\ndata: {\"incompleteServices\":[\"registry\"]}\n\n";
  const size_t first = body.find(told);
  ASSERT_NE(first, std::string::npos) << body;
  EXPECT_EQ(body.find(told, first + 1), std::string::npos) << "once";
  EXPECT_THAT(body, HasSubstr("event: recovered\ndata: {}\n\nevent: book\nid: c2\n"));
}

TEST_F(HttpRecords, LastEventIdWinsOverTheQuery) {
  AnswerWith<pb::WatchBooksResponse>({});
  Ask("GET", absl::StrCat(kWatch, "?cursor=old"), absl::StrCat(kToken, kEvents, "Last-Event-ID: new\r\n"));
  EXPECT_EQ(Request<pb::WatchBooksRequest>().cursor(), "new");
  Ask("GET", "/test/v1/books/7/pages", absl::StrCat(kEvents, "Last-Event-ID: new\r\n"));
  EXPECT_EQ(Request<pb::GetBookRequest>().id(), "7") << "nothing there to go on from";
}

TEST_F(HttpRecords, AListIsWatchedByWhoAsksForAStream) {
  AnswerWith<pb::WatchBooksResponse>({Batch({"a"}, "c1")});
  const std::string accept = absl::StrCat(kToken, "Accept: application/x-ndjson\r\n");
  const Socket::Answer lines = Ask("GET", "/test/v1/books?cursor=c0", accept);
  EXPECT_THAT(lines.body, StartsWith("{\"title\":\"a\"}\n{\"batch\":"));
  EXPECT_EQ(lines.headers.at("vary"), "Accept");
  EXPECT_EQ(Request<pb::WatchBooksRequest>().cursor(), "c0");
  EXPECT_THAT(Ask("GET", "/test/v1/books", absl::StrCat(kToken, kEvents)).body, StartsWith("retry: "));
  const Socket::Answer unknown = Ask("GET", "/test/v1/books?pageSize=1", accept);
  EXPECT_EQ(unknown.status, 400);
  EXPECT_THAT(unknown.body, HasSubstr("PARAMETER_UNKNOWN"));
  const Socket::Answer json =
      Ask("GET", "/test/v1/books?pageSize=1",
          absl::StrCat(kToken, "Accept: application/json, text/event-stream;q=0.5\r\n"));
  EXPECT_EQ(json.headers.at("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(json.headers.at("vary"), "Accept");
}

TEST_F(HttpRecords, ARequestInABodyStreamsToo) {
  AnswerWith<pb::WatchBooksResponse>({Batch({"a"}, "c1")});
  const Socket::Answer answer = Ask("POST", kWatch, kToken, R"({"cursor":"c0"})");
  EXPECT_THAT(answer.body, StartsWith("{\"title\":\"a\"}\n"));
  EXPECT_EQ(Request<pb::WatchBooksRequest>().cursor(), "c0");
}

TEST_F(HttpRecords, AnErrorBeforeTheFirstMessageIsAnErrorLikeAnyOther) {
  AnswerWith<pb::WatchBooksResponse>(
      {}, base::Fail(absl::StatusCode::kOutOfRange, base::ErrorReason::CURSOR_EXPIRED));
  for (const std::string& headers : {std::string(kToken), absl::StrCat(kToken, kEvents)}) {
    const Socket::Answer answer = Ask("GET", kWatch, headers);
    EXPECT_EQ(answer.status, 410);
    EXPECT_EQ(answer.headers.at("content-type"), "application/json; charset=utf-8");
    EXPECT_THAT(answer.body, HasSubstr("CURSOR_EXPIRED"));
    EXPECT_THAT(answer.body, HasSubstr("\"code\":410,\"status\":\"OUT_OF_RANGE\""));
  }
  AnswerWith<pb::WatchBooksResponse>(
      {}, base::Fail(absl::StatusCode::kFailedPrecondition, base::ErrorReason::CURSOR_DIVERGED));
  EXPECT_EQ(Ask("GET", kWatch).status, 409);
  EXPECT_EQ(Ask("GET", absl::StrCat(kWatch, "?nothing=1")).status, 400);
  EXPECT_EQ(Ask("GET", kWatch, "").status, 401);
  EXPECT_EQ(guard->streams(), 0);
}

TEST_F(HttpRecords, AnErrorInTheMiddleIsARecord) {
  AnswerWith<pb::WatchBooksResponse>({Batch({"a"}, "c1")}, base::Fail(absl::StatusCode::kUnauthenticated,
                                                                      base::ErrorReason::UNAUTHENTICATED));
  const Socket::Answer lines = Ask("GET", kWatch, absl::StrCat(kToken, "Accept-Language: en\r\n"));
  EXPECT_EQ(lines.status, 200);
  EXPECT_TRUE(lines.whole);
  const std::vector<std::string> all = LinesOf(lines.body);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_THAT(all[2], StartsWith(R"({"error":{"code":401,"status":"UNAUTHENTICATED")"));
  EXPECT_THAT(lines.body, Not(HasSubstr("\"end\"")));
  const Socket::Answer events = Ask("GET", kWatch, absl::StrCat(kToken, kEvents));
  EXPECT_THAT(events.body, HasSubstr("event: error\ndata: {\"error\":{\"code\":401"));
  EXPECT_THAT(events.body, Not(HasSubstr("event: end")));
}

TEST_F(HttpRecords, ASilentStreamBeats) {
  front_options.heartbeat = absl::Milliseconds(300);
  Start();
  AnswerWith<pb::WatchBooksResponse>({}, StaysOpen());
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Text("GET", kWatch, absl::StrCat(kToken, kEvents))));
  EXPECT_EQ(socket.ReadHead().status, 200);
  EXPECT_EQ(socket.ReadChunk(), "retry: 3000\n\n: heartbeat\n\n");
  EXPECT_EQ(socket.ReadChunk(), ": heartbeat\n\n");
  EXPECT_EQ(guard->streams(), 1);
  EXPECT_EQ(guard->running(), 0);
}

TEST_F(HttpRecords, ChangesComeAtOnce) {
  AnswerWith<pb::WatchBooksResponse>({Batch({"a"}, "c1")}, StaysOpen());
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Text("GET", kWatch, kToken)));
  EXPECT_EQ(socket.ReadHead().status, 200);
  EXPECT_EQ(socket.ReadChunk(), "{\"title\":\"a\"}\n{\"batch\":{\"cursor\":\"c1\"}}\n");
  ASSERT_TRUE(WaitFor([&] {
    const std::lock_guard lock(mutex);
    return !held.empty();
  }));
  held[0]->Write(Batch({"b"}, "c2").SerializeAsString(), [](bool) {});
  EXPECT_EQ(socket.ReadChunk(), "{\"title\":\"b\"}\n{\"batch\":{\"cursor\":\"c2\"}}\n");
}

TEST_F(HttpRecords, AClientThatGoesCancelsItsStream) {
  AnswerWith<pb::WatchBooksResponse>({Batch({"a"}, "c1")}, StaysOpen());
  {
    Socket socket(server->port());
    ASSERT_TRUE(socket.Send(Text("GET", kWatch, kToken)));
    EXPECT_EQ(socket.ReadHead().status, 200);
    EXPECT_EQ(guard->streams(), 1);
  }
  EXPECT_TRUE(WaitFor([&] { return cancelled.load(); }));
  EXPECT_TRUE(WaitFor([&] { return guard->streams() == 0; }));
}

TEST_F(HttpRecords, ADrainEndsStreamsWithARecordThatIsNoEnd) {
  AnswerWith<pb::WatchBooksResponse>({Batch({"a"}, "c1")}, StaysOpen());
  Socket lines(server->port());
  ASSERT_TRUE(lines.Send(Text("GET", kWatch, kToken)));
  EXPECT_EQ(lines.ReadHead().status, 200);
  EXPECT_THAT(lines.ReadChunk(), HasSubstr("\"cursor\":\"c1\""));
  server->Drain(absl::Seconds(5));
  EXPECT_THAT(lines.ReadChunk(), StartsWith(R"({"error":{"code":503,"status":"UNAVAILABLE")"));
  EXPECT_EQ(lines.ReadChunk(), "");
  EXPECT_TRUE(WaitFor([&] { return cancelled.load(); }));
}

TEST_F(HttpRecords, AClientHasSoManyStreams) {
  guard_options.client.streams = 2;
  Start();
  AnswerWith<pb::WatchBooksResponse>({Batch({"a"}, "c1")}, StaysOpen());
  std::vector<std::unique_ptr<Socket>> sockets;
  for (int i = 0; i < 2; ++i) {
    sockets.push_back(std::make_unique<Socket>(server->port()));
    ASSERT_TRUE(sockets.back()->Send(Text("GET", kWatch, kToken)));
    EXPECT_EQ(sockets.back()->ReadHead().status, 200);
  }
  const Socket::Answer refused = Ask("GET", kWatch);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.at("retry-after"), "5");
  EXPECT_EQ(Ask("GET", "/test/v1/books/1").status, 200) << "calls go on";
  sockets.clear();
  EXPECT_TRUE(WaitFor([&] { return guard->streams() == 0; }));
}

TEST_F(HttpRecords, AReaderThatDoesNotReadIsCutOffAndHoldsTheServiceBack) {
  http_options.stream_write_limit = absl::Milliseconds(500);
  Start();
  std::atomic<int> sent{0};
  const std::string wire =
      Batch(std::vector<std::string>(100, std::string(10'000, 'x')), "c").SerializeAsString();
  std::function<void(const Stream&)> flood = [&](const Stream& stream) {
    stream->Write(wire, [&, stream](bool ok) {
      if (!ok) {
        cancelled = true;
        return;
      }
      ++sent;
      flood(stream);
    });
  };
  backend_stream = [&](auto, const Stream& stream) { flood(stream); };
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Text("GET", kWatch, kToken)));
  EXPECT_EQ(socket.ReadHead().status, 200);
  EXPECT_TRUE(WaitFor([&] { return cancelled.load(); }));
  EXPECT_LT(sent, 40) << "what sockets and transport take, not more";
  EXPECT_TRUE(WaitFor([&] { return guard->streams() == 0; }));
}

// 3 MB that become 18 MB of JSON: more than the sockets take.
pb::WatchBooksResponse LargeBatch(const std::string& cursor) {
  return Batch(std::vector<std::string>(300, std::string(10'000, '\x01')), cursor);
}

TEST_F(HttpRecords, AReaderThatTricklesIsCutOff) {
  http_options.stream_write_limit = absl::Seconds(1);
  http_options.stream_bytes_per_second_min = int64_t{1} << 30;
  Start();
  AnswerWith<pb::WatchBooksResponse>({LargeBatch("c1")}, StaysOpen());
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Text("GET", kWatch, kToken)));
  EXPECT_EQ(socket.ReadHead().status, 200);
  bool whole = false;
  for (std::string chunk; !whole && !(chunk = socket.ReadChunk()).empty();) {
    whole = chunk.find("{\"batch\":") != std::string::npos;
    if (!cancelled) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_FALSE(whole);
  EXPECT_TRUE(WaitFor([&] { return cancelled.load(); }));
  EXPECT_TRUE(WaitFor([&] { return guard->streams() == 0; }));
}

TEST_F(HttpRecords, AReaderThatIsSlowButSteadyGetsALargeMessage) {
  http_options.stream_write_limit = absl::Seconds(1);
  http_options.stream_bytes_per_second_min = int64_t{1} << 20;
  Start();
  AnswerWith<pb::WatchBooksResponse>({LargeBatch("c1")}, absl::OkStatus());
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Text("GET", kWatch, kToken)));
  EXPECT_EQ(socket.ReadHead().status, 200);
  const absl::Time start = absl::Now();
  bool whole = false;
  for (std::string chunk; !whole && !(chunk = socket.ReadChunk()).empty();) {
    whole = chunk.find("{\"batch\":") != std::string::npos;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(whole);
  EXPECT_GT(absl::Now() - start, absl::Milliseconds(1500)) << "longer than a message has";
}

TEST_F(HttpRecords, WhatFollowsAnErrorOfTheServiceIsNotSent) {
  const absl::Status revoked =
      base::Fail(absl::StatusCode::kUnauthenticated, base::ErrorReason::UNAUTHENTICATED);
  AnswerWith<pb::WatchBooksResponse>({LargeBatch("c1"), LargeBatch("c2")}, revoked);
  for (const bool events : {false, true}) {
    Socket socket(server->port());
    ASSERT_TRUE(socket.Send(Text("GET", kWatch, events ? absl::StrCat(kToken, kEvents) : kToken)));
    EXPECT_EQ(socket.ReadHead().status, 200);
    const std::string first = events ? "id: c1\n" : R"({"batch":{"cursor":"c1"}})";
    const std::string second = events ? "id: c2\n" : R"({"batch":{"cursor":"c2"}})";
    std::string body;
    for (std::string chunk; !(chunk = socket.ReadChunk()).empty();) {
      body += chunk;
      // Meanwhile the gateway takes the second message, and with it learns of the end.
      if (chunk.find(first) != std::string::npos) std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
    EXPECT_TRUE(body.find(first) != std::string::npos) << events;
    EXPECT_TRUE(body.find(second) == std::string::npos) << events;
    std::vector<std::string> parts = absl::StrSplit(body, events ? "\n\n" : "\n");
    EXPECT_LT(parts.size(), 600u) << events;
    ASSERT_GT(parts.size(), 300u) << events;
    EXPECT_EQ(parts.back(), "") << events;
    parts.pop_back();
    EXPECT_THAT(parts.back(), HasSubstr(R"({"error":{"code":401,"status":"UNAUTHENTICATED")")) << events;
    parts.pop_back();
    for (const std::string& part : parts) {
      const bool whole = part == "retry: 3000" || absl::EndsWith(part, "}");
      EXPECT_TRUE(whole) << events << ": " << part.substr(0, 40);
    }
  }
}

TEST_F(HttpRecords, AHundredThousandRecordsComeWhole) {
  std::vector<pb::WatchBooksResponse> batches;
  for (int i = 0; i < 20; ++i)
    batches.push_back(Batch(std::vector<std::string>(5000, "title"), absl::StrCat("c", i)));
  AnswerWith<pb::WatchBooksResponse>(batches);
  const Socket::Answer answer = Ask("GET", kWatch);
  EXPECT_TRUE(answer.whole);
  const std::vector<std::string> all = LinesOf(answer.body);
  EXPECT_EQ(all.size(), 20u * 5001 + 2);
  EXPECT_EQ(all[all.size() - 2], R"({"end":{"cursor":"c19"}})");
}

TEST_F(HttpRecords, ABrokenMessageIsAnErrorOfOurs) {
  pb::WatchBooksResponse bad = Batch({"a"}, "c1");
  bad.mutable_books(0)->mutable_create_time()->set_seconds(int64_t{1} << 60);
  AnswerWith<pb::WatchBooksResponse>({Batch({"ok"}, "c0"), bad}, StaysOpen());
  const Socket::Answer answer = Ask("GET", kWatch);
  EXPECT_THAT(answer.body, StartsWith("{\"title\":\"ok\"}\n"));
  EXPECT_THAT(answer.body, HasSubstr("{\"error\":{\"code\":500"));
  EXPECT_TRUE(answer.whole);
}

TEST_F(HttpRecords, HeadOfAStreamIsItsHeader) {
  AnswerWith<pb::WatchBooksResponse>({Batch({"a"}, "c1")}, StaysOpen());
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Text("HEAD", kWatch, kToken) + Text("GET", "/test/v1/books/2", kToken)));
  const Socket::Answer head = socket.Read(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-type"), "application/x-ndjson; charset=utf-8");
  EXPECT_EQ(socket.Read().body, "{\"id\":\"2\"}");
  EXPECT_TRUE(WaitFor([&] { return cancelled.load(); }));
}

pb::ReadBookFileResponse Piece(const std::string& bytes, const std::string& type = "") {
  pb::ReadBookFileResponse piece;
  piece.set_content(bytes);
  piece.set_content_type(type);
  return piece;
}

constexpr char kFile[] = "/test/v1/books/7/all.ndjson.gz:file";

TEST_F(HttpRecords, AFileIsSentAsItIs) {
  const std::string large(200'000, '\0');
  AnswerWith<pb::ReadBookFileResponse>({Piece("abc"), Piece(large)}, absl::OkStatus(),
                                       {{"lianqiao-etag", "e1"}, {"lianqiao-size", "200003"}});
  const Socket::Answer answer = Ask("GET", kFile);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "abc" + large);
  EXPECT_EQ(answer.headers.at("content-length"), "200003");
  EXPECT_EQ(answer.headers.at("content-type"), "application/gzip");
  EXPECT_EQ(answer.headers.at("content-disposition"), "attachment; filename=\"all.ndjson.gz\"");
  EXPECT_EQ(answer.headers.at("etag"), "\"e1\"");
  EXPECT_EQ(answer.headers.at("accept-ranges"), "bytes");
  EXPECT_EQ(answer.headers.at("cache-control"), "private, no-cache");
  EXPECT_EQ(Request<pb::ReadBookFileRequest>().name(), "all.ndjson.gz");
  AnswerWith<pb::ReadBookFileResponse>({Piece("a", "text/csv"), Piece("b")});
  const Socket::Answer csv = Ask("GET", "/test/v1/books/7/all:file");
  EXPECT_EQ(csv.body, "ab");
  EXPECT_EQ(csv.headers.at("content-type"), "text/csv");
  EXPECT_THAT(csv.headers.at("content-disposition"), HasSubstr("attachment; filename=\"all.csv\""));
  EXPECT_EQ(csv.headers.at("transfer-encoding"), "chunked");
  AnswerWith<pb::ReadBookFileResponse>({});
  EXPECT_EQ(Ask("GET", kFile).body, "") << "an empty file";
}

TEST_F(HttpRecords, AFileThatTheClientHasIs304) {
  AnswerWith<pb::ReadBookFileResponse>({Piece("abc")}, StaysOpen(), {{"lianqiao-etag", "e1"}});
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Text("GET", kFile, absl::StrCat(kToken, "If-None-Match: \"e0\", \"e1\"\r\n"))));
  const Socket::Answer answer = socket.Read();
  EXPECT_EQ(answer.status, 304);
  EXPECT_EQ(answer.headers.at("etag"), "\"e1\"");
  EXPECT_TRUE(WaitFor([&] { return cancelled.load(); }));
  EXPECT_TRUE(WaitFor([&] { return guard->streams() == 0; }));
  ASSERT_TRUE(socket.Send(Text("GET", "/test/v1/books/2", kToken)));
  EXPECT_EQ(socket.Read().status, 200) << "the connection goes on";
}

TEST_F(HttpRecords, ARangeGoesOnFromItsOffset) {
  AnswerWith<pb::ReadBookFileResponse>({Piece("defghi")}, absl::OkStatus(),
                                       {{"lianqiao-etag", "e1"}, {"lianqiao-size", "9"}});
  const Socket::Answer answer = Ask("GET", kFile, absl::StrCat(kToken, "Range: bytes=3-\r\n"));
  EXPECT_EQ(answer.status, 206);
  EXPECT_EQ(answer.headers.at("content-range"), "bytes 3-8/9");
  EXPECT_EQ(answer.headers.at("content-length"), "6");
  EXPECT_EQ(answer.body, "defghi");
  EXPECT_EQ(Request<pb::ReadBookFileRequest>().offset(), 3);
  EXPECT_EQ(Ask("GET", kFile, absl::StrCat(kToken, "Range: bytes=9-\r\n")).status, 416);
  AnswerWith<pb::ReadBookFileResponse>(
      {}, base::Fail(absl::StatusCode::kOutOfRange, base::ErrorReason::RANGE_BEHIND_END, {{"size", "9"}}));
  const Socket::Answer behind = Ask("GET", kFile, absl::StrCat(kToken, "Range: bytes=10-\r\n"));
  EXPECT_EQ(behind.status, 416);
  EXPECT_EQ(behind.headers.at("content-range"), "bytes */9");
  for (const char* other : {"bytes=-3", "bytes=2-1", "bytes=1-,4-", "bytes=1-2,4-5", "bytes=a-2", "lines=1-",
                            "bytes=", "bytes", "bytes=1", "bytes=0-99999999999999999999"}) {
    AnswerWith<pb::ReadBookFileResponse>({Piece("abc")});
    EXPECT_EQ(Ask("GET", kFile, absl::StrCat(kToken, "Range: ", other, "\r\n")).status, 200) << other;
    EXPECT_EQ(Request<pb::ReadBookFileRequest>().offset(), 0) << other;
  }
}

TEST_F(HttpRecords, ARangeMayEndBeforeTheFile) {
  const std::map<std::string, std::string> size = {{"lianqiao-size", "9"}};
  AnswerWith<pb::ReadBookFileResponse>({Piece("bc")}, absl::OkStatus(), size);
  const Socket::Answer answer = Ask("GET", kFile, absl::StrCat(kToken, "Range: bytes=1-2\r\n"));
  EXPECT_EQ(answer.status, 206);
  EXPECT_EQ(answer.headers.at("content-range"), "bytes 1-2/9");
  EXPECT_EQ(answer.headers.at("content-length"), "2");
  EXPECT_EQ(answer.body, "bc");
  EXPECT_EQ(Request<pb::ReadBookFileRequest>().offset(), 1);
  EXPECT_EQ(Request<pb::ReadBookFileRequest>().length(), 2);
  AnswerWith<pb::ReadBookFileResponse>({Piece("a")}, absl::OkStatus(), size);  // As players ask at first.
  EXPECT_EQ(Ask("GET", kFile, absl::StrCat(kToken, "Range: bytes=0-0\r\n")).headers.at("content-length"),
            "1");
  AnswerWith<pb::ReadBookFileResponse>({Piece("hi")}, absl::OkStatus(), size);
  const Socket::Answer beyond = Ask("GET", kFile, absl::StrCat(kToken, "Range: bytes=7-100\r\n"));
  EXPECT_EQ(beyond.headers.at("content-range"), "bytes 7-8/9");
  EXPECT_EQ(beyond.headers.at("content-length"), "2");
}

TEST_F(HttpRecords, OnlyARangeOfAGetSaysWhereAFileBeginsAndEnds) {
  AnswerWith<pb::ReadBookFileResponse>({Piece("abcdefghi")}, absl::OkStatus(), {{"lianqiao-size", "9"}});
  for (const char* parameter : {"?offset=3", "?length=2"}) {
    const Socket::Answer answer = Ask("GET", absl::StrCat(kFile, parameter));
    EXPECT_EQ(answer.status, 400) << "the length of the answer would be another than it says";
    EXPECT_THAT(answer.body, HasSubstr("PARAMETER_UNKNOWN")) << parameter;
  }
  const Socket::Answer head = Ask("HEAD", kFile, absl::StrCat(kToken, "Range: bytes=3-4\r\n"));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "9");
}

TEST_F(HttpRecords, AFileHasTheNameThatItsServiceGivesIt) {
  AnswerWith<pb::ReadBookFileResponse>({Piece("abc", "application/pdf")}, absl::OkStatus(),
                                       {{"lianqiao-name", "%e6%95%99%e6%a1%88%201.pdf"}});
  EXPECT_EQ(Ask("GET", kFile).headers.at("content-disposition"),
            "attachment; filename=\"_______1.pdf\"; filename*=UTF-8''%e6%95%99%e6%a1%88%201.pdf");
  AnswerWith<pb::ReadBookFileResponse>({Piece("abc")}, absl::OkStatus(), {{"lianqiao-name", "a\"; b"}});
  EXPECT_EQ(Ask("GET", kFile).headers.at("content-disposition"), "attachment; filename=\"all.ndjson.gz\"");
}

TEST_F(HttpRecords, AFileThatBreaksOffIsSeenToBeShort) {
  AnswerWith<pb::ReadBookFileResponse>({Piece("abc")}, absl::UnavailableError("away"),
                                       {{"lianqiao-size", "9"}});
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(Text("GET", kFile, kToken)));
  EXPECT_EQ(socket.Read().body, "abc");
  EXPECT_TRUE(socket.ClosedByServer());
  AnswerWith<pb::ReadBookFileResponse>({Piece("abc")}, absl::UnavailableError("away"));
  EXPECT_FALSE(Ask("GET", kFile).whole);
  AnswerWith<pb::ReadBookFileResponse>(
      {}, base::Fail(absl::StatusCode::kNotFound, base::ErrorReason::RESOURCE_NOT_FOUND));
  EXPECT_EQ(Ask("GET", kFile).status, 404);
}

TEST_F(HttpRecords, AnUploadGoesThrough) {
  TakeUpload();
  std::string body;
  for (int i = 0; i < 300'000; ++i) absl::StrAppend(&body, i, "\n");
  const Socket::Answer answer =
      Ask("POST", "/test/v1/books:import?shelf=s1", UploadHeaders("Idempotency-Key: r1\r\n"), body);
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body, absl::StrCat("{\"pages\":", body.size(), "}"));
  EXPECT_EQ(content, body);
  EXPECT_EQ(first_offset, 0);
  EXPECT_EQ(options.format(), pb::ImportBooksOptions::FORMAT_NDJSON);
  EXPECT_EQ(options.shelf(), "s1");
  EXPECT_EQ(options.request_id(), "r1");
  EXPECT_FALSE(options.gzip());
  EXPECT_TRUE(WaitFor([&] { return guard->streams() == 0; }));
  EXPECT_FALSE(cancelled);
}

TEST_F(HttpRecords, AnUploadMayBePackedOrOfAnotherFormatOrEmpty) {
  TakeUpload();
  std::string packed = "id,title\n";
  Gzip(&packed);
  const std::string csv =
      absl::StrCat(kToken, "Content-Type: Text/CSV; charset=utf-8\r\nContent-Encoding: gzip\r\n");
  EXPECT_EQ(Ask("POST", "/test/v1/books:import", csv, packed).status, 200);
  EXPECT_EQ(content, packed) << "not unpacked";
  EXPECT_EQ(options.format(), pb::ImportBooksOptions::FORMAT_CSV);
  EXPECT_TRUE(options.gzip());
  content.clear();
  chunks = 0;
  EXPECT_EQ(Ask("POST", "/test/v1/books:import", UploadHeaders()).status, 200);
  EXPECT_EQ(chunks, 0);
}

TEST_F(HttpRecords, AnUploadGoesOnFromItsOffset) {
  TakeUpload();
  EXPECT_EQ(Ask("POST", "/test/v1/books:import?offset=1000&shelf=s", UploadHeaders(), "abc").status, 200);
  EXPECT_EQ(first_offset, 1000);
  EXPECT_EQ(options.shelf(), "s");
  content.clear();
  const std::string range = UploadHeaders("Content-Range: bytes 77-*/*\r\n");
  EXPECT_EQ(Ask("POST", "/test/v1/books:import", range, "abc").status, 200);
  EXPECT_EQ(first_offset, 77);
}

TEST_F(HttpRecords, WhatIsWrongWithAnUploadIsSaidBeforeItIsRead) {
  std::atomic<bool> opened{false};
  backend_stream = [&](auto, const Stream&) { opened = true; };
  const auto status = [&](const std::string& target, const std::string& headers,
                          std::string* body = nullptr) {
    Socket socket(server->port());
    EXPECT_TRUE(socket.Send(Text("POST", target, absl::StrCat(headers, "Content-Length: 1000000000\r\n"))));
    const Socket::Answer answer = socket.Read();
    EXPECT_EQ(answer.headers.at("connection"), "close");
    if (body != nullptr) *body = answer.body;
    return answer.status;
  };
  const std::string target = "/test/v1/books:import";
  std::string body;
  EXPECT_EQ(status(target, absl::StrCat(kToken, "Content-Type: text/plain\r\n"), &body), 415);
  EXPECT_THAT(body, HasSubstr("text/csv"));
  EXPECT_THAT(body, HasSubstr("application/x-ndjson"));
  EXPECT_EQ(status(target, kToken), 415);
  EXPECT_EQ(status(target, UploadHeaders("Content-Encoding: br\r\n"), &body), 415);
  EXPECT_THAT(body, HasSubstr("gzip"));
  EXPECT_EQ(status(target, "Content-Type: text/csv\r\n"), 401);
  EXPECT_EQ(status(absl::StrCat(target, "?nothing=1&offset=x"), UploadHeaders(), &body), 400);
  EXPECT_THAT(body, HasSubstr("\"nothing\""));
  EXPECT_THAT(body, HasSubstr("\"offset\""));
  EXPECT_EQ(status(absl::StrCat(target, "?format=FORMAT_CSV"), UploadHeaders(), &body), 400);
  EXPECT_THAT(body, HasSubstr("FIELD_CONFLICT"));
  EXPECT_EQ(status(absl::StrCat(target, "?offset=1"), UploadHeaders("Content-Range: bytes 2-3/4\r\n")), 400);
  EXPECT_EQ(status(target, UploadHeaders("Content-Range: lines 2\r\n")), 400);
  EXPECT_FALSE(opened);
}

TEST_F(HttpRecords, AServiceThatRefusesAnUploadIsHeardAtOnce) {
  backend_stream = [](auto, const Stream& stream) {
    stream->Read([stream](std::optional<std::string>) {
      stream->Finish(base::FailIfAny({base::Refuse("options.kind", base::ErrorReason::FIELD_REQUIRED)}));
    });
  };
  Socket socket(server->port());
  ASSERT_TRUE(socket.Send(
      Text("POST", "/test/v1/books:import", UploadHeaders("Content-Length: 1000000000\r\n")) + "abc"));
  const Socket::Answer answer = socket.Read();
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("FIELD_REQUIRED"));
  EXPECT_THAT(answer.body, HasSubstr("\"field\":\"kind\"")) << "options are parameters over HTTP";
  EXPECT_THAT(answer.body, Not(HasSubstr("options.")));
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(WaitFor([&] { return guard->streams() == 0; }));
}

TEST_F(HttpRecords, AClientThatGoesInTheMiddleOfAnUploadCancelsIt) {
  TakeUpload();
  {
    Socket socket(server->port());
    ASSERT_TRUE(socket.Send(Text("POST", "/test/v1/books:import", UploadHeaders("Content-Length: 1000\r\n")) +
                            "abc"));
    ASSERT_TRUE(WaitFor([&] { return chunks == 1; }));
  }
  EXPECT_TRUE(WaitFor([&] { return cancelled.load(); }));
  EXPECT_TRUE(WaitFor([&] { return guard->streams() == 0; }));
}

TEST_F(HttpRecords, AnUploadIsNotReadFasterThanTheServiceTakesIt) {
  std::promise<Stream> opened;
  backend_stream = [&](auto, const Stream& stream) { opened.set_value(stream); };
  Socket socket(server->port());
  ASSERT_TRUE(
      socket.Send(Text("POST", "/test/v1/books:import", UploadHeaders("Content-Length: 200000000\r\n"))));
  const Stream stream = opened.get_future().get();
  std::atomic<int> sent{0};
  std::thread sender([&] {
    const std::string piece(1 << 20, 'x');
    while (sent < 200 && socket.Send(piece)) ++sent;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(1000));
  EXPECT_LT(sent, 40);
  stream->Finish(base::Fail(absl::StatusCode::kUnavailable, base::ErrorReason::OVERLOADED));
  EXPECT_EQ(socket.Read().status, 503);
  sender.join();
}

// curl speaks TLS for us; Debian's base of this project has it.
TEST_F(HttpRecords, GoOverTlsToo) {
  const std::string base = absl::StrCat(::testing::TempDir(), "stream.", getpid());
  const auto shell = [](const std::string& command) { return std::system(command.c_str()); };
  ASSERT_EQ(shell(absl::StrCat("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
                               "-subj /CN=a -keyout ",
                               base, ".key -out ", base, ".crt 2>/dev/null && seq 1 100000 > ", base, ".in")),
            0);
  http_options.tls_certificate = base + ".crt";
  http_options.tls_key = base + ".key";
  Start();
  const auto curl = [&](const std::string& arguments) {
    shell(absl::StrCat("curl -sk -H 'Authorization: Bearer good-a' ", arguments,
                       " https://127.0.0.1:", server->port(),
                       "/test/v1/books:", arguments.empty() ? "watch" : "import", " > ", base, ".out"));
    std::stringstream text;
    text << std::ifstream(base + ".out").rdbuf();
    return text.str();
  };
  AnswerWith<pb::WatchBooksResponse>(
      std::vector<pb::WatchBooksResponse>(50, Batch(std::vector<std::string>(100, "title"), "c1")));
  const std::vector<std::string> lines = LinesOf(curl(""));
  EXPECT_EQ(lines.size(), 50u * 101 + 2);
  EXPECT_EQ(lines[lines.size() - 2], R"({"end":{"cursor":"c1"}})");
  TakeUpload();
  const std::string answer =
      curl(absl::StrCat("-H 'Content-Type: text/csv' -H 'Expect: 100-continue' -T ", base, ".in -X POST"));
  EXPECT_EQ(answer, "{\"pages\":588895}");
  EXPECT_THAT(content, StartsWith("1\n2\n"));
  for (const char* end : {".key", ".crt", ".in", ".out"}) std::remove((base + end).c_str());
}

TEST_F(HttpRecords, StreamsAreCounted) {
  AnswerWith<pb::WatchBooksResponse>({Batch({"a"}, "c1")});
  const size_t bytes = Ask("GET", kWatch).body.size();
  const auto value = [&](const std::string& name) {
    for (const auto& family : registry->Collect()) {
      if (family.name == name) {
        for (const auto& metric : family.metric) {
          if (metric.label.front().value == "down") return metric.counter.value;
        }
      }
    }
    return -1.0;
  };
  EXPECT_EQ(value("gateway_stream_messages_total"), 1);
  EXPECT_EQ(value("gateway_stream_bytes_total"), static_cast<double>(bytes));
}

}  // namespace
}  // namespace lianqiao::gateway
