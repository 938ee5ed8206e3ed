// SPDX-License-Identifier: Apache-2.0
// The .proto files of this repository with their comments, as a serialized FileDescriptorSet inside the
// program: generated code does not keep comments. For the OpenAPI document.
#pragma once

#include <string>

namespace lianqiao::gateway {

std::string ApiDescriptors();

}  // namespace lianqiao::gateway
