import { minutesText } from '../../lib/plan/model-summary';
import type { Plan, PlannedBudget } from '../../lib/plan/plan';
import type { PlannedAlternative } from '../../lib/plan/planned-fit';
import type { PlannedModel } from '../../lib/plan/planned-model';
import { coldStartChart } from './cold-start-chart';
import { costChart } from './cost-chart';
import { discountWords } from './discount-words';
import { escapeHtml } from './html';
import { memoryChart } from './memory-chart';
import { PAGE_STYLE } from './page-style';
import { howToMeasure, tokenCostText, tokenSources } from './token-words';
import { topologyPicture } from './topology-picture';
import { count, nodesText, parallelText, rangeText, usd, usdText } from './words';

/** Hours of a month, as AWS counts them. */
const HOURS_PER_MONTH = 730;

/** A plan as one HTML page with pictures: nothing is fetched, no script runs, and a phone shows it. */
export function renderPage(plan: Plan): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>Plan of ${escapeHtml(plan.cluster.name)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
${overview(plan)}
${cost(plan)}
${plan.models.map((model, i) => modelSection(model, plan, i)).join('\n')}
</main>
</body>
</html>
`;
}

function overview({ cluster, models, cost, budget, problems, warnings }: Plan): string {
  const provisioner = cluster.provisioner === 'karpenter' ? 'Karpenter' : 'EKS Auto Mode';
  const verdict = problems.length > 0 ? `${problems.length} to change before it can run` : 'can run as planned';
  const slowest = Math.max(0, ...models.map(({ coldStart }) => coldStart.totalSeconds));
  const notes = [...problems.map((text) => note(text, true)), ...warnings.map((text) => note(text, false))];
  return `<header>
<h1>${escapeHtml(cluster.name)}</h1>
<p class="quiet">${escapeHtml(cluster.region ?? 'region known at deployment')}, ${cluster.zones} zones, nodes by ${provisioner}</p>
<p class="verdict ${problems.length > 0 ? 'bad' : 'good'}">${escapeHtml(verdict)}</p>
<dl class="figures">
${figure('models', `${models.length}`, true)}
${figure('an hour', usdText(cost), true)}
${cost.typicalUsd === undefined ? '' : figure('a usual month', usd(cost.typicalUsd * HOURS_PER_MONTH, 0), true)}
${models.length > 0 ? figure('slowest first answer', minutesText(slowest), true) : ''}
${budget ? figure(`budget an hour, ${budgetWord(budget)}`, usd(budget.usdPerHour), true) : ''}
</dl>
${notes.length > 0 ? `<ul class="notes">${notes.join('')}</ul>` : ''}
</header>`;
}

function budgetWord({ kept }: PlannedBudget): string {
  if (kept === undefined) return 'not checked';
  return kept ? 'kept' : 'passed';
}

function note(text: string, problem: boolean): string {
  return `<li${problem ? ' class="problem"' : ''}>${escapeHtml(text)}</li>`;
}

function cost(plan: Plan): string {
  const { cost: total, cluster, notCounted } = plan;
  const { idle } = cluster;
  const parts = [
    'control plane',
    ...(idle.natGateways > 0 ? [`${idle.natGateways} NAT ${idle.natGateways === 1 ? 'gateway' : 'gateways'}`] : []),
    ...(idle.interfaceEndpoints > 0 ? [`${idle.interfaceEndpoints} endpoint interfaces`] : []),
    ...(idle.systemNodes > 0 ? [`${idle.systemNodes} x ${idle.systemInstanceType}`, `${idle.volumesGiB} GiB of volumes`] : []),
  ];
  const region = cluster.region ? total.region : `${total.region}, since the app names no region`;
  const chart = costChart(plan);
  const known = [cluster, ...plan.models].find(({ cost }) => cost.maximumUsd !== undefined);
  const source = [
    ...(known ? [`On-demand list prices of ${region}, ${known.cost.priceDate}${discountWords(plan)}.`] : []),
    ...(total.unpriced.length > 0 ? [`No price is known in ${total.region} for ${total.unpriced.join(', ')}.`] : []),
  ].join(' ');
  const unmeasured = howToMeasure(plan.models);
  return `<section>
<h2>Cost an hour</h2>
${chart}
<p class="quiet">${escapeHtml(source)} The cluster without models: ${escapeHtml(parts.join(', '))}. Not counted: ${escapeHtml(notCounted.join('; '))}.</p>
${unmeasured ? `<p class="quiet">${escapeHtml(unmeasured)}</p>` : ''}
</section>`;
}

function modelSection(model: PlannedModel, { cluster }: Plan, index: number): string {
  const { fit, coldStart, replicas } = model;
  const id = `model-${index + 1}`;
  const tokens = tokenCostText(model);
  const [rate] = tokenSources([model]);
  const fits = `<p class="verdict ${fit.fits ? 'good' : 'bad'}">${fit.fits ? `fits with ${fit.marginGiB.toFixed(1)} GiB to spare` : `does not fit: ${(-fit.marginGiB).toFixed(1)} GiB too much`}</p>`;
  const picture = topologyPicture(model, cluster);
  return `<section>
<h2>${escapeHtml(model.name)}</h2>
<p class="quiet">${escapeHtml(model.model)} at <code>${escapeHtml(model.endpoint)}/v1</code></p>
${fits}
<dl class="figures">
${figure('engine', model.engine)}
${figure('topology', model.topology)}
${figure('nodes of a replica', nodesText(model))}
${figure('split', parallelText(fit.parallelism))}
${figure('replicas', rangeText(replicas.minimum, replicas.maximum))}
${figure('an hour', usdText(model.cost))}
${tokens === undefined ? '' : figure('a million tokens', tokens)}
${fit.maxContextLength > 0 ? figure('longest context', `${count(fit.maxContextLength)} tokens`) : ''}
${fit.maxConcurrency > 0 ? figure('requests at once', `${count(fit.maxConcurrency)} of ${count(fit.plannedContextLength)} tokens`) : ''}
${figure('first answer', `after ${minutesText(coldStart.totalSeconds)}`)}
</dl>
${rate === undefined ? '' : `<p class="quiet">${escapeHtml(rate)}</p>`}
<h3>${escapeHtml(memoryTitle(model))}</h3>
${memoryChart(`${id}-memory`, model)}
${fit.alternatives.length > 0 ? alternatives(fit.alternatives) : ''}
<h3>A start, from nothing to the first answer</h3>
${coldStartChart(`${id}-start`, coldStart)}
${picture ? `<h3>Nodes by zone</h3>${picture}${topologyNote(model)}` : ''}
</section>`;
}

/** `Memory of each of 16 devices (h100, 79.2 GiB)`. A NeuronCore is a rank and a part of a device. */
function memoryTitle({ placement, fit: { parallelism, memory } }: PlannedModel): string {
  const size = `${memory.deviceGiB.toFixed(1)} GiB`;
  if (placement.devicesPerNode === 0) return `Memory of the node (${size} for the model)`;
  const ranks = (parallelism.tensor ?? 1) * (parallelism.pipeline ?? 1) * (parallelism.data ?? 1);
  const isShared = ranks > placement.devicesPerPod * placement.nodesPerReplica;
  const what = isShared ? `each of ${ranks} cores` : ranks === 1 ? 'the device' : `each of ${ranks} devices`;
  return `Memory of ${what} (${placement.deviceName ?? placement.accelerator}, ${size})`;
}

function topologyNote({ replicas, placement }: PlannedModel): string {
  const others = placement.pods.flatMap(({ instanceTypes }) => instanceTypes.slice(1, 4).map(({ instanceType }) => instanceType));
  const words = [
    ...(placement.devicesPerNode > 0 ? ['A square is a device, filled where the model is.'] : []),
    ...(replicas.maximum > replicas.minimum ? ['Dashed: only when the load asks for it.'] : []),
    ...(others.length > 0 ? [`Where the first type has no capacity, Karpenter may take ${[...new Set(others)].join(', ')}.`] : []),
  ];
  return words.length > 0 ? `<p class="quiet">${escapeHtml(words.join(' '))}</p>` : '';
}

function alternatives(all: readonly PlannedAlternative[]): string {
  const rows = all.map((one) => {
    const price = one.usdPerHour === undefined ? 'not known' : usd(one.usdPerHour);
    const cells = [one.instanceType, `${one.nodes}`, parallelText(one.parallelism), `${one.marginGiB.toFixed(1)} GiB`, price];
    return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
  });
  const head = ['instance type', 'nodes', 'split', 'spare', '$/h'].map((cell) => `<th>${cell}</th>`).join('');
  return `<h3>The cheapest that hold it</h3><div class="scroll"><table><tr>${head}</tr>${rows.join('')}</table></div>`;
}

function figure(term: string, value: string, large = false): string {
  return `<div${large ? ' class="large"' : ''}><dt>${escapeHtml(term)}</dt><dd>${escapeHtml(value)}</dd></div>`;
}
