#pragma once
// Tells a secret from the placeholder of one.

#include <string_view>

namespace gateway {

// Whether a template engine or a shell has yet to put the value here: "$NAME", "${name}",
// "$(name)",
// "{{ name }}", "<< name >>", "<% name %>", "((name))", "[[name]]", "#{name}", "%NAME%", "<name>",
// "@NAME@". nats-server takes such a string as it stands, so it is a password that everybody who
// has seen the template knows. "$name" must be of one case: "$aB3x" may be a random password.
bool is_placeholder(std::string_view text);

}  // namespace gateway
