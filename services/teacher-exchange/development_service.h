// SPDX-License-Identifier: Apache-2.0
// Facts and rules of what teachers do for their growth: mentoring, communities, studios, trainings, growth
// records and talent programmes.
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::exchange {

void AddMentoring(resource::Service& service);
void AddCommunities(resource::Service& service);
void AddStudios(resource::Service& service);
void AddTrainings(resource::Service& service);
void AddGrowthRecords(resource::Service& service);
void AddTalentProgrammes(resource::Service& service);

}  // namespace lianqiao::exchange
