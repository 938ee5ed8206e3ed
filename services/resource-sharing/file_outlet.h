// SPDX-License-Identifier: Apache-2.0
// ReadFile: the bytes of a stored file on their way out.
#pragma once

#include <memory>

#include "libs/content/store.h"
#include "libs/resource/transfer.h"

namespace lianqiao::resources {

std::unique_ptr<resource::Outlet> MakeFileOutlet(content::Store* store);

}  // namespace lianqiao::resources
