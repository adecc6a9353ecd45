#!/usr/bin/env bash
# A temporary machine: a folder as root file system, with the programs of this machine mounted read-only. The contents of Istio's
# package are simulated (user istio-proxy, unit istio). systemctl and sudo are stubs that log their arguments.
# usage: machine.sh ROOT [--net NETNS] [--bind FILE]... -- COMMAND...     COMMAND runs as root; files are kept between calls
#   FILE is mounted in /usr/local/bin. `systemctl start|restart UNIT` runs /usr/local/lib/start-UNIT, if it exists.
#   ROOT/run is the tmpfs of the machine: empty it to simulate a reboot. The log of systemctl is ROOT/var/log/systemctl.
set -euo pipefail
R=$1; shift; net=(); binds=()
while [ "$1" != -- ]; do case $1 in --net) net=(nsenter "--net=/run/netns/$2") ;; --bind) binds+=("$2") ;; esac; shift 2; done; shift
if [ ! -e "$R/etc/passwd" ]; then
  (umask 022; mkdir -p "$R"/{usr,etc/systemd/system,etc/alternatives,proc,dev,tmp,root,run,var/log/istio,var/lib,local/bin,local/sbin,local/lib}
  for d in bin sbin lib lib64; do [ ! -e "/$d" ] || ln -s "usr/$d" "$R/$d"; done
  ln -s ../run "$R/var/run"
  printf 'root:x:0:0::/root:/bin/sh\nistio-proxy:x:1337:1337::/var/lib/istio:/bin/sh\n' > "$R/etc/passwd"
  printf 'root:x:0:\nistio-proxy:x:1337:\n' > "$R/etc/group"
  printf 'passwd: files\ngroup: files\nhosts: files\n' > "$R/etc/nsswitch.conf"
  printf '127.0.0.1 localhost\n' > "$R/etc/hosts"
  cp /etc/ld.so.cache "$R/etc/"
  printf '[Unit]\nDescription=simulated\n[Service]\nExecStart=/usr/local/bin/istio-start.sh\nRestart=always\n[Install]\nWantedBy=multi-user.target\n' > "$R/etc/systemd/system/istio.service"
  for f in pilot-agent envoy istio-start.sh; do printf '#!/bin/sh\n' > "$R/local/bin/$f"; done
  cat > "$R/local/sbin/systemctl" <<'S'
#!/bin/sh
# stub: a unit is active if it has a file in /run/active
echo "$*" >> /var/log/systemctl
now=; verb=$1; shift; unit=
for word in "$@"; do case $word in --now) now=1 ;; --*) ;; *) unit=${word%.service} ;; esac; done
start() { mkdir -p /run/active; : > "/run/active/$unit"; if [ -x "/usr/local/lib/start-$unit" ]; then "/usr/local/lib/start-$unit"; fi; }
case $verb in
  cat) cat "/etc/systemd/system/$unit.service" ;;
  is-active) [ -e "/run/active/$unit" ] ;;
  start|restart) start ;;
  enable) : > "/run/enabled-$unit"; [ -z "$now" ] || start ;;
  disable) rm -f "/run/enabled-$unit"; [ -z "$now" ] || rm -f "/run/active/$unit" ;;
  stop) rm -f "/run/active/$unit" ;;
esac
S
  # Istio's start script runs: sudo -E -u USER -s SHELL -c COMMAND
  # shellcheck disable=SC2016 # for the stub
  printf '#!/bin/sh\n# stub\nfor last; do :; done\nexec setpriv --reuid 1337 --regid 1337 --clear-groups /bin/bash -c "$last"\n' > "$R/local/bin/sudo"
  chmod 755 "$R"/local/bin/* "$R"/local/sbin/*; chown 1337:1337 "$R/var/log/istio")
fi
export R
# shellcheck disable=SC2016 # for the inner shell
exec "${net[@]}" unshare --mount bash -c '
  set -euo pipefail
  mount --make-rprivate /
  mount --rbind /usr "$R/usr"; mount -o remount,bind,ro "$R/usr"; mount --bind "$R/local" "$R/usr/local"
  mount --rbind /proc "$R/proc"; mount --rbind /dev "$R/dev"; mount --bind /etc/alternatives "$R/etc/alternatives"
  n=$1; shift
  for _ in $(seq "$n"); do mount --bind "$1" "$R/usr/local/bin/$(basename "$1")"; shift; done
  exec chroot "$R" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin "$@"
' bash ${#binds[@]} "${binds[@]}" "$@"
