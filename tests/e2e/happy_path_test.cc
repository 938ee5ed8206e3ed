// SPDX-License-Identifier: Apache-2.0
// What an integrator does on the first day, over HTTP and over gRPC.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "tests/e2e/grpc_caller.h"
#include "tests/e2e/platform.h"

namespace lianqiao::e2e {
namespace {

using ::testing::HasSubstr;

class FirstDay : public ::testing::Test {
 protected:
  Platform& platform_ = Platform::Shared();
  HttpClient operator_ = platform_.Operator();
  Places places_ = MakePlaces(operator_);
};

TEST_F(FirstDay, ARecordIsCreatedReadListedChangedDeletedAndBroughtBack) {
  const HttpAnswer made = operator_.Post("/v1/organisations", SchoolBody("渭滨区第一小学", places_.near_id));
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string path = "/v1/organisations/" + made.json().Text("/id");
  const std::string etag = made.headers.at("etag");
  MakeSchool(operator_, "渭滨区第二小学", places_.near_id);
  MakeSchool(operator_, "凤县第一小学", places_.far_id);

  const HttpAnswer got = operator_.Get(path);
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, made.body);
  EXPECT_EQ(got.headers.at("etag"), etag);
  const auto list = [&](const std::string& jurisdiction_id, const std::string& filter) {
    const std::string whole = absl::StrCat("jurisdiction_id = \"", jurisdiction_id, "\" AND ", filter);
    return operator_.Get("/v1/organisations?filter=" + Escaped(whole)).json().Size("/organisations");
  };
  EXPECT_EQ(list(places_.near_id, "name : \"小学\""), 2u);
  EXPECT_EQ(list(places_.near_id, "name = \"渭滨区第二小学\""), 1u);
  EXPECT_EQ(list(places_.far_id, "name : \"小学\""), 1u);
  EXPECT_EQ(list(places_.far_id, "name = \"无此小学\""), 0u);

  const HttpAnswer changed = operator_.Patch(path, R"({"shortName":"渭滨一小"})", {"If-Match: " + etag});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.json().Integer("/revision"), 2);
  EXPECT_NE(changed.headers.at("etag"), etag);
  ExpectError(operator_.Patch(path, R"({"shortName":"旧"})", {"If-Match: " + etag}), 409, "ABORTED");
  EXPECT_EQ(operator_.Get(path).json().Text("/shortName"), "渭滨一小");

  const HttpAnswer deleted = operator_.Delete(path);
  ASSERT_EQ(deleted.status, 200) << deleted.body;
  EXPECT_TRUE(deleted.json().Has("/deleteTime"));
  ExpectError(operator_.Get(path), 404, "NOT_FOUND");
  EXPECT_EQ(operator_.Get(path + "?showDeleted=true").status, 200);
  const HttpAnswer back = operator_.Post(path + ":undelete", "{}");
  ASSERT_EQ(back.status, 200) << back.body;
  EXPECT_EQ(back.json().Integer("/revision"), 4);
  EXPECT_EQ(operator_.Get(path).json().Text("/shortName"), "渭滨一小");
}

TEST_F(FirstDay, TheSameRecordAndTheSameErrorsComeOverGrpcWithTheSameToken) {
  const std::string id = MakeSchool(operator_, "渭滨区第一小学", places_.near_id);
  GrpcCaller caller(platform_.grpc_address(), platform_.operator_token());
  type::v1::GetRequest request;
  request.set_id(id);
  registry::v1::Organisation school;
  const std::string get = "lianqiao.registry.v1.OrganisationService/GetOrganisation";
  ASSERT_TRUE(caller.Call(get, request, &school).ok());
  EXPECT_EQ(school.id(), id);
  EXPECT_EQ(school.name(), "渭滨区第一小学");
  EXPECT_EQ(school.jurisdiction_id(), places_.near_id);

  school.set_short_name("渭滨一小");
  registry::v1::UpdateOrganisationRequest update;
  *update.mutable_organisation() = school;
  update.mutable_update_mask()->add_paths("short_name");
  const std::string change = "lianqiao.registry.v1.OrganisationService/UpdateOrganisation";
  ASSERT_TRUE(caller.Call(change, update, &school).ok());
  EXPECT_EQ(operator_.Get("/v1/organisations/" + id).json().Text("/shortName"), "渭滨一小");
  EXPECT_EQ(caller.Call(change, update, &school).code(), absl::StatusCode::kAborted);

  request.set_id(places_.near_id);  // No organisation.
  EXPECT_EQ(caller.Call(get, request, &school).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(caller.reason(),
            operator_.Get("/v1/organisations/" + places_.near_id).json().Text("/error/details/0/reason"));
  GrpcCaller nobody(platform_.grpc_address(), "");
  EXPECT_EQ(nobody.Call(get, request, &school).code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(FirstDay, DocumentsHealthAndKeysAreThereForEverybody) {
  HttpClient nobody(platform_.url());
  EXPECT_EQ(nobody.Get("/healthz").status, 200);
  EXPECT_EQ(nobody.Get("/readyz").status, 200);
  EXPECT_THAT(nobody.Get("/openapi.json").body, HasSubstr("/v1/organisations/{id}"));
  EXPECT_THAT(nobody.Get("/v1/vocabulary").body, HasSubstr("ORGANISATION_KIND_SCHOOL"));
  EXPECT_EQ(nobody.Get("/docs").status, 200);
  const Json keys = nobody.Get("/.well-known/jwks.json").json();
  EXPECT_EQ(keys.Text("/keys/0/crv"), "P-256");
  EXPECT_FALSE(keys.Has("/keys/0/d")) << "the private half";
  ExpectError(nobody.Get("/v1/organisations"), 401, "UNAUTHENTICATED");
  ExpectError(HttpClient(platform_.url(), "no.such.token").Get("/v1/organisations"), 401, "UNAUTHENTICATED");
  ExpectError(nobody.Get("/v1/no-such-thing"), 404, "NOT_FOUND");
}

}  // namespace
}  // namespace lianqiao::e2e
