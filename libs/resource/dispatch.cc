// SPDX-License-Identifier: Apache-2.0
// From a bound method to its handler: authentication, function right, decoding, the right pool.
#include <google/protobuf/message.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/limits.h"
#include "libs/base/log.h"
#include "libs/base/mutant.h"
#include "libs/resource/core.h"

namespace lianqiao::resource {

using base::ErrorReason;

absl::Status EngineCore::Bind(rpc::Server* server) {
  std::set<std::string> bound;
  for (const auto& method : options.contract->methods()) {
    const auto custom = customs_.find(method->path);
    const bool streams = method->descriptor->client_streaming() || method->descriptor->server_streaming();
    if (custom != customs_.end() && streams != (custom->second.stream != nullptr))
      mistakes_.push_back(
          absl::StrCat(method->path, " is bound to a function of another kind: streaming or not"));
    if (streams && custom != customs_.end()) {
      server->BindStream(method->path,
                         [this, plan = method.get(), run = custom->second.stream](auto context, auto stream) {
                           HandleStream(*plan, run, std::move(context), std::move(stream));
                         });
      continue;
    }
    if (method->standard == Standard::kCustom) {
      if (custom == customs_.end()) {
        mistakes_.push_back(
            absl::StrCat(method->path, " is not bound: add .on(\"", method->descriptor->name(), "\", …)"));
        continue;
      }
      const Custom& run = custom->second;
      if (run.raw == nullptr && run.request != nullptr &&
          (run.request->GetDescriptor() != method->descriptor->input_type() ||
           run.response->GetDescriptor() != method->descriptor->output_type()))
        mistakes_.push_back(absl::StrCat(method->path, " is bound to a function of other types"));
      if (run.raw == nullptr && method->writes != (run.write != nullptr))
        mistakes_.push_back(absl::StrCat(
            method->path, method->writes
                              ? " writes (its permission ends in .write) but is bound to a Reading function"
                              : " only reads but is bound to a Writing function"));
    }
    bound.insert(method->path);
    server->Bind(method->path, [this, plan = method.get()](auto context, std::string bytes, rpc::Done done) {
      Handle(*plan, std::move(context), std::move(bytes), std::move(done));
    });
  }
  for (const auto& [path, custom] : customs_) {
    const Method* method = options.contract->FindMethod(path);
    if (method == nullptr || method->standard != Standard::kCustom)
      mistakes_.push_back(absl::StrCat(path, " is bound but is no custom method of the contract"));
  }
  for (const Daily& daily : dailies_) {
    const auto custom = customs_.find(daily.method);
    const Method* method = options.contract->FindMethod(daily.method);
    if (custom == customs_.end() || custom->second.write == nullptr || method == nullptr ||
        method->resource == nullptr || method->descriptor->input_type()->FindFieldByName("id") == nullptr)
      mistakes_.push_back(daily.method + " is called daily but is no writing custom method of a record's id");
  }
  if (mistakes_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the service does not fit its contract:\n  ", absl::StrJoin(mistakes_, "\n  ")));
}

void EngineCore::Handle(const Method& method, std::shared_ptr<const rpc::CallContext> context,
                        std::string bytes, rpc::Done done) {
  auto call = std::make_shared<Call>();
  call->context = context;
  call->method = &method;
  if (method.access->public_()) return Start(std::move(call), std::move(bytes), std::move(done));
  options.authenticator->Authenticate(
      std::move(context),
      [this, call, bytes = std::move(bytes), done = std::move(done)](absl::StatusOr<access::Caller> caller) {
        if (!caller.ok()) return done(std::move(caller).status());
        call->caller = *std::move(caller);
        Start(call, bytes, done);
      });
}

void EngineCore::HandleStream(const Method& method, const StreamMethod& run,
                              std::shared_ptr<const rpc::CallContext> context,
                              std::shared_ptr<rpc::ServerStream> stream) {
  auto call = std::make_shared<Call>();
  call->context = context;
  call->method = &method;
  options.authenticator->Authenticate(
      context, [this, call, run, stream](absl::StatusOr<access::Caller> caller) {
        if (!caller.ok()) return stream->Finish(caller.status());
        call->caller = *std::move(caller);
        const std::string& permission = call->method->permission;
        if (!permission.empty() && call->caller.ScopeFor(permission, options.clock->Now()).empty()) {
          LogDenied(*call, ErrorReason::PERMISSION_DENIED);
          return stream->Finish(Denied(*call));
        }
        run(call->caller, call->context, stream);
      });
}

namespace {

bool NamesOwnPlace(const Call& call) {
  if (call.method->record == nullptr || call.method->record->is_repeated() ||
      call.method->resource->Find("jurisdiction_id") == nullptr)
    return false;
  const Message& record = call.request->GetReflection()->GetMessage(*call.request, call.method->record);
  return call.scope.Covers({TextOf(record, *call.method->resource->Find("jurisdiction_id"))});
}

}  // namespace

void EngineCore::Start(CallPointer call, std::string bytes, rpc::Done done) {
  const Method& method = *call->method;
  call->now = options.clock->Now();
  if (!method.permission.empty()) {
    call->scope = call->caller.ScopeFor(method.permission, call->now);
    if (call->scope.empty()) {  // Before anything is decoded or read.
      LogDenied(*call, ErrorReason::PERMISSION_DENIED);
      return done(Denied(*call));
    }
    if (method.resource != nullptr && method.resource->rule->scope().platform() && !method.writes)
      call->scope.everything = true;
    if (method.resource != nullptr && method.resource->opens_downwards && !method.writes)
      call->scope = call->caller.WithAudiences(std::move(call->scope));
  }
  if (method.resource != nullptr) call->personal = call->ScopeFor(*method.resource, "personal");
  const auto custom = customs_.find(method.path);
  if (custom != customs_.end() && custom->second.raw != nullptr)
    return custom->second.raw(call->caller, call->context, std::move(bytes), std::move(done));
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.descriptor->input_type());
  call->request.reset(prototype->New());
  if (!call->request->ParseFromString(bytes))
    return done(base::FailIfAny({base::Refuse(
        "", ErrorReason::FIELD_BAD_FORMAT, {{"expected", method.descriptor->input_type()->full_name()}})}));
  // As in JSON: what this version does not know would be kept unchecked, and mean something to the next one.
  Violations violations;
  contract::RefuseUnknownFields(*call->request, "", &violations);
  if (!violations.empty()) return done(base::FailIfAny(violations));
  // Planted: a request that names a place of the caller's own is taken for one about it.
  if (base::Planted("authorisation-on-request") && NamesOwnPlace(*call)) call->scope.everything = true;
  auto after = AwaitedBy(*call);
  if (!after.ok()) return done(after.status());
  const auto awaited = std::make_shared<const Awaited>(*std::move(after));
  const auto own = awaited->find(method.descriptor->file()->package());
  if (own == awaited->end()) return DispatchAfter(std::move(call), awaited, 0, std::move(done));
  options.reads->Submit(
      call->context->deadline,
      [this, call, done, awaited, own](postgres::Session& session) {
        const absl::Status reached = CheckReached(session, own->second);
        if (!reached.ok()) return done(reached);
        DispatchAfter(call, awaited, 0, done);
      },
      done);
}

void EngineCore::DispatchAfter(CallPointer call, std::shared_ptr<const Awaited> awaited, size_t index,
                               rpc::Done done) {
  for (; index < options.followed.size(); ++index) {
    const Followed& followed = options.followed[index];
    const auto found = awaited->find(followed.package);
    if (found == awaited->end() || !MayReferTo(*this, *call, followed)) continue;
    feed::Waiter::Positions positions;
    for (const store::Position& position : found->second)
      positions.emplace_back(position.bucket, position.pos);
    return followed.projection->Await(std::move(positions), call->context->deadline,
                                      [this, call, awaited, index, done](absl::Status reached) {
                                        if (!reached.ok()) return done(std::move(reached));
                                        DispatchAfter(call, awaited, index + 1, done);
                                      });
  }
  Dispatch(std::move(call), std::move(done));
}

void EngineCore::Dispatch(CallPointer call, rpc::Done done) {
  using Run = absl::StatusOr<rpc::Reply> (EngineCore::*)(postgres::Session&, const Call&);
  Run run = nullptr;
  switch (call->method->standard) {
    case Standard::kGet:
      return Get(std::move(call), std::move(done));
    case Standard::kBatchGet:
      run = &EngineCore::BatchGet;
      break;
    case Standard::kList:
      run = &EngineCore::List;
      break;
    case Standard::kCreate:
      run = &EngineCore::Create;
      break;
    case Standard::kUpdate:
    case Standard::kDelete:
    case Standard::kUndelete:
    case Standard::kTransition:
      run = &EngineCore::Change;
      break;
    case Standard::kErase:
      run = &EngineCore::Erase;
      break;
    case Standard::kBatchUpsert:
      run = &EngineCore::BatchUpsert;
      break;
    case Standard::kCustom:
      run = &EngineCore::RunCustom;
      break;
  }
  postgres::Database* database = call->method->writes ? options.writes : options.reads;
  // A revision's time is call->now, and its COMMIT (or its one statement) may take the other half: read_time
  // relies on the whole.
  const absl::Time deadline =
      std::min(call->context->deadline, call->now + absl::Seconds(base::kWriteSecondsMax) / 2);
  database->Submit(
      deadline,
      [this, run, call, done](postgres::Session& session) {
        auto reply = (this->*run)(session, *call);
        if (reply.ok()) {
          if (call->method->writes && options.on_commit) options.on_commit();
          LogPersonalReads(*call);
        } else {
          if (absl::IsPermissionDenied(reply.status()))
            LogDenied(*call, base::FailureOf(reply.status()).reason());
          if (absl::IsInternal(reply.status()) || absl::IsDataLoss(reply.status()))
            base::Log(base::Severity::kError, "call_failed",
                      {{"method", call->method->path},
                       {"request_id", call->context->request_id},
                       {"status", reply.status().ToString()}});
        }
        done(std::move(reply));
      },
      done);
}

Engine::Engine(Options options) : core_(std::make_unique<EngineCore>(std::move(options))) {}
Engine::~Engine() = default;

void Engine::AddDerivation(const contract::Descriptor* type, Derivation derivation) {
  const ResourcePlan* resource = core_->options.contract->FindMessage(type);
  if (resource == nullptr)
    return core_->mistakes_.push_back(type->full_name() + " has derived fields but is no resource");
  Kind& kind = core_->MutableKind(*resource);
  kind.derivations.push_back(std::move(derivation));
  kind.transact_always = true;
}

void Engine::AddRules(const contract::Descriptor* type, Check check) {
  const ResourcePlan* resource = core_->options.contract->FindMessage(type);
  if (resource == nullptr)
    return core_->mistakes_.push_back(type->full_name() + " has rules but is no resource");
  core_->MutableKind(*resource).checks.push_back(std::move(check));
}

void Engine::AddDeletionRules(const contract::Descriptor* type, Check check) {
  const ResourcePlan* resource = core_->options.contract->FindMessage(type);
  if (resource == nullptr)
    return core_->mistakes_.push_back(type->full_name() + " has rules but is no resource");
  core_->MutableKind(*resource).deletion_checks.push_back(std::move(check));
}

void Engine::AddFacts(const contract::Descriptor* type, FactQuery query) {
  const ResourcePlan* resource = core_->options.contract->FindMessage(type);
  if (resource == nullptr)
    return core_->mistakes_.push_back(type->full_name() + " has facts but is no resource");
  for (const std::string& field : query.fields) {
    if (resource->Find(field) == nullptr)
      core_->mistakes_.push_back(absl::StrCat("fact ", query.name, " uses the unknown field ", field));
  }
  core_->MutableKind(*resource).facts.push_back(std::move(query));
}

void Engine::AddRead(const std::string& method, const Message& request, const Message& response,
                     ReadMethod run) {
  core_->customs_[method] = {&request, &response, std::move(run), nullptr, nullptr, nullptr};
}

void Engine::AddWrite(const std::string& method, const Message& request, const Message& response,
                      WriteMethod run) {
  core_->customs_[method] = {&request, &response, nullptr, std::move(run), nullptr, nullptr};
}

void Engine::AddDaily(const std::string& method, NamedQuery due) {
  core_->dailies_.push_back({method, std::move(due), "", ""});
}

void Engine::AddRaw(const std::string& method, RawMethod run) {
  core_->customs_[method] = {nullptr, nullptr, nullptr, nullptr, std::move(run), nullptr};
}

void Engine::AddStream(const std::string& method, StreamMethod run) {
  core_->customs_[method] = {nullptr, nullptr, nullptr, nullptr, nullptr, std::move(run)};
}

const Engine::Options& Engine::options() const {
  return core_->options;
}

absl::Status Engine::Bind(rpc::Server* server) {
  return core_->Bind(server);
}

std::vector<postgres::Migration> WithEngine(std::vector<postgres::Migration> own) {
  // Two histories: the engine's goes on after a service has begun its own.
  std::vector<postgres::Migration> all = EngineMigrations();
  for (postgres::Migration& migration : access::AccessLogMigrations()) all.push_back(std::move(migration));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  for (postgres::Migration& migration : all) migration.history = "engine";
  for (postgres::Migration& migration : own) all.push_back(std::move(migration));
  return all;
}

}  // namespace lianqiao::resource
