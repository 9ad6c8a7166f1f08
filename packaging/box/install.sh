#!/bin/sh
# Installs or upgrades Kuahu from this folder, with no network: ./install.sh [--prefix DIR]
#
# The new version is laid beside the running one; only then does kuahu.service change over, with a
# backup of the state first, and it goes back by itself if the new version does not get ready.
# Killed at any point, it leaves the old version or the new one running; start it again to go on.
set -eu
prefix=
while [ $# -gt 0 ]; do
    case $1 in
        --prefix)
            prefix=$(mkdir -p "$2" && cd "$2" && pwd -P)
            shift 2
            ;;
        *)
            echo "use: ./install.sh [--prefix DIR]" >&2
            exit 2
            ;;
    esac
done
cd "$(dirname "$0")"
home=$prefix/opt/kuahu
site=$prefix/etc/kuahu/site.toml

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "installation stopped: $*"
    say "What ran before still runs."
    exit 1
}

verify() {
    sha256sum --check --strict --quiet MANIFEST >&2 \
        || fail "the archive is damaged: unpack it again, or fetch it again"
    # What the manifest does not name has no business here: a wheel more could be installed.
    extra=$(find . -type f ! -name MANIFEST | sed 's|^\./||' | LC_ALL=C sort | while read -r file; do
        grep -qF "  $file" MANIFEST || printf '%s ' "$file"
    done)
    [ -z "$extra" ] || fail "the archive holds files that its manifest does not name: $extra"
}

find_python() {
    [ "$(uname -m)" = "$machine" ] \
        || fail "this archive is for $machine and this machine is $(uname -m)"
    for python in "python$python_version" python3; do
        if "$python" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$python_version')" \
            2>/dev/null; then return; fi
    done
    fail "this archive needs Python $python_version, which is not here"
}

make_user() {
    # Under a prefix, which is for trying out, everything belongs to whoever installs.
    if [ -n "$prefix" ]; then return; fi
    [ "$(id -u)" = 0 ] || fail "this must run as root: sudo ./install.sh"
    if ! getent passwd kuahu >/dev/null; then
        useradd --system --home-dir /var/lib/kuahu --no-create-home --shell /usr/sbin/nologin kuahu
    fi
    ! getent group video >/dev/null || usermod -a -G video kuahu
    install -d -o kuahu -g kuahu -m 0700 /var/lib/kuahu
    install -d -o root -g kuahu -m 0750 /etc/kuahu
}

lay_release() {
    target=$home/releases/$release
    if [ -f "$target/complete" ]; then return; fi
    rm -rf "$target"
    say "==> $release beside what runs"
    "$python" -m venv --without-pip "$target"
    for pip in "$PWD"/wheels/pip-*.whl; do :; done
    # Nothing of this machine's pip settings, and no index: the wheels here, by their hashes.
    env -i "PATH=$PATH" PIP_CONFIG_FILE=/dev/null "$target/bin/python" -I "$pip/pip" install \
        --quiet --no-index --find-links "$PWD/wheels" --require-hashes --no-deps --no-cache-dir \
        --disable-pip-version-check -r locked.txt >&2 \
        || fail "the packages could not be installed; the lines above say why"
    cp -R box "$target/box"
    mkdir -p "$target/share/kuahu"
    cp -R weights "$target/share/kuahu/weights"
    "$target/bin/kuahu" --help >/dev/null || fail "the new version does not start on this machine"
    sync
    : >"$target/complete"
    sync "$target/complete" "$target"
}

# The site file is judged by the new version before anything changes over.
judge_site() {
    if [ ! -f "$site" ]; then return; fi
    if [ -z "$prefix" ]; then
        runuser -u kuahu -- "$home/releases/$release/bin/kuahu" check-config --config "$site" >&2
    else
        "$home/releases/$release/bin/kuahu" check-config --config "$site" >&2
    fi || fail "the new version cannot use $site; the lines above say why"
}

put_commands() {
    mkdir -p "$prefix/usr/local/bin"
    ln -sfn "$home/current/bin/kuahu" "$prefix/usr/local/bin/kuahu"
    ln -sfn "$home/current/box/kuahu-box" "$prefix/usr/local/bin/kuahu-box"
}

# Two versions are kept: the running one and the one to go back to.
sweep() {
    for old in "$home"/releases/*; do
        case $(basename "$old") in
            "$(basename "$(readlink "$home/current")")") ;;
            "$(basename "$(readlink "$home/previous" 2>/dev/null || echo -)")") ;;
            *) rm -rf "$old" ;;
        esac
    done
}

verify
version=$(sed -n 's/^version=//p' about)
machine=$(sed -n 's/^machine=//p' about)
python_version=$(sed -n 's/^python=//p' about)
release=$version-$(sha256sum MANIFEST | cut -c1-8)
find_python
make_user
mkdir -p "$home/releases" "$prefix/etc/kuahu" "$prefix/var/lib/kuahu"
# The same lock as kuahu-box, let go before that takes over.
exec 9>"$home/lock"
flock -n 9 || fail "another installation or downgrade is running"
lay_release
judge_site
exec 9>&-
put_commands
current=$(basename "$(readlink "$home/current" 2>/dev/null || true)")
if [ "$current" = "$release" ] && [ ! -f "$home/trial" ]; then
    systemctl is-active --quiet kuahu.service || [ ! -f "$site" ] || systemctl restart kuahu.service
    say "$release is installed already."
    exit 0
fi
"$home/releases/$release/box/kuahu-box" use "$release" || exit 1
if [ ! -f "$site" ]; then
    cp box/site.example.toml "$prefix/etc/kuahu/site.example.toml"
    say "Kuahu $version is installed. Next: write $site (see site.example.toml beside it), then"
    say "    kuahu check-config --config $site && systemctl enable --now kuahu"
    exit 0
fi
systemctl enable --quiet kuahu.service
systemctl is-active --quiet kuahu.service || systemctl start kuahu.service
sweep
say "Kuahu $version runs; \`kuahu-box downgrade\` goes back to what ran before."
