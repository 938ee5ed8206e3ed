// SPDX-License-Identifier: Apache-2.0
// What the gateway really takes and sends, against what its own document says of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/gates/metric_names/suite.h"
#include "tests/gates/openapi_lint/schema_check.h"

namespace lianqiao::gateway {
namespace {

using simdjson::dom::element;
using ::testing::IsEmpty;
using ::testing::Not;

class OpenApiAnswers : public ::testing::Test {
 protected:
  OpenApiAnswers() {
    token_ = suite_.OperatorToken();
    document_ = Parse(&document_parser_, suite_.Ask("GET", "/openapi.json", "").body);
  }

  static element Parse(simdjson::dom::parser* parser, const std::string& json) {
    auto parsed = parser->parse(json);
    EXPECT_EQ(parsed.error(), simdjson::SUCCESS) << json.substr(0, 500);
    return parsed.error() == simdjson::SUCCESS ? parsed.value() : element();
  }
  // "/v1/jurisdictions/{id}", "get" and the place below the operation.
  element At(const std::string& path, const std::string& method, const std::string& below) {
    const std::string pointer =
        absl::StrCat("/paths/", absl::StrReplaceAll(path, {{"/", "~1"}}), "/", method, below);
    auto found = document_.at_pointer(pointer);
    EXPECT_EQ(found.error(), simdjson::SUCCESS) << pointer;
    return found.error() == simdjson::SUCCESS ? found.value() : element();
  }
  std::vector<std::string> OfBody(const std::string& path, const std::string& method,
                                  const std::string& body) {
    return Mismatches(document_, At(path, method, "/requestBody/content/application~1json/schema"),
                      Parse(&parser_, body));
  }
  // The answer, which is 200 and fits.
  std::string Fits(const std::string& method, const std::string& path, const std::string& target,
                   const std::string& body = "") {
    const Socket::Answer answer = suite_.Ask(absl::AsciiStrToUpper(method), target, token_, body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    const element schema = At(path, method, "/responses/200/content/application~1json/schema");
    EXPECT_THAT(Mismatches(document_, schema, Parse(&parser_, answer.body)), IsEmpty()) << answer.body;
    return answer.body;
  }

  gates::Suite suite_;
  std::string token_;
  simdjson::dom::parser document_parser_;
  simdjson::dom::parser parser_;
  element document_;
};

constexpr char kAll[] = "/v1/jurisdictions";
constexpr char kOne[] = "/v1/jurisdictions/{id}";
constexpr char kProvince[] =
    R"({"kind":"JURISDICTION_KIND_PROVINCE","level":"JURISDICTION_LEVEL_PROVINCE","name":"陕西省",)"
    R"("bureauName":"陕","parentId":"00000000-0000-7000-8000-000000000001"})";

TEST_F(OpenApiAnswers, FitTheirSchemasAlsoWhereAReadMaskLeavesFieldsOut) {
  EXPECT_THAT(OfBody(kAll, "post", kProvince), IsEmpty());
  const std::string made = Fits("post", kAll, kAll, kProvince);
  const std::string id(std::string_view(Parse(&parser_, made)["id"]));
  const std::string target = absl::StrCat(kAll, "/", id);
  Fits("get", kOne, target);
  EXPECT_EQ(Fits("get", kOne, target + "?readMask=bureauName"), R"({"bureauName":"陕"})");
  Fits("get", kAll, absl::StrCat(kAll, "?readMask=id&filter=", "id%20%3D%20%22", id, "%22"));
  Fits("get", "/v1/identity/clients", "/v1/identity/clients?readMask=id");
  Fits("get", "/v1/identity:whoami", "/v1/identity:whoami");
}

TEST_F(OpenApiAnswers, APatchMayClearWithNullAndACreateNeedsWhatTheContractRequires) {
  const std::string made = Fits("post", kAll, kAll, kProvince);
  const std::string id(std::string_view(Parse(&parser_, made)["id"]));
  constexpr char kClear[] = R"({"bureauName":null})";
  EXPECT_THAT(OfBody(kOne, "patch", kClear), IsEmpty());
  EXPECT_THAT(Fits("patch", kOne, absl::StrCat(kAll, "/", id), kClear),
              Not(::testing::HasSubstr("bureauName")));
  EXPECT_THAT(OfBody(kOne, "patch", R"({"name":null})"), Not(IsEmpty()));
  EXPECT_THAT(OfBody(kAll, "post", R"({"name":"x"})"), Not(IsEmpty()));
  EXPECT_THAT(OfBody(kAll, "post", R"({"nmae":"x"})"), Not(IsEmpty()));
}

TEST_F(OpenApiAnswers, ARecordThatIsKnownIsA304AsTheDocumentSays) {
  const std::string target = absl::StrCat(kAll, "/00000000-0000-7000-8000-000000000001");
  const std::string etag(std::string_view(Parse(&parser_, Fits("get", kOne, target))["etag"]));
  Socket socket(suite_.http_port());
  ASSERT_TRUE(socket.Send(absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer ",
                                       token_, "\r\nIf-None-Match: ", etag, "\r\n\r\n")));
  const Socket::Answer answer = socket.Read();
  EXPECT_EQ(answer.status, 304);
  for (const auto [name, header] : simdjson::dom::object(At(kOne, "get", "/responses/304/headers"))) {
    if (name == "Lianqiao-Position") continue;  // Of writes.
    EXPECT_TRUE(answer.headers.contains(absl::AsciiStrToLower(std::string(name)))) << name;
  }
}

}  // namespace
}  // namespace lianqiao::gateway
