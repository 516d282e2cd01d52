# What is installed where, and the Debian package that CPack makes of it: conf/package.sh.
include(GNUInstallDirs)

set(package ${CMAKE_CURRENT_LIST_DIR})
set(made ${PROJECT_BINARY_DIR}/package)

# Installing builds nothing: the tests would come along.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
install(TARGETS credgate RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY DESTINATION /etc/credgate)
install(FILES systemd/credgate.service systemd/credgate@.service DESTINATION lib/systemd/system)
install(FILES systemd/credgate.sysusers DESTINATION lib/sysusers.d RENAME credgate.conf)
install(FILES systemd/credgate.tmpfiles DESTINATION lib/tmpfiles.d RENAME credgate.conf)

# No live configuration is installed: `credgate init` makes one, and overwrites nothing.
file(GLOB pages doc/*.md)
install(FILES README.md ${pages} doc/events.schema.json DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES conf/credgate.conf conf/grafana-dashboard.json conf/prometheus-alerts.yml
  systemd/examples/encrypted-keys.conf systemd/examples/nats-server.conf
  systemd/examples/remote-nats-server.conf
  DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES ${package}/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Each release has libraries of its own, so each has a package of its own, the newer one the higher.
cmake_host_system_information(RESULT release QUERY DISTRIB_VERSION_ID)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1~deb${release})
file(READ ${package}/changelog changelog)
string(REPLACE "(${PROJECT_VERSION}-1)" "(${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})"
  changelog "${changelog}")
file(WRITE ${made}/changelog "${changelog}")

# -n leaves the time out: the same sources give the same file.
set(gzip gzip -9 -n -c)
function(install_compressed from to directory)
  install(CODE "execute_process(COMMAND ${gzip} \"${from}\"
    OUTPUT_FILE \"${made}/${to}.gz\" COMMAND_ERROR_IS_FATAL ANY)")
  install(FILES ${made}/${to}.gz DESTINATION ${directory})
endfunction()
function(install_completion shell to directory)
  install(CODE "execute_process(COMMAND \"$<TARGET_FILE:credgate>\" completion ${shell}
    OUTPUT_FILE \"${made}/${to}\" COMMAND_ERROR_IS_FATAL ANY)")
  install(FILES ${made}/${to} DESTINATION ${directory})
endfunction()
list(JOIN gzip " " gzip)
install_compressed(${PROJECT_SOURCE_DIR}/doc/credgate.1 credgate.1 ${CMAKE_INSTALL_MANDIR}/man1)
install_compressed(${PROJECT_SOURCE_DIR}/doc/credgate.conf.5 credgate.conf.5 ${CMAKE_INSTALL_MANDIR}/man5)
install_compressed(${made}/changelog changelog.Debian ${CMAKE_INSTALL_DOCDIR})
install_completion(bash credgate share/bash-completion/completions)
install_completion(zsh _credgate share/zsh/vendor-completions)
install_completion(fish credgate.fish share/fish/vendor_completions.d)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "credential gateway for NATS")
set(CPACK_PACKAGE_DESCRIPTION
"A nats-server that has auth_callout switched on asks credgate, at every
connection attempt, whether the credentials presented are good and what
they may do. credgate answers from an LMDB store on its own disk. A revoked
credential is refused at the next connection, and its live connections are
closed.
.
Credentials are keys, passwords, tokens, nkeys, credentials files and TLS
client certificates. They are managed from the command line or over NATS.")
set(CPACK_PACKAGE_CONTACT "credgate maintainers <maintainers@credgate.invalid>")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
# Otherwise the umask decides.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# tzdata: --times-location. procps: ExecReload= has kill. The scripts make the user and its directories.
set(CPACK_DEBIAN_PACKAGE_DEPENDS
  "procps, tzdata, systemd | systemd-standalone-sysusers | systemd-sysusers, systemd | systemd-standalone-tmpfiles | systemd-tmpfiles")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "nats-server (>= 2.10), lmdb-utils")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${package}/preinst ${package}/postinst ${package}/prerm ${package}/postrm)
include(CPack)
