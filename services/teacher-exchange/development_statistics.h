// SPDX-License-Identifier: Apache-2.0
// Counts over mentoring, trainings, studios, communities and talent programmes
// (development_statistics.proto).
#pragma once

#include "libs/resource/service.h"

namespace lianqiao::exchange {

void AddDevelopmentStatistics(resource::Service& service);

}  // namespace lianqiao::exchange
