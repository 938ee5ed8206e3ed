// SPDX-License-Identifier: Apache-2.0
// What mentor pairs, their apprentices and their log must satisfy. Pure.
#pragma once

#include "lianqiao/exchange/v1/mentor_apprentice.pb.h"
#include "lianqiao/exchange/v1/mentor_log_entry.pb.h"
#include "lianqiao/exchange/v1/mentor_pair.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::exchange {

// Facts: "mentor" (left_on, works_there; of a new pair), "apprentices" (one row for each that has not left;
// of signing and starting), "cycle" (starts_on, ends_on; where one is named).
resource::Violations CheckMentorPair(const v1::MentorPair* before, const v1::MentorPair& after,
                                     const resource::Facts& facts);

// Facts: "pair" (mentor_id, state, started_on, ended_on), "apprentice" (left_on, works_there; of a new one).
resource::Violations CheckMentorApprentice(const v1::MentorApprentice* before,
                                           const v1::MentorApprentice& after, const resource::Facts& facts);

// Facts: "pair", "others" (a row if the pair has another apprentice).
resource::Violations CheckMentorApprenticeDeletion(const v1::MentorApprentice& record,
                                                   const resource::Facts& facts);

// Facts: "pair" (state, started_on, ended_on, same_pair, joined_on, left_on).
resource::Violations CheckMentorLogEntry(const v1::MentorLogEntry* before, const v1::MentorLogEntry& after,
                                         const resource::Facts& facts);
// Facts: "pair".
resource::Violations CheckMentorLogEntryDeletion(const v1::MentorLogEntry& record,
                                                 const resource::Facts& facts);

}  // namespace lianqiao::exchange
