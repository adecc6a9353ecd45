package main

import (
	"context"
	"fmt"
	"net/netip"
	"sort"
	"strings"
	"time"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/structpb"
	v3 "istio.io/istio/pilot/pkg/xds/v3"
	"istio.io/istio/pkg/workloadapi"
)

// addresses asks with delta ADS as a ztunnel for everything (type istio.workload.Address), for the time `hold` after the first
// response. It returns {"services": {name: ...}, "workloads": {uid: ...}} with addresses as "network/IP".
func addresses(addr string, id string, meta *structpb.Struct, dial grpc.DialOption, hold time.Duration) (map[string]any, error) {
	conn, err := grpc.NewClient(addr, dial)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second+hold)
	defer cancel()
	stream, err := discovery.NewAggregatedDiscoveryServiceClient(conn).DeltaAggregatedResources(ctx)
	if err != nil {
		return nil, err
	}
	node := &core.Node{Id: id, Metadata: meta}
	first := &discovery.DeltaDiscoveryRequest{Node: node, TypeUrl: v3.AddressType, ResourceNamesSubscribe: []string{"*"}}
	if err := stream.Send(first); err != nil {
		return nil, err
	}
	known := map[string]*workloadapi.Address{}
	for count := 0; ; count++ {
		response, err := stream.Recv()
		if err != nil {
			if count > 0 {
				break // the time is up
			}
			return nil, err
		}
		for _, name := range response.RemovedResources {
			delete(known, name)
		}
		for _, resource := range response.Resources {
			value := &workloadapi.Address{}
			if err := resource.Resource.UnmarshalTo(value); err != nil {
				return nil, err
			}
			known[resource.Name] = value
		}
		if hold == 0 {
			break
		}
		if count == 0 {
			time.AfterFunc(hold, cancel)
		}
		ack := &discovery.DeltaDiscoveryRequest{Node: node, TypeUrl: v3.AddressType, ResponseNonce: response.Nonce}
		if err := stream.Send(ack); err != nil {
			break
		}
	}
	services, workloads := map[string]any{}, map[string]any{}
	for name, value := range known {
		if s := value.GetService(); s != nil {
			services[name] = serviceJSON(s)
		}
		if w := value.GetWorkload(); w != nil {
			workloads[w.Uid] = workloadJSON(w)
		}
	}
	return map[string]any{"services": services, "workloads": workloads}, nil
}

func serviceJSON(s *workloadapi.Service) map[string]any {
	vips := []string{}
	for _, a := range s.Addresses {
		vips = append(vips, networkAddress(a))
	}
	sort.Strings(vips)
	return map[string]any{"addresses": vips, "sans": sorted(s.SubjectAltNames), "waypoint": gatewayText(s.Waypoint)}
}

func workloadJSON(w *workloadapi.Workload) map[string]any {
	ips := []string{}
	for _, ip := range w.Addresses {
		ips = append(ips, ipText(ip))
	}
	services := []string{}
	for name := range w.Services {
		services = append(services, name)
	}
	return map[string]any{
		"name": w.Name, "namespace": w.Namespace, "serviceAccount": w.ServiceAccount, "cluster": w.ClusterId, "network": w.Network,
		"addresses": sorted(ips), "protocol": w.TunnelProtocol.String(), "capacity": w.Capacity.GetValue(),
		"gateway": gatewayText(w.NetworkGateway), "services": sorted(services), "trustDomain": w.TrustDomain,
	}
}

// gatewayText is "network/IP:port" or "namespace/host:port"; empty without a gateway.
func gatewayText(g *workloadapi.GatewayAddress) string {
	switch {
	case g.GetAddress() != nil:
		return fmt.Sprintf("%s:%d", networkAddress(g.GetAddress()), g.HboneMtlsPort)
	case g.GetHostname() != nil:
		return fmt.Sprintf("%s/%s:%d", g.GetHostname().Namespace, g.GetHostname().Hostname, g.HboneMtlsPort)
	default:
		return ""
	}
}

func networkAddress(a *workloadapi.NetworkAddress) string {
	return strings.TrimPrefix(a.Network+"/"+ipText(a.Address), "/")
}

func ipText(b []byte) string {
	ip, ok := netip.AddrFromSlice(b)
	if !ok {
		return fmt.Sprintf("%x", b)
	}
	return ip.String()
}

func sorted(all []string) []string {
	out := append([]string{}, all...)
	sort.Strings(out)
	return out
}
