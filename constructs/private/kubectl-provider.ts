import type { IConstruct } from 'constructs';
import { acknowledge, acknowledgeIam } from './acknowledge';

/** Says why the function that runs kubectl, which CDK makes, is as it is. */
export function acknowledgeKubectlProvider(provider: IConstruct): void {
  acknowledgeIam(provider, "made by CDK's kubectl provider: logs, its own network interfaces, charts from ECR, and its own function");
  acknowledge(provider, 'L1', "CDK's kubectl provider chooses the runtime that its own code is tested with");
}
