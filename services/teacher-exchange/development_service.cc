// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/development_service.h"

#include "absl/strings/str_cat.h"
#include "services/teacher-exchange/group_rules.h"
#include "services/teacher-exchange/growth_rules.h"
#include "services/teacher-exchange/mentoring_rules.h"
#include "services/teacher-exchange/talent_rules.h"
#include "services/teacher-exchange/training_rules.h"

namespace lianqiao::exchange {
namespace {

using resource::FactQuery;

// Whether a teacher t works at a school: there, at a campus of it, or at what it is a campus of.
std::string WorksAt(const std::string& school) {
  return absl::StrCat("(t.school_id = ", school,
                      " OR EXISTS (SELECT 1 FROM registry_organisation o WHERE (o.id = t.school_id"
                      " AND o.parent_organisation_id = ",
                      school, ") OR (o.id = ", school,
                      " AND o.parent_organisation_id = t.school_id))) AS works_there");
}

// State and time of the group that a record belongs to. `began`: its column.
FactQuery GroupOf(const std::string& kind, const std::string& began) {
  return {"group",
          absl::StrCat("SELECT state, ", began, ", ended_on FROM ", kind, " WHERE id = $1::uuid"),
          {kind + "_id"},
          {}};
}

// Other active heads of the group that a member is in.
FactQuery OtherHeads(const std::string& kind, const std::string& role) {
  return {"heads",
          absl::StrCat("SELECT id FROM ", kind, "_member WHERE ", kind, "_id = $1::uuid AND id <> $2::uuid",
                       " AND role = '", role,
                       "' AND state = 'GROUP_MEMBER_STATE_ACTIVE' AND delete_time IS NULL"),
          {kind + "_id", "id"},
          {}};
}

FactQuery HeadsOf(const std::string& kind, const std::string& role, const std::string& method) {
  return {"heads",
          absl::StrCat("SELECT id FROM ", kind, "_member WHERE ", kind, "_id = $1::uuid AND role = '", role,
                       "' AND state = 'GROUP_MEMBER_STATE_ACTIVE' AND delete_time IS NULL"),
          {"id"},
          {method}};
}

// Of honours and titles alone: what brings a teacher on is open to everybody.
FactQuery EthicsOfHonoured() {
  return {"ethics",
          "SELECT e.outcome FROM ethics_result e, talent_programme p WHERE e.teacher_id = $1::uuid"
          " AND p.id = $2::uuid AND p.kind IN ('TALENT_PROGRAMME_KIND_RURAL_TEACHER_HONOURS',"
          " 'TALENT_PROGRAMME_KIND_NAMED_TEACHERS', 'TALENT_PROGRAMME_KIND_RURAL_TITLE_QUOTA')"
          " AND e.delete_time IS NULL AND e.outcome <> 'ETHICS_OUTCOME_UNSPECIFIED'"
          " ORDER BY e.year DESC LIMIT 1",
          {"teacher_id", "talent_programme_id"},
          {"CreateTalentMember", "UndeleteTalentMember", "BatchUpsertTalentMembers"}};
}

constexpr char kLeader[] = "COMMUNITY_ROLE_LEADER";
constexpr char kOwner[] = "STUDIO_ROLE_OWNER";

}  // namespace

void AddMentoring(resource::Service& service) {
  resource::Resource<v1::MentorPair>(service)
      .facts(
          {"mentor",
           absl::StrCat("SELECT t.left_on, ", WorksAt("$2::uuid"), " FROM teacher t WHERE t.id = $1::uuid"),
           {"mentor_id", "mentor_school_id"},
           {"CreateMentorPair", "BatchUpsertMentorPairs"}})
      .facts({"apprentices",
              "SELECT id FROM mentor_apprentice WHERE mentor_pair_id = $1::uuid AND left_on IS NULL"
              " AND delete_time IS NULL",
              {"id"},
              {"SignMentorPair", "StartMentorPair"}})
      .facts({"cycle",
              "SELECT starts_on, ends_on FROM registry_cycle WHERE id = $1::uuid",
              {"cycle_id"},
              {},
              true})
      .rules(CheckMentorPair);
  resource::Resource<v1::MentorApprentice>(service)
      .facts({"pair",
              "SELECT mentor_id, state, started_on, ended_on FROM mentor_pair WHERE id = $1::uuid",
              {"mentor_pair_id"},
              {}})
      .facts({"apprentice",
              absl::StrCat("SELECT t.left_on, ", WorksAt("p.apprentice_school_id"),
                           " FROM teacher t, mentor_pair p WHERE t.id = $1::uuid AND p.id = $2::uuid"),
              {"teacher_id", "mentor_pair_id"},
              {"CreateMentorApprentice", "BatchUpsertMentorApprentices"}})
      .rules(CheckMentorApprentice)
      .deletion_rules(CheckMentorApprenticeDeletion);
  resource::Resource<v1::MentorLogEntry>(service)
      .facts({"pair",
              "SELECT p.state, p.started_on, p.assessed_on, p.ended_on, a.mentor_pair_id = p.id AS same_pair,"
              " a.joined_on, a.left_on FROM mentor_pair p, mentor_apprentice a WHERE p.id = $1::uuid AND "
              "a.id = $2::uuid",
              {"mentor_pair_id", "mentor_apprentice_id"},
              {}})
      .rules(CheckMentorLogEntry)
      .deletion_rules(CheckMentorLogEntryDeletion);
}

void AddCommunities(resource::Service& service) {
  resource::Resource<v1::ResearchCommunity>(service)
      .facts(HeadsOf("research_community", kLeader, "ActivateResearchCommunity"))
      .facts({"league", "SELECT kind FROM research_community WHERE id = $1::uuid", {"league_id"}, {}, true})
      .rules(CheckResearchCommunity);
  resource::Resource<v1::ResearchCommunityMember>(service)
      .facts(GroupOf("research_community", "founded_on"))
      .facts(OtherHeads("research_community", kLeader))
      .rules(CheckResearchCommunityMember);
}

void AddStudios(resource::Service& service) {
  resource::Resource<v1::Studio>(service)
      .facts(HeadsOf("studio", kOwner, "ActivateStudio"))
      .rules(CheckStudio);
  resource::Resource<v1::StudioMember>(service)
      .facts(GroupOf("studio", "founded_on"))
      .facts(OtherHeads("studio", kOwner))
      .rules(CheckStudioMember);
  resource::Resource<v1::StudioCampus>(service)
      .facts(GroupOf("studio", "founded_on"))
      .facts(
          {"school",
           "SELECT 1 FROM registry_organisation WHERE id = $1::uuid AND kind IN"
           " ('ORGANISATION_KIND_SCHOOL', 'ORGANISATION_KIND_CAMPUS', 'ORGANISATION_KIND_COMPLETE_PRIMARY',"
           " 'ORGANISATION_KIND_TEACHING_POINT', 'ORGANISATION_KIND_CENTRAL_SCHOOL',"
           " 'ORGANISATION_KIND_KINDERGARTEN', 'ORGANISATION_KIND_SPECIAL_EDUCATION_UNIT')",
           {"organisation_id"},
           {}})
      .rules(CheckStudioCampus);
  resource::Resource<v1::StudioSession>(service)
      .facts(GroupOf("studio", "founded_on"))
      .rules(CheckStudioSession);
}

void AddTrainings(resource::Service& service) {
  resource::Resource<v1::Training>(service)
      .facts({"participants",
              "SELECT count(*) AS count FROM training_participant WHERE training_id = $1::uuid"
              " AND delete_time IS NULL",
              {"id"},
              {}})
      .facts(
          {"term", "SELECT starts_on, ends_on FROM registry_term WHERE id = $1::uuid", {"term_id"}, {}, true})
      .facts({"authority",
              "SELECT 1 FROM registry_organisation o WHERE o.id = $1::uuid"
              " AND o.sync_scope && ARRAY[$2::uuid]",
              {"host_organisation_id", "jurisdiction_id"},
              {"CreateTraining", "UpdateTraining", "BatchUpsertTrainings"}})
      .derives(ForgetVerification)
      .rules(CheckTraining)
      .deletion_rules(CheckTrainingDeletion);
  resource::Resource<v1::TrainingParticipant>(service)
      .facts({"training", "SELECT state FROM training WHERE id = $1::uuid", {"training_id"}, {}})
      .facts({"figures",
              "SELECT distinct_person_count, distinct_person_count_comparison AS comparison FROM training"
              " WHERE id = $1::uuid AND distinct_person_count IS NOT NULL",
              {"training_id"},
              {}})
      .facts({"other_participants",
              "SELECT count(*) AS count FROM training_participant WHERE training_id = $1::uuid"
              " AND id <> $2::uuid AND delete_time IS NULL",
              {"training_id", "id"},
              {}})
      .rules(CheckTrainingParticipant)
      .deletion_rules(CheckTrainingParticipantDeletion);
}

void AddGrowthRecords(resource::Service& service) {
  resource::Resource<v1::GrowthRecord>(service).rules(CheckGrowthRecord);
  resource::Resource<v1::GrowthEvent>(service)
      .facts({"record",
              "SELECT r.state, y.starts_on, y.ends_on FROM growth_record r"
              " LEFT JOIN registry_school_year y ON y.id = r.school_year_id WHERE r.id = $1::uuid",
              {"growth_record_id"},
              {}})
      .rules(CheckGrowthEvent)
      .deletion_rules(CheckGrowthEventDeletion);
}

void AddTalentProgrammes(resource::Service& service) {
  resource::Resource<v1::TalentProgramme>(service)
      .facts({"whole",
              "SELECT parent_programme_id FROM talent_programme WHERE id = $1::uuid",
              {"parent_programme_id"},
              {},
              true})
      .facts({"projects",
              "SELECT count(*) AS count FROM talent_programme WHERE parent_programme_id = $1::uuid"
              " AND delete_time IS NULL HAVING count(*) > 0",
              {"id"},
              {}})
      .facts(
          {"taken_in",
           "SELECT 1 FROM talent_member WHERE talent_programme_id = $1::uuid AND delete_time IS NULL"
           " UNION SELECT 1 FROM talent_cohort WHERE talent_programme_id = $1::uuid AND delete_time IS NULL",
           {"id"},
           {"UpdateTalentProgramme", "BatchUpsertTalentProgrammes"}})
      .rules(CheckTalentProgramme);
  resource::Resource<v1::TalentCohort>(service)
      .facts(GroupOf("talent_programme", "started_on"))
      .facts({"members",
              "SELECT count(*) AS count FROM talent_member WHERE talent_cohort_id = $1::uuid"
              " AND delete_time IS NULL",
              {"id"},
              {}})
      .rules(CheckTalentCohort);
  resource::Resource<v1::TalentMember>(service)
      .facts(GroupOf("talent_programme", "started_on"))
      .facts({"cohort",
              "SELECT talent_programme_id, target_group, distinct_person_count,"
              " distinct_person_count_comparison AS comparison FROM talent_cohort WHERE id = $1::uuid",
              {"talent_cohort_id"},
              {}})
      .facts({"other_members",
              "SELECT count(*) AS count FROM talent_member WHERE talent_cohort_id = $1::uuid"
              " AND id <> $2::uuid AND delete_time IS NULL",
              {"talent_cohort_id", "id"},
              {}})
      .facts(EthicsOfHonoured())
      .derives(DeriveTalentMember)
      .rules(CheckTalentMember);
}

}  // namespace lianqiao::exchange
