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

}  // namespace

std::string plan_counts(const Plan& plan) {
  return std::to_string(plan.count(StepKind::create)) + " to create, " +
         std::to_string(plan.count(StepKind::update)) + " to update, " +
         std::to_string(plan.count(StepKind::revoke)) + " to revoke, " +
         std::to_string(plan.unchanged) + " unchanged";
}

std::string plan_text(const Plan& plan) {
  std::string text;
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
          {"unchanged", plan.unchanged}};
}

}  // namespace gateway::cli
