// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/transcode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "services/gateway/error.h"
#include "services/gateway/testdata/books.pb.h"
#include "services/gateway/wire.h"

namespace lianqiao::gateway {
namespace {

using ::testing::HasSubstr;

struct Input {
  std::string method;
  std::string target;
  std::string body = {};
  std::string if_match = {};
  std::string idempotency_key = {};
};

class Transcoding : public ::testing::Test {
 protected:
  void SetUp() override {
    gatewaytest::v1::Book::default_instance();
    Catalogue::Options options;
    options.upstreams = {{"lianqiao.gatewaytest.v1", "unix:/tmp/books"}};
    catalogue_ = Catalogue::Load(options).value();
    table_ = RouteTable::Build(*catalogue_).value();
  }

  absl::Status Convert(const Input& input, std::string* wire) {
    const size_t mark = input.target.find('?');
    const std::string path = input.target.substr(0, mark);
    const Match match = table_->Find(input.method, path);
    if (match.route == nullptr) return absl::NotFoundError(input.target);
    RequestParts parts;
    if (mark != std::string::npos) parts.query = std::string_view(input.target).substr(mark + 1);
    parts.body = &input.body;
    parts.if_match = input.if_match;
    parts.idempotency_key = input.idempotency_key;
    std::vector<base::Violation> violations;
    absl::Status status = ToRequest(*table_, match, parts, wire, &violations);
    return status.ok() ? base::FailIfAny(violations) : status;
  }

  // The request as protobuf's text, or the error.
  template <typename Message>
  std::string Request(const Input& input) {
    std::string wire;
    const absl::Status status = Convert(input, &wire);
    if (!status.ok()) return std::string(status.message());
    Message message;
    EXPECT_TRUE(message.ParseFromString(wire));
    return message.ShortDebugString();
  }

  // The error as the client sees it, compared with tests/golden/gateway/<name>.json.
  void ExpectError(const std::string& name, const Input& input) {
    std::string wire;
    const absl::Status status = Convert(input, &wire);
    ASSERT_FALSE(status.ok()) << name;
    HttpResponse response;
    RenderError(status, 0, base::Language::kEnglish, "request-1", &response);
    const std::string path = absl::StrCat("tests/golden/gateway/", name, ".json");
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << response.body << "\n";
    std::stringstream golden;
    golden << std::ifstream(path).rdbuf();
    EXPECT_EQ(response.body + "\n", golden.str()) << path << "; UPDATE_GOLDEN=1 rewrites it";
    EXPECT_EQ(response.status, 400);
  }

  std::unique_ptr<Catalogue> catalogue_;
  std::unique_ptr<RouteTable> table_;
};

using gatewaytest::v1::Book;
using gatewaytest::v1::CreateBookRequest;
using gatewaytest::v1::DeleteBookRequest;
using gatewaytest::v1::GetBookRequest;
using gatewaytest::v1::GetFileRequest;
using gatewaytest::v1::ListBooksRequest;
using gatewaytest::v1::UpdateBookRequest;

TEST_F(Transcoding, PathValuesAreDecodedIntoTheirFields) {
  EXPECT_EQ(Request<GetBookRequest>({"GET", "/test/v1/books/a%20%E4%B8%AD%2F"}),
            "id: \"a \\344\\270\\255/\"");
  EXPECT_EQ(Request<GetFileRequest>({"GET", "/test/v1/files/a%2Fb/c%20d"}), "name: \"files/a%2Fb/c d\"");
  EXPECT_EQ(Request<ListBooksRequest>({"GET", "/test/v1/floors/-2/shelves/A/books"}),
            "shelf_id: \"A\" floor: -2");
}

TEST_F(Transcoding, QueryTakesScalarsOfEveryKind) {
  EXPECT_EQ(
      Request<ListBooksRequest>({"GET",
                                 "/test/v1/books?pageSize=5&filter=a+%3D+%22b%22&small=4294967295&large="
                                 "18446744073709551615&signedValue=-9&ratio=-1.5e3&fixedValue=7&token=aGk"}),
      "page_size: 5 filter: \"a = \\\"b\\\"\" small: 4294967295 large: 18446744073709551615 signed_value: -9 "
      "ratio: -1500 fixed_value: 7 token: \"hi\"");
}

TEST_F(Transcoding, QueryTakesBothSpellingsOfAName) {
  EXPECT_EQ(Request<ListBooksRequest>({"GET", "/test/v1/books?page_size=5"}), "page_size: 5");
  EXPECT_EQ(Request<ListBooksRequest>({"GET", "/test/v1/books?pageSize=5"}), "page_size: 5");
}

TEST_F(Transcoding, QueryTakesRepeatedNestedAndMapFields) {
  EXPECT_EQ(Request<ListBooksRequest>({"GET", "/test/v1/books?ids=a&ids=b&bindings=BINDING_HARD&bindings=2"}),
            "ids: \"a\" ids: \"b\" bindings: BINDING_HARD bindings: BINDING_SOFT");
  EXPECT_EQ(Request<ListBooksRequest>({"GET", "/test/v1/books?author.name=x&author.teacher.born=1900"}),
            "author { name: \"x\" teacher { born: 1900 } }");
  EXPECT_EQ(Request<ListBooksRequest>({"GET", "/test/v1/books?counts%5Ba.b%5D=3"}),
            "counts { key: \"a.b\" value: 3 }");
}

TEST_F(Transcoding, QueryTakesMessagesThatJsonWritesAsOneValue) {
  EXPECT_EQ(
      Request<GetBookRequest>({"GET", "/test/v1/books/1?readTime=2024-01-31T08:00:00Z&showDeleted=true"}),
      "id: \"1\" read_time { seconds: 1706688000 } show_deleted: true");
  EXPECT_EQ(
      Request<GetBookRequest>({"GET", "/test/v1/books/1?readMask=title,createTime,create_time,author.name"}),
      "id: \"1\" read_mask { paths: \"title\" paths: \"create_time\" paths: \"create_time\" paths: "
      "\"author.name\" }");
  EXPECT_EQ(Request<ListBooksRequest>({"GET", "/test/v1/books?wait=1.5s&maximum=12&flag=false"}),
            "wait { seconds: 1 nanos: 500000000 } maximum { value: 12 } flag { }");
}

TEST_F(Transcoding, BodyFillsItsFieldOrTheRequest) {
  EXPECT_EQ(
      Request<CreateBookRequest>({"POST", "/test/v1/books?validateOnly=true", R"({"title":"中","pages":3})"}),
      "book { title: \"\\344\\270\\255\" pages: 3 } validate_only: true");
  EXPECT_EQ(Request<DeleteBookRequest>({"POST", "/test/v1/books/7:lend", R"({"etag":"x"})"}),
            "id: \"7\" etag: \"x\"");
  EXPECT_EQ(Request<DeleteBookRequest>({"POST", "/test/v1/books/7:lend"}), "id: \"7\"");
}

TEST_F(Transcoding, PatchFillsTheMaskFromTheKeysThatAreThere) {
  EXPECT_EQ(Request<UpdateBookRequest>(
                {"PATCH", "/test/v1/books/7", R"({"title":"a","pages":null,"author":{"name":"b"}})"}),
            "book { id: \"7\" title: \"a\" author { name: \"b\" } } update_mask { paths: \"title\" paths: "
            "\"pages\" paths: \"author\" }");
  EXPECT_EQ(Request<UpdateBookRequest>({"PATCH", "/test/v1/books/7?updateMask=tags", R"({"title":"a"})"}),
            "book { id: \"7\" title: \"a\" } update_mask { paths: \"tags\" }");
}

TEST_F(Transcoding, ARecordThatWasReadCanBeSentBackWhole) {
  EXPECT_EQ(Request<UpdateBookRequest>(
                {"PATCH", "/test/v1/books/7", R"({"id":"7","revision":"3","etag":"e3","title":"a"})"}),
            "book { id: \"7\" revision: 3 etag: \"e3\" title: \"a\" } update_mask { paths: \"title\" }");
  EXPECT_THAT(Request<UpdateBookRequest>({"PATCH", "/test/v1/books/7", R"({"revision":"3"})"}),
              HasSubstr("paths: \"revision\""));
}

TEST_F(Transcoding, HeadersFillEtagAndRequestId) {
  EXPECT_EQ(Request<DeleteBookRequest>({"DELETE", "/test/v1/books/7", "", "\"e3\"", "key-1"}),
            "id: \"7\" etag: \"\\\"e3\\\"\" request_id: \"key-1\"");
  EXPECT_EQ(
      Request<UpdateBookRequest>({"PATCH", "/test/v1/books/7", R"({"title":"a"})", "\"e3\"", "\"key-1\""}),
      "book { id: \"7\" etag: \"\\\"e3\\\"\" title: \"a\" } update_mask { paths: \"title\" } request_id: "
      "\"key-1\"");
  EXPECT_EQ(Request<DeleteBookRequest>({"DELETE", "/test/v1/books/7?requestId=k", "", "*", "k"}),
            "id: \"7\" request_id: \"k\"");
  EXPECT_EQ(Request<GetBookRequest>({"GET", "/test/v1/books/7", "", "\"e3\"", "key-1"}), "id: \"7\"");
}

TEST_F(Transcoding, RefusesUnknownParametersByName) {
  ExpectError("unknown_parameter",
              {"GET", "/test/v1/books?page=1&author.nam=x&author=x&ids.x=1&authors=1&=1&ids[1]=x&counts=1"});
  ExpectError("parameter_beside_whole_body", {"POST", "/test/v1/books/7:lend?requestId=x", "{}"});
  ExpectError("parameter_of_body_field", {"POST", "/test/v1/books?book.title=x", "{}"});
  ExpectError("parameter_of_path_field", {"GET", "/test/v1/books/7?id=8"});
}

TEST_F(Transcoding, RefusesDuplicateAndConflictingParameters) {
  ExpectError("duplicate_parameter",
              {"GET", "/test/v1/books?pageSize=1&page_size=2&counts[a]=1&counts[a]=2"});
  ExpectError("conflicting_parameters", {"GET", "/test/v1/books?personId=1&schoolId=2"});
}

TEST_F(Transcoding, NamesEveryBadValueAtOnce) {
  ExpectError(
      "bad_parameter_values",
      {"GET",
       "/test/v1/"
       "books?pageSize=x&small=-1&large=18446744073709551616&ratio=much&fixedValue=1.5&bindings=HARD&"
       "bindings=9&wait=long&maximum=x&flag=yes&token=***&counts[a]=x&filter=%FF&ids=%zz&signedValue="});
  ExpectError("bad_read_values", {"GET", "/test/v1/books/1?readTime=yesterday&showDeleted=1&readMask=a%20b"});
  ExpectError("bad_path_value", {"GET", "/test/v1/floors/ground/shelves/%FF/books"});
}

TEST_F(Transcoding, NamesEveryViolationOfABody) {
  ExpectError("bad_body",
              {"POST", "/test/v1/books?nothing=1",
               R"({"titel":"x","pages":"many","title":1,"title":"y","labels":[],"binding":"HARD",)"
               R"("author":{"born":4294967296,"x":1},"personId":"a","schoolId":"b",)"
               R"("cover":"*","createTime":"now"})"});
  ExpectError("body_is_no_object", {"POST", "/test/v1/books", "[]"});
  ExpectError("body_is_no_json", {"POST", "/test/v1/books", "{\"title\":"});
  ExpectError("body_after_json", {"POST", "/test/v1/books", "{} {}"});
}

TEST_F(Transcoding, RefusesABodyWhereNoneBelongs) {
  ExpectError("unexpected_body", {"GET", "/test/v1/books/7", "{}"});
}

TEST_F(Transcoding, RefusesHeadersThatContradict) {
  ExpectError("path_against_body", {"PATCH", "/test/v1/books/7", R"({"id":"8","title":"a"})"});
  ExpectError("if_match_against_body", {"PATCH", "/test/v1/books/7", R"({"etag":"a","title":"a"})", "\"b\""});
  ExpectError("bad_if_match", {"DELETE", "/test/v1/books/7", "", "W/\"b\""});
  ExpectError("idempotency_key_against_parameter", {"DELETE", "/test/v1/books/7?requestId=a", "", "", "b"});
  ExpectError("several_etags", {"DELETE", "/test/v1/books/7", "", "\"a\", \"b\""});
}

TEST_F(Transcoding, DepthOfABodyIsLimited) {
  std::string body = "{\"title\":\"a\",\"author\":";
  for (int i = 0; i < 40; ++i) body += "{\"teacher\":";
  body += "{}";
  for (int i = 0; i < 40; ++i) body += "}";
  ExpectError("too_deep", {"POST", "/test/v1/books", body + "}"});
}

class Answering : public Transcoding {
 protected:
  std::string Response(const std::string& method, const std::string& path,
                       const google::protobuf::Message& message) {
    const Match match = table_->Find(method, path);
    std::string json;
    EXPECT_TRUE(ToResponse(*match.route, message.SerializeAsString(), &json, &etag_).ok());
    return json;
  }
  std::string etag_;
};

TEST_F(Answering, WritesJsonAndTheEtag) {
  Book book;
  book.set_id("7");
  book.set_revision(3);
  book.set_etag("\"e3\"");
  book.set_binding(gatewaytest::v1::BINDING_HARD);
  EXPECT_EQ(Response("GET", "/test/v1/books/7", book),
            R"({"id":"7","revision":"3","etag":"\"e3\"","binding":"BINDING_HARD"})");
  EXPECT_EQ(etag_, "\"e3\"");
}

TEST_F(Answering, ResponseBodyIsOneField) {
  Book book;
  book.set_id("7");
  EXPECT_EQ(Response("GET", "/test/v1/books/7/author", book), "{}");
  book.mutable_author()->set_name("x");
  EXPECT_EQ(Response("GET", "/test/v1/books/7/author", book), R"({"name":"x"})");
  gatewaytest::v1::ListBooksResponse books;
  books.set_next_page_token("t");
  EXPECT_EQ(Response("GET", "/test/v1/books:titles", books), "[]");
  books.add_books()->set_title("a");
  books.add_books()->set_title("b");
  EXPECT_EQ(Response("GET", "/test/v1/books:titles", books), R"([{"title":"a"},{"title":"b"}])");
}

TEST_F(Answering, MalformedBytesAreAnInternalError) {
  const Match match = table_->Find("GET", "/test/v1/books/7");
  std::string json;
  std::string etag;
  EXPECT_FALSE(ToResponse(*match.route, "\x0a\xff", &json, &etag).ok());
  EXPECT_FALSE(
      ToResponse(*table_->Find("GET", "/test/v1/books/7/author").route, "\x0a\xff", &json, &etag).ok());
}

TEST(Etags, AreComparedWeakly) {
  EXPECT_TRUE(NamesEtag("\"a\"", "\"a\""));
  EXPECT_TRUE(NamesEtag("\"b\", W/\"a\"", "\"a\""));
  EXPECT_TRUE(NamesEtag("*", "\"a\""));
  EXPECT_FALSE(NamesEtag("\"b\"", "\"a\""));
  EXPECT_FALSE(NamesEtag("", "\"a\""));
}

TEST(Wire, FindsTheLastTextOfAPath) {
  UpdateBookRequest request;
  request.mutable_book()->set_etag("first");
  std::string wire = request.SerializeAsString();
  const auto* book = UpdateBookRequest::descriptor()->FindFieldByName("book");
  const FieldPath path = {book, Book::descriptor()->FindFieldByName("etag")};
  std::string field;
  AppendPart(path[1]->number(), "second", &field);
  AppendNested(path, field, &wire);
  std::string_view text;
  ASSERT_TRUE(FindText(wire, path, &text));
  EXPECT_EQ(text, "second");
  ASSERT_TRUE(request.ParseFromString(wire));
  EXPECT_EQ(request.book().etag(), "second");
}

}  // namespace
}  // namespace lianqiao::gateway
