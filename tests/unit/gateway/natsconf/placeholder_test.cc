#include "gateway/natsconf/placeholder.h"

#include <string>

#include "tests/support/catch.h"

TEST_CASE("placeholder: what a template or a shell was to fill in is told", "[natsconf]") {
  const std::string text =
      GENERATE(as<std::string>{}, "$NATS_OPS_PASSWORD", "$token", "$_X", "$A1", "${NATS_PASSWORD}",
               "${nats.password:-x}", "$(PASSWORD)", "{{ .Values.x }}", "{{name}}",
               "pre-{{ .Values.x }}-post", "<< $TOKEN >>", "<<token>>", "<%= @password %>",
               "((nats_password))", "[[ password ]]", "#{password}", "%PASSWORD%", "<password>",
               "<your password>", "@NATS_PASSWORD@");
  CAPTURE(text);
  CHECK(gateway::is_placeholder(text));
}

TEST_CASE("placeholder: a password is not taken for one", "[natsconf]") {
  const std::string text = GENERATE(
      as<std::string>{}, "", "$", "$$", "secret", "S3cret$", "$2a$11$abcdefghijklmnopqrstuv",
      "$aB3xYz9", "$SYS.x", "$a-b", "{{}}", "{{ 1 }}", "{a}", "a}}b{{", "${", "100%", "%", "%%",
      "<>", "<1>", "a<b>c", "a@b.c", "@home", "((", "$two words", "$1", "$_", "%41%42");
  CAPTURE(text);
  CHECK_FALSE(gateway::is_placeholder(text));
}
