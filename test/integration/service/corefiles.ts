/**
 * The Corefiles of distributions, without plugins that need a cluster or a fixed port (kubernetes, health, ready, prometheus).
 * `PORT` stands for the port of their servers.
 *
 * Sources: kubeadm 1.36; Azure/AKS "Customize CoreDNS"; gardener/gardener pkg/component/networking/coredns;
 * k3s-io/k3s manifests/coredns.yaml; loft-sh/vcluster chart template vcluster.corefile.
 */
export const corefiles: Readonly<Record<string, string>> = {
  kubeadm: `.:PORT {
    errors
    forward . 127.0.0.1:1 {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`,
  AKS: `.:PORT {
    errors
    forward . 127.0.0.1:1
    cache 30
    loop
    reload
    loadbalance
    import custom/*.override
    template ANY ANY internal.example.net {
      match "^(?:[^.]+\\.){4,}internal\\.example\\.net\\.$"
      rcode NXDOMAIN
      fallthrough
    }
}
import custom/*.server
`,
  Gardener: `.:PORT {
  errors
  log . {
      class error
  }
  forward . 127.0.0.1:1
  cache 30
  loop
  reload
  loadbalance round_robin
  import custom/*.override
}
import custom/*.server
`,
  k3s: `.:PORT {
    errors
    hosts NodeHosts {
      ttl 60
      reload 15s
      fallthrough
    }
    cache 30
    loop
    reload
    loadbalance
    import custom/*.override
    forward . 127.0.0.1:1
}
import custom/*.server
`,
  vcluster: `.:PORT {
    errors
    hosts NodeHosts {
      ttl 60
      reload 15s
      fallthrough
    }
    forward . 127.0.0.1:1
    cache 30
    loop
    reload
    loadbalance
}

import /etc/coredns/custom/*.server
`,
  snippets: `# a comment at the top
(snip) {
    errors
    cache 30
}
example.org:PORT other.example:PORT, third.example:PORT {
    import snip
    whoami
}
.:PORT {
    import snip # why not
    forward . {$UPSTREAM}
    reload
}`,
}

/** The stub that the documentation of Istio 1.8 and earlier adds to a Corefile. `PORT` as above. */
export const oldStub = `global:PORT {
    errors
    cache 30
    forward . 127.0.0.1:1
}
`
