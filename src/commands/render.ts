import {openFiles} from '../features/files/prune/open.ts'
import {renderFiles} from '../features/files/render/render.ts'
import {engines, readRenderChoice} from '../features/files/render/spec.ts'
import {secretModes} from '../features/files/render/spec-secrets.ts'
import {meshKinds} from '../kinds/kinds.ts'
import {openRun} from '../run/run.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {
  choiceWords,
  documentChoice,
  documentClusterFlags,
  documentFlags,
  documentSetFlags,
} from '../terminal/document-flags.ts'
import {choiceFlag, stringFlag, switchFlag} from '../terminal/flag-builders.ts'

const engineGroup = 'ENGINE'
const secretGroup = 'SECRETS'

export default class Render extends BaseCommand {
  static override summary = 'write mesh files as manifests for kustomize, Flux or Argo CD'

  static override description =
    `Reads the clusters of the documents like plan, and writes all of their objects into a folder of a Git repository: a folder for
each cluster, and the objects with which Flux or Argo CD applies them in a safe order. No Secret is written in clear text: run apply
for what is not in the files when the engine has applied them. A second render writes the same bytes. With --prune, it removes the
files of objects that no document needs any more.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> -f mesh/ --output-dir fleet/ --for kustomize',
    '<%= config.bin %> <%= command.id %> -f mesh/ --output-dir fleet/ --for flux --engine-cluster hub',
    '<%= config.bin %> <%= command.id %> -f mesh/ --output-dir fleet/ --for flux --secrets sops --decryption-secret sops-age',
    '<%= config.bin %> <%= command.id %> -f mesh/ --output-dir fleet/ --for argocd --repo-url https://git.example.com/fleet.git',
  ]

  static override flags = {
    ...documentFlags,
    name: documentSetFlags.name,
    ...documentClusterFlags,
    for: choiceFlag({about: 'tool that applies the files', options: engines}),
    'output-dir': stringFlag({
      about: 'folder in a Git repository; files that an earlier render wrote there are replaced',
      valueName: 'DIR',
    }),
    prune: switchFlag({about: 'remove files that an earlier render wrote and no document needs any more'}),
    'engine-cluster': stringFlag({
      group: engineGroup,
      about: 'cluster in which Flux or Argo CD runs',
      valueName: 'CLUSTER',
      fallbackText: 'none of the mesh',
    }),
    'engine-namespace': stringFlag({
      group: engineGroup,
      about: 'namespace of the objects of Flux or Argo CD',
      valueName: 'NS',
      fallbackText: 'flux-system or argocd',
    }),
    'git-repository': stringFlag({
      group: engineGroup,
      about: 'name of the GitRepository from which Flux reads the files',
      valueName: 'NAME',
      fallbackText: 'flux-system',
    }),
    'repo-url': stringFlag({
      about: 'URL of the repository from which Argo CD reads the files',
      group: engineGroup,
      valueName: 'URL',
    }),
    secrets: choiceFlag({
      group: secretGroup,
      about: 'how Secrets are in Git: not at all, as references to a store of External Secrets, or encrypted with sops',
      options: secretModes,
      fallbackText: 'none',
    }),
    'secret-store': stringFlag({
      group: secretGroup,
      about: 'store from which External Secrets reads: NAME of a ClusterSecretStore, or SecretStore/NAME',
      valueName: 'STORE',
    }),
    'decryption-secret': stringFlag({
      group: secretGroup,
      about: 'Secret with the keys with which Flux decrypts files of sops',
      valueName: 'NAME',
      fallbackText: 'none; the identity of Flux in a cloud decrypts',
    }),
    'git-path': stringFlag({
      group: engineGroup,
      about: 'path of the folder in the repository',
      valueName: 'PATH',
      fallbackText: 'found by the folder .git above it',
    }),
  }

  async run() {
    const {flags} = await this.parse(Render)
    const {filename: _files, name, recursive: _recursive, ...others} = flags
    const choice = readRenderChoice(flags)
    const files = {...documentChoice(flags), name, prune: false}
    const write = {'dry-run': 'server', 'force-conflicts': false, 'exit-code': false, yes: false} as const
    const connection = {...others, ...write, 'output-dir': undefined}
    const opened = openRun('render', connection, this.terminal({'no-input': true}))
    const {documents, run} = await openFiles(files, meshKinds, opened)
    const apply = ['kubectl mesh apply', choiceWords(files), run.connection ?? ''].join(' ').trim()
    return renderFiles(documents, choice, apply, run)
  }
}
