// SPDX-License-Identifier: Apache-2.0
// The writes to the registry that a writer chooses from. Many are refused: the world is small and everybody
// changes it.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lianqiao/registry/v1/alliance.pb.h"
#include "lianqiao/registry/v1/jurisdiction.pb.h"
#include "lianqiao/registry/v1/membership.pb.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/registry/v1/restructuring.pb.h"
#include "libs/base/clock.h"
#include "tests/convergence/writer.h"

namespace lianqiao::convergence {

namespace {

class RegistryWriter final : public Writer {
 public:
  using Writer::Writer;
  ~RegistryWriter() override { Join(); }

 private:
  Write Choose() override;
  void Wrote(const google::protobuf::Message& record, const Key& key, bool created) override;
  Write NewSchool();
  Write ChangeSchool();
  Write MoveSchool();
  Write EndOrReviveSchool();
  Write MergeSchools();
  Write SplitSchool();
  Write RecodeSchool();
  Write UpsertSchools();
  Write ChangeAlliance();
  Write JoinAlliance();
  Write MoveMembership();
  Write MoveCounty();

  std::string last_school_;
};

Writer::Write RegistryWriter::Choose() {
  const int draw = Random(100);
  if (options_.moves) {
    if (draw < 50) return MoveSchool();
    if (draw < 56) return EndOrReviveSchool();
    if (draw < 60) return MergeSchools();
    return draw < 75 ? JoinAlliance() : MoveMembership();
  }
  if (!options_.county_id.empty()) {
    if (draw < 30) return NewSchool();
    if (draw < 65) return ChangeSchool();
    return draw < 85 ? MoveSchool() : EndOrReviveSchool();
  }
  if (options_.keyless && Chance(60)) return NewSchool();
  if (draw < 20) return NewSchool();
  if (draw < 42) return ChangeSchool();
  if (draw < 56) return MoveSchool();
  if (draw < 64) return EndOrReviveSchool();
  if (draw < 68) return MergeSchools();
  if (draw < 71) return SplitSchool();
  if (draw < 74) return RecodeSchool();
  if (draw < 80) return UpsertSchools();
  if (draw < 85) return ChangeAlliance();
  if (draw < 92) return JoinAlliance();
  return draw < 98 ? MoveMembership() : MoveCounty();
}

void RegistryWriter::Wrote(const google::protobuf::Message& record, const Key& key, bool created) {
  if (key.first == "organisation") last_school_ = key.second;
  if (key.first == "organisation" && created) targets_.schools.Put(key.second, "");
  if (key.first == "membership" && created) targets_.memberships.Put(key.second, "");
}

void FillSchool(const std::string& name, const std::string& county_id, registry::v1::Organisation* school) {
  school->set_kind(registry::v1::ORGANISATION_KIND_SCHOOL);
  school->set_name(name);
  school->set_jurisdiction_id(county_id);
  school->add_stages(type::v1::STAGE_PRIMARY);
}

Writer::Write RegistryWriter::NewSchool() {
  auto [request, response] = Pair<registry::v1::CreateOrganisationRequest, registry::v1::Organisation>();
  const std::string mark = Mark();
  FillSchool("校" + mark, AnyCounty(), request->mutable_organisation());
  request->mutable_organisation()->set_remark(mark);
  request->mutable_organisation()->set_legal_representative("p-" + mark);
  if (Chance(25)) {
    request->mutable_organisation()->set_kind(registry::v1::ORGANISATION_KIND_CAMPUS);
    request->mutable_organisation()->set_parent_organisation_id(targets_.schools.Any(&random_));
  }
  return {"OrganisationService/CreateOrganisation", std::move(request), std::move(response), mark, true};
}

Writer::Write RegistryWriter::ChangeSchool() {
  auto [request, response] = Pair<registry::v1::UpdateOrganisationRequest, registry::v1::Organisation>();
  const std::string mark = Mark();
  auto& school = *request->mutable_organisation();
  school.set_id(Chance(30) && !last_school_.empty() ? last_school_ : targets_.schools.Any(&random_));
  school.set_short_name(mark);
  if (Chance(20) && !last_etag_.empty()) school.set_etag(last_etag_);  // Mostly of another state.
  // Whoever may write only in one county says that it is all in there.
  if (!options_.county_id.empty() && Chance(50)) school.set_jurisdiction_id(options_.county_id);
  return {"OrganisationService/UpdateOrganisation", std::move(request), std::move(response), mark, false};
}

Writer::Write RegistryWriter::MoveSchool() {
  auto [request, response] = Pair<registry::v1::UpdateOrganisationRequest, registry::v1::Organisation>();
  request->mutable_organisation()->set_id(targets_.schools.Any(&random_));
  request->mutable_organisation()->set_jurisdiction_id(AnyCounty());
  return {"OrganisationService/UpdateOrganisation", std::move(request), std::move(response), "", false};
}

Writer::Write RegistryWriter::EndOrReviveSchool() {
  return Step<registry::v1::Organisation>(Chance(50) ? "Undelete" : "Delete", targets_.schools.Any(&random_));
}

Writer::Write RegistryWriter::MergeSchools() {
  auto [request, response] = Pair<registry::v1::MergeRequest, registry::v1::MergeOrganisationsResponse>();
  request->add_source_ids(targets_.schools.Any(&random_));
  request->set_target_id(targets_.schools.Any(&random_));
  request->set_document("合并文件");
  return {"OrganisationService/MergeOrganisations", std::move(request), std::move(response), "", false};
}

Writer::Write RegistryWriter::SplitSchool() {
  auto [request, response] =
      Pair<registry::v1::SplitOrganisationRequest, registry::v1::SplitOrganisationResponse>();
  request->set_id(targets_.schools.Any(&random_));
  request->set_document("拆分文件");
  request->set_keep_source(Chance(50));
  for (int i = 0; i < 2; ++i)
    FillSchool(absl::StrCat("分出校", Mark()), AnyCounty(), request->add_parts()->mutable_organisation());
  return {"OrganisationService/SplitOrganisation", std::move(request), std::move(response), "", false};
}

Writer::Write RegistryWriter::RecodeSchool() {
  auto [request, response] = Pair<registry::v1::RecodeRequest, registry::v1::Organisation>();
  request->set_id(targets_.schools.Any(&random_));
  request->set_kind(registry::v1::CODE_KIND_SCHOOL);
  request->set_code(absl::StrFormat("21610%05d", Random(100000)));
  request->set_document("换码文件");
  return {"OrganisationService/RecodeOrganisation", std::move(request), std::move(response), "", false};
}

Writer::Write RegistryWriter::UpsertSchools() {
  auto [request, response] =
      Pair<registry::v1::BatchUpsertOrganisationsRequest, registry::v1::BatchUpsertOrganisationsResponse>();
  request->set_source_system("source");
  request->set_atomic(Chance(50));
  const int first = Random(12);
  for (int i = 0; i < 2 + Random(4); ++i) {
    auto& school = *request->add_organisations();
    FillSchool(absl::StrCat("导入校", first + i, "-", Random(3)), AnyCounty(), &school);
    auto& id = *school.add_external_ids();
    id.set_system("source");
    id.set_id(absl::StrCat("s-", first + i));
  }
  return {"OrganisationService/BatchUpsertOrganisations", std::move(request), std::move(response), "", false};
}

Writer::Write RegistryWriter::ChangeAlliance() {
  auto [request, response] = Pair<registry::v1::UpdateAllianceRequest, registry::v1::Alliance>();
  request->mutable_alliance()->set_id(targets_.alliances.Any(&random_));
  request->mutable_alliance()->set_description(Mark());
  return {"AllianceService/UpdateAlliance", std::move(request), std::move(response), "", false};
}

Writer::Write RegistryWriter::JoinAlliance() {
  auto [request, response] = Pair<registry::v1::CreateMembershipRequest, registry::v1::Membership>();
  auto& membership = *request->mutable_membership();
  membership.set_alliance_id(targets_.alliances.Any(&random_));
  membership.set_organisation_id(targets_.schools.Any(&random_));
  membership.set_role(registry::v1::MEMBERSHIP_ROLE_MEMBER);
  membership.set_state(registry::v1::MEMBERSHIP_STATE_ACTIVE);
  // From today, from tomorrow (when the clock may have come to it), or only until then.
  const absl::Time now = installation_->clock().Now();
  membership.set_joined_on(base::BusinessDate(now + absl::Hours(Chance(30) ? 24 : 0)));
  return {"MembershipService/CreateMembership", std::move(request), std::move(response), "", true};
}

Writer::Write RegistryWriter::MoveMembership() {
  static const char* const kVerbs[] = {"Suspend", "Resume", "End"};
  return Step<registry::v1::Membership>(kVerbs[Random(3)], targets_.memberships.Any(&random_));
}

Writer::Write RegistryWriter::MoveCounty() {
  auto [request, response] = Pair<registry::v1::UpdateJurisdictionRequest, registry::v1::Jurisdiction>();
  request->mutable_jurisdiction()->set_id(world_.county_ids[Random(3)]);
  request->mutable_jurisdiction()->set_remark(Mark());
  return {"JurisdictionService/UpdateJurisdiction", std::move(request), std::move(response), "", false};
}

}  // namespace

std::unique_ptr<Writer> MakeRegistryWriter(Installation* installation, const World* world, Targets* targets,
                                           Ledger* ledger, Writer::Options options, Report* report) {
  return std::make_unique<RegistryWriter>(installation, world, targets, ledger, std::move(options), report);
}

}  // namespace lianqiao::convergence
