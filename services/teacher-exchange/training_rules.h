// SPDX-License-Identifier: Apache-2.0
// What trainings and their participants must satisfy. Pure.
#pragma once

#include "lianqiao/exchange/v1/training.pb.h"
#include "lianqiao/exchange/v1/training_participant.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::exchange {

// A training that is rejected was verified on no day.
void ForgetVerification(v1::Training* training, const resource::Facts& facts);

// Facts: "participants" (one row: count), "term" (starts_on, ends_on; where one is named), "authority" (a row
// if the host lies in the place of the authority).
resource::Violations CheckTraining(const v1::Training* before, const v1::Training& after,
                                   const resource::Facts& facts);
resource::Violations CheckTrainingDeletion(const v1::Training& record, const resource::Facts& facts);

// Facts: "training" (state), "other_participants" (one row: count), "figures" (distinct_person_count,
// comparison; none if the training does not give it).
resource::Violations CheckTrainingParticipant(const v1::TrainingParticipant* before,
                                              const v1::TrainingParticipant& after,
                                              const resource::Facts& facts);
// Facts: "training".
resource::Violations CheckTrainingParticipantDeletion(const v1::TrainingParticipant& record,
                                                      const resource::Facts& facts);

}  // namespace lianqiao::exchange
