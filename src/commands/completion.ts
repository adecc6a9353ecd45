import {exitCodes, usageError} from '../errors.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {completionName, completionProgram, linkCompletion} from '../terminal/completion/link.ts'
import {completionScript, type Shell, shells} from '../terminal/completion/scripts.ts'
import {stringFlag, wordArg} from '../terminal/flag-builders.ts'

export default class Completion extends BaseCommand {
  static override summary = 'print the completion script of a shell'
  static override description =
    `The script completes commands, flags, contexts and namespaces after "kubectl mesh" and "kubectl-mesh". Load it after the completion of kubectl itself, which it keeps for all other commands.

Without a script, kubectl 1.26 and newer runs the program ${completionName} on your PATH to complete plugins. npm installs it next to kubectl-mesh. If it is missing, --link creates a link to it in a folder on your PATH.`
  static override examples = [
    'source <(<%= config.bin %> <%= command.id %> bash)',
    'source <(<%= config.bin %> <%= command.id %> zsh)',
    '<%= config.bin %> <%= command.id %> fish | source',
    '<%= config.bin %> <%= command.id %> powershell | Out-String | Invoke-Expression',
    '<%= config.bin %> <%= command.id %> --link ~/.local/bin',
  ]
  static override args = {shell: wordArg({about: 'shell', options: shells})}
  static override flags = {
    link: stringFlag({about: `create the symbolic link ${completionName} in this folder`, valueName: 'DIR'}),
  }

  override async run() {
    const {args, flags} = await this.parse(Completion)
    const program = completionProgram(this.config.root)
    const terminal = this.terminal()
    if (flags.link !== undefined) {
      if (args.shell !== undefined) throw usageError('--link creates a link and prints no script', 'omit the shell')
      const {link, isNew} = await linkCompletion(program, flags.link)
      terminal.print(`${link} ${isNew ? 'linked' : 'unchanged'}`)
    } else if (args.shell === undefined) terminal.print(explanation())
    else {
      // An executable answers completions only under the name of the link.
      const answers = program.endsWith('complete.js') ? program : completionName
      terminal.print(completionScript(args.shell as Shell, answers))
    }
    return exitCodes.ok
  }
}

function explanation(): string {
  return `To complete "kubectl mesh", load the completion of kubectl and then this script, in the startup file of your shell:

  bash         source <(kubectl completion bash); source <(kubectl mesh completion bash)
  zsh          source <(kubectl completion zsh); source <(kubectl mesh completion zsh)
  fish         kubectl completion fish | source; kubectl mesh completion fish | source
  powershell   kubectl mesh completion powershell | Out-String | Invoke-Expression

Or create a link to the program that kubectl 1.26 and newer runs to complete plugins, in a folder on your PATH:

  kubectl mesh completion --link "$(dirname "$(command -v kubectl-mesh)")"`
}
