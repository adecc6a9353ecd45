import {exitCodes} from '../errors.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {completionName, completionProgram, linkCompletion} from '../terminal/completion/link.ts'
import {wordArg} from '../terminal/flag-builders.ts'

export default class Completion extends BaseCommand {
  static override summary = 'set up shell completion of commands, flags, contexts and namespaces'
  static override description =
    `To complete "kubectl mesh", kubectl runs the program ${completionName} on your PATH. npm installs it next to kubectl-mesh. If it is missing, specify a folder on your PATH to create a link to it.`
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> ~/.local/bin']
  static override args = {folder: wordArg({about: 'folder on your PATH in which to create the link'})}

  override async run() {
    const {args} = await this.parse(Completion)
    const program = completionProgram(this.config.root)
    const terminal = this.terminal()
    if (args.folder === undefined) {
      terminal.print(explanation(program))
      return exitCodes.ok
    }
    const {link, isNew} = linkCompletion(program, args.folder)
    terminal.print(`${link} ${isNew ? 'linked' : 'unchanged'}`)
    return exitCodes.ok
  }
}

function explanation(program: string): string {
  return `Completion of "kubectl mesh" requires:

1. The completion of kubectl, which you load in each shell:
     source <(kubectl completion bash)      # or zsh; for fish: kubectl completion fish | source

2. ${completionName} in a folder on your PATH. The program is
     ${program}
   To create a link next to kubectl-mesh:
     kubectl mesh completion "$(dirname "$(command -v kubectl-mesh)")"`
}
