// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/remarks_world.h"

#include "absl/strings/str_cat.h"
#include "libs/store/codec.h"

namespace lianqiao::conformance {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;

namespace {

runtime::Follow FollowRegistry() {
  feed::ProjectionSpec spec;
  spec.name = "remarks-registry";
  spec.prefix = "registry_";
  spec.kinds = {{"jurisdiction", {"name", "replaced_by"}},
                {"organisation", {"external_ids", "name", "short_name", "replaced_by"}}};
  spec.scopes = true;
  return {"lianqiao.registry.v1", spec};
}

// A remark "slow" is in no hurry to be committed once its scope has been copied.
constexpr char kSlowRemarks[] = R"(
CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.text = 'slow' THEN PERFORM pg_sleep(1); END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER take_time BEFORE INSERT ON remark FOR EACH ROW EXECUTE FUNCTION take_time();
)";

void NameOrganisation(remarks::Remark* remark, const resource::Facts& facts) {
  const auto& rows = facts.rows("school");
  remark->set_organisation_name(rows.empty() ? "" : rows[0].Text("name"));
}

runtime::Definition Remarks() {
  const auto own = contract::Contract::Load({"lianqiao.remarktest.v1"});
  const auto projection = runtime::FollowingDdl(FollowRegistry());
  EXPECT_TRUE(own.ok() && projection.ok()) << own.status() << projection.status();
  std::string tables;
  for (const std::string& statement : *projection) tables += statement + ";\n";
  return {"remarks",
          {"lianqiao.remarktest.v1"},
          {{"0010_follow_registry", tables},
           {"0011_create_remark", store::TableDdl(*(*own)->FindKind("remark")) + kSlowRemarks},
           {"0012_create_reply", store::TableDdl(*(*own)->FindKind("reply"))}},
          [](resource::Service& service) {
            resource::Resource<remarks::Remark>(service)
                .facts({"school",
                        "SELECT coalesce(nullif(short_name, ''), name) AS name FROM registry_organisation"
                        " WHERE id = $1::uuid",
                        {"organisation_id"},
                        {}})
                .derives(NameOrganisation);
          },
          {FollowRegistry()}};
}

}  // namespace

RemarksWorld::RemarksWorld() : remarks_(Remarks(), {&service_}) {
  for (const auto& [token, place] : {std::make_pair("near", near_id_), std::make_pair("far", far_id_)}) {
    access::Caller caller = MakeCaller({MakeGrant("test.*", ScopeKind::kJurisdiction, place, {"bureau"}),
                                        MakeGrant("registry.*", ScopeKind::kJurisdiction, place)});
    remarks_.AddCaller(token, std::move(caller));
  }
  near_school_ = School("渭滨区第一小学", near_id_).id();
  far_school_ = School("凤县第一小学", far_id_).id();
  remarks_.CatchUp();
}

absl::StatusOr<remarks::Remark> RemarksWorld::Say(const std::string& school, const std::string& token,
                                                  const std::string& partner, const std::string& text) {
  remarks::CreateRemarkRequest request;
  request.mutable_remark()->set_organisation_id(school);
  request.mutable_remark()->set_partner_id(partner);
  request.mutable_remark()->set_text(text);
  request.mutable_remark()->set_author("王老师");
  return remarks_.Call<remarks::Remark>("RemarkService/CreateRemark", request, token);
}

absl::StatusOr<remarks::Remark> RemarksWorld::Look(const std::string& id, const std::string& token) {
  type::v1::GetRequest get;
  get.set_id(id);
  return remarks_.Call<remarks::Remark>("RemarkService/GetRemark", get, token);
}

absl::Status RemarksWorld::Edit(const std::string& id, const std::string& token) {
  remarks::UpdateRemarkRequest update;
  update.mutable_remark()->set_id(id);
  update.mutable_remark()->set_text(absl::StrCat("改由", token));
  return remarks_.Call<remarks::Remark>("RemarkService/UpdateRemark", update, token).status();
}

void RemarksWorld::Stamp() {
  while (*remarks_.engine().RestampSome(absl::Now() + absl::Seconds(30)) > 0) continue;
}

}  // namespace lianqiao::conformance
