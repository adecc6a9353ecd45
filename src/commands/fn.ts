import {runFunction} from '../features/files/fn/fn.ts'
import {engines} from '../features/files/render/spec.ts'
import {meshKinds} from '../kinds/kinds.ts'
import {openRun} from '../run/run.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {documentClusterFlags} from '../terminal/document-flags.ts'
import {choiceFlag, stringFlag} from '../terminal/flag-builders.ts'

export default class Fn extends BaseCommand {
  static override summary = 'render mesh documents as a KRM function, such as in kustomize'

  static override description =
    `Reads a ResourceList from stdin and writes it to stdout, with the objects of one cluster in the place of the mesh documents. Other items
stay as they are. Reads the clusters of the documents like plan. Secrets are never rendered: results count them. A ConfigMap as
functionConfig sets cluster and for.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> --cluster east < resource-list.yaml',
    'kustomize build --enable-alpha-plugins --enable-exec clusters/east',
  ]

  static override flags = {
    ...documentClusterFlags,
    cluster: stringFlag({
      about: 'cluster whose objects are written',
      valueName: 'CLUSTER',
      fallbackText: 'the only one',
    }),
    for: choiceFlag({about: 'tool that applies the objects; sets the annotations that it needs', options: engines}),
  }

  async run() {
    const {flags} = await this.parse(Fn)
    const write = {'dry-run': 'server', 'force-conflicts': false, 'exit-code': false, yes: false} as const
    const run = openRun('fn', {...flags, ...write}, this.terminal({'no-input': true}))
    return runFunction(flags, flags.context ?? '', meshKinds, run)
  }
}
