// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/access_matrix/world.h"

#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "libs/base/ids.h"
#include "libs/store/codec.h"
#include "tests/gates/access_matrix/requests.h"

namespace lianqiao::gates {

using namespace registry::v1;  // NOLINT: every name below is the registry's.

namespace {

bool Holds(const google::protobuf::RepeatedPtrField<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string Quoted(const std::string& text) {
  return "'" + absl::StrReplaceAll(text, {{"'", "''"}}) + "'";
}

}  // namespace

std::string ReferencedKind(const contract::Field& field) {
  const std::string& reference = field.rule->reference();
  const std::string kind = reference.substr(reference.find('/') + 1);
  return kind.starts_with('{') ? "" : kind;
}

std::string ReferenceOf(const World& world, const contract::Resource& resource,
                        const contract::Field& field) {
  const std::string kind = ReferencedKind(field);
  if (kind.empty() || field.array || field.rule->output_only()) return "";
  if (resource.kind == "jurisdiction" && field.name == "parent_id") return world.city;
  const auto& scope = resource.rule->scope();
  const bool places = Holds(scope.from(), field.name) || Holds(scope.readers_from(), field.name);
  if (!places && !field.rule->required()) return "";
  if (kind == resource.kind && !field.rule->required()) return "";  // A parent of its own kind.
  if (field.name == "authority_jurisdiction_id") return world.city;
  if (resource.kind == "membership" && field.name == "jurisdiction_id") return "";  // A school is the party.
  if (resource.kind == "membership" && field.name == "organisation_id") return world.other_school;
  // A record of an alliance or of a place: here of the alliance.
  const bool of_alliance = resource.Find("alliance_id") != nullptr && !field.rule->required();
  if (of_alliance && field.name == "jurisdiction_id") return "";
  const auto found = world.ids.find(kind);
  return found == world.ids.end() ? "" : found->second;
}

WorldFixture::WorldFixture() {
  home_ = Build(2023, city_.id(), weibin_.id(), feng_.id());
  const Jurisdiction province =
      Place(JURISDICTION_KIND_PROVINCE, JURISDICTION_LEVEL_PROVINCE, "甘肃省", "620000", registry::kRoot);
  const Jurisdiction city =
      Place(JURISDICTION_KIND_CITY, JURISDICTION_LEVEL_CITY, "兰州市", "620100", province.id());
  const Jurisdiction county =
      Place(JURISDICTION_KIND_COUNTY, JURISDICTION_LEVEL_COUNTY, "城关区", "620102", city.id());
  const Jurisdiction other =
      Place(JURISDICTION_KIND_COUNTY, JURISDICTION_LEVEL_COUNTY, "七里河区", "620103", city.id());
  away_ = Build(2022, city.id(), county.id(), other.id());
}

std::string WorldFixture::Party(const std::string& alliance, const std::string& school, MembershipRole role) {
  CreateMembershipRequest request = Membership(alliance, school, role);
  request.mutable_membership()->set_state(MEMBERSHIP_STATE_ACTIVE);
  request.mutable_membership()->set_joined_on("2020-09-01");
  return Propose(request).id();
}

World WorldFixture::Build(int year, const std::string& city, const std::string& county,
                          const std::string& other_county) {
  World world;
  world.year = year;
  world.city = city;
  world.county = county;
  world.other_county = other_county;
  world.lead_school = School(absl::StrCat("龙头校", year), county).id();
  world.member_school = School(absl::StrCat("成员校", year), other_county).id();
  world.other_school = School(absl::StrCat("另一校", year), county).id();
  const std::string alliance = Existing(ALLIANCE_TYPE_EDUCATION_GROUP, ALLIANCE_STATE_ACTIVE, county).id();
  world.other_alliance = Existing(ALLIANCE_TYPE_EDUCATION_GROUP, ALLIANCE_STATE_ACTIVE, county).id();
  Party(alliance, world.lead_school, MEMBERSHIP_ROLE_LEAD_SCHOOL);
  world.ids = {{"jurisdiction", county}, {"organisation", world.lead_school}, {"alliance", alliance}};
  world.ids["membership"] = Party(alliance, world.member_school, MEMBERSHIP_ROLE_MEMBER);
  AddOtherKinds(service_, &world);
  return world;
}

void WorldFixture::AddOtherKinds(testing::TestService& service, World* world) {
  std::vector<const contract::Resource*> waiting;
  for (const auto& resource : service.contract().resources())
    if (!world->ids.contains(resource->kind)) waiting.push_back(resource.get());
  while (!waiting.empty()) {
    std::vector<const contract::Resource*> still;
    for (const contract::Resource* resource : waiting) {
      const bool ready =
          std::all_of(resource->fields.begin(), resource->fields.end(), [&](const contract::Field& field) {
            const std::string kind = ReferencedKind(field);
            const bool ours = !kind.empty() && kind != resource->kind && field.rule->required();
            return !ours || world->ids.contains(kind);
          });
      ready ? AddRow(service, world, *resource) : still.push_back(resource);
    }
    ASSERT_LT(still.size(), waiting.size()) << "kinds that require each other: " << still.front()->kind;
    waiting = still;
  }
}

void WorldFixture::AddRow(testing::TestService& service, World* world, const contract::Resource& resource) {
  const std::string id = base::RandomId();
  std::unique_ptr<Message> record = NewRecord(*world, resource, world->year);
  const auto& set = *record->GetReflection();
  set.SetString(record.get(), resource.id->descriptor, id);
  set.SetInt64(record.get(), resource.revision->descriptor, 1);
  std::vector<std::string> columns;
  std::vector<std::string> values;
  std::string readers =
      resource.rule->scope().self() ? absl::StrCat("ARRAY['", id, "'::uuid]") : "'{}'::uuid[]";
  std::string writers = readers;
  for (const contract::Field& field : resource.fields) {
    if (field.column == contract::Column::kNone) continue;
    const bool state = field.column == contract::Column::kEnum && !field.array && field.rule->output_only();
    if (state) set.SetEnumValue(record.get(), field.descriptor, 1);  // As the engine begins it.
    columns.push_back(field.name);
    const bool stamped = &field == resource.create_time || &field == resource.update_time;
    const auto value = store::EncodeField(*record, field);
    values.push_back(stamped             ? "now()"
                     : value.has_value() ? absl::StrCat(Quoted(*value), "::", store::SqlType(field))
                                         : "NULL");
    const std::string reference = ReferenceOf(*world, resource, field);
    if (reference.empty()) continue;
    const bool copied = field.rule->reference().find('/') != std::string::npos;
    const std::string prefix = copied ? "sync_" : "";
    const std::string from = absl::StrCat(" FROM ", copied ? "registry_" : "", ReferencedKind(field),
                                          " WHERE id = '", reference, "')");
    const bool writes = Holds(resource.rule->scope().from(), field.name);
    if (writes) absl::StrAppend(&writers, " || (SELECT ", prefix, "write_scope", from);
    if (writes || Holds(resource.rule->scope().readers_from(), field.name))
      absl::StrAppend(&readers, " || (SELECT ", prefix, "scope", from);
  }
  const auto inserted =
      service.Query(absl::StrCat("INSERT INTO ", resource.kind, " (", absl::StrJoin(columns, ", "),
                                 ", bucket, scope, write_scope) VALUES (", absl::StrJoin(values, ", "),
                                 ", 0, ", readers, ", ", writers, ")"));
  ASSERT_TRUE(inserted.ok()) << resource.kind << ": " << inserted.status() << "\n"
                             << record->ShortDebugString();
  const auto kept = service.Query(absl::StrCat(
      "INSERT INTO revision (kind, id, revision, time, bucket, pos, state) VALUES ('", resource.kind, "', '",
      id, "', 1, now(), 0, 0, decode('", absl::BytesToHexString(record->SerializeAsString()), "', 'hex'))"));
  ASSERT_TRUE(kept.ok()) << resource.kind << ": " << kept.status();
  world->ids[resource.kind] = id;
}

}  // namespace lianqiao::gates
