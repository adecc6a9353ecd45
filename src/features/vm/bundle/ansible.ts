import type {Files} from '../../../text/files.ts'
import {dumpYaml} from '../../../text/yaml.ts'
import {machineFolder} from './cloud-init.ts'
import type {BundleSource} from './source.ts'

/** An Ansible play that copies the files beside it to the machine and runs install.sh there. Holds no secret itself. */
export function ansiblePlay(source: BundleSource, files: Files): string {
  const {name, namespace} = source
  const folder = machineFolder(name)
  const play = {
    name: `Make machines the member ${name} of the mesh`,
    hosts: `{{ target | default('${name}') }}`,
    become: true,
    gather_facts: false,
    tasks: [
      {
        name: 'Folder for the bundle',
        'ansible.builtin.file': {path: folder, state: 'directory', owner: 'root', group: 'root', mode: '0700'},
      },
      ...Object.entries(files).map(([file, {mode}]) => ({
        name: `Copy ${file}`,
        'ansible.builtin.copy': {
          src: file,
          dest: `${folder}/${file}`,
          owner: 'root',
          group: 'root',
          mode: `0${mode.toString(8)}`,
        },
        ...(mode === 0o600 ? {no_log: true} : {}),
      })),
      {
        name: 'Install',
        'ansible.builtin.command': {cmd: `sh ${folder}/install.sh`},
        register: 'kubectl_mesh_install',
        changed_when: "'wrote' in kubectl_mesh_install.stdout",
      },
    ],
  }
  const head = `# ansible-playbook -i INVENTORY play.yaml -e target=HOSTS    (namespace ${namespace}; written by kubectl mesh vm register)\n`
  return `---\n${head}${dumpYaml([play])}`
}
