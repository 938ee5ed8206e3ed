// SPDX-License-Identifier: Apache-2.0
// The documents that the gateway makes, and its own endpoints.
#include "services/gateway/openapi.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <functional>
#include <set>

#include "services/gateway/platform_endpoints.h"
#include "services/gateway/testdata/books.pb.h"
#include "services/gateway/testdata/gateway_fixture.h"
#include "services/gateway/token_form.h"
#include "services/gateway/vocabulary.h"

namespace lianqiao::gateway {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;

Struct Parse(const std::string& json) {
  Struct document;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &document);
  EXPECT_TRUE(status.ok()) << status.message() << "\n" << json.substr(0, 500);
  return document;
}

const Value& At(const Value& value, const std::vector<std::string>& path) {
  const Value* at = &value;
  for (const std::string& name : path) {
    const auto& fields = at->struct_value().fields();
    if (fields.count(name) == 0) {
      ADD_FAILURE() << "no " << name;
      return *at;
    }
    at = &fields.at(name);
  }
  return *at;
}

class OpenApi : public ::testing::Test {
 protected:
  void SetUp() override {
    gatewaytest::v1::Book::default_instance();
    Catalogue::Options options;
    options.upstreams = {{"lianqiao.gatewaytest.v1", "unix:/tmp/books"}};
    catalogue_ = Catalogue::Load(options).value();
    routes_ = RouteTable::Build(*catalogue_).value();
    Comments comments;
    google::protobuf::FileDescriptorSet set;
    google::protobuf::FileDescriptorProto* file = set.add_file();
    gatewaytest::v1::Book::descriptor()->file()->CopyTo(file);
    auto* location = file->mutable_source_code_info()->add_location();
    for (const int step : {6, 0, 2, 0}) location->add_path(step);
    location->set_leading_comments(" One book.\n Errors: NOT_FOUND, ABORTED.\n");
    comments.Add(set.SerializeAsString());
    text_ = OpenApiJson(*routes_, comments, {"1.2.3", true});
    *document_.mutable_struct_value() = Parse(text_);
  }
  const Value& Operation(const std::string& path, const std::string& method) {
    return At(document_, {"paths", path, method});
  }
  // Of an operation's parameters.
  static std::vector<std::string> Names(const Value& operation) {
    std::vector<std::string> names;
    for (const Value& parameter : At(operation, {"parameters"}).list_value().values()) {
      const auto& members = parameter.struct_value().fields();
      if (members.count("name") > 0) names.push_back(members.at("name").string_value());
    }
    return names;
  }

  std::unique_ptr<Catalogue> catalogue_;
  std::unique_ptr<RouteTable> routes_;
  std::string text_;
  Value document_;
};

TEST_F(OpenApi, HasEveryRouteOnce) {
  std::multiset<std::string> operations;
  for (const auto& [path, item] : At(document_, {"paths"}).struct_value().fields()) {
    for (const auto& [method, operation] : item.struct_value().fields()) {
      operations.insert(At(operation, {"operationId"}).string_value());
    }
  }
  EXPECT_EQ(operations.size(), routes_->routes().size() + 5);
  EXPECT_EQ(operations.size(), std::set<std::string>(operations.begin(), operations.end()).size());
}

TEST_F(OpenApi, RoutesOfOneShapeShareAPath) {
  const auto& item = At(document_, {"paths", "/test/v1/books/{id}"}).struct_value().fields();
  for (const char* method : {"get", "patch", "delete"}) EXPECT_EQ(item.count(method), 1u) << method;
}

TEST_F(OpenApi, EveryReferenceResolves) {
  std::function<void(const Value&)> visit = [&](const Value& value) {
    for (const Value& element : value.list_value().values()) visit(element);
    for (const auto& [name, member] : value.struct_value().fields()) {
      if (name != "$ref") {
        visit(member);
        continue;
      }
      const std::string target = member.string_value();
      ASSERT_EQ(target.rfind("#/components/", 0), 0u);
      const size_t slash = target.rfind('/');
      At(document_, {"components", target.substr(13, slash - 13), target.substr(slash + 1)});
    }
  };
  visit(document_);
}

TEST_F(OpenApi, EveryPathVariableIsAParameter) {
  for (const auto& [path, item] : At(document_, {"paths"}).struct_value().fields()) {
    for (const auto& [method, operation] : item.struct_value().fields()) {
      std::set<std::string> names;
      const auto& fields = operation.struct_value().fields();
      if (fields.count("parameters") == 0) continue;
      for (const Value& parameter : fields.at("parameters").list_value().values()) {
        const auto& members = parameter.struct_value().fields();
        if (members.count("in") > 0 && members.at("in").string_value() == "path")
          names.insert(members.at("name").string_value());
      }
      size_t count = 0;
      for (size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1), ++count) {
        EXPECT_EQ(names.count(path.substr(at + 1, path.find('}', at) - at - 1)), 1u) << method << " " << path;
      }
      EXPECT_EQ(names.size(), count) << method << " " << path;
    }
  }
}

TEST_F(OpenApi, DescribesFieldsByTheirContract) {
  const Value& book = At(document_, {"components", "schemas", "gatewaytest.v1.Book"});
  const Value& input = At(document_, {"components", "schemas", "gatewaytest.v1.Book.Input"});
  EXPECT_EQ(At(input, {"required"}).list_value().values(0).string_value(), "title");
  EXPECT_THAT(book.struct_value().fields(), Not(Contains(Key("required")))) << "a read mask leaves it out";
  EXPECT_TRUE(At(book, {"properties", "id", "readOnly"}).bool_value());
  EXPECT_EQ(At(book, {"properties", "id", "format"}).string_value(), "uuid");
  EXPECT_EQ(At(book, {"properties", "revision", "type"}).string_value(), "string");
  EXPECT_EQ(At(book, {"properties", "publishedOn", "format"}).string_value(), "date");
  EXPECT_EQ(At(book, {"properties", "createTime", "format"}).string_value(), "date-time");
  EXPECT_EQ(At(book, {"properties", "title", "maxLength"}).number_value(), 100);
  EXPECT_EQ(At(book, {"properties", "pages", "maximum"}).number_value(), 10000);
  EXPECT_THAT(At(book, {"properties", "pages", "description"}).string_value(),
              HasSubstr("页数 / pages. Unit: pages."));
  EXPECT_THAT(At(book, {"properties", "personId", "description"}).string_value(),
              HasSubstr("Not together with schoolId"));
  EXPECT_THAT(At(document_, {"components", "schemas", "gatewaytest.v1.Book.Patch"}).struct_value().fields(),
              Not(Contains(Key("required"))));
  const Value& patch = At(document_, {"components", "schemas", "gatewaytest.v1.Book.Patch", "properties"});
  EXPECT_EQ(At(patch, {"title", "type"}).string_value(), "string") << "what is required cannot be cleared";
  const auto& pages = At(patch, {"pages", "anyOf"}).list_value().values();
  ASSERT_EQ(pages.size(), 2);
  EXPECT_EQ(At(pages[0], {"type"}).string_value(), "integer");
  EXPECT_EQ(At(pages[1], {"type"}).string_value(), "null");
  const Value& binding = At(document_, {"components", "schemas", "gatewaytest.v1.Binding"});
  EXPECT_THAT(At(binding, {"description"}).string_value(), HasSubstr("`BINDING_HARD` 精装 / hard cover"));
}

TEST_F(OpenApi, UsesTheCommentAndItsErrors) {
  const Value& get = At(document_, {"paths", "/test/v1/books/{id}", "get"});
  EXPECT_EQ(At(get, {"summary"}).string_value(), "One book.");
  EXPECT_THAT(At(get, {"responses"}).struct_value().fields(), Contains(Key("409")));
  EXPECT_THAT(At(get, {"responses"}).struct_value().fields(), Contains(Key("401")));
  EXPECT_THAT(At(get, {"responses"}).struct_value().fields(), Contains(Key("304")));
  const Value& featured = At(document_, {"paths", "/test/v1/books/featured", "get"});
  EXPECT_EQ(At(featured, {"security"}).list_value().values_size(), 0);
  EXPECT_EQ(At(featured, {"summary"}).string_value(), "Get featured book");
}

TEST_F(OpenApi, VocabularyHasEveryCodeWithBothLabels) {
  Value vocabulary;
  *vocabulary.mutable_struct_value() = Parse(VocabularyJson(*catalogue_));
  const Value& list = At(vocabulary, {"enums"}).list_value().values(0);
  EXPECT_EQ(At(list, {"name"}).string_value(), "lianqiao.gatewaytest.v1.Binding");
  EXPECT_EQ(At(list, {"zh"}).string_value(), "装订");
  ASSERT_EQ(At(list, {"values"}).list_value().values_size(), 2);
  EXPECT_EQ(At(At(list, {"values"}).list_value().values(0), {"code"}).string_value(), "BINDING_HARD");
  EXPECT_EQ(At(At(list, {"values"}).list_value().values(0), {"zh"}).string_value(), "精装");
}

TEST_F(OpenApi, DescribesStreams) {
  const Value& watch = Operation("/test/v1/books:watch", "get");
  const Value& content = At(watch, {"responses", "200", "content"});
  EXPECT_THAT(content.struct_value().fields(), Not(Contains(Key("application/json"))));
  const Value& line = At(content, {"application/x-ndjson", "schema", "anyOf"});
  ASSERT_EQ(line.list_value().values_size(), 4);
  EXPECT_EQ(At(line.list_value().values(0), {"$ref"}).string_value(),
            "#/components/schemas/gatewaytest.v1.Book");
  At(line.list_value().values(2), {"properties", "end", "properties", "cursor"});
  EXPECT_THAT(At(content, {"text/event-stream", "schema", "description"}).string_value(),
              HasSubstr("`book`"));
  EXPECT_THAT(Names(watch), Contains("Last-Event-ID"));
  const Value& list = At(Operation("/test/v1/books", "get"), {"responses", "200", "content"});
  EXPECT_THAT(list.struct_value().fields(), Contains(Key("application/json")));
  EXPECT_THAT(list.struct_value().fields(), Contains(Key("text/event-stream")));

  const Value& file = Operation("/test/v1/books/{id}/{name}:file", "get");
  EXPECT_EQ(At(file, {"responses", "200", "content", "application/octet-stream", "schema", "format"})
                .string_value(),
            "binary");
  At(file, {"responses", "206"});
  At(file, {"responses", "304"});
  EXPECT_THAT(Names(file), Contains("Range"));

  const Value& upload = Operation("/test/v1/books:import", "post");
  const auto& types = At(upload, {"requestBody", "content"}).struct_value().fields();
  EXPECT_THAT(types, Contains(Key("application/x-ndjson")));
  EXPECT_THAT(types, Contains(Key("text/csv")));
  EXPECT_THAT(types, Not(Contains(Key("application/json"))));
  EXPECT_THAT(Names(upload), Contains("shelf"));
  EXPECT_THAT(Names(upload), Contains("offset"));
}

class Platform : public GatewayFixture {};

TEST_F(Platform, HealthAndReadiness) {
  AddHealth({{"books", client.get()}}, &endpoints);
  EXPECT_EQ(Ask("GET", "/healthz", "").body, R"({"status":"SERVING"})");
  Ask("GET", "/test/v1/books/1");
  const Socket::Answer ready = Ask("GET", "/readyz", "");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.body, R"({"ready":true,"upstreams":[{"name":"books","ready":true}]})");
  backend_server->Drain(absl::ZeroDuration());
  backend_server.reset();
  Socket::Answer away;
  for (int i = 0; i < 100 && away.status != 503; ++i) {
    absl::SleepFor(absl::Milliseconds(20));
    away = Ask("GET", "/readyz", "");
  }
  EXPECT_EQ(away.status, 503);
}

TEST_F(Platform, MetricsAreForThisMachineOnly) {
  AddMetrics([] { return std::string("gateway_up 1\n"); }, &endpoints);
  EXPECT_EQ(Ask("GET", "/metrics", "").body, "gateway_up 1\n");
  const Socket::Answer outside = Ask("GET", "/metrics", "X-Forwarded-For: 1.2.3.4\r\n");
  EXPECT_EQ(outside.status, 404);
  EXPECT_THAT(outside.body, HasSubstr("ROUTE_NOT_FOUND"));
}

TEST_F(Platform, DocumentsHaveAnEtagAndTheRightMethods) {
  endpoints.AddDocument("/openapi.json", "application/json", "{}");
  AddDocs("", &endpoints);
  const Socket::Answer document = Ask("GET", "/openapi.json", "");
  EXPECT_EQ(document.body, "{}");
  EXPECT_EQ(Ask("GET", "/openapi.json", "If-None-Match: " + document.headers.at("etag") + "\r\n").status,
            304);
  EXPECT_EQ(Ask("HEAD", "/openapi.json", "").headers.at("content-length"), "2");
  const Socket::Answer post = Ask("POST", "/openapi.json", "");
  EXPECT_EQ(post.status, 405);
  EXPECT_EQ(post.headers.at("allow"), "GET, HEAD, OPTIONS");
  EXPECT_THAT(Ask("GET", "/docs", "").body, HasSubstr("openapi.json"));
  EXPECT_EQ(Ask("GET", "/docs/../main.cc", "").status, 404);
}

TokenForm Form(const std::string& body, const std::string& authorization = "",
               const std::string& type = "application/x-www-form-urlencoded") {
  HttpRequest request;
  request.body = body;
  request.headers[static_cast<size_t>(Header::kContentType)] = type;
  request.headers[static_cast<size_t>(Header::kAuthorization)] = authorization;
  return ParseTokenForm(request);
}

TEST(TokenForms, TakeCredentialsFromTheFormOrFromBasic) {
  const TokenForm form = Form("grant_type=client_credentials&client_id=a%20b&client_secret=s%2B+1");
  EXPECT_EQ(form.error, "");
  EXPECT_EQ(form.client_id, "a b");
  EXPECT_EQ(form.client_secret, "s+ 1");
  const TokenForm basic = Form("grant_type=client_credentials", "Basic YTpiOmM=");
  EXPECT_EQ(basic.error, "");
  EXPECT_EQ(basic.client_id, "a");
  EXPECT_EQ(basic.client_secret, "b:c");
}

TEST(TokenForms, AreRefusedInTheWordsOfTheStandard) {
  EXPECT_EQ(Form("grant_type=password&client_id=a&client_secret=b").error, "unsupported_grant_type");
  EXPECT_EQ(Form("client_id=a&client_secret=b").error, "invalid_request");
  EXPECT_EQ(Form("grant_type=client_credentials&grant_type=client_credentials").error, "invalid_request");
  EXPECT_EQ(Form("grant_type=client_credentials").error, "invalid_client");
  EXPECT_EQ(Form("grant_type=client_credentials&client_secret=x", "Basic YTpi").error, "invalid_request");
  EXPECT_EQ(Form("grant_type=client_credentials", "Basic !!").error, "invalid_client");
  EXPECT_EQ(Form("{}", "", "application/json").error, "invalid_request");
  HttpResponse response;
  RenderTokenError("invalid_client", "", &response);
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.body, R"({"error":"invalid_client"})");
}

}  // namespace
}  // namespace lianqiao::gateway
