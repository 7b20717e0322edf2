module cdk-eks-inference/box/aibrix

go 1.26.0

require (
	github.com/bytedance/sonic v1.15.5 // older ones do not build with Go 1.26
	github.com/vllm-project/aibrix v0.6.0
)

// a version that was never published under its old name
replace github.com/imdario/mergo v1.0.0 => dario.cat/mergo v0.3.16

tool github.com/vllm-project/aibrix/cmd/controllers // aibrix
