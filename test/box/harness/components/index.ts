import type { Component } from '../component';
import { aibrix } from './aibrix';
import { apiServer } from './api-server';
import { aws } from './aws';
import { controllerManager } from './controller-manager';
import { crds } from './crds';
import { etcd } from './etcd';
import { karpenter } from './karpenter';
import { keda } from './keda';
import { kuberay } from './kuberay';
import { kwok } from './kwok';
import { lws } from './lws';
import { metrics } from './metrics';
import { network } from './network';
import { scheduler } from './scheduler';

/** Every component of the box, each after those that it needs. */
export const COMPONENTS: readonly Component[] = [
  etcd, apiServer, controllerManager, scheduler, kwok, crds, aws, network, karpenter, lws, kuberay, aibrix, keda, metrics,
];
