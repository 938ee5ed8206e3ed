// SPDX-License-Identifier: Apache-2.0
#include "libs/access/caller.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "lianqiao/identity/v1/grant_feed.pb.h"

namespace lianqiao::access {

namespace v1 = identity::v1;

namespace {

constexpr char kIdentityPrefix[] = "identity.";

bool IsIdentityPermission(const std::string& permission) {
  return permission.rfind(kIdentityPrefix, 0) == 0;
}

// A part that no "*" stands for: what a wildcard gives is never a right on such a kind (ranks of schools).
constexpr absl::string_view kRestricted = "restricted";

bool IsRestricted(const char* name) {
  const absl::string_view part = absl::string_view(name).substr(0, absl::string_view(name).find('.'));
  return part == kRestricted;
}

// Both point at the beginning of a part. Recursion is bounded by the parts of a pattern (at most a few).
bool PartsMatch(const char* pattern, const char* name) {
  while (*pattern != '\0') {
    if (*pattern == '*') {
      const char* rest = pattern[1] == '.' ? pattern + 2 : pattern + 1;
      if (*name == '\0' || IsRestricted(name)) return false;
      for (const char* dot = name; *dot != '\0'; ++dot) {
        if (*dot != '.') continue;
        if (*rest != '\0' && PartsMatch(rest, dot + 1)) return true;
        if (IsRestricted(dot + 1)) return false;
      }
      return *rest == '\0';
    }
    while (*pattern != '\0' && *pattern != '.') {
      if (*pattern++ != *name++) return false;
    }
    if (*name != *pattern) return false;
    if (*pattern == '.') ++pattern, ++name;
  }
  return *name == '\0';
}

absl::Time FromTimestamp(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

void SetTimestamp(absl::Time time, google::protobuf::Timestamp* proto) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  proto->set_seconds(seconds);
  proto->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

Grant FromProto(const v1::EffectiveGrant& proto) {
  Grant grant;
  grant.permission = proto.permission();
  grant.scope_id = proto.scope_id();
  grant.source_systems.assign(proto.source_systems().begin(), proto.source_systems().end());
  if (proto.has_valid_from()) grant.valid_from = FromTimestamp(proto.valid_from());
  if (proto.has_valid_to()) grant.valid_to = FromTimestamp(proto.valid_to());
  switch (proto.scope_kind()) {
    case v1::GRANT_SCOPE_KIND_PLATFORM:
      grant.scope_kind = ScopeKind::kPlatform;
      break;
    case v1::GRANT_SCOPE_KIND_JURISDICTION:
      grant.scope_kind = ScopeKind::kJurisdiction;
      break;
    case v1::GRANT_SCOPE_KIND_ALLIANCE:
      grant.scope_kind = ScopeKind::kAlliance;
      break;
    case v1::GRANT_SCOPE_KIND_ORGANISATION:
      grant.scope_kind = ScopeKind::kOrganisation;
      break;
    default:
      grant.valid_to = absl::InfinitePast();  // A kind of a newer program: grants nothing here.
  }
  return grant;
}

v1::GrantScopeKind ToProto(ScopeKind kind) {
  switch (kind) {
    case ScopeKind::kPlatform:
      return v1::GRANT_SCOPE_KIND_PLATFORM;
    case ScopeKind::kJurisdiction:
      return v1::GRANT_SCOPE_KIND_JURISDICTION;
    case ScopeKind::kOrganisation:
      return v1::GRANT_SCOPE_KIND_ORGANISATION;
    case ScopeKind::kAlliance:
      return v1::GRANT_SCOPE_KIND_ALLIANCE;
  }
  return v1::GRANT_SCOPE_KIND_UNSPECIFIED;
}

void SortUnique(std::vector<std::string>* ids) {
  std::sort(ids->begin(), ids->end());
  ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
}

}  // namespace

bool PermissionMatches(const std::string& pattern, const std::string& permission) {
  if (permission.empty()) return false;
  if (pattern == "*") return true;
  if (pattern.rfind("*.", 0) == 0 && IsIdentityPermission(permission)) return false;
  // Nobody means by "registry.*" to see persons, to write history past the states, or to check and accept
  // what the same client has reported: such rights are asked for by name.
  if (absl::EndsWith(pattern, "*") && !absl::EndsWith(permission, ".read") &&
      !absl::EndsWith(permission, ".write"))
    return false;
  return PartsMatch(pattern.c_str(), permission.c_str());
}

bool Grant::IsPlatformWide() const {
  return scope_kind == ScopeKind::kPlatform ||
         (scope_kind == ScopeKind::kJurisdiction && scope_id == store::kPlatformRootId);
}

bool Grant::Allows(const std::string& permission_name, absl::Time now) const {
  // Clients, grants and keys belong to the platform: "*" on a county must not read them.
  if (IsIdentityPermission(permission_name) && !IsPlatformWide()) return false;
  return HoldsAt(now) && PermissionMatches(permission, permission_name);
}

ClientGrants FromProto(const v1::ClientAccess& access) {
  ClientGrants client;
  client.client_id = access.client_id();
  client.label = access.label();
  client.organisation_id = access.organisation_id();
  client.is_service = access.is_service();
  client.disabled = access.disabled();
  client.limits = {access.requests_per_second(), access.request_burst(), access.concurrent_requests()};
  client.grants.reserve(access.grants_size());
  for (const auto& grant : access.grants()) client.grants.push_back(FromProto(grant));
  return client;
}

void ToProto(const ClientGrants& client, v1::ClientAccess* access) {
  access->set_client_id(client.client_id);
  access->set_label(client.label);
  access->set_organisation_id(client.organisation_id);
  access->set_is_service(client.is_service);
  access->set_disabled(client.disabled);
  access->set_requests_per_second(client.limits.requests_per_second);
  access->set_request_burst(client.limits.request_burst);
  access->set_concurrent_requests(client.limits.concurrent_requests);
  for (const Grant& grant : client.grants) {
    v1::EffectiveGrant* proto = access->add_grants();
    proto->set_permission(grant.permission);
    proto->set_scope_kind(ToProto(grant.scope_kind));
    proto->set_scope_id(grant.scope_id);
    for (const std::string& system : grant.source_systems) proto->add_source_systems(system);
    if (grant.valid_from != absl::InfinitePast()) SetTimestamp(grant.valid_from, proto->mutable_valid_from());
    if (grant.valid_to != absl::InfiniteFuture()) SetTimestamp(grant.valid_to, proto->mutable_valid_to());
  }
}

store::Scope Caller::ScopeFor(const std::string& permission, absl::Time now) const {
  store::Scope scope;
  if (grants == nullptr || grants->disabled) return scope;
  for (const Grant& grant : grants->grants) {
    if (!grant.Allows(permission, now)) continue;
    if (grant.IsPlatformWide()) {
      scope = store::Scope();
      scope.everything = true;
      return scope;
    }
    if (grant.scope_kind != ScopeKind::kAlliance) {
      scope.ids.push_back(grant.scope_id);
    } else if (!grants->organisation_id.empty()) {
      scope.alliance_ids.push_back(grant.scope_id);
    }
  }
  SortUnique(&scope.ids);
  SortUnique(&scope.alliance_ids);
  if (!scope.alliance_ids.empty()) scope.organisation_id = grants->organisation_id;
  return scope;
}

store::Scope Caller::WithAudiences(store::Scope scope) const {
  if (lies_below == nullptr || scope.everything) return scope;
  const std::vector<std::string> granted = scope.ids;
  for (const std::string& id : granted) {
    const auto found = lies_below->find(id);
    if (found != lies_below->end())
      scope.ids.insert(scope.ids.end(), found->second.begin(), found->second.end());
  }
  // As in a row's scope: a grant on an alliance counts while the client's organisation has a part in it.
  const auto own = lies_below->find(scope.organisation_id);
  for (const std::string& alliance : scope.alliance_ids) {
    const std::string below = store::BelowId(alliance);
    if (own != lies_below->end() &&
        std::find(own->second.begin(), own->second.end(), below) != own->second.end())
      scope.ids.push_back(below);
  }
  SortUnique(&scope.ids);
  return scope;
}

bool Caller::HasPermission(const std::string& permission, absl::Time now) const {
  if (grants == nullptr || grants->disabled) return false;
  return std::any_of(grants->grants.begin(), grants->grants.end(),
                     [&](const Grant& grant) { return grant.Allows(permission, now); });
}

bool Caller::MayWriteSourceSystem(const std::string& system, absl::Time now) const {
  if (grants == nullptr || grants->disabled) return false;
  for (const Grant& grant : grants->grants) {
    if (!grant.HoldsAt(now)) continue;
    for (const std::string& allowed : grant.source_systems) {
      if (allowed == system || allowed == "*") return true;
    }
  }
  return false;
}

}  // namespace lianqiao::access
