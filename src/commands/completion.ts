import {join} from 'node:path'
import {exitCodes} from '../errors.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {completionName, linkCompletion} from '../terminal/completion/link.ts'
import {wordArg} from '../terminal/flags.ts'

export default class Completion extends BaseCommand {
  static override summary = 'set up completion of commands, flags, contexts and namespaces'
  static override description =
    `kubectl asks a program named ${completionName} on the PATH what may follow "kubectl mesh". npm installs it beside kubectl-mesh. Where it is missing, name a folder of the PATH, and it is linked there.`
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> ~/.local/bin']
  static override args = {folder: wordArg({about: 'folder of the PATH to link it into'})}

  override async run() {
    const {args} = await this.parse(Completion)
    const program = join(this.config.root, 'bin', 'complete.js')
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
  return `kubectl completes "kubectl mesh" when two things are there:

1. kubectl's own completion, once in each shell:
     source <(kubectl completion bash)      # or zsh; for fish: kubectl completion fish | source

2. ${completionName} in a folder of your PATH. It is
     ${program}
   To link it beside kubectl-mesh:
     kubectl mesh completion "$(dirname "$(command -v kubectl-mesh)")"`
}
