// SPDX-License-Identifier: Apache-2.0
// Yearly facts with their calendar, and the places and schools that they count.
#include "tests/gates/error_messages/bad_requests.h"

namespace lianqiao::gates {
namespace {

constexpr char kCreateYear[] = "SchoolYearService/CreateSchoolYear";
constexpr char kCreateTerm[] = "TermService/CreateTerm";
constexpr char kCreateSubmission[] = "FactSubmissionService/CreateFactSubmission";
constexpr char kCreateSchoolFacts[] = "SchoolYearFactsService/CreateSchoolYearFacts";
constexpr char kCreatePlaceFacts[] = "JurisdictionYearFactsService/CreateJurisdictionYearFacts";
constexpr char kCreatePlace[] = "JurisdictionService/CreateJurisdiction";

std::string SchoolFacts(const std::string& rest, const std::string& submission = "$submission$",
                        const std::string& school = "$school$") {
  return "school_year_facts { submission_id: '" + submission + "' organisation_id: '" + school +
         "' school_year_id: '$year$' stage: STAGE_JUNIOR " + rest + " }";
}

std::string PlaceFacts(const std::string& rest, const std::string& place = "$county$") {
  return "jurisdiction_year_facts { submission_id: '$submission$' jurisdiction_id: '" + place +
         "' school_year_id: '$year$' " + rest + " }";
}

std::string County(const std::string& rest) {
  return "jurisdiction { kind: JURISDICTION_KIND_COUNTY level: JURISDICTION_LEVEL_COUNTY name: '甲县' " +
         rest + " }";
}

}  // namespace

std::vector<BadRequest> BadCalendars() {
  return {
      {"required fields missing", kCreateYear, "school_year {}"},
      {"key of a bad format", kCreateYear,
       "school_year { key: '2024' starts_on: '2024-09-01' ends_on: '2025-08-31' statistics_on: '2024-09-01' "
       "}"},
      {"other days and years than those of its key", kCreateYear,
       "school_year { key: '2030-2031' starts_on: '2024-08-01' ends_on: '2025-07-31' statistics_on: "
       "'2024-09-01' }"},
      {"a year that is there", kCreateYear,
       "school_year { key: '2023-2024' starts_on: '2023-09-01' ends_on: '2024-08-31' statistics_on: "
       "'2023-09-01' }"},
      {"required fields missing", kCreateTerm, "term {}"},
      {"key of another year, number out of range", kCreateTerm,
       "term { key: '2024-2025-1' school_year_id: '$year$' number: 3 starts_on: '2023-09-01' ends_on: "
       "'2024-01-20' }"},
      {"key of another year, outside of its year", kCreateTerm,
       "term { key: '2024-2025-1' school_year_id: '$year$' number: 1 starts_on: '2025-09-01' ends_on: "
       "'2025-01-20' }"},
  };
}

std::vector<BadRequest> BadFacts() {
  return {
      {"required fields missing", kCreateSubmission, "fact_submission {}"},
      {"of a province", kCreateSubmission,
       "fact_submission { jurisdiction_id: '$province$' school_year_id: '$year$' }"},
      {"one that is there", kCreateSubmission,
       "fact_submission { jurisdiction_id: '$county$' school_year_id: '$year$' }"},
      {"a year that does not exist", kCreateSubmission,
       "fact_submission { jurisdiction_id: '$county$' school_year_id: '$nothing$' }"},
      {"own facts missing", "FactSubmissionService/SubmitFactSubmission", "id: '$submission$'"},
      {"on another day", "FactSubmissionService/SubmitFactSubmission",
       "id: '$submission$' effective_on: '2020-01-01'"},
      {"wrong state", "FactSubmissionService/AcceptFactSubmission", "id: '$submission$'"},
      {"no reason", "FactSubmissionService/ReturnFactSubmission", "id: '$submitted$'"},
      {"not frozen", "FactSubmissionService/RestateFactSubmission", "id: '$submission$' reason: '漏报'"},
      {"no reason", "FactSubmissionService/RestateFactSubmission", "id: '$submission$'"},
      {"required fields missing", kCreateSchoolFacts, "school_year_facts {}"},
      {"numbers out of range", kCreateSchoolFacts,
       SchoolFacts("pupils: -1 classes: 99999 public_funds: -0.5")},
      {"a part above its whole", kCreateSchoolFacts,
       SchoolFacts("pupils: 100 largest_class_pupils: 200 full_time_teachers: 5 backbone_teachers: 6")},
      {"a school of another county", kCreateSchoolFacts, SchoolFacts("", "$submission$", "$other_school$")},
      {"submitted already", kCreateSchoolFacts, SchoolFacts("", "$submitted$", "$other_school$")},
      {"unknown stage, another year than the submission's", kCreateSchoolFacts,
       "school_year_facts { submission_id: '$submission$' organisation_id: '$school$' school_year_id: "
       "'$other_year$' stage: 99 }"},
      {"another year than the submission's", kCreateSchoolFacts,
       "school_year_facts { submission_id: '$submission$' organisation_id: '$school$' school_year_id: "
       "'$other_year$' stage: STAGE_JUNIOR }"},
      {"a school and stage that is there", kCreateSchoolFacts,
       "school_year_facts { submission_id: '$submission$' organisation_id: '$school$' school_year_id: "
       "'$year$' stage: STAGE_PRIMARY }"},
      {"required fields missing", kCreatePlaceFacts, "jurisdiction_year_facts {}"},
      {"numbers out of range", kCreatePlaceFacts, PlaceFacts("schools: -1")},
      {"a part above its whole", kCreatePlaceFacts,
       PlaceFacts(
           "schools: 5 compulsory_schools: 6 disabled_children_known: 1 disabled_children_enrolled: 2")},
      {"of another place", kCreatePlaceFacts, PlaceFacts("schools: 5", "$other_county$")},
      {"no place and no year", "DataQualityService/GetDataQuality", ""},
      {"no such place", "DataQualityService/GetDataQuality",
       "jurisdiction_id: '$nothing$' school_year_id: '$year$'"},
      {"bad date", "RegistryStatisticsService/GetRegistryStatistics",
       "jurisdiction_id: '$county$' date: '2024-02-30'"},
      {"no such place", "RegistryStatisticsService/GetRegistryStatistics", "jurisdiction_id: '$nothing$'"},
  };
}

std::vector<BadRequest> BadPlaces() {
  return {
      {"required fields missing", kCreatePlace, "jurisdiction {}"},
      {"no parent", kCreatePlace, County("")},
      {"a parent below it", kCreatePlace,
       "jurisdiction { kind: JURISDICTION_KIND_CITY level: JURISDICTION_LEVEL_CITY name: '甲市' parent_id: "
       "'$county$' }"},
      {"a level of another kind", kCreatePlace,
       "jurisdiction { kind: JURISDICTION_KIND_CITY level: JURISDICTION_LEVEL_COUNTY name: '甲市' parent_id: "
       "'$city$' }"},
      {"code of a bad format", kCreatePlace, County("parent_id: '$city$' division_code: '61'")},
      {"code of another province", kCreatePlace, County("parent_id: '$city$' division_code: '320102'")},
      {"code of another place", kCreatePlace, County("parent_id: '$city$' division_code: '610302'")},
      {"dates in the wrong order", kCreatePlace,
       County("parent_id: '$city$' valid_from: '2020-01-01' valid_to: '2019-01-01'")},
      {"immutable level, and a place below itself", "JurisdictionService/UpdateJurisdiction",
       "jurisdiction { id: '$city$' level: JURISDICTION_LEVEL_COUNTY parent_id: '$county$' } update_mask { "
       "paths: 'level' paths: 'parent_id' }"},
      {"still referred to", "JurisdictionService/DeleteJurisdiction", "id: '$county$'"},
  };
}

std::vector<BadRequest> BadRestructurings() {
  std::vector<BadRequest> all;
  struct Kind {
    std::string service, plural, noun, one, other;
  };
  for (const Kind& kind :
       {Kind{"JurisdictionService/", "Jurisdictions", "Jurisdiction", "$county$", "$other_county$"},
        Kind{"OrganisationService/", "Organisations", "Organisation", "$school$", "$other_school$"}}) {
    const std::string merge = kind.service + "Merge" + kind.plural,
                      split = kind.service + "Split" + kind.noun,
                      rename = kind.service + "Rename" + kind.noun,
                      recode = kind.service + "Recode" + kind.noun;
    const std::string one = "id: '" + kind.one + "' ";
    all.insert(
        all.end(),
        {{"required fields missing", merge, ""},
         {"into itself", merge,
          "source_ids: '" + kind.one + "' target_id: '" + kind.one + "' document: '批复'"},
         {"a source that does not exist", merge,
          "source_ids: '$nothing$' target_id: '" + kind.one + "' document: '批复'"},
         {"bad date", merge,
          "source_ids: '" + kind.other + "' target_id: '" + kind.one +
              "' document: '批复' effective_on: '5月'"},
         {"required fields missing", split, one},
         {"a part without a name", split, one + "parts {} parts {} document: '批复'"},
         {"no such record", split, "id: '$nothing$' parts {} document: '批复'"},
         {"required fields missing", rename, one},
         {"name too long", rename, one + "name: '$x101$' document: '批复'"},
         {"no such record", rename, "id: '$nothing$' name: '乙' document: '批复'"},
         {"required fields missing", recode, one},
         {"code of a bad form, unknown kind", recode, one + "kind: 99 code: 'a b' document: '批复'"},
         {"kind of code that it does not have", recode,
          one + (kind.noun == "Organisation" ? "kind: CODE_KIND_DIVISION" : "kind: CODE_KIND_SCHOOL") +
              " code: '610399' document: '批复'"},
         {"code of another", recode,
          kind.noun == "Organisation" ? "id: '$new_school$' kind: CODE_KIND_SCHOOL code: '2161000001' "
                                        "document: '批复'"
                                      : one + "kind: CODE_KIND_DIVISION code: '610330' document: '批复'"}});
  }
  return all;
}

}  // namespace lianqiao::gates
