// SPDX-License-Identifier: Apache-2.0
// The statements behind the development statistics. Each gets the place ($1), the first and the last day ($2,
// $3; NULL: open) and the alliance ($4; NULL: any).
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::exchange {

// pairs, mentors, apprenticeships, apprentices, teachers
const resource::NamedQuery& MentoringTotalsQuery();
// apprentices of a pair, pairs
const resource::NamedQuery& PairSizesQuery();
// school, pairs, apprentices; one row more than are listed
inline constexpr int kApprenticeSchoolsMax = 10'000;
const resource::NamedQuery& ApprenticeSchoolsQuery();
// entries, lessons
const resource::NamedQuery& MentorLogQuery();

// kind, audience, trainings, sessions, days, lessons, participants on record
const resource::NamedQuery& TrainingsQuery();
// kind, audience, unit ("person", "person_time", "pupil"), sum, comparison, records
const resource::NamedQuery& TrainingFiguresQuery();
// trainings
const resource::NamedQuery& UnverifiedTrainingsQuery();

// kind, studios, members, campuses
const resource::NamedQuery& StudiosQuery();
// kind, sessions, lessons, person-times, comparison, records
const resource::NamedQuery& StudioSessionsQuery();

// kind, communities, members
const resource::NamedQuery& CommunitiesQuery();

// kind, group, programmes, cohorts, quota, rural quota, members on record
const resource::NamedQuery& TalentQuery();
// kind, group, persons, comparison, records
const resource::NamedQuery& TalentFiguresQuery();

}  // namespace lianqiao::exchange
