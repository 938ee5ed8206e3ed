// SPDX-License-Identifier: Apache-2.0
// Who calls and what the grants of that client allow. Immutable once made; used by libs/resource and by
// services through it, never by rules.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/store/scope.h"

namespace lianqiao::identity::v1 {
class ClientAccess;
}

namespace lianqiao::access {

enum class ScopeKind { kPlatform, kJurisdiction, kOrganisation, kAlliance };

// Permission × scope × validity.
struct Grant {
  std::string permission;  // A pattern, see PermissionMatches.
  ScopeKind scope_kind = ScopeKind::kPlatform;
  std::string scope_id;                     // Empty for the platform.
  std::vector<std::string> source_systems;  // "*": any.
  absl::Time valid_from = absl::InfinitePast();
  absl::Time valid_to = absl::InfiniteFuture();  // Excluded.

  bool HoldsAt(absl::Time now) const { return valid_from <= now && now < valid_to; }
  // On the platform, by kind or by the root jurisdiction's id.
  bool IsPlatformWide() const;
  bool Allows(const std::string& permission_name, absl::Time now) const;
};

// 0: the platform's default.
struct ClientLimits {
  int requests_per_second = 0;
  int request_burst = 0;
  int concurrent_requests = 0;
};

// One client as of some version of the grants.
struct ClientGrants {
  std::string client_id;
  std::string label;
  std::string organisation_id;
  bool is_service = false;
  bool disabled = false;
  ClientLimits limits;
  std::vector<Grant> grants;
};

ClientGrants FromProto(const identity::v1::ClientAccess& access);
void ToProto(const ClientGrants& client, identity::v1::ClientAccess* access);

// "*" matches everything; in another pattern each "*" stands for one or more whole parts ("registry.*.read"),
// never for the part "restricted". Permissions of identity are never matched by a leading "*."; a "*" at the
// end of a longer pattern means reading and writing, every other right is named.
bool PermissionMatches(const std::string& pattern, const std::string& permission);

struct Caller {
  std::string client_id;
  std::string token_id;
  std::string acting_person;  // Opaque; with acting_role kept in the change record.
  std::string acting_role;
  bool is_service = false;
  std::shared_ptr<const ClientGrants> grants;  // Never null for an authenticated caller.

  // What the granted records and the client's organisation lie below, themselves included, as store::BelowId;
  // by their ids. Null where no kind opens downwards (libs/resource/audience.h).
  std::shared_ptr<const std::map<std::string, std::vector<std::string>>> lies_below;

  // The union of the scopes of every grant that holds now and allows the permission; empty if there is none.
  store::Scope ScopeFor(const std::string& permission, absl::Time now) const;
  // The same for reading rows that open downwards: with everything that it lies below.
  store::Scope WithAudiences(store::Scope scope) const;
  bool HasPermission(const std::string& permission, absl::Time now = absl::Now()) const;
  // External ids of this source system may be written.
  bool MayWriteSourceSystem(const std::string& system, absl::Time now = absl::Now()) const;
};

}  // namespace lianqiao::access
