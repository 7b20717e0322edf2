// Karpenter's AWS provider with kwok nodes, as upstream's main starts it, and with an EC2 in front of its own that can lack capacity.
package main

import (
	"context"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/patrickmn/go-cache"
	"github.com/samber/lo"
	"sigs.k8s.io/karpenter/pkg/cloudprovider/metrics"
	"sigs.k8s.io/karpenter/pkg/cloudprovider/overlay"
	corecontrollers "sigs.k8s.io/karpenter/pkg/controllers"
	"sigs.k8s.io/karpenter/pkg/controllers/state"
	coreoperator "sigs.k8s.io/karpenter/pkg/operator"
	karpoptions "sigs.k8s.io/karpenter/pkg/operator/options"

	"github.com/aws/karpenter-provider-aws/kwok/cloudprovider"
	"github.com/aws/karpenter-provider-aws/kwok/operator"
	v1 "github.com/aws/karpenter-provider-aws/pkg/apis/v1"
	awscloudprovider "github.com/aws/karpenter-provider-aws/pkg/cloudprovider"
	"github.com/aws/karpenter-provider-aws/pkg/controllers"
	"github.com/aws/karpenter-provider-aws/pkg/operator/options"
	"github.com/aws/karpenter-provider-aws/pkg/providers/instance"
)

func main() {
	ctx, op := operator.NewOperator(coreoperator.NewOperator())

	// the only difference from upstream: launches go through our fleet
	fleet := &Fleet{
		Client: op.EC2API, prices: op.PricingProvider, kube: op.GetClient(), address: os.Getenv("BOX_AWS_API"), http: &http.Client{Timeout: 5 * time.Second},
	}
	op.InstanceProvider = instance.NewDefaultProvider(
		ctx, op.Config.Region, op.EventRecorder, fleet, op.UnavailableOfferingsCache, op.SubnetProvider, op.LaunchTemplateProvider,
		op.CapacityReservationProvider, op.PlacementGroupProvider, op.ZonalShiftProvider, cache.New(cache.NoExpiration, cache.NoExpiration),
	)

	undecorated := metrics.Decorate(cloudprovider.New(
		op.InstanceTypesProvider, op.InstanceProvider, op.EventRecorder, op.GetClient(), op.AMIProvider, op.SecurityGroupProvider,
		op.CapacityReservationProvider, op.PlacementGroupProvider, op.InstanceTypeStore,
		awscloudprovider.WithLegacyRepairPolicies(karpoptions.FromContext(ctx).LegacyNodeRepair),
		awscloudprovider.WithRebootForRepair(options.FromContext(ctx).FeatureGates.RebootForRepair),
	))
	cloudProvider := overlay.Decorate(undecorated, op.GetClient(), op.InstanceTypeStore)
	clusterState := state.NewCluster(op.Clock, op.GetClient(), cloudProvider)
	if karpoptions.FromContext(ctx).FeatureGates.ReservedCapacity {
		v1.CapacityReservationsEnabled = true
	}

	wg := &sync.WaitGroup{}
	for _, thread := range []func(context.Context){op.EC2API.StartBackupThread, op.EC2API.StartKillNodeThread, op.EC2API.ReadBackup, fleet.LoseInstances, fleet.CountReserved} {
		wg.Go(func() {
			<-op.Elected()
			thread(ctx)
		})
	}
	op.
		WithControllers(ctx, corecontrollers.NewControllers(
			ctx, op.Manager, op.Clock, op.GetClient(), op.EventRecorder, cloudProvider, undecorated, clusterState, op.InstanceTypeStore,
			op.PredictionStore,
		)...).
		WithControllers(ctx, controllers.NewControllers(
			ctx, op.Manager, op.Config, op.Clock, op.EC2API, op.GetClient(), op.EventRecorder, op.UnavailableOfferingsCache, op.SSMCache,
			op.ValidationCache, op.RecreationCache, cloudProvider, op.SubnetProvider, op.SecurityGroupProvider, op.InstanceProfileProvider,
			op.InstanceProvider, op.PricingProvider, op.AMIProvider, op.LaunchTemplateProvider, op.VersionProvider, op.InstanceTypesProvider,
			op.CapacityReservationProvider, op.PlacementGroupProvider, op.AMIResolver, op.ZonalShiftProvider, op.InstanceStatusProvider,
			lo.ToPtr(""), op.CELEnvironment,
		)...).
		Start(ctx)
	wg.Wait()
}
