// SPDX-License-Identifier: Apache-2.0
// The methods of ImportService. Only for libs/bulk.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "libs/access/caller.h"
#include "libs/resource/engine.h"
#include "libs/rpc/stream.h"
#include "libs/sync/feed_methods.h"

namespace lianqiao::bulk {

// `submitted` is told of every submission that is complete.
void AddImportMethods(const sync::Parts& parts, std::function<void()> submitted);

// receive_stream.cc
void ReceiveImport(resource::Engine* engine, const std::string& service,
                   const std::function<void()>& submitted, const access::Caller& caller,
                   const std::shared_ptr<const rpc::CallContext>& context,
                   std::shared_ptr<rpc::ServerStream> stream);

// refused_stream.cc
resource::StreamMethod ReadRefusedLines(const sync::Parts& parts);

}  // namespace lianqiao::bulk
