import {exportMesh} from '../features/files/export/export.ts'
import {meshKinds} from '../kinds/kinds.ts'
import {accessOf} from '../run/run.ts'
import {commonFields} from '../spec/common-fields.ts'
import {readSpec} from '../spec/read.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {stringFlag} from '../terminal/flag-builders.ts'
import {outputGroup} from '../terminal/flag-groups.ts'
import {accessFlags, outputFlag} from '../terminal/flags.ts'
import {flagsOf, rawOf} from '../terminal/spec-flags.ts'

const exportFields = {
  contexts: {
    ...commonFields.contexts,
    about: 'kubeconfig contexts of the clusters to export; name all clusters of a federation',
    fallbackText: 'the current context',
  },
}

export default class Export extends BaseCommand {
  static override summary = 'write mesh files that describe what clusters have'

  static override description =
    `Reads the settings that the commands have stored in the clusters, and writes them as documents of mesh files. The files contain
no secrets: certificates and manifests are named by their paths. Applying the files changes nothing. The command only reads the
clusters.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> --contexts east,west > mesh.yaml',
    '<%= config.bin %> <%= command.id %> --contexts east,west --output-dir mesh/',
  ]

  static override flags = {
    ...flagsOf(exportFields),
    ...accessFlags,
    output: outputFlag(['yaml'], 'yaml'),
    'output-dir': stringFlag({
      about: 'write one file for each kind into this folder, and the values files of control planes',
      valueName: 'DIR',
      group: outputGroup,
    }),
  }

  async run() {
    const {flags} = await this.parse(Export)
    const {contexts} = readSpec(exportFields, rawOf(exportFields, flags))
    const run = {terminal: this.terminal(), access: accessOf(flags)}
    return exportMesh({contexts, outputDir: flags['output-dir']}, meshKinds, run)
  }
}
