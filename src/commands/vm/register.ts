import {registerVm} from '../../features/vm/register.ts'
import {vmRegisterFields} from '../../features/vm/spec.ts'
import {openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {
  clusterFlags,
  fileFlags,
  filename,
  namespace,
  outputFlag,
  stringFlag,
  wordArg,
  writeFlags,
} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class VmRegister extends BaseCommand {
  static override summary = 'make a virtual machine a workload of the mesh, and the files it needs for that'

  static override description =
    `Reads and checks the cluster, shows the difference, and after a yes makes: namespace and account where they are
missing, a WorkloadGroup (or a WorkloadEntry for each --address), a Service or ServiceEntry for each --host, and the exposure of istiod
through the east-west gateway. Then it writes the machine's files with a token into a folder that only you can read.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> web -n vm --service-account web --port http:8080 --host web.vm.svc.cluster.local',
    '<%= config.bin %> <%= command.id %> db -n vm --service-account db --port tcp:5432 --address 10.0.0.5 --network on-prem',
    '<%= config.bin %> <%= command.id %> web -n vm --service-account web --format cloud-init --output-dir web-vm',
  ]

  static override args = {name: wordArg({about: vmRegisterFields.name.about})}

  static override flags = {
    ...flagsOf(vmRegisterFields),
    namespace,
    filename,
    ...clusterFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    'output-dir': stringFlag({
      about: "folder of the machine's files; with --dry-run of the manifests",
      valueName: 'DIR',
      fallbackText: 'NAME-vm',
    }),
    'include-secrets': fileFlags['include-secrets'],
  }

  async run() {
    const {args, flags} = await this.parse(VmRegister)
    const file = await readMeshFile('VirtualMachine', vmRegisterFields, flags.filename)
    const raw = {...file, ...rawOf(vmRegisterFields, {...flags, ...args})}
    return registerVm(raw, flags.context ?? '', openRun('vm register', flags, this.terminal(flags)))
  }
}
