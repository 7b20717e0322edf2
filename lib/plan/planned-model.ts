import type { PlannedColdStart } from './planned-cold-start';
import type { PlannedCost } from './planned-cost';
import type { PlannedFit } from './planned-fit';
import type { PlannedPlacement } from './planned-placement';
import type { PlannedTokenCost } from './planned-token-cost';

/** A model server, before it runs. */
export interface PlannedModel {
  /** Name of the Service. */
  readonly name: string;
  /** Namespace. */
  readonly namespace: string;
  /** Repository id of the model. */
  readonly model: string;
  /** The name that clients send as `model`. */
  readonly servedName: string;
  /** What runs in the container. */
  readonly engine: string;
  /** Who lays the pods out. */
  readonly topology: string;
  /** Where clients in the cluster send their requests. */
  readonly endpoint: string;
  /** How many replicas. */
  readonly replicas: PlannedReplicas;
  /** Whether it fits, and what the memory goes to. */
  readonly fit: PlannedFit;
  /** The nodes that it gets. */
  readonly placement: PlannedPlacement;
  /** What its nodes cost. */
  readonly cost: PlannedCost;
  /** What generated tokens cost. Absent until a rate was measured. */
  readonly tokenCost?: PlannedTokenCost;
  /** What a start takes. */
  readonly coldStart: PlannedColdStart;
  /** What must be changed before it can run. */
  readonly problems: string[];
  /** What to know although it can run. */
  readonly warnings: string[];
}

/** How many replicas. */
export interface PlannedReplicas {
  /** Fewest. */
  readonly minimum: number;
  /** Most. */
  readonly maximum: number;
}
