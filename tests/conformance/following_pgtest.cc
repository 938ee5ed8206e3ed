// SPDX-License-Identifier: Apache-2.0
// References into another service, by the first that has them: grants name records of alliance-registry.
// Identity and the registry as they run, each on its own database, over real gRPC; the registry comes and
// goes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lianqiao/identity/v1/client.pb.h"
#include "lianqiao/identity/v1/grant.pb.h"
#include "lianqiao/registry/v1/jurisdiction.pb.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/registry/v1/restructuring.pb.h"
#include "libs/access/client_token.h"
#include "libs/access/credentials.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/runtime/process.h"
#include "libs/testing/postgres.h"
#include "services/alliance-registry/registry.h"
#include "services/gateway/identity/identity_host.h"
#include "services/gateway/identity/registry_follower.h"

namespace lianqiao::conformance {
namespace {

using identity::IdentityHost;
using ::testing::HasSubstr;
namespace v1 = identity::v1;

constexpr char kCountry[] = "00000000-0000-7000-8000-000000000001";

class Following : public ::testing::Test {
 protected:
  Following()
      : identity_database_("identity", identity::IdentityMigrations()),
        registry_database_("alliance_registry",
                           resource::WithEngine(registry::RegistryDefinition().migrations)) {
    folder_ = absl::StrCat("/tmp/follower-", base::RandomId().substr(0, 8));
    std::filesystem::create_directories(folder_);
    StartIdentity();
    operator_ = std::make_unique<access::ClientToken>(identity_.get(),
                                                      *access::ReadCredentials(folder_ + "/operator.json"));
  }
  ~Following() override {
    StopRegistry();
    StopIdentity();
    std::filesystem::remove_all(folder_);
  }

  void StartIdentity() {
    IdentityHost::Options options;
    options.connection = identity_database_.connection();
    options.listen = {"unix:" + folder_ + "/identity.sock"};
    options.master_key_file = folder_ + "/master.key";
    options.readers = options.writers = 2;
    options.registry = "unix:" + folder_ + "/registry.sock";
    options.bootstrap.operator_file = folder_ + "/operator.json";
    options.bootstrap.secrets_folder = folder_;
    options.bootstrap.services = {"alliance-registry"};
    auto host = IdentityHost::Start(options);
    ASSERT_TRUE(host.ok()) << host.status();
    host_ = *std::move(host);
    if (identity_ == nullptr)
      identity_ = std::make_unique<rpc::Client>(rpc::Client::Options{options.listen.front(), 1});
  }
  void StopIdentity() { host_.reset(); }

  void StartRegistry() {
    runtime::Process::Options options;
    options.database = registry_database_.connection();
    options.schema = registry_database_.schema();
    options.listen = "unix:" + folder_ + "/registry.sock";
    options.identity = "unix:" + folder_ + "/identity.sock";
    options.credentials = *access::ReadCredentials(folder_ + "/alliance-registry.json");
    options.readers = options.writers = 2;
    auto process = runtime::Process::Start(registry::RegistryDefinition(), options);
    ASSERT_TRUE(process.ok()) << process.status();
    registry_ = *std::move(process);
    if (registry_client_ == nullptr)
      registry_client_ = std::make_unique<rpc::Client>(rpc::Client::Options{options.listen, 1});
  }
  void StopRegistry() {
    if (registry_ != nullptr) registry_->Drain(absl::Seconds(5));
    registry_.reset();
  }

  absl::Status Call(rpc::Client& client, const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response, rpc::Client::Metadata metadata = {}) {
    const absl::Time deadline = absl::Now() + absl::Seconds(20);
    ASSIGN_OR_RETURN(std::string authorization, operator_->Authorization(deadline));
    metadata.emplace_back(rpc::kAuthorization, std::move(authorization));
    metadata.emplace_back(rpc::kAcceptLanguage, "en");
    const rpc::Answer answer =
        client.CallAndWait(method, request.SerializeAsString(), metadata, deadline, true);
    for (const auto& [name, value] : answer.metadata)
      if (name == rpc::kPosition) position_ = value;
    if (answer.status.ok() && !response->ParseFromString(answer.bytes)) return absl::DataLossError(method);
    return answer.status;
  }

  std::string MakePlace(const std::string& name, const std::string& rank, const std::string& parent) {
    registry::v1::CreateJurisdictionRequest request;
    registry::v1::Jurisdiction& place = *request.mutable_jurisdiction();
    place.set_name(name);
    place.set_parent_id(parent);
    registry::v1::JurisdictionKind kind;
    registry::v1::JurisdictionLevel level;
    EXPECT_TRUE(registry::v1::JurisdictionKind_Parse("JURISDICTION_KIND_" + rank, &kind));
    EXPECT_TRUE(registry::v1::JurisdictionLevel_Parse("JURISDICTION_LEVEL_" + rank, &level));
    place.set_kind(kind);
    place.set_level(level);
    registry::v1::Jurisdiction made;
    const absl::Status status = Call(
        *registry_client_, "/lianqiao.registry.v1.JurisdictionService/CreateJurisdiction", request, &made);
    EXPECT_TRUE(status.ok()) << status;
    return made.id();
  }

  std::string MakeSchool(const std::string& name, const std::string& jurisdiction_id) {
    registry::v1::CreateOrganisationRequest request;
    registry::v1::Organisation& school = *request.mutable_organisation();
    school.set_kind(registry::v1::ORGANISATION_KIND_SCHOOL);
    school.add_stages(type::v1::STAGE_PRIMARY);
    school.set_name(name);
    school.set_jurisdiction_id(jurisdiction_id);
    registry::v1::Organisation made;
    const absl::Status status = Call(
        *registry_client_, "/lianqiao.registry.v1.OrganisationService/CreateOrganisation", request, &made);
    EXPECT_TRUE(status.ok()) << status;
    return made.id();
  }

  std::string MakeClient() {
    v1::CreateClientRequest request;
    request.mutable_client()->set_label("测试接入方");
    v1::Client made;
    const absl::Status status =
        Call(*identity_, "/lianqiao.identity.v1.ClientService/CreateClient", request, &made);
    EXPECT_TRUE(status.ok()) << status;
    return made.id();
  }

  // A grant on the record, brought with the position of the last write to the registry if `after`.
  absl::StatusOr<v1::Grant> Grant(v1::GrantScopeKind kind, const std::string& id, bool after = false) {
    if (client_id_.empty()) client_id_ = MakeClient();
    v1::CreateGrantRequest request;
    request.mutable_grant()->set_client_id(client_id_);
    request.mutable_grant()->set_permission("registry.*.read");
    request.mutable_grant()->set_scope_kind(kind);
    request.mutable_grant()->set_scope_id(id);
    rpc::Client::Metadata metadata;
    if (after) metadata.emplace_back(rpc::kAfter, written_);
    v1::Grant made;
    RETURN_IF_ERROR(
        Call(*identity_, "/lianqiao.identity.v1.GrantService/CreateGrant", request, &made, metadata));
    return made;
  }
  absl::StatusOr<v1::Grant> GrantOnPlace(const std::string& id, bool after = false) {
    return Grant(v1::GRANT_SCOPE_KIND_JURISDICTION, id, after);
  }

  // Refused at grant.scopeId for a record of this kind that is not there.
  static void ExpectUnknown(const absl::StatusOr<v1::Grant>& answer, const std::string& kind) {
    ASSERT_TRUE(absl::IsInvalidArgument(answer.status())) << answer.status();
    const base::Failure failure = base::FailureOf(answer.status());
    ASSERT_EQ(failure.violations_size(), 1) << answer.status();
    EXPECT_EQ(failure.violations(0).field(), "grant.scopeId");
    EXPECT_THAT(failure.ShortDebugString(), HasSubstr("REFERENCE_NOT_FOUND"));
    EXPECT_THAT(failure.ShortDebugString(), HasSubstr(kind));
  }

  void WaitReady() {
    ASSERT_TRUE(Eventually([this] { return host_->following()->projection().lag().ready; }));
  }
  static bool Eventually(const std::function<bool()>& holds) {
    const absl::Time end = absl::Now() + absl::Seconds(30);
    while (!holds()) {
      if (absl::Now() > end) return false;
      absl::SleepFor(absl::Milliseconds(20));
    }
    return true;
  }

  testing::TestDatabase identity_database_;
  testing::TestDatabase registry_database_;
  std::string folder_;
  std::unique_ptr<IdentityHost> host_;
  std::unique_ptr<rpc::Client> identity_;
  std::unique_ptr<access::ClientToken> operator_;
  std::unique_ptr<runtime::Process> registry_;
  std::unique_ptr<rpc::Client> registry_client_;
  std::string client_id_;
  std::string position_;  // Of the last answer that had one.
  std::string written_;   // Of the last write to the registry that a test cares for.
};

TEST_F(Following, OnlyRecordsThatAreThereMayBeGranted) {
  StartRegistry();
  WaitReady();
  const std::string province = MakePlace("陕西省", "PROVINCE", kCountry);
  written_ = position_;
  ASSERT_THAT(written_, HasSubstr("lianqiao.registry.v1:"));
  const auto granted = GrantOnPlace(province, true);
  ASSERT_TRUE(granted.ok()) << granted.status();
  EXPECT_EQ(granted->scope_id(), province);

  ExpectUnknown(GrantOnPlace(base::RandomId()), "jurisdiction");
  ExpectUnknown(Grant(v1::GRANT_SCOPE_KIND_ORGANISATION, province), "organisation");
  ExpectUnknown(Grant(v1::GRANT_SCOPE_KIND_ALLIANCE, base::RandomId()), "alliance");

  // The kind alone, or the record alone, may be changed: both are looked at.
  v1::UpdateGrantRequest update;
  update.mutable_grant()->set_id(granted->id());
  update.mutable_grant()->set_scope_kind(v1::GRANT_SCOPE_KIND_ORGANISATION);
  v1::Grant changed;
  ExpectUnknown(Call(*identity_, "/lianqiao.identity.v1.GrantService/UpdateGrant", update, &changed),
                "organisation");
  update.mutable_grant()->set_scope_kind(v1::GRANT_SCOPE_KIND_JURISDICTION);
  update.mutable_grant()->set_scope_id(base::RandomId());
  ExpectUnknown(Call(*identity_, "/lianqiao.identity.v1.GrantService/UpdateGrant", update, &changed),
                "jurisdiction");
}

TEST_F(Following, BatchesTellWhichGrantsNameNothing) {
  StartRegistry();
  WaitReady();
  const std::string province = MakePlace("陕西省", "PROVINCE", kCountry);
  v1::BatchUpsertGrantsRequest request;
  request.set_source_system("bureau");
  client_id_ = MakeClient();
  for (int i = 0; i < 3; ++i) {
    v1::Grant* grant = request.add_grants();
    grant->set_client_id(client_id_);
    grant->set_permission("registry.*.read");
    grant->set_scope_kind(v1::GRANT_SCOPE_KIND_JURISDICTION);
    grant->set_scope_id(i == 1 ? base::RandomId() : province);
    auto* external_id = grant->add_external_ids();
    external_id->set_system("bureau");
    external_id->set_id(absl::StrCat(i));
  }
  v1::BatchUpsertGrantsResponse response;
  // Its own write to identity is the last position; the registry's is the one to wait for.
  rpc::Client::Metadata after;
  MakePlace("甘肃省", "PROVINCE", kCountry);
  after.emplace_back(rpc::kAfter, position_);
  ASSERT_TRUE(Eventually([&] {
    const absl::Status status =
        Call(*identity_, "/lianqiao.identity.v1.GrantService/BatchUpsertGrants", request, &response, after);
    return status.ok() && response.results(0).outcome() != type::v1::UpsertResult::REFUSED;
  }));
  ASSERT_EQ(response.results_size(), 3);
  EXPECT_EQ(response.results(1).outcome(), type::v1::UpsertResult::REFUSED);
  ASSERT_EQ(response.results(1).violations_size(), 1) << response.ShortDebugString();
  EXPECT_EQ(response.results(1).violations(0).reason(), "REFERENCE_NOT_FOUND");
  EXPECT_EQ(response.results(1).violations(0).field(), "grants[1].scopeId");
  EXPECT_NE(response.results(2).outcome(), type::v1::UpsertResult::REFUSED);
}

TEST_F(Following, WhatWasJustWrittenIsWaitedForEveryTime) {
  StartRegistry();
  WaitReady();
  const std::string province = MakePlace("陕西省", "PROVINCE", kCountry);
  for (int i = 0; i < 10; ++i) {
    const std::string city = MakePlace(absl::StrCat("市", i), "CITY", province);
    written_ = position_;
    const auto granted = GrantOnPlace(city, true);
    ASSERT_TRUE(granted.ok()) << i << granted.status();
  }
}

TEST_F(Following, AWriteNeedsNoRegistryToBeUp) {
  StartRegistry();
  WaitReady();
  const std::string province = MakePlace("陕西省", "PROVINCE", kCountry);
  written_ = position_;
  ASSERT_TRUE(GrantOnPlace(province, true).ok());
  StopRegistry();
  const auto known = GrantOnPlace(province);
  EXPECT_TRUE(known.ok()) << known.status();
  ExpectUnknown(GrantOnPlace(base::RandomId()), "jurisdiction");

  // Identity may start without it too, and still knows what it knew.
  StopIdentity();
  StartIdentity();
  EXPECT_TRUE(host_->following()->IsReady());
  const auto later = GrantOnPlace(province);
  EXPECT_TRUE(later.ok()) << later.status();
  ExpectUnknown(GrantOnPlace(base::RandomId()), "jurisdiction");

  // What this client wrote is not here and cannot come: it is told to come again, and platform grants go on.
  written_ = "lianqiao.registry.v1:3:1000000";
  const absl::Time begin = absl::Now();
  const auto refused = GrantOnPlace(province, true);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << refused.status();
  const base::Failure failure = base::FailureOf(refused.status());
  EXPECT_EQ(failure.reason(), base::ErrorReason::REFERENCE_NOT_YET_VISIBLE);
  EXPECT_GT(failure.retry_after_milliseconds(), 0);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  const auto on_platform = Grant(v1::GRANT_SCOPE_KIND_PLATFORM, "", true);
  EXPECT_TRUE(on_platform.ok()) << on_platform.status();
}

TEST_F(Following, BeforeTheFirstSnapshotNothingIsCalledUnknown) {
  const auto on_platform = Grant(v1::GRANT_SCOPE_KIND_PLATFORM, "");
  EXPECT_TRUE(on_platform.ok()) << on_platform.status();
  const auto refused = GrantOnPlace(kCountry);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << refused.status();
  EXPECT_EQ(base::FailureOf(refused.status()).reason(), base::ErrorReason::REFERENCE_NOT_YET_VISIBLE);
  EXPECT_GT(base::FailureOf(refused.status()).retry_after_milliseconds(), 0);
  EXPECT_FALSE(host_->following()->IsReady());
  StartRegistry();
  EXPECT_TRUE(Eventually([this] { return GrantOnPlace(kCountry).ok(); }));
  EXPECT_TRUE(Eventually([this] { return host_->following()->IsReady(); }));
}

TEST_F(Following, MergedOnesGiveWayToTheirSuccessorsAndDeletedOnesAreGone) {
  StartRegistry();
  WaitReady();
  const std::string province = MakePlace("陕西省", "PROVINCE", kCountry);
  const std::string city = MakePlace("宝鸡市", "CITY", province);
  const std::string county = MakePlace("渭滨区", "COUNTY", city);
  const std::string kept = MakeSchool("渭滨区第一小学", county);
  const std::string merged = MakeSchool("渭滨区第二小学", county);
  const std::string deleted = MakeSchool("渭滨区第三小学", county);
  written_ = position_;
  const auto before = Grant(v1::GRANT_SCOPE_KIND_ORGANISATION, deleted, true);
  ASSERT_TRUE(before.ok()) << before.status();

  registry::v1::MergeRequest merge;
  merge.set_target_id(kept);
  merge.add_source_ids(merged);
  merge.set_document("市教育局 2026 年第 7 号");
  registry::v1::MergeOrganisationsResponse outcome;
  const absl::Status merging = Call(
      *registry_client_, "/lianqiao.registry.v1.OrganisationService/MergeOrganisations", merge, &outcome);
  ASSERT_TRUE(merging.ok()) << merging;
  written_ = position_;
  const auto follows = Grant(v1::GRANT_SCOPE_KIND_ORGANISATION, merged, true);
  ASSERT_TRUE(follows.ok()) << follows.status();
  EXPECT_EQ(follows->scope_id(), kept) << "as a reference inside the service would be";

  type::v1::DeleteRequest remove;
  remove.set_id(deleted);
  registry::v1::Organisation gone;
  const absl::Status removing =
      Call(*registry_client_, "/lianqiao.registry.v1.OrganisationService/DeleteOrganisation", remove, &gone);
  ASSERT_TRUE(removing.ok()) << removing;
  written_ = position_;
  ExpectUnknown(Grant(v1::GRANT_SCOPE_KIND_ORGANISATION, deleted, true), "organisation");

  // The grant of before stays, can be read, changed elsewhere and revoked; it does not come back.
  v1::UpdateGrantRequest update;
  update.mutable_grant()->set_id(before->id());
  update.mutable_grant()->set_permission("registry.*");
  v1::Grant grant;
  absl::Status status = Call(*identity_, "/lianqiao.identity.v1.GrantService/UpdateGrant", update, &grant);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(grant.scope_id(), deleted);
  type::v1::DeleteRequest revoke;
  revoke.set_id(before->id());
  status = Call(*identity_, "/lianqiao.identity.v1.GrantService/DeleteGrant", revoke, &grant);
  EXPECT_TRUE(status.ok()) << status;
  status = Call(*identity_, "/lianqiao.identity.v1.GrantService/UndeleteGrant", revoke, &grant);
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
}

TEST_F(Following, AClientsOrganisationIsOneThatIsThere) {
  StartRegistry();
  WaitReady();
  const std::string school = MakeSchool("第一小学", MakePlace("陕西省", "PROVINCE", kCountry));
  v1::CreateClientRequest request;
  request.mutable_client()->set_label("学校平台");
  request.mutable_client()->set_organisation_id(base::RandomId());
  v1::Client made;
  const char* const create = "/lianqiao.identity.v1.ClientService/CreateClient";
  const rpc::Client::Metadata after = {{rpc::kAfter, position_}};
  const absl::Status refused = Call(*identity_, create, request, &made, after);
  ASSERT_TRUE(absl::IsInvalidArgument(refused)) << refused;
  EXPECT_EQ(base::FailureOf(refused).violations(0).field(), "client.organisationId");
  request.mutable_client()->set_organisation_id(school);
  const absl::Status accepted = Call(*identity_, create, request, &made, after);
  EXPECT_TRUE(accepted.ok()) << accepted;
}

TEST_F(Following, TellsHowFarItHasCome) {
  runtime::ServiceMetrics metrics("gateway");
  host_->following()->Watch(&metrics);
  const auto value = [&](const std::string& name) {
    for (const prometheus::MetricFamily& family : metrics.Collect()) {
      if (family.name != name || family.metric.size() != 1) continue;
      EXPECT_EQ(family.metric[0].label.at(0).value, "identity-registry");
      return family.type == prometheus::MetricType::Counter ? family.metric[0].counter.value
                                                            : family.metric[0].gauge.value;
    }
    ADD_FAILURE() << "no " << name;
    return -1.0;
  };
  EXPECT_EQ(value("lianqiao_projection_ready"), 0);
  EXPECT_GT(value("lianqiao_projection_lag_seconds"), 0);
  StartRegistry();
  WaitReady();
  EXPECT_TRUE(Eventually([&] { return value("lianqiao_projection_lag_seconds") == 0; }));
  EXPECT_EQ(value("lianqiao_projection_ready"), 1);
  const double step = value("lianqiao_projection_step");
  EXPECT_GT(step, 0) << "the snapshot is one";
  MakePlace("陕西省", "PROVINCE", kCountry);
  EXPECT_TRUE(Eventually([&] { return value("lianqiao_projection_changes_total") >= 1; }));
  EXPECT_TRUE(Eventually([&] { return value("lianqiao_projection_step") > step; }));
}

}  // namespace
}  // namespace lianqiao::conformance
