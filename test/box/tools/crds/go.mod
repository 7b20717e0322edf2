// Nothing is built here: these modules carry the CRDs of kinds that our charts emit and that no controller of the box serves.
module cdk-eks-inference/box/crds

go 1.26.0

require (
	github.com/prometheus-operator/prometheus-operator v0.85.0
	sigs.k8s.io/gateway-api v1.4.1
	sigs.k8s.io/gateway-api-inference-extension v1.0.0
)
