import {completionName} from '../../src/terminal/completion/link.ts'
import {completionFile} from '../../src/terminal/completion/scripts.ts'
import {executableName, nodeVersion, type Platform} from './platforms.ts'

/** An archive of a release. */
export interface Archive {
  platform: Platform
  file: string
  sha256: string
}

/** What the manifests of package managers name. */
export interface Release {
  version: string
  /** Where the page of the project is: `https://host/owner/kubectl-mesh`. */
  homepage: string
  archives: readonly Archive[]
}

const summary = 'Istio meshes over several clusters'

/** The manifest for `kubectl krew install`. */
export function krewManifest({version, homepage, archives}: Release): string {
  const platforms = archives.map(
    ({platform, file, sha256}) => `  - selector:
      matchLabels:
        os: ${platform.os}
        arch: ${platform.arch}
    uri: ${homepage}/releases/download/v${version}/${file}
    sha256: ${sha256}
    bin: ${executableName(platform)}
    files:
    - from: ${executableName(platform)}
      to: .
    - from: LICENSE
      to: .
    - from: third-party-licenses.txt
      to: .
`,
  )
  return `apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: mesh
spec:
  version: v${version}
  homepage: ${homepage}
  shortDescription: ${summary}
  description: |
    Joins clusters into one Istio mesh, and manages its tenants, VMs, exported
    Services, localities, authorizers, gateways and certificates. Every change
    is shown before it is applied.
  caveats: |
    For completion, create a link in a folder on your PATH:
      kubectl mesh completion --link ~/.local/bin
    Linux requires glibc 2.28 and libstdc++.
  platforms:
${platforms.join('')}`
}

/** The Homebrew formula. */
export function homebrewFormula({version, homepage, archives}: Release): string {
  const systems = (['darwin', 'linux'] as const).map(os => {
    const urls = archives
      .filter(({platform}) => platform.os === os)
      .map(
        ({platform, file, sha256}) => `    on_${platform.arch === 'arm64' ? 'arm' : 'intel'} do
      url "${homepage}/releases/download/v${version}/${file}"
      sha256 "${sha256}"
    end`,
      )
    return `  on_${os === 'darwin' ? 'macos' : 'linux'} do\n${urls.join('\n')}\n  end`
  })
  return `class KubectlMesh < Formula
  desc "${summary}"
  homepage "${homepage}"
  version "${version}"
  license "Apache-2.0"

${systems.join('\n\n')}

  def install
    bin.install "kubectl-mesh"
    bin.install_symlink "kubectl-mesh" => "kubectl_complete-mesh"
    man1.install Dir["man/*.1"]
    bash_completion.install "completion/kubectl-mesh.bash" => "kubectl-mesh"
    zsh_completion.install "completion/_kubectl-mesh"
    fish_completion.install "completion/kubectl-mesh.fish"
  end

  test do
    assert_match "Client Version: #{version}", shell_output("#{bin}/kubectl-mesh version")
  end
end
`
}

/** The Dockerfile for pipelines. It is built in the folder of the archives. */
export function dockerfile({version}: Release): string {
  return `# docker build --platform linux/amd64,linux/arm64 -t kubectl-mesh:${version} .
# Requires BuildKit, which sets TARGETARCH: the default of Docker 23 and newer.
# BASE needs glibc 2.28 and libstdc++. For clusters whose kubeconfig runs a credential plugin, use an image that contains it.
ARG BASE=debian:13-slim
FROM \${BASE}
ARG TARGETARCH
ADD kubectl-mesh_linux_\${TARGETARCH}.tar.gz /opt/kubectl-mesh/
RUN ln -s /opt/kubectl-mesh/kubectl-mesh /usr/local/bin/kubectl-mesh
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/kubectl-mesh"]
`
}

/** The completion scripts for the name `kubectl-mesh`. For `kubectl mesh`, kubectl needs only the program kubectl_complete-mesh. */
export const completionScripts: Readonly<Record<string, string>> = {
  'kubectl-mesh.bash': completionFile('bash', completionName),
  '_kubectl-mesh': completionFile('zsh', completionName),
  'kubectl-mesh.fish': completionFile('fish', completionName),
}

/** The licences of the packages in the bundle and of Node.js. */
export function allLicences(packages: string, node: string): string {
  return `${packages}\n${'-'.repeat(80)}\nNode.js ${nodeVersion}, which the executable contains\n\n${node}`
}
