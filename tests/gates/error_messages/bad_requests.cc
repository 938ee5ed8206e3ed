// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/error_messages/bad_requests.h"

namespace lianqiao::gates {
namespace {

constexpr char kCreateOrganisation[] = "OrganisationService/CreateOrganisation";
constexpr char kUpdateOrganisation[] = "OrganisationService/UpdateOrganisation";
constexpr char kListOrganisations[] = "OrganisationService/ListOrganisations";
constexpr char kCreateAlliance[] = "AllianceService/CreateAlliance";
constexpr char kUpdateAlliance[] = "AllianceService/UpdateAlliance";
constexpr char kCreateMembership[] = "MembershipService/CreateMembership";

// A school that only its last line spoils.
std::string School(const std::string& spoilt) {
  return "organisation { kind: ORGANISATION_KIND_SCHOOL name: '甲校' jurisdiction_id: '$county$' " + spoilt +
         " }";
}

std::string Member(const std::string& rest) {
  return "membership { alliance_id: '$alliance$' " + rest + " }";
}

std::vector<BadRequest> Organisations() {
  return {
      {"no record", kCreateOrganisation, ""},
      {"required fields missing", kCreateOrganisation, "organisation {}"},
      {"an id of the client's", kCreateOrganisation, School("id: '$school$'")},
      {"text too long", kCreateOrganisation, School("short_name: '$x101$'")},
      {"text with a NUL", kCreateOrganisation, School("sponsor: 'a\\000b'")},
      {"codes and dates of a bad format", kCreateOrganisation,
       School("school_code: '12' social_credit_code: '91610000000000000X' opened_on: '2024-13-01'")},
      {"unknown enum numbers", kCreateOrganisation, School("school_type: 99 stages: 77")},
      {"numbers out of range", kCreateOrganisation, School("longitude: 200 latitude: -1")},
      {"a person's number in a reference", kCreateOrganisation,
       School("legal_representative: '13812345678'")},
      {"external id of a bad format", kCreateOrganisation, School("external_ids { system: 'A B' }")},
      {"external id of a system not granted", kCreateOrganisation,
       School("external_ids { system: 'register' id: '1' }"), "county"},
      {"a reference that is no id", kCreateOrganisation, School("division_id: '610302'")},
      {"a reference to nothing", kCreateOrganisation, School("division_id: '$nothing$'")},
      {"a place out of scope", kCreateOrganisation, School("division_id: '$other_county$'"), "county"},
      {"a code that another school has", kCreateOrganisation,
       School("school_type: SCHOOL_TYPE_PRIMARY stages: STAGE_PRIMARY school_code: '2161000001'")},
      {"dates in the wrong order", kCreateOrganisation,
       School("opened_on: '2020-01-01' closed_on: '2019-01-01'")},
      {"request_id too long", kCreateOrganisation, School("") + " request_id: '$x300$'"},
      {"request_id of another request", kCreateOrganisation,
       School("remark: 'another'") + " request_id: 'used'"},
      {"no id", kUpdateOrganisation, "organisation { name: '乙校' } update_mask { paths: 'name' }"},
      {"an id that is none", kUpdateOrganisation, "organisation { id: '1' } update_mask { paths: 'name' }"},
      {"no such record", kUpdateOrganisation,
       "organisation { id: '$nothing$' name: 'x' } update_mask { paths: 'name' }"},
      {"mask with unknown fields", kUpdateOrganisation,
       "organisation { id: '$school$' } update_mask { paths: 'nmae' paths: 'name.first' }"},
      {"mask with fields of the platform", kUpdateOrganisation,
       "organisation { id: '$school$' status: ORGANISATION_STATUS_CLOSED } update_mask { paths: 'status' "
       "paths: 'revision' }"},
      {"immutable field", kUpdateOrganisation,
       "organisation { id: '$school$' synthetic: true } update_mask { paths: 'synthetic' }"},
      {"required field cleared", kUpdateOrganisation,
       "organisation { id: '$school$' } update_mask { paths: 'name' }"},
      {"etag of an older revision", kUpdateOrganisation,
       "organisation { id: '$school$' etag: '\"7\"' name: 'x' } update_mask { paths: 'name' }"},
      {"not readable", kUpdateOrganisation,
       "organisation { id: '$other_school$' name: 'x' } update_mask { paths: 'name' }", "county"},
      {"still referred to", "OrganisationService/DeleteOrganisation", "id: '$school$'"},
      {"no id", "OrganisationService/DeleteOrganisation", ""},
      {"etag of an older revision", "OrganisationService/DeleteOrganisation", "id: '$school$' etag: '\"7\"'"},
      {"wrong state", "OrganisationService/ActivateOrganisation", "id: '$school$'"},
      {"bad date", "OrganisationService/CloseOrganisation", "id: '$school$' effective_on: 'tomorrow'"},
      {"no id", "OrganisationService/GetOrganisation", ""},
      {"two ids", "OrganisationService/GetOrganisation", "id: '$school$' external_id: 'a:b'"},
      {"bad external id", "OrganisationService/GetOrganisation", "external_id: 'b'"},
      {"bad read mask", "OrganisationService/GetOrganisation", "id: '$school$' read_mask { paths: 'nmae' }"},
      {"no such record", "OrganisationService/GetOrganisation", "id: '$nothing$'"},
      {"one of the ids is none", "OrganisationService/BatchGetOrganisations", "ids: '$school$' ids: '1'"},
      {"no ids", "OrganisationService/BatchGetOrganisations", ""},
      {"no records", "OrganisationService/BatchUpsertOrganisations", ""},
      {"no token", "OrganisationService/GetOrganisation", "id: '$school$'", ""},
      {"no right", "OrganisationService/GetOrganisation", "id: '$school$'", "ungranted"},
  };
}

std::vector<BadRequest> Lists() {
  return {
      {"filter of two words", kListOrganisations, "filter: 'name school'"},
      {"filter with an unknown field", kListOrganisations, "filter: 'nmae = \"x\"'"},
      {"filter with a value of another type", kListOrganisations, "filter: 'opened_on > 5'"},
      {"filter with an unknown enum value", kListOrganisations, "filter: 'kind = \"SHOP\"'"},
      {"filter that does not end", kListOrganisations, "filter: 'name = \"x'"},
      {"filter on a personal field", kListOrganisations, "filter: 'legal_representative = \"p\"'"},
      {"order by an unknown field", kListOrganisations, "order_by: 'nmae'"},
      {"order by a field without an index", kListOrganisations, "order_by: 'create_time desc'"},
      {"order with a bad direction", kListOrganisations, "order_by: 'name down'"},
      {"page size below zero", kListOrganisations, "page_size: -1"},
      {"page token that is none", kListOrganisations, "page_token: 'abc'"},
      {"page token of another list", kListOrganisations, "page_token: '$page_token$' filter: 'name = \"x\"'"},
      {"bad date", kListOrganisations, "valid_on: '2024-02-30'"},
      {"bad read mask", kListOrganisations, "read_mask { paths: 'nmae' }"},
      {"read_time with an order", kListOrganisations, "read_time { seconds: 1704067200 } order_by: 'name'"},
      {"everything at once", kListOrganisations,
       "page_size: -1 filter: 'x' order_by: 'x' valid_on: 'x' read_mask { paths: 'x' }"},
  };
}

std::vector<BadRequest> Alliances() {
  return {
      {"required fields missing", kCreateAlliance, "alliance {}"},
      {"unknown type", kCreateAlliance, "alliance { name: '甲' type: 99 jurisdiction_id: '$county$' }"},
      {"texts and dates of a bad format", kCreateAlliance,
       "alliance { name: '$x300$' type: ALLIANCE_TYPE_EDUCATION_GROUP jurisdiction_id: '$county$' "
       "founded_on: '2024' }"},
      {"parent of a type that takes none", kCreateAlliance,
       "alliance { name: '甲' type: ALLIANCE_TYPE_COUNTY jurisdiction_id: '$county$' parent_alliance_id: "
       "'$alliance$' }"},
      {"a place that does not exist", kCreateAlliance,
       "alliance { name: '甲' type: ALLIANCE_TYPE_EDUCATION_GROUP jurisdiction_id: '$nothing$' }"},
      {"immutable type", kUpdateAlliance,
       "alliance { id: '$alliance$' type: ALLIANCE_TYPE_COUNTY } update_mask { paths: 'type' }"},
      {"state by update", kUpdateAlliance,
       "alliance { id: '$alliance$' state: ALLIANCE_STATE_DISSOLVED } update_mask { paths: 'state' }"},
      {"etag of an older revision", kUpdateAlliance,
       "alliance { id: '$alliance$' etag: '\"99\"' name: 'x' } update_mask { paths: 'name' }"},
      {"wrong state", "AllianceService/ActivateAlliance", "id: '$drafted$'"},
      {"shape of its type not met", "AllianceService/ActivateAlliance", "id: '$filed$'"},
      {"no reason", "AllianceService/DissolveAlliance", "id: '$alliance$'"},
      {"merged into itself", "AllianceService/MergeAlliance",
       "id: '$alliance$' into_alliance_id: '$alliance$' reason: 'x'"},
      {"readable but not writable", kUpdateAlliance,
       "alliance { id: '$alliance$' name: 'x' } update_mask { paths: 'name' }", "member"},
  };
}

std::vector<BadRequest> Memberships() {
  return {
      {"required fields missing", kCreateMembership, "membership {}"},
      {"no party", kCreateMembership, Member("role: MEMBERSHIP_ROLE_MEMBER")},
      {"two parties", kCreateMembership,
       Member("role: MEMBERSHIP_ROLE_MEMBER organisation_id: '$school$' jurisdiction_id: '$county$'")},
      {"unknown role", kCreateMembership, Member("role: 99 organisation_id: '$school$'")},
      {"a party that does not exist", kCreateMembership,
       Member("role: MEMBERSHIP_ROLE_MEMBER organisation_id: '$nothing$'")},
      {"dates in the wrong order", kCreateMembership,
       Member("role: MEMBERSHIP_ROLE_MEMBER organisation_id: '$new_school$' joined_on: '2024-01-01' left_on: "
              "'2023-01-01'")},
      {"a period that overlaps", kCreateMembership,
       Member("role: MEMBERSHIP_ROLE_MEMBER organisation_id: '$school$' state: MEMBERSHIP_STATE_ACTIVE "
              "joined_on: '2022-01-01'")},
      {"immutable alliance and role", "MembershipService/UpdateMembership",
       "membership { id: '$membership$' alliance_id: '$drafted$' role: MEMBERSHIP_ROLE_LEAD_SCHOOL } "
       "update_mask { paths: 'alliance_id' paths: 'role' }"},
      {"wrong state", "MembershipService/AgreeMembership", "id: '$membership$'"},
      {"no reason", "MembershipService/DeclineMembership", "id: '$proposed$'"},
      {"agreed by another than the party", "MembershipService/AgreeMembership", "id: '$proposed$'", "county"},
      {"no such record", "MembershipService/EndMembership", "id: '$nothing$'"},
  };
}

}  // namespace

const std::vector<BadRequest>& BadRequests() {
  static const std::vector<BadRequest> all = [] {
    std::vector<BadRequest> requests;
    for (const auto& family : {Organisations(), Lists(), Alliances(), Memberships(), BadCalendars(),
                               BadFacts(), BadPlaces(), BadRestructurings(), BadAgreements(), BadFilings(),
                               BadPlans(), BadMoneyAndProjects(), BadGovernance()})
      requests.insert(requests.end(), family.begin(), family.end());
    return requests;
  }();
  return all;
}

}  // namespace lianqiao::gates
