import {registerVm} from '../../features/vm/register/register.ts'
import {vmRegisterFields} from '../../features/vm/spec.ts'
import {withReplay} from '../../run/ask-missing.ts'
import {vmResults} from '../../run/flags/results.ts'
import {openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {stringFlag, wordArg} from '../../terminal/flag-builders.ts'
import {
  clusterFlags,
  fileFlags,
  filename,
  namespace,
  outputFlag,
  settingsFlags,
  writeFlags,
} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class VmRegister extends BaseCommand {
  static override summary = 'register a virtual machine as a workload of the mesh, and write its configuration files'

  static override description =
    `Reads and checks the cluster, shows the changes, and after confirmation creates: a missing namespace and service
account, a WorkloadGroup (or a WorkloadEntry for each --address), a Service or ServiceEntry for each --host, and the exposure of
istiod through the east-west gateway, which --gateway creates. Then it writes the files of the VM, including a token, to a folder that only you can read.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> web -n vm --service-account web --port http:8080 --host web.vm.svc.cluster.local',
    '<%= config.bin %> <%= command.id %> db -n vm --service-account db --port tcp:5432 --address 10.0.0.5 --network on-prem',
    '<%= config.bin %> <%= command.id %> web -n vm --service-account web --format cloud-init --output-dir web-vm',
  ]

  static override args = {name: wordArg({about: vmRegisterFields.name.about})}

  static override flags = {
    ...flagsOf(vmRegisterFields, {
      WORKLOAD: ['addresses', 'ports', 'labels', 'serviceAccount', 'locality', 'weight', 'probe', 'autoRegister'],
      CONNECTION: [
        'gateway',
        'gatewayAddress',
        'network',
        'hosts',
        'captureDns',
        'tokenDuration',
        'clusterName',
        'clusterDomain',
        'systemNamespace',
        'revision',
      ],
    }),
    namespace,
    filename,
    ...clusterFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    'output-dir': stringFlag({
      about: 'folder for the files of the VM (with --dry-run: for the manifests)',
      valueName: 'DIR',
      fallbackText: 'NAME-vm',
    }),
    'include-secrets': fileFlags['include-secrets'],
    ...settingsFlags,
  }

  async run() {
    const {args, flags} = await this.parse(VmRegister)
    const file = await readMeshFile('VirtualMachine', vmRegisterFields, flags.filename)
    const raw = {...file.raw, ...rawOf(vmRegisterFields, {...flags, ...args})}
    const run = openRun(
      'vm register',
      flags,
      this.terminal({...flags, context: flags.context ?? file.context}),
      vmResults,
    )
    return withReplay(run, flags.context ?? file.context ?? '', context => registerVm(raw, context, run))
  }
}
