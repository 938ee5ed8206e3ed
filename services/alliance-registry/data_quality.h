// SPDX-License-Identifier: Apache-2.0
// The report on yearly facts: what is missing, implausible or late, by county and zone.
#pragma once

#include "lianqiao/registry/v1/data_quality.pb.h"
#include "libs/resource/service.h"

namespace lianqiao::registry {

absl::StatusOr<v1::GetDataQualityResponse> GetDataQuality(resource::Reading& reading,
                                                          const v1::GetDataQualityRequest& request);

}  // namespace lianqiao::registry
