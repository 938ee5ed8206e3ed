// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/route_table.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/api/annotations.pb.h"
#include "lianqiao/options/v1/options.pb.h"
#include "services/gateway/testdata/books.pb.h"

namespace lianqiao::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kBooks[] = "lianqiao.gatewaytest.v1";

class Books : public ::testing::Test {
 protected:
  void SetUp() override {
    gatewaytest::v1::Book::default_instance();
    Catalogue::Options options;
    options.upstreams = {{kBooks, "unix:/tmp/books"}};
    catalogue_ = Catalogue::Load(options).value();
    table_ = RouteTable::Build(*catalogue_).value();
  }
  std::string Found(std::string_view method, std::string_view path) {
    match_ = table_->Find(method, path);
    if (match_.route == nullptr) return "";
    return match_.route->method->descriptor->name();
  }
  std::unique_ptr<Catalogue> catalogue_;
  std::unique_ptr<RouteTable> table_;
  Match match_;
};

TEST_F(Books, FindsTheMethodOfAPath) {
  EXPECT_EQ(Found("GET", "/test/v1/books/17"), "GetBook");
  EXPECT_THAT(match_.values, ElementsAre("17"));
  EXPECT_EQ(Found("GET", "/test/v1/books"), "ListBooks");
  EXPECT_EQ(Found("POST", "/test/v1/books"), "CreateBook");
  EXPECT_EQ(Found("PATCH", "/test/v1/books/17"), "UpdateBook");
  EXPECT_EQ(Found("DELETE", "/test/v1/books/17"), "DeleteBook");
  EXPECT_EQ(Found("HEAD", "/test/v1/books/17"), "GetBook");
}

TEST_F(Books, ALiteralWinsOverAVariable) {
  EXPECT_EQ(Found("GET", "/test/v1/books/featured"), "GetFeaturedBook");
  EXPECT_EQ(Found("PATCH", "/test/v1/books/featured"), "UpdateBook");
}

TEST_F(Books, ACustomVerbIsTheLastColonIfSomeRouteHasIt) {
  EXPECT_EQ(Found("POST", "/test/v1/books/17:lend"), "LendBook");
  EXPECT_THAT(match_.values, ElementsAre("17"));
  EXPECT_EQ(Found("GET", "/test/v1/books:lookup"), "GetBook");
  EXPECT_THAT(match_.values, IsEmpty());
  EXPECT_EQ(Found("GET", "/test/v1/books/isbn:978"), "GetBook");
  EXPECT_THAT(match_.values, ElementsAre("isbn:978"));
  EXPECT_EQ(Found("GET", "/test/v1/books/17%3Alend"), "GetBook");
  EXPECT_THAT(match_.values, ElementsAre("17%3Alend"));
}

TEST_F(Books, AVariableOfSeveralSegmentsTakesTheRest) {
  EXPECT_EQ(Found("GET", "/test/v1/files/a/b/c"), "GetFile");
  EXPECT_THAT(match_.values, ElementsAre("files/a/b/c"));
  EXPECT_EQ(Found("GET", "/test/v1/files"), "GetFile");
  EXPECT_THAT(match_.values, ElementsAre("files"));
  EXPECT_EQ(Found("GET", "/test/v1/files/a:content"), "GetFile");
  EXPECT_EQ(match_.route->path_template.verb, "content");
}

TEST_F(Books, SeveralVariablesAreCapturedInOrder) {
  EXPECT_EQ(Found("GET", "/test/v1/floors/2/shelves/A%2F7/books"), "ListBooks");
  EXPECT_THAT(match_.values, ElementsAre("2", "A%2F7"));
}

TEST_F(Books, ALiteralMayBePercentEncoded) {
  EXPECT_EQ(Found("GET", "/test/v1/b%6Foks"), "ListBooks");
}

TEST_F(Books, AWrongHttpMethodTellsTheRightOnes) {
  EXPECT_EQ(Found("PUT", "/test/v1/books/17"), "");
  EXPECT_THAT(match_.allowed, UnorderedElementsAre("GET", "PATCH", "DELETE"));
}

TEST_F(Books, AnUnknownPathAllowsNothing) {
  for (const char* path :
       {"/", "", "/test/v1/book", "/test/v1/books/17/18", "/test/v1/books/", "/test//v1/books", "*"}) {
    EXPECT_EQ(Found("GET", path), "") << path;
    EXPECT_THAT(match_.allowed, IsEmpty()) << path;
  }
}

TEST_F(Books, MethodsWithoutARouteAreStillServed) {
  EXPECT_NE(catalogue_->Find("/lianqiao.gatewaytest.v1.BookService/CountBooks"), nullptr);
  EXPECT_EQ(catalogue_->Find("/lianqiao.gatewaytest.v1.BookService/Nothing"), nullptr);
}

TEST_F(Books, OnlyPublicMethodsNeedNoToken) {
  EXPECT_FALSE(catalogue_->Find("/lianqiao.gatewaytest.v1.BookService/GetFeaturedBook")->needs_token);
  EXPECT_TRUE(catalogue_->Find("/lianqiao.gatewaytest.v1.BookService/GetBook")->needs_token);
}

TEST_F(Books, FieldsAreFoundByBothNames) {
  const auto* request = gatewaytest::v1::ListBooksRequest::descriptor();
  EXPECT_EQ(table_->FindField(request, "page_size"), table_->FindField(request, "pageSize"));
  EXPECT_NE(table_->FindField(request, "pageSize"), nullptr);
  EXPECT_EQ(table_->FindField(request, "PageSize"), nullptr);
}

// A service of one method per rule, from a descriptor set file.
class DescriptorSet : public ::testing::Test {
 protected:
  ~DescriptorSet() override { std::remove(path_.c_str()); }

  absl::Status Load(const std::vector<std::string>& rules, bool open = true, bool with_upstream = true) {
    google::protobuf::FileDescriptorSet set;
    google::protobuf::FileDescriptorProto* file = set.add_file();
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        R"pb(
          name: "foreign.proto"
          package: "foreign"
          syntax: "proto3"
          dependency: "google/api/annotations.proto"
          message_type {
            name: "Thing"
            field { name: "id" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL json_name: "id" }
            field { name: "ids" number: 2 type: TYPE_STRING label: LABEL_REPEATED json_name: "ids" }
            field {
              name: "inner"
              number: 3
              type: TYPE_MESSAGE
              type_name: ".foreign.Thing"
              label: LABEL_OPTIONAL
              json_name: "inner"
            }
          }
          service { name: "Things" })pb",
        file));
    for (size_t i = 0; i < rules.size(); ++i) {
      auto* method = file->mutable_service(0)->add_method();
      method->set_name(absl::StrCat("Method", i));
      method->set_input_type(".foreign.Thing");
      method->set_output_type(".foreign.Thing");
      auto* rule = method->mutable_options()->MutableExtension(google::api::http);
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(rules[i], rule)) << rules[i];
    }
    std::ofstream(path_, std::ios::binary) << set.SerializeAsString();
    Catalogue::Options options;
    options.descriptor_sets = {path_};
    if (with_upstream) options.upstreams = {{"foreign.Things", "127.0.0.1:1"}};
    if (open) options.open = {"foreign.Things"};
    auto catalogue = Catalogue::Load(options);
    if (!catalogue.ok()) return catalogue.status();
    catalogue_ = *std::move(catalogue);
    auto table = RouteTable::Build(*catalogue_);
    if (!table.ok()) return table.status();
    table_ = *std::move(table);
    return absl::OkStatus();
  }
  std::string Error(const std::string& rule) { return std::string(Load({rule}).message()); }

  const std::string path_ = absl::StrCat(::testing::TempDir(), "foreign.", getpid(), ".protoset");
  std::unique_ptr<Catalogue> catalogue_;
  std::unique_ptr<RouteTable> table_;
};

TEST_F(DescriptorSet, OfAForeignServiceIsRouted) {
  ASSERT_TRUE(Load({R"(get: "/things/{id}")", R"(post: "/things" body: "*")"}).ok());
  EXPECT_EQ(table_->Find("GET", "/things/1").route->method->path, "/foreign.Things/Method0");
  EXPECT_FALSE(catalogue_->Find("/foreign.Things/Method0")->needs_token);
}

TEST_F(DescriptorSet, WithoutAccessOptionsNeedsOpenUpstream) {
  EXPECT_THAT(std::string(Load({R"(get: "/things/{id}")"}, false).message()), HasSubstr("--open_upstream"));
}

TEST_F(DescriptorSet, WithoutAnUpstreamIsNotServed) {
  ASSERT_TRUE(Load({R"(get: "/things/{id}")"}, true, false).ok());
  EXPECT_EQ(table_->Find("GET", "/things/1").route, nullptr);
}

TEST_F(DescriptorSet, RefusesRoutesThatMatchTheSameRequests) {
  const absl::Status status = Load({R"(get: "/a/{id}/b")", R"(get: "/a/{inner.id}/b")"});
  EXPECT_THAT(std::string(status.message()), HasSubstr("matches the same requests as /a/{id}/b"));
  EXPECT_TRUE(Load({R"(get: "/a/{id}:x")", R"(get: "/a/{id}:y")", R"(post: "/a/{id}:x")"}).ok());
}

TEST_F(DescriptorSet, RefusesTemplatesThatNameNoSingleField) {
  EXPECT_THAT(Error(R"(get: "/a/{missing}")"), HasSubstr("{missing} names no single field"));
  EXPECT_THAT(Error(R"(get: "/a/{ids}")"), HasSubstr("{ids} names no single field"));
  EXPECT_THAT(Error(R"(get: "/a/{inner}")"), HasSubstr("{inner} is a message"));
  EXPECT_THAT(Error(R"(get: "/a/{id.x}")"), HasSubstr("{id.x} names no single field"));
  EXPECT_THAT(Error(R"(get: "/a/{id}/{id}")"), HasSubstr("id stands twice"));
}

TEST_F(DescriptorSet, RefusesBadTemplates) {
  for (const char* path : {"a", "", "/", "/a/", "/a//b", "/{id", "/{}", "/{id=}", "/**/a", "/{id=**}/a",
                           "/a:", "/a b", "/{id={inner}}", "/a/%zz", "/{id=a/*"}) {
    EXPECT_NE(Error(absl::StrCat("get: \"", path, "\"")), "") << path;
  }
}

TEST_F(DescriptorSet, AcceptsTheWholeGrammar) {
  for (const char* path : {"/a", "/a/*", "/a/**", "/{id}", "/{id=*}", "/{id=a/*}", "/{id=a/*/b/**}",
                           "/a/{inner.id}:do", "/{id=**}:do", "/a-b_c.d~e/%E4%B8%AD"}) {
    EXPECT_EQ(Error(absl::StrCat("get: \"", path, "\"")), "") << path;
  }
}

TEST_F(DescriptorSet, RefusesBadBodies) {
  EXPECT_THAT(Error(R"(post: "/a" body: "missing")"), HasSubstr("body \"missing\" is no single message"));
  EXPECT_THAT(Error(R"(post: "/a" body: "ids")"), HasSubstr("body \"ids\" is no single message"));
  EXPECT_THAT(Error(R"(get: "/a" body: "*")"), HasSubstr("GET takes no body"));
  EXPECT_THAT(Error(R"(post: "/a" body: "*" response_body: "none")"), HasSubstr("response_body \"none\""));
}

TEST_F(DescriptorSet, ThatCannotBeReadRefusesToStart) {
  Catalogue::Options options;
  options.descriptor_sets = {"/nonexistent.protoset"};
  EXPECT_THAT(std::string(Catalogue::Load(options).status().message()), HasSubstr("cannot be read"));
}

TEST(Catalogue, RefusesAnUpstreamWithoutAService) {
  Catalogue::Options options;
  options.upstreams = {{"lianqiao.nothing.v1", "unix:/tmp/x"}};
  EXPECT_THAT(std::string(Catalogue::Load(options).status().message()),
              HasSubstr("lianqiao.nothing.v1, which has no service"));
}

TEST(Catalogue, TheLongerKeyOfAnUpstreamWins) {
  Catalogue::Options options;
  options.upstreams = {{kBooks, "unix:/tmp/all"}, {absl::StrCat(kBooks, ".BookService"), "unix:/tmp/one"}};
  EXPECT_THAT(std::string(Catalogue::Load(options).status().message()), HasSubstr("which has no service"));
  options.upstreams = {{absl::StrCat(kBooks, ".BookService"), "unix:/tmp/one"}};
  EXPECT_THAT(Catalogue::Load(options).value()->targets(), ElementsAre("unix:/tmp/one"));
}

TEST(PercentDecoding, KeepsSlashesOfSeveralSegments) {
  std::string out;
  EXPECT_TRUE(PercentDecode("a%2Fb%20c", true, &out));
  EXPECT_EQ(out, "a/b c");
  EXPECT_TRUE(PercentDecode("a%2Fb%20c", false, &out));
  EXPECT_EQ(out, "a%2Fb c");
  for (const char* bad : {"%", "%1", "%g0", "a%2"}) EXPECT_FALSE(PercentDecode(bad, true, &out)) << bad;
}

}  // namespace
}  // namespace lianqiao::gateway
