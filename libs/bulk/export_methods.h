// SPDX-License-Identifier: Apache-2.0
// CreateExport, GetExport, ListExports, CancelExport and ReadExportFile. For libs/bulk only.
#pragma once

#include <functional>

#include "libs/resource/engine.h"
#include "libs/sync/feed_methods.h"

namespace lianqiao::bulk {

// Limits of one client.
inline constexpr int kUnfinishedExportsMax = 4;
// Those that hold or will hold files; a client cancels what it needs no more.
inline constexpr int kKeptExportsMax = 20;

// `parts` outlive the methods. `wake` is called when there is something to do.
resource::RawMethod CreateExport(const sync::Parts& parts, std::function<void()> wake);
resource::RawMethod GetExport(const sync::Parts& parts);
resource::RawMethod ListExports(const sync::Parts& parts);
resource::RawMethod CancelExport(const sync::Parts& parts, std::function<void()> wake);

// export_stream.cc
resource::StreamMethod ReadExportFile(const sync::Parts& parts);

}  // namespace lianqiao::bulk
