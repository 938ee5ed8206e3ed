// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/development_statistics.h"

#include "absl/strings/str_cat.h"
#include "lianqiao/exchange/v1/development_statistics.pb.h"
#include "libs/resource/date_order.h"
#include "libs/resource/reported_count.h"
#include "services/teacher-exchange/development_queries.h"

namespace lianqiao::exchange {
namespace {

using postgres::Parameters;
using postgres::Result;
using resource::Reading;

template <typename Enum>
Enum EnumOf(const google::protobuf::EnumDescriptor& type, const std::string& name) {
  const auto* value = type.FindValueByName(name);
  return static_cast<Enum>(value == nullptr ? 0 : value->number());
}

template <typename Enum>
Enum EnumOf(const Result& rows, int row, int column) {
  return EnumOf<Enum>(*google::protobuf::GetEnumDescriptor<Enum>(), rows.Text(row, column));
}

// Three columns from `column`: the sum, how exactly it is known, and of how many records it is. Rows of one
// entry differ in the second.
void AddTotal(const Result& rows, int row, int column, type::v1::ReportedTotal* total) {
  resource::AddTo(total, rows.Integer(row, column), EnumOf<type::v1::Comparison>(rows, row, column + 1),
                  rows.Integer(row, column + 2));
}

void SetMentoring(const Result& totals, const Result& sizes, const Result& schools, const Result& log,
                  v1::MentoringStatistics* mentoring) {
  mentoring->set_pair_count(totals.Integer(0, 0));
  mentoring->set_distinct_mentor_count(totals.Integer(0, 1));
  mentoring->set_apprenticeship_count(totals.Integer(0, 2));
  mentoring->set_distinct_apprentice_count(totals.Integer(0, 3));
  mentoring->set_distinct_teacher_count(totals.Integer(0, 4));
  for (int i = 0; i < sizes.rows(); ++i) {
    v1::PairSize& size = *mentoring->add_sizes();
    size.set_apprentice_count(sizes.Integer(i, 0));
    size.set_pair_count(sizes.Integer(i, 1));
  }
  mentoring->set_truncated(schools.rows() > kApprenticeSchoolsMax);
  for (int i = 0; i < std::min(schools.rows(), kApprenticeSchoolsMax); ++i) {
    v1::ApprenticeSchool& school = *mentoring->add_schools();
    school.set_organisation_id(schools.Text(i, 0));
    school.set_pair_count(schools.Integer(i, 1));
    school.set_distinct_apprentice_count(schools.Integer(i, 2));
  }
  mentoring->set_log_entry_count(log.Integer(0, 0));
  mentoring->set_lesson_count(log.Integer(0, 1));
}

absl::Status ReadMentoring(Reading& reading, const Parameters& asked, v1::MentoringStatistics* mentoring) {
  ASSIGN_OR_RETURN(const Result totals, reading.Query(MentoringTotalsQuery(), asked));
  ASSIGN_OR_RETURN(const Result sizes, reading.Query(PairSizesQuery(), asked));
  ASSIGN_OR_RETURN(const Result schools, reading.Query(ApprenticeSchoolsQuery(), asked));
  ASSIGN_OR_RETURN(const Result log, reading.Query(MentorLogQuery(), asked));
  SetMentoring(totals, sizes, schools, log, mentoring);
  return absl::OkStatus();
}

absl::Status ReadTrainings(Reading& reading, const Parameters& asked, v1::DevelopmentStatistics* answer) {
  ASSIGN_OR_RETURN(const Result rows, reading.Query(TrainingsQuery(), asked));
  for (int i = 0; i < rows.rows(); ++i) {
    v1::TrainingStatistics& entry = *answer->add_trainings();
    entry.set_kind(EnumOf<v1::TrainingKind>(rows, i, 0));
    entry.set_audience(EnumOf<v1::TrainingAudience>(rows, i, 1));
    entry.set_training_count(rows.Integer(i, 2));
    entry.set_session_count(rows.Integer(i, 3));
    entry.set_day_count(rows.Double(i, 4));
    entry.set_lesson_count(rows.Integer(i, 5));
    entry.set_distinct_participant_count(rows.Integer(i, 6));
  }
  ASSIGN_OR_RETURN(const Result figures, reading.Query(TrainingFiguresQuery(), asked));
  for (int i = 0; i < figures.rows(); ++i) {
    const auto kind = EnumOf<v1::TrainingKind>(figures, i, 0);
    const auto audience = EnumOf<v1::TrainingAudience>(figures, i, 1);
    for (v1::TrainingStatistics& entry : *answer->mutable_trainings()) {
      if (entry.kind() != kind || entry.audience() != audience) continue;
      const std::string unit = figures.Text(i, 2);
      AddTotal(figures, i, 3,
               unit == "person"        ? entry.mutable_person_count()
               : unit == "person_time" ? entry.mutable_person_time_count()
                                       : entry.mutable_reached_pupil_count());
    }
  }
  ASSIGN_OR_RETURN(const Result unverified, reading.Query(UnverifiedTrainingsQuery(), asked));
  answer->set_unverified_training_count(unverified.Integer(0, 0));
  return absl::OkStatus();
}

absl::Status ReadStudios(Reading& reading, const Parameters& asked, v1::DevelopmentStatistics* answer) {
  ASSIGN_OR_RETURN(const Result rows, reading.Query(StudiosQuery(), asked));
  for (int i = 0; i < rows.rows(); ++i) {
    v1::StudioStatistics& entry = *answer->add_studios();
    entry.set_kind(EnumOf<v1::StudioKind>(rows, i, 0));
    entry.set_studio_count(rows.Integer(i, 1));
    entry.set_distinct_member_count(rows.Integer(i, 2));
    entry.set_distinct_campus_count(rows.Integer(i, 3));
  }
  ASSIGN_OR_RETURN(const Result sessions, reading.Query(StudioSessionsQuery(), asked));
  for (int i = 0; i < sessions.rows(); ++i) {
    const auto kind = EnumOf<v1::StudioKind>(sessions, i, 0);
    for (v1::StudioStatistics& entry : *answer->mutable_studios()) {
      if (entry.kind() != kind) continue;
      entry.set_session_count(entry.session_count() + sessions.Integer(i, 1));
      entry.set_lesson_count(entry.lesson_count() + sessions.Integer(i, 2));
      AddTotal(sessions, i, 3, entry.mutable_person_time_count());
    }
  }
  return absl::OkStatus();
}

absl::Status ReadCommunities(Reading& reading, const Parameters& asked, v1::DevelopmentStatistics* answer) {
  ASSIGN_OR_RETURN(const Result rows, reading.Query(CommunitiesQuery(), asked));
  for (int i = 0; i < rows.rows(); ++i) {
    v1::CommunityStatistics& entry = *answer->add_communities();
    entry.set_kind(EnumOf<v1::ResearchCommunityKind>(rows, i, 0));
    entry.set_community_count(rows.Integer(i, 1));
    entry.set_distinct_member_count(rows.Integer(i, 2));
  }
  return absl::OkStatus();
}

absl::Status ReadTalent(Reading& reading, const Parameters& asked, v1::DevelopmentStatistics* answer) {
  ASSIGN_OR_RETURN(const Result rows, reading.Query(TalentQuery(), asked));
  for (int i = 0; i < rows.rows(); ++i) {
    v1::TalentStatistics& entry = *answer->add_talent_programmes();
    entry.set_kind(EnumOf<v1::TalentProgrammeKind>(rows, i, 0));
    entry.set_target_group(EnumOf<v1::TalentGroup>(rows, i, 1));
    entry.set_programme_count(rows.Integer(i, 2));
    entry.set_cohort_count(rows.Integer(i, 3));
    entry.set_quota_count(rows.Integer(i, 4));
    entry.set_rural_quota_count(rows.Integer(i, 5));
    entry.set_distinct_member_count(rows.Integer(i, 6));
  }
  ASSIGN_OR_RETURN(const Result figures, reading.Query(TalentFiguresQuery(), asked));
  for (int i = 0; i < figures.rows(); ++i) {
    const auto kind = EnumOf<v1::TalentProgrammeKind>(figures, i, 0);
    const auto group = EnumOf<v1::TalentGroup>(figures, i, 1);
    for (v1::TalentStatistics& entry : *answer->mutable_talent_programmes()) {
      if (entry.kind() == kind && entry.target_group() == group)
        AddTotal(figures, i, 2, entry.mutable_person_count());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::DevelopmentStatistics> GetDevelopmentStatistics(
    Reading& reading, const v1::GetDevelopmentStatisticsRequest& request) {
  resource::Violations violations;
  resource::RequireOrder("fromDate", request.from_date(), "toDate", request.to_date(), &violations);
  RETURN_IF_ERROR(base::FailIfAny(violations));
  v1::DevelopmentStatistics answer;
  answer.set_jurisdiction_id(request.jurisdiction_id());
  answer.set_from_date(request.from_date());
  answer.set_to_date(request.to_date());
  answer.set_alliance_id(request.alliance_id());
  Parameters asked;
  asked.Text(request.jurisdiction_id());
  for (const std::string& value : {request.from_date(), request.to_date(), request.alliance_id()}) {
    if (value.empty()) {
      asked.Null();
    } else {
      asked.Text(value);
    }
  }
  RETURN_IF_ERROR(ReadMentoring(reading, asked, answer.mutable_mentoring()));
  RETURN_IF_ERROR(ReadTrainings(reading, asked, &answer));
  RETURN_IF_ERROR(ReadStudios(reading, asked, &answer));
  if (!request.alliance_id().empty()) return answer;
  RETURN_IF_ERROR(ReadCommunities(reading, asked, &answer));
  RETURN_IF_ERROR(ReadTalent(reading, asked, &answer));
  return answer;
}

}  // namespace

void AddDevelopmentStatistics(resource::Service& service) {
  service.on("lianqiao.exchange.v1.DevelopmentStatisticsService", "GetDevelopmentStatistics",
             GetDevelopmentStatistics);
}

}  // namespace lianqiao::exchange
