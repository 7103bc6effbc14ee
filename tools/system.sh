#!/usr/bin/env bash
# What only the system's packages can bring: a browser, PDF pages as pictures, Korean type, a C compiler for the
# fault injection.
# Installed where that is allowed; otherwise said loudly, and the tests that need it say so again.
set -uo pipefail
needed=()
[ -x /usr/bin/chromium ] || needed+=(chromium)
command -v pdftoppm >/dev/null || needed+=(poppler-utils)
[ -n "$(find /usr/share/fonts -iname 'NotoSansCJK*' -print -quit 2>/dev/null)" ] || needed+=(fonts-noto-cjk)
command -v gcc >/dev/null || command -v cc >/dev/null || command -v clang >/dev/null || needed+=(gcc libc6-dev)
[ ${#needed[@]} -eq 0 ] && exit 0

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo -n "$@"; else return 1; fi; }
install() { as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${needed[@]}"; }

echo "Installing ${needed[*]}"
if command -v apt-get >/dev/null && { install || { as_root apt-get update -q && install; }; } >/tmp/homeward-apt.$$ 2>&1; then
  rm -f /tmp/homeward-apt.$$; exit 0
fi
tail -n 5 /tmp/homeward-apt.$$ 2>/dev/null; rm -f /tmp/homeward-apt.$$
echo "*** COULD NOT INSTALL ${needed[*]}: the tests that need them will be SKIPPED. ***"
[ "${CI:-}" != true ] || exit 1
