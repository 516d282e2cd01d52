#include "gateway/cli/apply/plan_text.h"

#include "gateway/cli/output/change_text.h"
#include "gateway/cli/output/terminal.h"
#include "gateway/cli/output/text_layout.h"

namespace gateway::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kIndent = 4;

struct Sign {
  const char* text;
  const char* action;
  Colour colour;
};

Sign sign_of(StepKind kind) {
  if (kind == StepKind::create) return {"+", "create", Colour::green};
  if (kind == StepKind::update) return {"~", "update", Colour::yellow};
  return {"-", "revoke", Colour::red};
}

std::string step_text(const Step& step) {
  const auth::Credential& c = step.credential();
  const auth::Credential& named = step.kind == StepKind::update ? step.before : c;
  const Sign sign = sign_of(step.kind);
  const std::string of =
      step.kind == StepKind::create ? std::string(name(c.kind)) + " in " : c.id + " in ";
  const std::string head = std::string(sign.text) + " " + without_controls(named.name);
  std::string text = paragraph("", kIndent, head + " (" + of + c.account + ")", output_width());
  text.pop_back();
  text = coloured(text, sign.colour) + "\n";
  const auto say = [&text](const std::string& line) {
    text += paragraph(std::string(kIndent, ' '), kIndent, line, output_width());
  };
  if (step.kind == StepKind::create) {
    say(creation_text(step.fields));
    if (step.makes_secret) say("a secret is made for it");
  } else {
    for (const auto& [field, change] : step.fields.items())
      say(change_text(field, change));
  }
  return text;
}

std::string step_text(const RoleStep& step) {
  const Sign sign = sign_of(step.kind);
  const std::string head =
      std::string(sign.text) + " role " + step.after.name + " (in " + step.after.account + ")";
  std::string text = coloured(head, sign.colour) + "\n";
  const auto say = [&text](const std::string& line) {
    text += paragraph(std::string(kIndent, ' '), kIndent, line, output_width());
  };
  if (step.kind == StepKind::create) {
    say(creation_text(step.fields));
  } else {
    for (const auto& [field, change] : step.fields.items())
      say(change_text(field, change));
  }
  return text;
}

Json roles_json(const Plan& plan) {
  Json steps = Json::array();
  for (const RoleStep& step : plan.roles) {
    steps.push_back(
        {{"action", step.kind == StepKind::revoke ? "delete" : sign_of(step.kind).action},
         {"where", step.where},
         {"name", step.after.name},
         {"account", step.after.account},
         {"fields", step.fields}});
  }
  return {{"steps", std::move(steps)},
          {"create", plan.count_roles(StepKind::create)},
          {"update", plan.count_roles(StepKind::update)},
          {"delete", plan.count_roles(StepKind::revoke)},
          {"unchanged", plan.unchanged_roles}};
}

}  // namespace

std::string plan_counts(const Plan& plan) {
  std::string text = std::to_string(plan.count(StepKind::create)) + " to create, " +
                     std::to_string(plan.count(StepKind::update)) + " to update, " +
                     std::to_string(plan.count(StepKind::revoke)) + " to revoke, " +
                     std::to_string(plan.unchanged) + " unchanged";
  if (plan.roles.empty() && plan.unchanged_roles == 0) return text;
  return text + "; roles: " + std::to_string(plan.count_roles(StepKind::create)) + " to create, " +
         std::to_string(plan.count_roles(StepKind::update)) + " to update, " +
         std::to_string(plan.count_roles(StepKind::revoke)) + " to delete, " +
         std::to_string(plan.unchanged_roles) + " unchanged";
}

std::string plan_text(const Plan& plan) {
  std::string text;
  for (const RoleStep& step : plan.roles)
    text += step_text(step);
  for (const Step& step : plan.steps)
    text += step_text(step);
  return text + plan_counts(plan) + "\n";
}

Json plan_json(const Plan& plan) {
  Json steps = Json::array();
  for (const Step& step : plan.steps) {
    const auth::Credential& c = step.credential();
    Json json = {{"action", sign_of(step.kind).action},
                 {"where", step.where},
                 {"id", c.id},
                 {"name", c.name},
                 {"account", c.account},
                 {"kind", name(c.kind)},
                 {"fields", step.fields}};
    if (step.makes_secret) json["makes_secret"] = true;
    steps.push_back(std::move(json));
  }
  return {{"steps", std::move(steps)},
          {"create", plan.count(StepKind::create)},
          {"update", plan.count(StepKind::update)},
          {"revoke", plan.count(StepKind::revoke)},
          {"unchanged", plan.unchanged},
          {"roles", roles_json(plan)}};
}

}  // namespace gateway::cli
