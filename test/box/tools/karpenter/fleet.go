package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"net/url"
	"sort"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	karpv1 "sigs.k8s.io/karpenter/pkg/apis/v1"

	kwokec2 "github.com/aws/karpenter-provider-aws/kwok/ec2"
	v1 "github.com/aws/karpenter-provider-aws/pkg/apis/v1"
	"github.com/aws/karpenter-provider-aws/pkg/providers/pricing"
)

// Fleet is upstream's fake EC2 with what it lacks: an offering may be out of capacity, an instance may be lost, a reservation is used up.
// It tries the overrides of all launch templates from the cheapest to the dearest, as a fleet of type "instant" does.
type Fleet struct {
	*kwokec2.Client
	prices  pricing.Provider
	kube    client.Client
	address string // of fakes/aws-api.ts, which knows what is available and what is lost
	http    *http.Client
}

// offering is one override of one launch template.
type offering struct {
	template types.FleetLaunchTemplateConfigRequest
	override types.FleetLaunchTemplateOverridesRequest
	price    float64
}

func (f *Fleet) CreateFleet(ctx context.Context, input *ec2.CreateFleetInput, options ...func(*ec2.Options)) (*ec2.CreateFleetOutput, error) {
	if aws.ToBool(input.DryRun) || input.TargetCapacitySpecification == nil {
		return f.Client.CreateFleet(ctx, input, options...)
	}
	result := &ec2.CreateFleetOutput{}
	refused := map[offeringKey]bool{}
	for range aws.ToInt32(input.TargetCapacitySpecification.TotalTargetCapacity) {
		for _, candidate := range f.offerings(input) {
			if refused[keyOf(candidate.override)] {
				continue
			}
			if !f.available(ctx, candidate.override) {
				refused[keyOf(candidate.override)] = true
				result.Errors = append(result.Errors, insufficientCapacity(candidate.override, input.TargetCapacitySpecification.DefaultTargetCapacityType))
				continue
			}
			one := *input
			capacity := *input.TargetCapacitySpecification
			capacity.TotalTargetCapacity = aws.Int32(1)
			if capacity.DefaultTargetCapacityType == types.DefaultTargetCapacityTypeCapacityBlock {
				capacity.DefaultTargetCapacityType = types.DefaultTargetCapacityTypeOnDemand // upstream's fake knows no blocks
			}
			one.TargetCapacitySpecification = &capacity
			one.LaunchTemplateConfigs = []types.FleetLaunchTemplateConfigRequest{{
				LaunchTemplateSpecification: candidate.template.LaunchTemplateSpecification,
				Overrides:                   []types.FleetLaunchTemplateOverridesRequest{candidate.override},
			}}
			launched, err := f.Client.CreateFleet(ctx, &one, options...)
			if err != nil {
				return nil, err
			}
			result.FleetId = launched.FleetId
			result.Instances = append(result.Instances, launched.Instances...)
			break
		}
	}
	return result, nil
}

// LoseInstances ends the instances that the test says are lost; upstream then removes their nodes, as the cloud controller does.
func (f *Fleet) LoseInstances(ctx context.Context) {
	for f.address != "" && ctx.Err() == nil {
		var lost []string
		if answer, err := f.http.Get(f.address + "/-/lost"); err == nil {
			if err := json.NewDecoder(answer.Body).Decode(&lost); err != nil {
				log.FromContext(ctx).Error(err, "reading lost instances")
			}
			_ = answer.Body.Close()
		}
		if len(lost) > 0 {
			_, _ = f.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: lost})
		}
		time.Sleep(time.Second)
	}
}

// CountReserved tells how many instances of each reservation are in use, as node claims say: upstream's instances do not know theirs.
func (f *Fleet) CountReserved(ctx context.Context) {
	var told map[string]int
	for ; f.address != "" && ctx.Err() == nil; time.Sleep(time.Second) {
		claims := &karpv1.NodeClaimList{}
		if err := f.kube.List(ctx, claims); err != nil {
			log.FromContext(ctx).Error(err, "listing node claims")
			continue
		}
		used := map[string]int{}
		for _, claim := range claims.Items {
			for _, requirement := range claim.Spec.Requirements {
				if requirement.Key == v1.LabelCapacityReservationID && len(requirement.Values) == 1 {
					used[requirement.Values[0]]++
				}
			}
		}
		if maps.Equal(used, told) {
			continue
		}
		body, _ := json.Marshal(used) // numbers by text: it cannot fail
		request, err := http.NewRequestWithContext(ctx, http.MethodPut, f.address+"/-/reservations/used", bytes.NewReader(body))
		if err != nil {
			log.FromContext(ctx).Error(err, "telling what is reserved")
			return
		}
		if answer, err := f.http.Do(request); err == nil {
			_ = answer.Body.Close()
			told = used
		}
	}
}

// offerings are all overrides, the cheapest first.
func (f *Fleet) offerings(input *ec2.CreateFleetInput) []offering {
	spot := input.TargetCapacitySpecification.DefaultTargetCapacityType == types.DefaultTargetCapacityTypeSpot
	var found []offering
	for _, template := range input.LaunchTemplateConfigs {
		for _, override := range template.Overrides {
			price, known := f.prices.OnDemandPrice(override.InstanceType)
			if spot {
				price, known = f.prices.SpotPrice(override.InstanceType, aws.ToString(override.AvailabilityZone))
			}
			if !known {
				price = math.MaxFloat64
			}
			found = append(found, offering{template, override, price})
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].price < found[j].price })
	return found
}

// available takes one instance of an offering, unless there is none.
func (f *Fleet) available(ctx context.Context, override types.FleetLaunchTemplateOverridesRequest) bool {
	if f.address == "" {
		return true
	}
	query := url.Values{"type": {string(override.InstanceType)}, "zone": {aws.ToString(override.AvailabilityZone)}}
	answer, err := f.http.Post(f.address+"/-/capacity/take?"+query.Encode(), "text/plain", nil)
	if err != nil {
		log.FromContext(ctx).Error(err, "asking for capacity")
		return true
	}
	defer answer.Body.Close()
	return answer.StatusCode != http.StatusConflict
}

type offeringKey struct {
	instanceType types.InstanceType
	zone         string
}

func keyOf(override types.FleetLaunchTemplateOverridesRequest) offeringKey {
	return offeringKey{override.InstanceType, aws.ToString(override.AvailabilityZone)}
}

// insufficientCapacity is the error that EC2 puts into the answer of a fleet, beside the instances that it could launch.
func insufficientCapacity(override types.FleetLaunchTemplateOverridesRequest, capacityType types.DefaultTargetCapacityType) types.CreateFleetError {
	return types.CreateFleetError{
		ErrorCode:    aws.String("InsufficientInstanceCapacity"),
		ErrorMessage: aws.String("We currently do not have sufficient " + string(override.InstanceType) + " capacity in the Availability Zone you requested."),
		LaunchTemplateAndOverrides: &types.LaunchTemplateAndOverridesResponse{
			Overrides: &types.FleetLaunchTemplateOverrides{
				InstanceType: override.InstanceType, AvailabilityZone: override.AvailabilityZone, SubnetId: override.SubnetId,
			},
		},
		Lifecycle: types.InstanceLifecycle(capacityType),
	}
}
