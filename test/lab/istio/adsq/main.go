// adsq asks a real istiod, as a proxy of one network and cluster would, what it would be told, and prints it as JSON:
// {"endpoints": {cluster: [{address, port, locality, priority, weight, health, tls}]}, "clusters": [...], "listeners": [...], "raw": {...}}
// With -type ztunnel it asks for addresses instead, as the ztunnel of a node: {"services": {...}, "workloads": {...}} (delta.go).
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	pb "istio.io/api/security/v1alpha1"
	"istio.io/istio/pilot/pkg/model"
	v3 "istio.io/istio/pilot/pkg/xds/v3"
	"istio.io/istio/pkg/adsc"
	"istio.io/istio/pkg/log"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:15110", "istiod plaintext xDS address")
	typ := flag.String("type", "sidecar", "sidecar, router, waypoint or ztunnel")
	ip := flag.String("ip", "10.244.0.9", "proxy IP")
	ns := flag.String("ns", "default", "proxy namespace")
	labels := flag.String("labels", "app=probe", "proxy labels, k=v,k=v")
	network := flag.String("network", "", "NETWORK metadata")
	cluster := flag.String("cluster", "", "CLUSTER_ID metadata")
	locality := flag.String("locality", "", "region/zone/subzone")
	group := flag.String("autoregister-group", "", "WorkloadGroup for auto-registration")
	meta := flag.String("meta", "", "more metadata as JSON object")
	grep := flag.String("grep", "", "only clusters whose name contains this")
	raw := flag.Bool("raw", false, "also print raw listeners, clusters, routes")
	hold := flag.Duration("hold", 0, "stay connected this long before printing")
	token := flag.String("token", "", "service account token file (audience istio-ca): exchange it for a certificate at -addr and connect with mTLS")
	root := flag.String("root", "", "with -token: root certificate file")
	san := flag.String("san", "", "with -token: name that istiod's serving certificate must cover, e.g. istiod.istio-system.svc")
	flag.Parse()
	// stdout is the answer alone
	logging := log.DefaultOptions()
	logging.OutputPaths = []string{"stderr"}
	if err := log.Configure(logging); err != nil {
		panic(err)
	}
	m := map[string]any{"NAMESPACE": *ns, "ISTIO_VERSION": "1.31.0"}
	lm := map[string]any{}
	for _, kv := range strings.Split(*labels, ",") {
		if k, v, ok := strings.Cut(kv, "="); ok {
			lm[k] = v
		}
	}
	m["LABELS"] = lm
	if *network != "" {
		m["NETWORK"] = *network
	}
	if *cluster != "" {
		m["CLUSTER_ID"] = *cluster
	}
	if *group != "" {
		m["AUTO_REGISTER_GROUP"] = *group
	}
	if *meta != "" {
		x := map[string]any{}
		if err := json.Unmarshal([]byte(*meta), &x); err != nil {
			panic(err)
		}
		for k, v := range x {
			m[k] = v
		}
	}
	st, err := structpb.NewStruct(m)
	if err != nil {
		panic(err)
	}
	dial := grpc.WithTransportCredentials(insecure.NewCredentials())
	if *token != "" {
		c, err := exchange(*addr, *token, *root, *san)
		if err != nil {
			fmt.Fprintln(os.Stderr, "certificate:", err)
			os.Exit(1)
		}
		dial = grpc.WithTransportCredentials(c)
	}
	if *typ == "ztunnel" {
		id := fmt.Sprintf("ztunnel~%s~ztunnel-x.%s~%s.svc.cluster.local", *ip, *ns, *ns)
		out, err := addresses(*addr, id, st, dial, *hold)
		if err != nil {
			fmt.Fprintln(os.Stderr, "ztunnel:", err)
			os.Exit(1)
		}
		b, _ := json.MarshalIndent(out, "", " ")
		fmt.Println(string(b))
		return
	}
	cfg := &adsc.ADSConfig{
		Config: adsc.Config{
			Namespace: *ns, Workload: "probe", NodeType: model.NodeType(*typ), IP: *ip, Meta: st,
			GrpcOpts: []grpc.DialOption{dial},
		},
		InitialDiscoveryRequests: []*discovery.DiscoveryRequest{{TypeUrl: v3.ClusterType}},
	}
	if *locality != "" {
		p := append(strings.Split(*locality, "/"), "", "")
		cfg.Locality = &core.Locality{Region: p[0], Zone: p[1], SubZone: p[2]}
	}
	c, err := adsc.New(*addr, cfg)
	if err != nil {
		panic(err)
	}
	if err := c.Run(); err != nil {
		panic(err)
	}
	_, err = c.Wait(15*time.Second, v3.ClusterType, v3.EndpointType, v3.ListenerType, v3.RouteType)
	if err != nil {
		fmt.Fprintln(os.Stderr, "wait:", err)
	}
	time.Sleep(*hold)
	out := map[string]any{}
	eps := map[string]any{}
	for name, la := range c.GetEndpoints() {
		if !strings.Contains(name, *grep) {
			continue
		}
		list := []any{}
		for _, l := range la.GetEndpoints() {
			for _, e := range l.GetLbEndpoints() {
				a := e.GetEndpoint().GetAddress()
				sa := a.GetSocketAddress()
				host := sa.GetAddress()
				if a.GetEnvoyInternalAddress() != nil {
					host = "internal:" + a.GetEnvoyInternalAddress().GetServerListenerName()
				}
				tls := ""
				if f := e.GetMetadata().GetFilterMetadata()["envoy.transport_socket_match"]; f != nil {
					tls = f.GetFields()["tlsMode"].GetStringValue()
				}
				list = append(list, map[string]any{
					"address": host, "port": sa.GetPortValue(), "priority": l.GetPriority(),
					"locality": strings.Trim(l.GetLocality().GetRegion()+"/"+l.GetLocality().GetZone()+"/"+l.GetLocality().GetSubZone(), "/"),
					"weight":   e.GetLoadBalancingWeight().GetValue(), "health": e.GetHealthStatus().String(), "tls": tls,
				})
			}
		}
		eps[name] = list
	}
	out["endpoints"] = eps
	names := []string{}
	js := func(p proto.Message) json.RawMessage { b, _ := protojson.Marshal(p); return b }
	rawm := map[string]any{}
	cl := map[string]any{}
	for n, x := range c.GetClusters() {
		if strings.Contains(n, *grep) {
			names = append(names, n)
			cl[n] = js(x)
		}
	}
	for n, x := range c.GetEdsClusters() {
		if strings.Contains(n, *grep) {
			names = append(names, n)
			cl[n] = js(x)
		}
	}
	out["clusters"] = names
	ln := []string{}
	ll := map[string]any{}
	for n, x := range c.GetHTTPListeners() {
		ln = append(ln, n)
		ll[n] = js(x)
	}
	for n, x := range c.GetTCPListeners() {
		ln = append(ln, n)
		ll[n] = js(x)
	}
	out["listeners"] = ln
	if *raw {
		rr := map[string]any{}
		for n, x := range c.GetRoutes() {
			rr[n] = js(x)
		}
		rawm["clusters"], rawm["listeners"], rawm["routes"] = cl, ll, rr
		out["raw"] = rawm
	}
	b, _ := json.MarshalIndent(out, "", " ")
	fmt.Println(string(b))
}

// exchange does what a VM's agent does first: a CSR with the token's identity to istiod's CA, for mTLS credentials.
func exchange(addr, tokenFile, rootFile, san string) (credentials.TransportCredentials, error) {
	jwt, err := os.ReadFile(tokenFile)
	if err != nil {
		return nil, err
	}
	rootPEM, err := os.ReadFile(rootFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(rootPEM)
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: pool, ServerName: san})))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+strings.TrimSpace(string(jwt)))
	resp, err := pb.NewIstioCertificateServiceClient(conn).CreateCertificate(ctx, &pb.IstioCertificateRequest{
		Csr: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr})), ValidityDuration: 3600,
	})
	if err != nil {
		return nil, err
	}
	keyDER, _ := x509.MarshalECPrivateKey(key)
	pair, err := tls.X509KeyPair([]byte(strings.Join(resp.CertChain, "\n")), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}))
	if err != nil {
		return nil, err
	}
	if leaf, err := x509.ParseCertificate(pair.Certificate[0]); err == nil {
		fmt.Fprintln(os.Stderr, "identity:", leaf.URIs, "until", leaf.NotAfter.Format(time.RFC3339))
	}
	return credentials.NewTLS(&tls.Config{RootCAs: pool, ServerName: san, Certificates: []tls.Certificate{pair}}), nil
}
