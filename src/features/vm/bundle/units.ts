import {helperPath} from './helper.ts'

/** Drop-in for the unit `istio` of Istio's package (istio tools/packaging/common/istio.service, 1.24–1.31). */
export const dropIn = `# Written by kubectl mesh vm register.
[Unit]
Wants=network-online.target
After=network-online.target

[Service]
# certificates are kept over reboots, and the agent renews them with themselves: the token is for the first one only
WorkingDirectory=/
Environment=PROV_CERT=/etc/certs OUTPUT_CERTS=/etc/certs
ExecStartPre=+${helperPath} prepare
`

/** What the timer starts. */
export const checkService = `# Written by kubectl mesh vm register.
[Unit]
Description=See that this machine stays a member of the mesh
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=${helperPath} check
`

/** Each hour, since certificates live for a day. */
export const checkTimer = `# Written by kubectl mesh vm register.
[Unit]
Description=See each hour that this machine stays a member of the mesh

[Timer]
OnBootSec=5min
OnUnitActiveSec=1h
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
`
