import type { PlannedCluster } from '../../lib/plan/planned-cluster';
import type { PlannedModel } from '../../lib/plan/planned-model';
import type { PlannedPods } from '../../lib/plan/planned-placement';
import { escapeHtml } from './html';

/** Nodes that start and end together, in one zone. */
interface Group {
  readonly nodes: readonly NodeBox[];
  /** Whether it is only there when the load asks for it. */
  readonly onDemand: boolean;
}

interface NodeBox {
  readonly instanceType: string;
  readonly role: string;
  readonly devices: number;
  readonly used: number;
}

/** More boxes would not be counted by anyone. */
const MOST_GROUPS = 12;

/** The nodes of a model by zone: replicas are spread over the zones that sell their type, a group of nodes stays in one. */
export function topologyPicture(model: PlannedModel, cluster: PlannedCluster): string {
  const all = groupsOf(model);
  if (all.length === 0) return '';
  const groups = all.slice(0, MOST_GROUPS);
  const zones = zonesOf(model, cluster);
  const columns = zones.map((zone, i) => {
    const here = groups.filter((_, at) => at % zones.length === i).map(groupBox).join('');
    return `<div class="zone"><h4>${escapeHtml(zone)}</h4>${here || '<p class="quiet">no node</p>'}</div>`;
  });
  const more = all.length > groups.length ? `<p class="quiet">and ${all.length - groups.length} more</p>` : '';
  return `<div class="zones">${columns.join('')}</div>${more}`;
}

/** Zones of the cluster that sell the type; by number where only the deployment knows which they are. */
function zonesOf({ placement }: PlannedModel, { zones }: PlannedCluster): string[] {
  const sold = placement.pods.find(({ instanceTypes }) => instanceTypes.length > 0)?.instanceTypes[0]?.zoneIds;
  return sold && sold.length > 0 ? sold.slice(0, zones) : Array.from({ length: zones }, (_, i) => `zone ${i + 1}`);
}

function groupsOf(model: PlannedModel): Group[] {
  return model.placement.pods.flatMap((pods) => {
    if (pods.role.endsWith('workers') && leaderOf(model, pods)) return []; // drawn with their leader
    const workers = workersOf(model, pods);
    const perGroup = workers && pods.maximum > 0 ? Math.round(workers.maximum / pods.maximum) : 0;
    const nodes = [nodeBox(model, pods), ...Array.from({ length: perGroup }, () => nodeBox(model, workers ?? pods))];
    return Array.from({ length: pods.maximum }, (_, i) => ({ nodes, onDemand: i >= pods.minimum }));
  });
}

function leaderOf({ placement }: PlannedModel, { role }: PlannedPods): PlannedPods | undefined {
  return placement.pods.find((pods) => pods.role === role.replace(/workers$/, 'leader'));
}

function workersOf({ placement }: PlannedModel, { role }: PlannedPods): PlannedPods | undefined {
  return role.endsWith('leader') ? placement.pods.find((pods) => pods.role === role.replace(/leader$/, 'workers')) : undefined;
}

function nodeBox({ placement }: PlannedModel, { role, instanceTypes: [likely] }: PlannedPods): NodeBox {
  const isAsked = likely?.instanceType === placement.accelerator;
  const devices = isAsked ? placement.devicesPerNode : 0;
  return { instanceType: likely?.instanceType ?? 'type not known', role, devices, used: Math.round(devices * (likely?.nodeShare ?? 0)) };
}

function groupBox({ nodes, onDemand }: Group): string {
  const boxes = nodes.map(({ instanceType, role, devices, used }) => {
    const squares = Array.from({ length: devices }, (_, i) => `<i class="${i < used ? 'used' : ''}"></i>`).join('');
    const what = role === 'server' ? '' : `<span class="role">${escapeHtml(role)}</span>`;
    return `<div class="node"><b>${escapeHtml(instanceType)}</b>${what}<span class="devices">${squares}</span></div>`;
  });
  return `<div class="group${onDemand ? ' on-demand' : ''}">${boxes.join('')}</div>`;
}
