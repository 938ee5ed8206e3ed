// SPDX-License-Identifier: Apache-2.0
// /openapi.json as the gateway serves it, through the two linters that integrators use, and what they cannot
// see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/api_descriptors.h"
#include "services/gateway/catalogue.h"
#include "services/gateway/comments.h"
#include "services/gateway/openapi.h"
#include "services/gateway/route_table.h"
#include "tests/gates/services/services.h"

namespace lianqiao::gateway {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr char kTools[] = "tools/npm/node_modules/.bin/";
constexpr char kConfiguration[] = "tests/gates/openapi_lint/";
constexpr char kMend[] =
    "\nMend what writes the document (services/gateway/openapi*.cc) or the comment in the .proto, not the "
    "rules.";

struct Outcome {
  int exit_code = -1;
  std::string output;
};

Outcome RunCommand(const std::string& command) {
  Outcome outcome;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  char bytes[4096];
  for (size_t count; (count = fread(bytes, 1, sizeof bytes, pipe)) > 0;) outcome.output.append(bytes, count);
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

// At most so much of a linter's answer as a person reads.
std::string Beginning(const std::string& text) {
  return text.substr(0, 6000);
}

class OpenApiLint : public ::testing::Test {
 protected:
  OpenApiLint() {
    Catalogue::Options options;
    options.upstreams = {{"lianqiao.registry.v1", "unix:registry"},
                         {"lianqiao.identity.v1", "unix:identity"},
                         {"lianqiao.sync.v1", "unix:sync"}};
    for (const gates::Follower& follower : gates::Followers())
      options.upstreams.emplace_back("lianqiao." + follower.name + ".v1", "unix:" + follower.name);
    catalogue_ = Catalogue::Load(options).value();
    routes_ = RouteTable::Build(*catalogue_).value();
    Comments comments;
    comments.Add(ApiDescriptors());
    text_ = OpenApiJson(*routes_, comments, {"0.0.0", true});
    std::ofstream(file_) << text_;
    document_ = parser_.parse(text_);
  }

  static void Require(const std::string& tool) {
    ASSERT_TRUE(std::filesystem::exists(kTools + tool))
        << kTools << tool << " is not installed: run tools/test, which installs tools/npm, or 'npm ci' there";
  }

  const std::string file_ = std::string(LIANQIAO_BINARY_DIR) + "/openapi.json";
  std::unique_ptr<Catalogue> catalogue_;
  std::unique_ptr<RouteTable> routes_;
  std::string text_;
  simdjson::dom::parser parser_;
  element document_;
};

TEST_F(OpenApiLint, RedoclyFindsNothing) {
  ASSERT_NO_FATAL_FAILURE(Require("redocly"));
  const Outcome outcome = RunCommand(absl::StrCat(
      "REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true ", kTools, "redocly lint --config ",
      kConfiguration, "redocly.yaml --max-problems 40 --format codeframe ", file_));
  EXPECT_EQ(outcome.exit_code, 0) << Beginning(outcome.output) << kMend;
  EXPECT_THAT(outcome.output, ::testing::Not(::testing::HasSubstr("warning")))
      << Beginning(outcome.output) << kMend;
}

TEST_F(OpenApiLint, SpectralFindsNothing) {
  ASSERT_NO_FATAL_FAILURE(Require("spectral"));
  const Outcome outcome = RunCommand(absl::StrCat(kTools, "spectral lint --fail-severity hint --ruleset ",
                                                  kConfiguration, "spectral.yaml ", file_));
  EXPECT_EQ(outcome.exit_code, 0) << Beginning(outcome.output) << kMend;
}

// Calls `visit` with the path, the method in lower case and the operation.
void ForEachOperation(element document,
                      const std::function<void(const std::string&, const std::string&, element)>& visit) {
  for (const auto [path, item] : object(document["paths"])) {
    for (const auto [method, operation] : object(item))
      visit(std::string(path), std::string(method), operation);
  }
}

std::string TextAt(element json, const char* pointer) {
  std::string_view text;
  return json.at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

bool IsPublic(element operation) {
  simdjson::dom::array security;
  return operation["security"].get(security) == simdjson::SUCCESS && security.size() == 0;
}

TEST_F(OpenApiLint, CoversEveryRouteAndWhatTheGatewayAnswersItself) {
  std::multiset<std::string> described;
  ForEachOperation(document_, [&](const std::string& path, const std::string& method, element operation) {
    if (TextAt(operation, "/tags/0") == "Platform") return;
    described.insert(method + " " + std::regex_replace(path, std::regex("\\{[^}]*\\}"), "{}"));
  });
  std::multiset<std::string> served;
  for (const auto& route : routes_->routes()) {
    // Both spell variables in their own way.
    served.insert(absl::AsciiStrToLower(route->http_method) + " " +
                  std::regex_replace(route->path, std::regex("\\{[^}]*\\}"), "{}"));
  }
  EXPECT_EQ(described, served);
  for (const char* path : {"/~1oauth2~1token/post", "/~1.well-known~1jwks.json/get", "/~1v1~1vocabulary/get",
                           "/~1healthz/get", "/~1readyz/get"})
    EXPECT_EQ(document_.at_pointer(std::string("/paths") + path).error(), simdjson::SUCCESS) << path;
}

TEST_F(OpenApiLint, SaysHowToGetATokenAndWhatNeedsOne) {
  EXPECT_EQ(TextAt(document_, "/openapi"), "3.1.0");
  EXPECT_EQ(TextAt(document_, "/components/securitySchemes/oauth2/type"), "oauth2");
  EXPECT_EQ(TextAt(document_, "/components/securitySchemes/oauth2/flows/clientCredentials/tokenUrl"),
            "/oauth2/token");
  EXPECT_EQ(document_.at_pointer("/security/0/oauth2").error(), simdjson::SUCCESS);
  std::set<std::string> open;
  for (const auto& route : routes_->routes())
    if (!route->method->needs_token) open.insert(route->method->descriptor->name());
  ForEachOperation(document_, [&](const std::string& path, const std::string& method, element operation) {
    const std::string id = TextAt(operation, "/operationId");
    const bool platform = TextAt(operation, "/tags/0") == "Platform";
    const std::string name = id.substr(id.find('_') + 1);
    EXPECT_EQ(IsPublic(operation), platform || open.contains(name)) << method << " " << path;
  });
}

TEST_F(OpenApiLint, NamesTheErrorsOfEveryOperation) {
  ForEachOperation(document_, [&](const std::string& path, const std::string& method, element operation) {
    if (TextAt(operation, "/tags/0") == "Platform") return;
    std::vector<std::string> statuses = {"400", "404", "429", "500", "503", "504"};
    if (!IsPublic(operation)) statuses.insert(statuses.end(), {"401", "403"});
    if (operation["requestBody"].error() == simdjson::SUCCESS)
      statuses.insert(statuses.end(), {"413", "415"});
    for (const std::string& status : statuses) {
      EXPECT_EQ(TextAt(operation, ("/responses/" + status + "/$ref").c_str()),
                "#/components/responses/Error" + status)
          << method << " " << path;
    }
  });
}

bool HasChinese(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xe3; });
}

bool HasEnglish(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); });
}

// Requests and answers of single calls are explained in English only; records are what people in bureaus
// read.
bool IsOfARecord(const std::string& schema) {
  const std::string service = schema.substr(0, schema.find('.'));
  const auto& followers = gates::Followers();
  return service == "registry" || std::any_of(followers.begin(), followers.end(),
                                              [&](const auto& follower) { return follower.name == service; });
}

TEST_F(OpenApiLint, SpeaksBothLanguages) {
  constexpr char kLabel[] = ": give it a label with zh and en in the .proto";
  for (const auto [key, schema] : object(document_.at_pointer("/components/schemas"))) {
    const std::string name(key);
    if (!IsOfARecord(name)) continue;
    if (schema["enum"].error() == simdjson::SUCCESS) {
      EXPECT_TRUE(HasChinese(TextAt(schema, "/description"))) << name << kLabel;
    }
    object properties;
    if (schema["properties"].get(properties) != simdjson::SUCCESS) continue;
    for (const auto [property, field] : properties) {
      const std::string description = TextAt(field, "/description");
      EXPECT_TRUE(HasChinese(description) && HasEnglish(description)) << name << "." << property << kLabel;
    }
  }
  for (const element tag : simdjson::dom::array(document_["tags"])) {
    const std::string description = TextAt(tag, "/description");
    EXPECT_TRUE(HasChinese(description) && HasEnglish(description)) << TextAt(tag, "/name") << kLabel;
  }
  EXPECT_TRUE(HasChinese(TextAt(document_, "/info/description")));
  EXPECT_TRUE(HasChinese(TextAt(document_, "/paths/~1oauth2~1token/post/summary")));
  EXPECT_TRUE(HasChinese(TextAt(document_, "/components/schemas/Error/examples/0/error/details/2/message")));
}

TEST_F(OpenApiLint, OffersNoPreconditionOnWhatIsNotThereYet) {
  const auto parameters = [&](const char* pointer) {
    return simdjson::minify(document_.at_pointer(pointer).value());
  };
  EXPECT_THAT(parameters("/paths/~1v1~1organisations/post/parameters"),
              ::testing::Not(::testing::HasSubstr("IfMatch")));
  EXPECT_THAT(parameters("/paths/~1v1~1organisations~1{id}/patch/parameters"),
              ::testing::HasSubstr("IfMatch"));
}

}  // namespace
}  // namespace lianqiao::gateway
