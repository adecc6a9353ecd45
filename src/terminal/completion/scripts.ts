import {shellWord} from '../../text/shell-word.ts'

/** The shells for which `kubectl mesh completion` prints a script. */
export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const

export type Shell = (typeof shells)[number]

/** The shells that load a file from a folder of the system when they first complete `kubectl-mesh`. */
export type FileShell = Exclude<Shell, 'powershell'>

/**
 * Returns the script that completes `kubectl mesh` and `kubectl-mesh` in a shell. Other commands of kubectl are completed as
 * before, if kubectl's script was loaded first.
 *
 * The program answers with one line `VALUE<TAB>DESCRIPTION` for each candidate, and a last line `:DIRECTIVE` (cobra,
 * `shell_completions.md`): 2 means no space after the value, 4 no files, 16 only folders.
 *
 * @param program path of `bin/complete.js`, or the name of an executable that answers completions
 */
export function completionScript(shell: Shell, program: string): string {
  if (shell === 'powershell') return powershell(program)
  return own[shell](program) + ofKubectl[shell]
}

/**
 * Returns the file that packages install for the completion of `kubectl-mesh`. It leaves the completion of `kubectl` alone: a shell
 * may load the file before that of kubectl, or without it.
 *
 * @param program as for `completionScript`
 */
export function completionFile(shell: FileShell, program: string): string {
  const isCalled = `[[ $funcstack[1] == _kubectl-mesh ]] && __kubectl_mesh_direct\n`
  // zsh runs the file as the function that completes; only the first time, it has to define functions.
  return own[shell](program) + (shell === 'zsh' ? isCalled : '')
}

const own: Readonly<Record<FileShell, (program: string) => string>> = {
  bash: program => `# bash completion for kubectl mesh
__kubectl_mesh() {
  local first=$1 cur='' joined='' line value directive=0 at
  local -a args=()
  # COMP_WORDBREAKS splits words at = and :, which belong to values here.
  for ((at = first; at <= COMP_CWORD; at++)); do
    if [[ $at -gt $first && \${COMP_WORDS[at]} == [=:]* || $joined == *[=:] && $at -gt $first ]]; then
      args[\${#args[@]}-1]+=\${COMP_WORDS[at]}
    else
      args+=("\${COMP_WORDS[at]}")
    fi
    joined=\${COMP_WORDS[at]}
  done
  cur=\${args[\${#args[@]}-1]}
  local prefix=\${cur%"\${COMP_WORDS[COMP_CWORD]}"}
  [[ \${COMP_WORDS[COMP_CWORD]} == [=:] ]] && prefix=$cur
  # The answers for --flag=VALUE are values.
  if [[ $cur == -*=* ]]; then
    cur=\${cur#*=}
    prefix=\${prefix#*=}
  fi
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :* ]]; then directive=\${line#:}; continue; fi
    value=\${line%%$'\\t'*}
    [[ $value == "$cur"* ]] && COMPREPLY+=("\${value#"$prefix"}")
  done < <(${shellWord(program)} "\${args[@]}" 2>/dev/null)
  if ((directive & 16)); then
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "\${cur#"$prefix"}")
    compopt -o filenames
  elif ((!(directive & 4) && \${#COMPREPLY[@]} == 0)); then
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${cur#"$prefix"}")
    compopt -o filenames
  fi
  ((directive & 2)) && compopt -o nospace
  return 0
}
__kubectl_mesh_direct() { __kubectl_mesh 1; }
complete -o default -F __kubectl_mesh_direct kubectl-mesh
`,
  zsh: program => `#compdef kubectl-mesh
# zsh completion for kubectl mesh
__kubectl_mesh() {
  local line directive=0
  local -a candidates options
  while IFS= read -r line; do
    if [[ $line == :* ]]; then directive=\${line#:}; continue; fi
    line=\${line//:/\\\\:}
    candidates+=("\${line/$'\\t'/:}")
  done < <(${shellWord(program)} "\${(@)words[$1,CURRENT]}" 2>/dev/null)
  ((directive & 2)) && options=(-S '')
  if ((directive & 16)); then
    _files -/
  elif (($#candidates)); then
    _describe -V value candidates "\${options[@]}"
  elif ((!(directive & 4))); then
    _files
  fi
}
__kubectl_mesh_direct() { __kubectl_mesh 2 }
compdef __kubectl_mesh_direct kubectl-mesh
`,
  fish: program => `# fish completion for kubectl mesh
function __kubectl_mesh
    set -l words (commandline -opc) (commandline -ct)
    set -l directive 0
    for line in (${shellWord(program)} $words[$argv[1]..-1] 2>/dev/null)
        if string match -q ':*' -- $line
            set directive (string sub -s 2 -- $line)
        else
            echo $line
        end
    end
    if test (math "bitand($directive, 16)") -ne 0
        __fish_complete_directories (commandline -ct)
    else if test (math "bitand($directive, 4)") -eq 0
        __fish_complete_path (commandline -ct)
    end
end
complete -c kubectl-mesh -f -a '(__kubectl_mesh 2)'
`,
}

const ofKubectl: Readonly<Record<FileShell, string>> = {
  bash: `# Load this after the completion of kubectl:
#   source <(kubectl completion bash); source <(kubectl mesh completion bash)
__kubectl_mesh_kubectl() {
  if [[ \${COMP_WORDS[1]} == mesh && $COMP_CWORD -ge 2 ]]; then
    __kubectl_mesh 2
  elif declare -F __start_kubectl >/dev/null; then
    __start_kubectl "$@"
  fi
}
complete -o default -F __kubectl_mesh_kubectl kubectl
`,
  zsh: `# Load this after the completion of kubectl:
#   source <(kubectl completion zsh); source <(kubectl mesh completion zsh)
__kubectl_mesh_kubectl() {
  if [[ \${words[2]} == mesh ]] && ((CURRENT > 2)); then
    __kubectl_mesh 3
  elif (($+functions[_kubectl])); then
    _kubectl "$@"
  fi
}
compdef __kubectl_mesh_kubectl kubectl
`,
  fish: `# Load this after the completion of kubectl:
#   kubectl completion fish | source; kubectl mesh completion fish | source
function __kubectl_mesh_is_second
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test $words[2] = mesh
end
complete -c kubectl -n __kubectl_mesh_is_second -f -a '(__kubectl_mesh 3)'
`,
}

function powershell(program: string): string {
  const quoted = `'${program.replaceAll("'", "''")}'`
  // An executable needs no Node.js.
  const call = program.endsWith('.js') ? `node ${quoted}` : quoted
  return `# PowerShell completion for kubectl mesh. Load it after the completion of kubectl:
#   kubectl completion powershell | Out-String | Invoke-Expression
#   kubectl mesh completion powershell | Out-String | Invoke-Expression
$__kubectlMesh = {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | ForEach-Object { "$_" })
    $first = 1
    if ($words[0] -ne 'kubectl-mesh') {
        if ($words.Count -lt 2 -or $words[1] -ne 'mesh') {
            if ($__kubectlCompleterBlock) { & $__kubectlCompleterBlock $wordToComplete $commandAst $cursorPosition }
            return
        }
        $first = 2
    }
    $arguments = @($words | Select-Object -Skip $first)
    if ("$wordToComplete" -eq '') { $arguments += '' }
    & ${call} @arguments 2>$null | Where-Object { $_ -notlike ':*' } | ForEach-Object {
        $value, $about = $_ -split "\`t", 2
        if (-not $about) { $about = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $about)
    }
}
Register-ArgumentCompleter -Native -CommandName 'kubectl-mesh', 'kubectl' -ScriptBlock $__kubectlMesh
`
}
