/**
 * Shell functions of `install.sh` and of the helper through which root changes folders that `istio-proxy` uses. Both scripts
 * define `die`.
 *
 * Threat: the scripts run as root, and the agent and Envoy run as `istio-proxy`. A process of `istio-proxy` that can rename a
 * folder on root's path replaces it with a link. Root would then give `istio-proxy` a folder of the system, or overwrite a
 * file of root. So root works only below folders that root alone can change, and follows no link of another user. A folder
 * that `istio-proxy` must be able to write, such as `/etc/certs`, is locked while root writes into it.
 */
export const rootFolders = `# trusted PATH: fails unless each folder on the way, PATH included, belongs to root and istio-proxy cannot write there.
# A link passes only if root created it; then its target is checked.
trusted() (
  [ "$1" = / ] || trusted "$(dirname "$1")" || exit 1
  [ "$(stat -c %u "$1")" = 0 ] || die "$1 belongs to user $(stat -c %U "$1"); expected root" "find out why, then: chown -h root $1"
  if [ -L "$1" ]; then
    target=$(readlink "$1")
    case $target in /*) ;; *) target=$(dirname "$1")/$target ;; esac
    trusted "$target" || exit 1
  else
    mode=$(stat -c %a "$1")
    [ $(( 0$mode & 2 )) = 0 ] || die "every user can write to $1" "chmod o-w $1"
    case " $(id -G istio-proxy) " in
      *" $(stat -c %g "$1") "*) [ $(( 0$mode & 16 )) = 0 ] || die "istio-proxy can write to $1" "chmod g-w $1" ;;
    esac
  fi
)

# own FOLDER OWNER MODE: creates a folder, or changes its owner and mode. A link is rejected: istio-proxy may have created it.
own() {
  trusted "$(dirname "$1")" || exit 1
  if [ -L "$1" ]; then die "$1 is a symbolic link of user $(stat -c %U "$1"); expected a folder" "find out who created it, then: rm $1"; fi
  [ -d "$1" ] || mkdir "$1"
  chown "$2" "$1"
  chmod "$3" "$1"
}

# place SOURCE TARGET OWNER MODE: writes a file into a folder that only root can change. It is renamed into place, so that a
# reader never sees a partial file, and so that a link with its name is replaced, not followed.
place() {
  trusted "$(dirname "$2")" || exit 1
  rm -f "$2.kubectl-mesh"
  install -T -o "$3" -m "$4" "$1" "$2.kubectl-mesh"
  mv -fT "$2.kubectl-mesh" "$2"
}

# only_root FILE: whether FILE does not exist, or root alone can change it.
only_root() { { [ ! -e "$1" ] && [ ! -L "$1" ]; } || trusted "$1" 2>/dev/null; }

# same FILE TARGET: whether TARGET is a file with the content of FILE. A link or a pipe is never read.
same() { [ ! -L "$2" ] && [ -f "$2" ] && cmp -s "$1" "$2"; }
`
