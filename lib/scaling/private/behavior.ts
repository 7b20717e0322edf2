import type { k8s } from 'cdk8s-plus-34';

/** Longest window that a HorizontalPodAutoscaler takes (autoscaling/v2, HPAScalingRules). */
const LONGEST_WINDOW_SECONDS = 3600;

/**
 * Seconds that demand must be low before replicas go: longer than a start, or a replica that is missed a moment later
 * would take longer to come back than it was away.
 *
 * @internal
 */
export function settleSeconds(startupSeconds: number): number {
  return Math.min(LONGEST_WINDOW_SECONDS, Math.max(600, startupSeconds));
}

/**
 * Up in doubles, down one at a time: accelerators come slowly and are missed at once.
 *
 * @internal
 */
export function scalingBehavior(scaleUpSeconds: number, scaleDownSeconds: number): k8s.HorizontalPodAutoscalerBehaviorV2 {
  return {
    scaleUp: {
      stabilizationWindowSeconds: Math.min(LONGEST_WINDOW_SECONDS, scaleUpSeconds),
      selectPolicy: 'Max',
      policies: [
        { type: 'Percent', value: 100, periodSeconds: 60 },
        { type: 'Pods', value: 2, periodSeconds: 60 },
      ],
    },
    scaleDown: {
      stabilizationWindowSeconds: Math.min(LONGEST_WINDOW_SECONDS, scaleDownSeconds),
      policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
    },
  };
}
